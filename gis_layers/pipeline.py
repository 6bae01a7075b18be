"""The order of the stages, and nothing else. Reading this file is reading the system.

sources -> tables -> panel -> results -> layers -> release
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeAlias

import xarray as xr

from . import codes, diagnostics, disclosure, layers, release, sources
from .districts import Districts, PeerGroups, load_districts, parent_borders, peer_groups_of
from .indicators import bears_on_safety, judge_rating, judge_safety, rating_frame, safety_frame
from .layers import Absent, Layer
from .panel import build_panel
from .settings import AreaSettings, load_area, naming_lines

Progress: TypeAlias = Callable[[str], None]


@dataclass(frozen=True)
class Inputs:
    """What was read for an area, before anything is judged."""

    settings: AreaSettings
    districts: Districts
    codebook: codes.Codebook
    intake: sources.Intake
    groups: PeerGroups
    findings: tuple[diagnostics.Finding, ...] = ()


@dataclass(frozen=True)
class Built:
    """A published release, and what it was made of."""

    release: str
    inputs: Inputs
    layers: tuple[Layer, ...]
    absent: tuple[Absent, ...]


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
    with TemporaryDirectory(prefix="audan-") as spool, naming_lines(area_file):
        inputs = read(area_file, Path(spool), progress=progress)
        sources.refuse_if_too_many(inputs.intake.ledger, inputs.settings.quarantine.max_share)
        progress("rating")
        made, absent = judge(inputs)
        progress("release")
        name = publish(store, inputs, made, absent)
    return Built(name, inputs, made, absent)


def check(area_file: Path, *, progress: Progress = lambda stage: None) -> Inputs:
    """Read every input of an area, say what was found in the data, and publish nothing."""
    with TemporaryDirectory(prefix="audan-") as spool, naming_lines(area_file):
        inputs = read(area_file, Path(spool), progress=progress)
        progress("diagnostics")
        parts = (inputs.settings, inputs.districts, inputs.codebook, inputs.intake)
        panel = None if inputs.intake.counts.empty else _panel_of(inputs)
        found = diagnostics.diagnose(*parts, panel)
        return replace(inputs, findings=tuple(found))


def read(area_file: Path, spool: Path, *, progress: Progress = lambda stage: None) -> Inputs:
    """Read and check every input: polygons, codebook, tables, cards."""
    settings = load_area(area_file)
    progress("districts")
    districts = load_districts(settings)
    codebook = codes.load_codebook(settings.resolve(settings.codebook.path))
    if settings.codebook.crosswalk is not None:
        codes.load_crosswalk(settings.resolve(settings.codebook.crosswalk), codebook)
    progress("sources")
    intake = sources.read_sources(settings, districts, codebook, spool=spool)
    population = codes.comparable_population(settings, intake.population)
    groups = peer_groups_of(
        districts, population, groups=settings.peers.groups, min_size=settings.peers.min_size
    )
    return Inputs(settings, districts, intake.codebook, intake, groups)


def judge(inputs: Inputs) -> tuple[tuple[Layer, ...], tuple[Absent, ...]]:
    """Turn what was read into layers, and name those that the area cannot have."""
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
    if intake.counts.empty:
        absent += [Absent(layer, "absent.no_counts") for layer in ("rating", "safety")]
        return tuple(made), tuple(absent)
    panel = _panel_of(inputs)
    if intake.population is None:
        made.append(layers.counts_layer(panel))
        absent.append(Absent("safety", "absent.no_exposure", text=settings.area.no_exposure_reason))
        return tuple(made), tuple(absent)
    rating = judge_rating(panel, inputs.codebook, settings.rating)
    made.append(layers.rating_layer(rating_frame(rating), period=settings.area.period))
    if bears_on_safety(inputs.codebook):
        made.append(layers.safety_layer(safety_frame(judge_safety(panel, inputs.codebook, settings))))
    else:
        absent.append(Absent("safety", "absent.no_public_safety"))
    return tuple(made), tuple(absent)


def _panel_of(inputs: Inputs) -> xr.Dataset:
    panel = build_panel(inputs.settings, inputs.intake, inputs.districts, inputs.codebook, inputs.groups)
    statuses = inputs.districts.frame["status"].to_numpy(dtype=object)
    return panel.assign_coords(status=("district", statuses))


def publish(store: Path, inputs: Inputs, made: tuple[Layer, ...], absent: tuple[Absent, ...]) -> str:
    """Write both editions as a release of the store, make it current and return its id."""
    settings, intake = inputs.settings, inputs.intake
    return release.publish(
        store,
        area=layers.area_entry(settings, complete_until=intake.complete_until and str(intake.complete_until)),
        editions=disclosure.editions(made, settings),
        ledger=intake.ledger,
        quarantine=intake.quarantine,
        revised=intake.revised,
        inputs=sources.fingerprints(settings),
        settings=_plain(settings),
        absent=absent,
        parents=parent_borders(inputs.districts),
    )


def _plain(settings: AreaSettings) -> dict[str, Any]:
    return settings.model_dump(mode="json", exclude_defaults=True)
