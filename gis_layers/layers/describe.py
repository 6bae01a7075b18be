"""What each column of each layer means: type, unit and one sentence. The contract in words."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from ..errors import InputError
from .model import Column, ColumnType

Spec: TypeAlias = tuple[ColumnType, str, str | None]

LANGUAGES = {"en": "English", "ru": "Russian", "kk": "Kazakh"}

_KEYS: dict[str, Spec] = {
    "district": ("text", "Code of the district.", None),
    "offence": ("text", "Code of the offence, a node of the codebook; `all` is every offence.", None),
    "month": ("date", "First day of the month judged; of a rolling period, of its last month.", None),
}

_DISTRICTS: dict[str, Spec] = {
    "name": ("text", "Name of the district.", None),
    "parent": ("text", "Code of the region that the district lies in.", None),
    "status": ("text", "Administrative status; only districts of one status are compared.", None),
    "population": ("number", "Residents in the newest month known.", "residents"),
    "area_km2": ("number", "Area on an equal-area projection.", "km²"),
    "density": ("number", "Residents per square kilometre.", "residents/km²"),
    "peer_group": ("text", "Code of the group of similar districts it is compared with.", None),
    "valid_from": ("date", "Day from which these boundaries hold.", None),
    "visitors": ("boolean", "True where many who are not residents stay: rates by residents say less.", None),
}

_OFFENCES: dict[str, Spec] = {
    "name": ("text", "Name of the offence.", None),
    "parent": ("text", "Code of the node above it; null for `all`.", None),
    "kind": (
        "text",
        "`root`, `category`, `leaf`, `other` (remainder of a delivered total) or `severity`.",
        None,
    ),
    "severity": ("text", "Severity of the offence by law.", None),
    "additive": ("boolean", "False for an `of which` line, which is never summed.", None),
    "reported": ("boolean", "True if victims report it; false if mostly police find it.", None),
    "sensitive": ("boolean", "True if small counts of it need special protection.", None),
    "public_safety": ("boolean", "True if it counts towards `safety`.", None),
    "valid_from": ("date", "First day on which the code is in force.", None),
    "valid_to": ("date", "Last day on which the code was in force.", None),
}

_PEERS: dict[str, Spec] = {
    "peer_group": ("text", "Code of the group.", None),
    "size": ("integer", "Number of districts in the group.", "districts"),
    "status": ("text", "Status that all its districts share.", None),
    "population_min": ("number", "Least population among its districts.", "residents"),
    "population_max": ("number", "Greatest population among its districts.", "residents"),
    "density_min": ("number", "Least density among its districts.", "residents/km²"),
    "density_max": ("number", "Greatest density among its districts.", "residents/km²"),
    "population_from": ("number", "Lower end of the group's rule; null is open.", "residents"),
    "population_below": (
        "number",
        "Upper end of the group's rule, left out; null is open.",
        "residents",
    ),
    "density_from": ("number", "Lower end of the group's rule; null is open.", "residents/km²"),
    "density_below": (
        "number",
        "Upper end of the group's rule, left out; null is open.",
        "residents/km²",
    ),
    "sentence": ("json", "The rule as message code and values.", None),
    "districts": ("json", "Codes of the districts in the group.", None),
}

_RATING: dict[str, Spec] = {
    "period": ("text", "Period that a row covers.", None),
    "count": ("integer", "Recorded offences; null is not collected, which is not zero.", "offences"),
    "population": ("number", "Residents in that month.", "residents"),
    "rate": ("number", "Recorded offences per unit of population and year, as counted.", None),
    "rate_smoothed": (
        "number",
        "The rate drawn towards its peers as far as chance may have moved it.",
        None,
    ),
    "expected": ("number", "Offences expected of a district like this.", "offences"),
    "lower": ("number", "Lower end of the 95 % interval of what is expected.", "offences"),
    "upper": ("number", "Upper end of the 95 % interval of what is expected.", "offences"),
    "p_peers": ("number", "Chance of a count this high if the district were like its peers (mid-p).", None),
    "p_own": (
        "number",
        "Chance of a count this high if the district went on as in its own past (mid-p).",
        None,
    ),
    "q_value": (
        "number",
        "p corrected for the many cells judged together (Benjamini and Hochberg).",
        None,
    ),
    "fired": ("text", "Which half found it unusual: `peers`, `own`, `both` or `none`.", None),
    "standing": ("boolean", "True if high for its group in most of the last six judged months.", None),
    "magnitude": ("number", "-log10 of p: each step up is ten times rarer.", None),
    "level": ("integer", "0 too few to judge, null not judged, 1 (magnitude below 1) to 5 (from 4).", None),
    "points": ("integer", "Level less one, or 0: the month's share in the rating.", "points"),
    "points_12m": ("number", "Points of the last twelve months: the rating.", "points"),
    "months_judged": ("integer", "How many of the last twelve months were judged.", "months"),
    "harm": (
        "number",
        "Offences beyond what is expected, weighted by severity; null where no weight is set.",
        None,
    ),
    "pooled_period": ("text", "Longer period that was judged where a single one is too few.", None),
    "pooled_offence": ("text", "Wider offence that was judged where this one is too few.", None),
    "provisional": ("boolean", "True while the newest figures may still be revised.", None),
    "suppressed": ("boolean", "True if the figures are withheld to protect persons.", None),
    "reason": ("json", "Why the row says what it says: a list of message codes and values.", None),
}

_SAFETY: dict[str, Spec] = {
    "level": ("integer", "0 too few, 3 as the whole area, 1 far less recorded, 5 far more recorded.", None),
    "rate": ("number", "Smoothed rate over twelve months per unit of population and year.", None),
    "lower": ("number", "Lower end of its 95 % interval.", None),
    "upper": ("number", "Upper end of its 95 % interval.", None),
}

_DYNAMICS: dict[str, Spec] = {
    "expected": ("number", "Offences that the district's own past lets expect.", "offences"),
    "lower": ("number", "Lower end of the 95 % interval of what is expected.", "offences"),
    "upper": ("number", "Upper end of the 95 % interval of what is expected.", "offences"),
    "p_rise": ("number", "Chance of a count this high, did its own past go on (mid-p).", None),
    "p_fall": ("number", "Chance of a count this low, did its own past go on (mid-p).", None),
    "q_value": ("number", "p corrected for the many cells tested together; rises and falls apart.", None),
    "signal": (
        "text",
        "`outbreak`, `fall` (to be checked), `norm`, `norm_rise_only`, `too_few`, `incomplete`.",
        None,
    ),
    "instability": ("number", "How much it varies beside its group: 1 alike, 2 twice the variance.", None),
    "change_month": ("number", "Change on the period before, a share; null where that is under ten.", None),
    "change_year": ("number", "Change on the same period of last year; null where that is under ten.", None),
    "ytd": ("integer", "Recorded offences of the year so far.", "offences"),
    "ytd_last_year": ("integer", "Recorded offences of last year up to the same month.", "offences"),
    "change_ytd": ("number", "Change of the year so far on last year's; null where that is under ten.", None),
    "evidence": (
        "json",
        "What speaks for a check, and what is behind a signal: message codes and values.",
        None,
    ),
}

_STRUCTURE: dict[str, Spec] = {
    "imbalance": (
        "number",
        "How far the mix is from the group's or the own year's, 1 is usual; of an offence, its part in it.",
        None,
    ),
    "p_value": (
        "number",
        "Chance of a mix this far out; of an offence, of its share, corrected for all parts tested.",
        None,
    ),
    "share": (
        "number",
        "Share in all offences of the district; of three or twelve months if one has few.",
        None,
    ),
    "share_peers": ("number", "The same in the other districts of its group.", None),
    "share_own_year": ("number", "The same in the district's twelve months before.", None),
    "lift": ("number", "How many times its group's share it has, beside all other offences.", None),
}

_COMPLETENESS: dict[str, Spec] = {
    "attribute": ("text", "Attribute of the cards.", None),
    "cards": ("integer", "Cards of the district in the month.", "cards"),
    "filled": ("integer", "Cards on which the attribute is filled.", "cards"),
    "share_filled": ("number", "Share of the cards on which it is filled.", None),
    "expected_share": ("number", "Share that its group fills for the same offences.", None),
    "signal": ("text", "`low`, `norm`, `too_few` or `incomplete`.", None),
}

_INTERVAL: dict[str, Spec] = {
    "first_month": ("date", "First day of the first month.", None),
    "last_month": ("date", "First day of the last month, which is included.", None),
}

_HOTSPOTS: dict[str, Spec] = {
    "place": ("text", "Code of the place: of the district, or of the cell.", None),
    "place_kind": ("text", "`district` or `cell`.", None),
    "period": ("text", "Period that a row covers.", None),
    "signal": (
        "text",
        "`hot` or `cold` by Gi* at a q of at most 0.05, `_clear` at 0.01; `none`; `too_few` to judge.",
        None,
    ),
    "gi_star": (
        "number",
        "Gi*: how far the place and its neighbours lie above the mean, in deviations.",
        None,
    ),
    "p_value": (
        "number",
        "Chance of a Gi* this far from 0 on either side, were values dealt at random.",
        None,
    ),
    "q_value": ("number", "p corrected for all places of the offence and month.", None),
    "pattern": ("text", "What the last 24 months of the place amount to: one of seventeen patterns.", None),
    "local_moran": ("number", "Local Moran's I: above 0 like its neighbours, below 0 unlike them.", None),
    "p_moran": ("number", "Chance of an I this far from what is expected, on either side.", None),
    "q_moran": ("number", "The same corrected for all places of the offence and month.", None),
    "quadrant": (
        "text",
        "`high-high`, `low-high`, `low-low` or `high-low`: the place first, then its neighbours.",
        None,
    ),
}

_DENSITY: dict[str, Spec] = {
    "period": ("text", "`rolling3` or `rolling12`: months up to and with `month`.", None),
    "incidents": ("integer", "Incidents in the raster; two digits where counts are protected.", "incidents"),
    "bandwidth": ("number", "General bandwidth of the kernel.", "m"),
    "cell": ("number", "Side of a cell.", "m"),
    "raster": ("text", "The file, a Cloud-Optimized GeoTIFF of incidents per km².", None),
}

_NEAR_REPEAT: dict[str, Spec] = {
    "metres_from": ("integer", "Least distance of the band; 0 to 0 is the same block.", "m"),
    "metres_to": ("integer", "Upper end of the band of distance, left out.", "m"),
    "days_from": ("integer", "Least days of the band.", "days"),
    "days_to": ("integer", "Upper end of the band of time, left out.", "days"),
    "observed": ("integer", "Pairs of incidents that are so near in both.", "pairs"),
    "expected": ("number", "Pairs if days were exchanged at random within each month.", "pairs"),
    "ratio": ("number", "How many times what is expected; null where that is under five.", None),
    "p_value": ("number", "Chance of so many pairs or more.", None),
    **_INTERVAL,
}

_CLUSTERS: dict[str, Spec] = {
    "cluster": ("text", "Name of the cluster, unique in the release.", None),
    "offence": _KEYS["offence"],
    **_INTERVAL,
    "districts": ("json", "Codes of the districts in it.", None),
    "count": ("integer", "Recorded offences in these districts and months.", "offences"),
    "expected": ("number", "Offences that would be there without a cluster.", "offences"),
    "ratio": ("number", "Recorded over expected: above 1 more than chance gives, below 1 fewer.", None),
    "log_likelihood_ratio": (
        "number",
        "How much likelier the counts are with the cluster [Kulldorff].",
        None,
    ),
    "p_value": ("number", "Chance that such a cluster stands anywhere in the area if there is none.", None),
    "recurrence_interval": (
        "number",
        "Years in which chance alone gives one as clear; null where it no longer lasts.",
        "years",
    ),
    "evidence": ("json", "Why it is there and what would make it vanish: message codes and values.", None),
}

_SPREAD_PATHS: dict[str, Spec] = {
    "path": ("text", "Name of the path; the steps of a chain share it.", None),
    "kind": (
        "text",
        "`edge` (again and again), `chain` (once, step by step) or `incidents` (a track of incidents).",
        None,
    ),
    "step": ("integer", "Number of the step in its chain or track, from 1.", None),
    "district_from": ("text", "Code of the district that it leaves.", None),
    "district_to": ("text", "Code of the district that it reaches.", None),
    "offence": ("text", "Code of the offence, a leaf of the codebook.", None),
    "lag_months": ("integer", "Months from one to the other.", "months"),
    "strength": (
        "number",
        "Offences above the expected there for each one here; null for `incidents`.",
        None,
    ),
    "lower": ("number", "Lower end of the 95 % interval of the strength.", None),
    "upper": ("number", "Upper end of the 95 % interval of the strength.", None),
    "q_value": (
        "number",
        "p corrected for all chains, or all edges, of all offences together; null for `incidents`.",
        None,
    ),
    **_INTERVAL,
    "evidence": (
        "json",
        "The stops with the signal of `dynamics`, chance, and what would make it vanish: message codes and values.",
        None,
    ),
}

COLUMNS: dict[str, dict[str, Spec]] = {
    "districts": {"district": _KEYS["district"], **_DISTRICTS},
    "offences": {"offence": _KEYS["offence"], **_OFFENCES},
    "peer_groups": _PEERS,
    "rating": {**_KEYS, **_RATING},
    "dynamics": {**_KEYS, **_DYNAMICS},
    "structure": {
        "district": _KEYS["district"],
        "month": _KEYS["month"],
        "offence": _KEYS["offence"],
        **_STRUCTURE,
    },
    "completeness": {
        "district": _KEYS["district"],
        "attribute": _COMPLETENESS["attribute"],
        "month": _KEYS["month"],
        **_COMPLETENESS,
    },
    "hotspots": {**_KEYS, **_HOTSPOTS},
    "hotspot_cells": {
        "place": _HOTSPOTS["place"],
        "offence": _KEYS["offence"],
        "month": _KEYS["month"],
        "place_kind": _HOTSPOTS["place_kind"],
        "district": ("text", "Null: a cell may lie in several districts.", None),
        **_HOTSPOTS,
    },
    "density": {
        "offence": _KEYS["offence"],
        "period": _DENSITY["period"],
        "month": _KEYS["month"],
        **_DENSITY,
    },
    "near_repeat": {"offence": _KEYS["offence"], **_NEAR_REPEAT},
    "safety": {"district": _KEYS["district"], "month": _KEYS["month"], **_SAFETY},
    "clusters": _CLUSTERS,
    "spread_paths": _SPREAD_PATHS,
}

_BY_LANGUAGE: dict[str, str] = {
    "name": "Name in {language}.",
    "parent_name": "Name of the region in {language}.",
    "text": "What the row says in a sentence, in {language}.",
}


def describe(layer: str, names: Iterable[str]) -> tuple[Column, ...]:
    """Return the described columns of a layer for the names given, in their order.

    Raises
    ------
    InputError
        If a column is not described: nothing undescribed is published.

    Examples
    --------
    >>> describe("safety", ["district", "text_ru"])[1].description
    'What the row says in a sentence, in Russian.'
    """
    return tuple(_column(layer, name) for name in names if name != "geometry")


def _column(layer: str, name: str) -> Column:
    if spec := COLUMNS[layer].get(name):
        kind, description, unit = spec
        return Column(name, kind, description, unit)
    found = re.fullmatch(r"(.+)_(en|ru|kk)", name)
    if found and found[1] in _BY_LANGUAGE:
        return Column(name, "text", _BY_LANGUAGE[found[1]].format(language=LANGUAGES[found[2]]))
    raise InputError(
        f"column {name!r} of layer {layer!r} is described nowhere", remedy="describe it in describe.py"
    )
