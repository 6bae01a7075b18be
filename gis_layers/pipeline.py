"""The order of the stages, and nothing else. Reading this file is reading the system.

sources -> tables -> panel -> results -> layers -> release
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import pandas as pd
import xarray as xr

from . import codes, diagnostics, disclosure, layers, release, sources
from .districts import (
    Districts,
    PeerGroups,
    load_districts,
    parent_borders,
    peer_groups_by_year,
    peer_groups_of,
)
from .indicators import (
    Fingerprint,
    PanelVerdicts,
    Verdicts,
    bears_on_safety,
    completeness_frame,
    gather_clues,
    judge_both,
    judge_completeness,
    judge_safety,
    rating_frame,
    require_known,
    safety_frame,
    thresholds_of,
)  # fmt: skip
from .layers import Absent, Layer
from .panel import build_panel, panel_codebook
from .places.point_layers import LAYERS as WITH_POINTS
from .places.point_layers import point_layers
from .places.sizes import refuse_small_sides
from .places.stage import hotspots_of, in_space
from .scratch import scratch
from .settings import AreaSettings, load_area, naming_lines

Progress: TypeAlias = Callable[[str], None]
"""Told the name of each stage as it begins, and then `stage: how far` as often as there is news."""

WITH_FIGURES = (
    "rating", "dynamics", "structure", "completeness", "hotspots", *WITH_POINTS, "safety", "clusters", "spread_paths",
)  # fmt: skip
"""Layers that an area without any figure cannot have."""


@dataclass(frozen=True)
class Inputs:
    """What was read for an area, before anything is judged."""

    settings: AreaSettings
    districts: Districts
    codebook: codes.Codebook
    intake: sources.Intake
    groups: PeerGroups
    groups_then: dict[int, PeerGroups]
    findings: tuple[diagnostics.Finding, ...] = ()


@dataclass(frozen=True)
class Judged:
    """The layers, those that the area cannot have, and what the public may see of those with counts.

    `verdicts` and `public_verdicts` say what the ratings of the two editions were made of; `kept` names all other
    verdicts that a later build may take up.
    """

    layers: tuple[Layer, ...]
    absent: tuple[Absent, ...]
    verdicts: Fingerprint | None = None
    public: tuple[Layer, ...] = ()
    public_verdicts: Fingerprint | None = None
    protection: disclosure.Protection | None = None
    disclosed_after: str | None = None
    kept: tuple[str, ...] = ()


@dataclass(frozen=True)
class Built:
    """A published release, what it was made of, and what it says otherwise than the one before it."""

    release: str
    inputs: Inputs
    layers: tuple[Layer, ...]
    absent: tuple[Absent, ...]
    revisions: dict[str, Any] | None = None
    protection: disclosure.Protection | None = None


def build(area_file: Path, store: Path, *, progress: Progress = lambda stage: None) -> Built:
    """Read, judge and publish an area.

    Parameters
    ----------
    area_file
        The area file, or the folder that holds it.
    store
        Folder of the release store; made if missing.
    progress
        Called with the name of each stage as it begins.

    Raises
    ------
    InputError
        If an input is at fault, or more rows were quarantined unexpectedly than the area file allows.
    SystemFault
        If the store belongs to another area, is in use, or cannot be written.
    """
    with scratch() as spool, naming_lines(area_file):
        # Before anything is written: what is judged is kept in the store's cache.
        release.require_area(store, load_area(area_file).area.id)
        inputs = read(area_file, spool, progress=progress)
        sources.refuse_if_too_many(inputs.intake.ledger, inputs.settings.quarantine.max_share)
        inputs = _diagnosed(inputs, progress)
        judged = judge(inputs, release.VerdictCache(store), store=store, progress=progress)
        progress("release")
        name = publish(store, inputs, judged)
    revisions = release.open_store(store).release(name).manifest.get("revisions")
    return Built(name, inputs, judged.layers, judged.absent, revisions, judged.protection)


def check(area_file: Path, *, progress: Progress = lambda stage: None) -> Inputs:
    """Read every input of an area, say what was found in the data, and publish nothing."""
    with scratch() as spool, naming_lines(area_file):
        inputs = read(area_file, spool, progress=progress)
        return _diagnosed(inputs, progress)


def _diagnosed(inputs: Inputs, progress: Progress) -> Inputs:
    progress("diagnostics")
    parts = (inputs.settings, inputs.districts, inputs.codebook, inputs.intake)
    return replace(inputs, findings=tuple(diagnostics.diagnose(*parts, panel_of(inputs))))


def read(area_file: Path, spool: Path, *, progress: Progress = lambda stage: None) -> Inputs:
    """Read and check every input: polygons, codebook, tables, cards."""
    settings = load_area(area_file)
    progress("districts")
    districts = load_districts(settings)
    if settings.cards and settings.density.enabled:
        plane = districts.frame.geometry.to_crs(districts.metric_crs)
        west, south, east, north = plane.total_bounds.tolist()
        refuse_small_sides(
            settings.density, bounds=(west, south, east, north), ground=float(plane.area.sum())
        )
    codebook = codes.load_codebook(settings.resolve(settings.codebook.path))
    changes = None
    if settings.codebook.crosswalk is not None:
        changes = codes.load_crosswalk(settings.resolve(settings.codebook.crosswalk), codebook)
    require_known(settings.rating.harm, codebook)
    progress("sources")
    intake = sources.read_sources(
        settings,
        districts,
        codebook,
        lambda rows, _, file: progress(f"sources: {rows:,} rows, now {file}"),
        changes=changes,
        spool=spool,
    )
    peers = settings.peers
    population = codes.comparable_population(settings, intake.population)
    then = peer_groups_by_year(districts, population, groups=peers.groups, min_size=peers.min_size)
    groups = then[max(then)] if then else peer_groups_of(districts, None)
    book, before = intake.codebook, intake.no_data_before
    settings = codes.with_changes_of_codes(settings, book, changes, no_data_before=before)
    return Inputs(settings, districts, book, intake, groups, then)


def panel_of(inputs: Inputs) -> xr.Dataset | None:
    """Return the panel of an area, None without figures."""
    if inputs.intake.counts.empty:
        return None
    panel = build_panel(
        inputs.settings, inputs.intake, inputs.districts, inputs.codebook, inputs.groups, inputs.groups_then
    )
    return panel.assign_coords(status=("district", inputs.districts.frame["status"].to_numpy(dtype=object)))


def protect(inputs: Inputs, panel: xr.Dataset, store: Path | None = None) -> disclosure.Protection | None:
    """Decide what of a panel may be public; None where the area's counts are open.

    What the releases of `store` published is minded; without one (`audan check`) this would be the first release.
    """
    if inputs.settings.disclosure.counts == "open":
        return None
    book = panel_codebook(panel, inputs.codebook)
    parents = inputs.districts.frame["parent"]
    before = None if store is None else release.earlier_disclosure(store)
    if inputs.settings.disclosure.method == "round":
        key = release.rounding_key(store, withheld=before is not None)
        return disclosure.round_counts(panel, book, parents, key=key)
    if store is not None:
        release.refuse_after_rounding(store)
    return disclosure.protect(
        panel, book, parents, earlier=None if before is None else disclosure.read_earlier(before)
    )


def judge(
    inputs: Inputs,
    kept: Verdicts | None = None,
    *,
    store: Path | None = None,
    public: bool = True,
    progress: Progress = lambda stage: None,
) -> Judged:
    """Turn what was read into layers; verdicts that were kept are not judged again.

    What the public edition holds of rating, safety, dynamics and structure is judged on the protected panel, so that
    it is made of published figures alone; what the releases of `store` published is minded. Without `public`
    only the analysts' layers are made.
    """
    settings, intake = inputs.settings, inputs.intake
    made = [
        layers.districts_layer(
            inputs.districts, inputs.groups, intake.population, visitors=settings.districts.visitors
        ),
        layers.offences_layer(inputs.codebook),
    ]
    absent = []
    if intake.population is None:
        absent.append(Absent("peer_groups", "absent.no_exposure", text=settings.area.no_exposure_reason))
    else:
        made.append(layers.peer_groups_layer(inputs.groups, settings.area.languages))
    panel = panel_of(inputs)
    if panel is None:
        absent += [Absent(layer, "absent.no_counts") for layer in WITH_FIGURES]
        return Judged(tuple(made), tuple(absent))
    progress("disclosure")
    # looked up first: whatever is published from here on is not minded, and `publish` sees to that
    before = None if store is None else release.earlier_disclosure(store)
    after = None if before is None else before.parent.name
    protection = protect(inputs, panel, store) if public else None
    fields = read_fields(inputs, panel)
    clues = gather_clues(panel, settings.dynamics, intake.proxies, fields)
    mine, told = judge_both(
        panel, None if protection is None else protection.panel, inputs.codebook, settings.rating, kept,
        rated=intake.population is not None, clues=clues, progress=progress,
    )  # fmt: skip
    made.append(layers.counts_layer(panel) if mine.rating is None else _rating_layer(settings, mine.rating))
    made += _change_layers(settings, rating_frame(mine.dynamics), rating_frame(mine.structure))
    if fields is None:
        absent.append(Absent("completeness", "absent.no_cards"))
    else:
        progress("completeness")
        found = judge_completeness(panel, fields.attributes, fields.cards, fields.filled, q=settings.rating.q)
        made.append(layers.completeness_layer(completeness_frame(found), period=settings.area.period))
    kept_in_space: tuple[str, ...] = ()
    exposed = intake.population is not None
    of_points = point_layers(
        settings, inputs.districts, panel, panel_codebook(panel, inputs.codebook), intake.cards, kept,
        published=None if before is None else release.published_rasters(before.parent), progress=progress,
    )  # fmt: skip
    found_in_space = in_space(
        settings, inputs.districts, panel, mine, kept,
        exposed=exposed, tracks=of_points.tracks, progress=progress,
    )  # fmt: skip
    for layer, names in (*found_in_space, *of_points.analyst):
        if isinstance(layer, Layer):
            made.append(layer)
        else:
            absent.append(layer)
        kept_in_space += names
    shown = _shown(inputs, panel, told or mine, protection) if public else []
    if told is not None and protection is not None:
        hotspots, names = hotspots_of(
            settings, inputs.districts, protection.panel, told, kept, exposed=exposed, protection=protection
        )
        shown += [hotspots] if isinstance(hotspots, Layer) else []
        kept_in_space += names
    shown += of_points.public
    seen = panel if protection is None else protection.panel
    if intake.population is None:
        absent.append(Absent("safety", "absent.no_exposure", text=settings.area.no_exposure_reason))
    elif bears_on_safety(inputs.codebook):
        made.append(layers.safety_layer(safety_frame(judge_safety(seen, inputs.codebook, settings))))
    else:
        absent.append(Absent("safety", "absent.no_public_safety"))
    return Judged(
        tuple(made), tuple(absent), mine.marks, tuple(shown), None if told is None else told.marks, protection,
        after,
        mine.kept + (() if told is None else told.kept) + kept_in_space,
    )  # fmt: skip


def _shown(
    inputs: Inputs, panel: xr.Dataset, told: PanelVerdicts, protection: disclosure.Protection | None
) -> list[Layer]:
    """Return what the public may see of the layers with counts; those of open counts are public as they are."""
    settings, shown = inputs.settings, []
    if protection is not None:
        if told.rating is None:
            shown.append(disclosure.withhold_counts(layers.counts_layer(protection.panel), protection))
        else:
            rating = disclosure.withhold(told.rating, protection)
            shown.append(_rating_layer(settings, rating, rounded=protection.rounded))
    book = panel_codebook(panel, inputs.codebook)
    seen = panel if protection is None else protection.panel
    dynamics = disclosure.public_dynamics(told.dynamics, protection)
    structure = disclosure.public_structure(told.structure, seen, book, protection)
    return [*shown, *_change_layers(settings, dynamics, structure)]


def read_fields(inputs: Inputs, panel: xr.Dataset) -> sources.Fields | None:
    """Count what the fields of the cards hold, laid out as a panel; None where there are none."""
    if inputs.intake.cards is None:
        return None
    return sources.read_fields(
        inputs.intake.cards,
        offences=[str(code) for code in panel["offence"].values],
        months=panel["month"].values.astype("datetime64[M]"),
        districts=[str(code) for code in panel["district"].values],
        thresholds=thresholds_of(inputs.settings.dynamics),
    )


def _change_layers(settings: AreaSettings, dynamics: pd.DataFrame, structure: pd.DataFrame) -> list[Layer]:
    period = settings.area.period
    return [layers.dynamics_layer(dynamics, period=period), layers.structure_layer(structure, period=period)]


def _rating_layer(settings: AreaSettings, rating: xr.Dataset, *, rounded: bool = False) -> Layer:
    notes = layers.harm_note(settings.rating.harm, settings.area.languages)
    if rounded:
        notes |= layers.rounding_note(settings.area.languages)
    return layers.rating_layer(rating_frame(rating), period=settings.area.period, notes=notes)


def publish(store: Path, inputs: Inputs, judged: Judged) -> str:
    """Write both editions as a release of the store, make it current and return its id."""
    settings, intake = inputs.settings, inputs.intake
    return release.publish(
        store,
        area=layers.area_entry(
            settings,
            complete_until=intake.complete_until and str(intake.complete_until),
            breaks=codes.break_lines(settings, inputs.codebook),
        ),
        editions=disclosure.editions(judged.layers, settings, protected=judged.public),
        ledger=intake.ledger,
        quarantine=intake.quarantine,
        revised=intake.revised,
        inputs=sources.fingerprints(settings),
        settings=_plain(settings),
        absent=judged.absent,
        parents=parent_borders(inputs.districts),
        verdicts=None if judged.verdicts is None else judged.verdicts.as_dict(),
        public_verdicts=None if judged.public_verdicts is None else judged.public_verdicts.as_dict(),
        delivered=intake.counts,
        disclosure=None if judged.protection is None else judged.protection.record(),
        disclosed_after=judged.disclosed_after,
        diagnostics=[one.as_dict() for one in inputs.findings],
        kept=judged.kept,
    )


def _plain(settings: AreaSettings) -> dict[str, Any]:
    return settings.model_dump(mode="json", exclude_defaults=True)
