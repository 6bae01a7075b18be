"""Frozen hotspots: a month is judged once, and again only if something that it rests on has changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import xarray as xr
from scipy import sparse

from ...indicators.kept import judge_kept, names_of
from ...indicators.rating import Fingerprint, Verdicts
from .judge import DIMS, judge_hotspots
from .moran import QUADRANTS
from .patterns import PATTERNS

METHOD = 1
"""Version of the method. Raise it with any change of code that can change a row."""

SIGNALS = ("too_few", "cold_clear", "cold", "none", "hot", "hot_clear")
"""What a map is coloured by: hot or cold by the sign of Gi* at q of at most 0.05, clearly so at 0.01."""

CUT, CLEAR = 0.05, 0.01


def judge_hotspots_kept(
    panel: xr.Dataset, links: sparse.csr_array, marks: Fingerprint | None, kept: Verdicts | None = None
) -> tuple[xr.Dataset, tuple[str, ...]]:
    """Judge the months that are not kept yet, keep them, and return all with the hashes of their inputs.

    Parameters
    ----------
    panel, links
        As :func:`gis_layers.places.hotspots.judge_hotspots` takes them.
    marks
        Hashes of the panel's months, as the rating made them; None keeps nothing.
    kept
        Verdicts kept from earlier builds.

    Returns
    -------
    tuple
        The columns of the layer `hotspots`, texts as numbers of their categories, and the hashes.
    """
    touching = hashlib.sha256(links.indptr.tobytes() + links.indices.tobytes()).hexdigest()
    names = () if marks is None else names_of("hotspots", METHOD, marks, [touching] * len(marks.months))
    return judge_kept(names or None, panel, kept, lambda months: signalled(panel, links, months)), names


def signalled(
    panel: xr.Dataset,
    links: sparse.csr_array,
    months: Iterable[object] | None = None,
    *,
    patterns: bool = True,
    rng: np.random.Generator | None = None,
) -> xr.Dataset:
    """Judge hotspots, and name each by sign and q; texts become numbers of their categories.

    Parameters
    ----------
    panel, links, months, patterns, rng
        As :func:`gis_layers.places.hotspots.judge_hotspots` takes them.

    Returns
    -------
    xarray.Dataset
        Its columns and `signal`, one of `SIGNALS`: `too_few` where a count is known and it has no q.
    """
    found = judge_hotspots(panel, links, months=months, patterns=patterns, rng=rng)
    count = panel["count"].transpose(*DIMS).sel(month=found["month"])
    if "incomplete" in panel:
        count = count.where(~panel["incomplete"].astype(bool))
    z, q = found["gi_star"].values, found["q_value"].values
    with np.errstate(invalid="ignore"):
        far = np.where(q <= CLEAR, 2, np.where(q <= CUT, 1, 0)) * np.sign(np.nan_to_num(z))
    judged = np.isfinite(z) & np.isfinite(q)  # a p by permutation asks for neighbours
    signal = np.where(judged, SIGNALS.index("none") + far, np.where(np.isnan(count.values), -1, 0))
    return found.assign(
        signal=(DIMS, signal.astype(np.int8), {"categories": list(SIGNALS)}),
        pattern=_numbered(found["pattern"].values, PATTERNS),
        quadrant=_numbered(found["quadrant"].values, QUADRANTS[1:]),
    )


def _numbered(
    texts: npt.NDArray[np.object_], names: tuple[str, ...]
) -> tuple[tuple[str, ...], npt.NDArray[np.int8], dict[str, list[str]]]:
    numbers = np.full(texts.shape, -1, dtype=np.int8)
    for number, name in enumerate(names):
        numbers[texts == name] = number
    return DIMS, numbers, {"categories": list(names)}
