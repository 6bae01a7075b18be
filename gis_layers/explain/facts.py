"""The story of a cell as facts, read from an edition of a release."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from ..readable import Readable
from ..times import PERIOD_MONTHS, label
from .breaks import across_of, breaks_of
from .changes import bases_of, changes_of, empty_fields_of, mix_of
from .find import by_name, find_district, find_month, unknown
from .found import part_of
from .hotspot import hotspot_of
from .parts import parts_of, told_of
from .plain import names_of, plain_value

_YEAR = 12


def explain(
    edition: Readable, district: str, offence: str = "all", month: str | None = None
) -> dict[str, Any]:
    """Return the story of one cell of the rating, ready for JSON.

    Parameters
    ----------
    edition
        An edition of a release that holds `rating`.
    district
        Code of the district, or its name in any language where that is unique.
    offence
        Code of the offence.
    month
        ``YYYY-MM``, a month of the rating; by default the newest judged one.

    Returns
    -------
    dict
        `area`, `edition`, `district`, `offence`, `month`, `cell` (every column of the row; null is None), `peers` (the
        group's rule and its members' figures), `history` (up to twelve months before), `parts` (the nodes right
        below, most unusual first), `severities` (each with its most unusual articles), `reasons`, `breaks` (the lines
        of this series up to the month), `dynamics` (signal, what the own past lets expect, changes, the `bases` of the
        changes, which are reckoned `across` a break, and evidence; None where the edition has no such row), `structure`
        (imbalance, share and the parts out of line; None likewise), `hotspot` (why it is one and what would make it
        vanish, :func:`gis_layers.explain.hotspot.hotspot_of`; None likewise), `completeness` (fields of cards left
        empty, `all` alone), `part_of` (`clusters` and `paths` that the cell is part of) and `named` (names of the
        offences and districts that all of these mention).

    Raises
    ------
    UsageError
        If there is no such district, offence or month; the message names what comes near.
    """
    shapes = edition.districts()
    places = pd.DataFrame(shapes.drop(columns="geometry"))
    place = find_district(places, district)
    book = edition.read("offences")
    known = set(book["offence"])
    if offence not in known:
        raise unknown("offence", offence, by_name(book, "offence"))
    rows = edition.read("rating", offences=[offence])
    rows = rows.assign(month=rows["month"].to_numpy().astype("datetime64[M]"))
    chosen = find_month(rows, place["district"], month)
    at_month = rows[rows["month"] == chosen]
    own = rows[rows["district"] == place["district"]].sort_values("month")
    cell = _plain(own[own["month"] == chosen].iloc[0])
    before = own[(own["month"] < chosen) & (own["month"] >= chosen - _YEAR)]
    area = edition.catalogue["area"]
    width = PERIOD_MONTHS.get(area.get("period"), 1)
    breaks = breaks_of(area, place["district"], offence, label(chosen + width - 1))
    reasons = json.loads(cell["reason"]) if cell.get("reason") else []
    changes = changes_of(edition, place["district"], offence, chosen)
    if changes is not None:
        changes["bases"] = bases_of(own, chosen, changes)
        changes["across"] = across_of(breaks, chosen, width=width)
    mix = mix_of(edition, place["district"], offence, chosen)
    parts, severities = parts_of(edition, book, offence, place["district"], chosen)
    told = [
        *(changes or {}).get("evidence", []),
        *({"values": part} for part in [mix or {}, *(mix or {}).get("parts", [])]),
    ]
    within = part_of(edition, place["district"], offence, chosen)
    names = {str(row["district"]): names_of(row) for _, row in places.iterrows()}
    mentioned = [
        *_mentioned([*reasons, *told]),
        *(str(row["offence"]) for rows_ in within.values() for row in rows_),
    ]
    ways = [row[key] for row in within["paths"] for key in ("district_from", "district_to") if row[key]]
    return {
        "area": {
            key: area.get(key) for key in ("id", "name", "invented", "attribution", "rate_per", "period")
        },
        "edition": edition.catalogue.get("edition"),
        "district": {**_plain(place), "names": names_of(place)},
        "offence": _offence(book, offence),
        "month": label(chosen),
        "cell": {**cell, "month": label(chosen)},
        "peers": _peers(edition, places, place, at_month),
        "history": [{"month": str(row["month"])[:7], **told_of(row)} for _, row in before.iterrows()],
        "parts": parts,
        "severities": severities,
        "reasons": reasons,
        "breaks": breaks,
        "dynamics": changes,
        "structure": mix,
        "hotspot": hotspot_of(
            edition, shapes, place["district"], offence, chosen, at_month, area.get("metric_crs", "")
        ),
        "completeness": empty_fields_of(edition, place["district"], chosen) if offence == "all" else [],
        "part_of": within,
        "named": {code: names[code] for code in ways}
        | {code: _offence(book, code)["names"] for code in dict.fromkeys(mentioned) if code in known},
    }


def _peers(
    edition: Readable, places: pd.DataFrame, place: pd.Series, at_month: pd.DataFrame
) -> dict[str, Any] | None:
    group = place.get("peer_group")
    if not isinstance(group, str) or not group:
        return None
    sentence: list[Any] = []
    if "peer_groups" in edition.layer_ids:
        table = edition.read("peer_groups")
        said = table.loc[table["peer_group"] == group, "sentence"]
        sentence = json.loads(said.iloc[0]) if len(said) else []
    members = places[(places["peer_group"] == group) & (places["district"] != place["district"])]
    figures = at_month.set_index("district")
    listed = []
    for _, member in members.iterrows():
        code = member["district"]
        told = told_of(figures.loc[code]) if code in figures.index else {}
        listed.append({"district": code, "names": names_of(member), **told})
    return {"peer_group": group, "sentence": sentence, "districts": listed}


def _offence(book: pd.DataFrame, code: str) -> dict[str, Any]:
    row = book[book["offence"] == code].iloc[0]
    return {"offence": code, "names": names_of(row), "kind": row.get("kind")}


def _mentioned(reasons: list[dict[str, Any]]) -> list[str]:
    told = (part.get("values", {}).get("offence") for part in reasons)
    return [code for code in dict.fromkeys(told) if code]


def _plain(row: pd.Series) -> dict[str, Any]:
    """Return a row as values that JSON knows; null is None."""
    return {str(name): plain_value(value) for name, value in row.items()}
