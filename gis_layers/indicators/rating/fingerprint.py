"""What each month's verdict was made of, as hashes: a verdict may change only if its hash does.

Months are chained: the hash of a month holds that of the month before it, so it stands for every figure up to
then and costs no more than one month's figures. Names, attributions, shapes and paths are in none of them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...codes import Codebook
from ...settings.area import RatingSection
from ...times import label
from .cube import cube_of

METHOD = 5
"""Version of the method. Raise it with any change of code that can change a verdict: a test reminds of it."""


@dataclass(frozen=True)
class MonthMark:
    """Hashes of one month: its own figures part by part, and `hash`, the whole input up to it."""

    hash: str
    counts: str
    population: str
    groups: str
    breaks: str
    complete: bool


@dataclass(frozen=True)
class Fingerprint:
    """Hashes of everything that the verdicts of a panel depend on.

    Parameters
    ----------
    method
        Version of the code that judges.
    settings
        `[rating]`, the weights of harm, and what a row and a rate are.
    codebook
        Offences, who adds into whom, of which kind.
    districts
        The districts and which share a status.
    months
        By month as `YYYY-MM`.
    """

    method: int
    settings: str
    codebook: str
    districts: str
    months: Mapping[str, MonthMark]

    def as_dict(self) -> dict[str, Any]:
        """Return plain values, as the manifest of a release holds them."""
        return asdict(self)


def fingerprint(panel: xr.Dataset, codebook: Codebook, settings: RatingSection) -> Fingerprint:
    """Return the hashes of a panel's months.

    Parameters
    ----------
    panel, codebook, settings
        As :func:`gis_layers.indicators.rating.judge_rating` takes them.
    """
    cube = cube_of(panel, codebook, settings)
    cuts = settings.model_dump(mode="json", exclude={"harm"})
    weights = [None if np.isnan(weight) else float(weight) for weight in cube.weight]
    row = [str(panel.attrs.get("period", "month")), cube.per, panel.attrs.get("unsettled")]
    kinds = [str(codebook.nodes["kind"].get(code)) for code in cube.codes]
    parents = [codebook.parent_of.get(code) for code in cube.codes]
    members = {cube.codes[node]: leaves.tolist() for node, leaves in cube.members.items()}
    whole = {
        "settings": _text([cuts, weights, row]),
        "codebook": _text([cube.codes, kinds, parents, members]),
        "districts": _text([[str(code) for code in panel["district"].values], cube.status.tolist()]),
    }
    chain = _text([METHOD, whole])
    months: dict[str, MonthMark] = {}
    for place, month in enumerate(panel["month"].values.astype("datetime64[M]")):
        parts: dict[str, Any] = {
            "counts": _numbers(cube.count[:, place]),
            "population": _numbers(cube.population[place]),
            "groups": _numbers(cube.group[place].astype(np.float64)),
            # The mixed ground of a month and the stretches of its series; names and reasons of breaks are in neither.
            "breaks": _text([cube.moved[place].nonzero()[0].tolist(), _stretch(panel, place)]),
            "complete": not bool(cube.incomplete[place]),
        }
        chain = _text([chain, label(month), parts])
        months[label(month)] = MonthMark(hash=chain, **parts)
    return Fingerprint(METHOD, **whole, months=months)


def _stretch(panel: xr.Dataset, place: int) -> str | None:
    """Return the hash of the stretches of a month; None where all of them are the first, as without any break."""
    if "stretch" not in panel:
        return None
    dims = [name for name in ("offence", "district") if name in panel["stretch"].dims]
    values = panel["stretch"].isel(month=place).transpose(*dims).values
    if not values.any():
        return None
    # said of every district, it is the same whether districts are named or not
    wide = values if values.ndim == 2 else np.repeat(values[:, None], panel.sizes["district"], axis=1)
    return _numbers(wide.astype(np.float64))


def _text(value: Any) -> str:
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def _numbers(values: npt.NDArray[np.float64]) -> str:
    # One pattern of bits for "not a number", one order of bytes: the same on every machine.
    plain = np.where(np.isnan(values), np.nan, values).astype("<f8")
    return hashlib.sha256(plain.tobytes()).hexdigest()[:16]
