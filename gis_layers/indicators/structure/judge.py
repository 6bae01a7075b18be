"""Structure of every district × month: how far its mix is from its group's and its own year's, and which part it is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
import xarray as xr

from ...codes import Codebook
from ...times import PERIOD_MONTHS
from ..rating.cube import DIMS, groups_of, numbers_of
from ..rating.fdr import bh_adjust
from ..rating.funnel import rolling_sum
from ..rating.history import rows_of
from .mix import Merged, fit_alpha, merge_rare, p_of_mix, statistic
from .parts import lifts
from .reference import References, references

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

LEAST_CARDS = 30.0
"""Cards that a mix needs; with fewer three months are taken together, then twelve."""

WINDOWS = (1, 3, 12)
"""Months taken together."""

YEAR = 12
SEED = 20261123

BLOCK = 12
"""Months judged side by side."""

THREADS = min(4, os.cpu_count() or 1)
"""Draws of different months do not wait for each other; each month has a stream of its own."""

COLUMNS = ("imbalance", "p_value", "share", "share_peers", "share_own_year", "lift")


@dataclass(frozen=True)
class _Mix:
    """One way to cut all cards into parts.

    Parameters
    ----------
    name
        ``categories``, ``leaves`` or ``severities``.
    rows
        Rows of the parts among the offences.
    sums
        By width in rows, part × month × district; the last part is what no other holds.
    """

    name: str
    rows: Ints
    sums: dict[int, Floats] = field(repr=False)


@dataclass(frozen=True)
class _Window:
    """The mixes of one window that ends in one month, beside both references; districts first."""

    references: References
    group: Merged
    own: Merged
    moments: Floats


def judge_structure(
    panel: xr.Dataset,
    codebook: Codebook,
    *,
    months: Iterable[object] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> xr.Dataset:
    """Judge the mix of offences of every district and month, or of those asked for.

    Parameters
    ----------
    panel
        Dimensions district, offence, month; `count` (NaN = not collected), `incomplete` (month); coordinates
        `status` and `peer_group`, or `peer_group_then` where groups are frozen year by year. No exposure is needed.
    codebook
        The offences of the panel: parts are the categories, the leaves, and the severities.
    months
        First days of the months to judge; None is every month. Each is judged from the data up to it alone.
    progress
        Called with how many months are judged, and of how many.

    Returns
    -------
    xarray.Dataset
        Dimensions (offence, month, district), the columns of the layer `structure`. Of `all`, `imbalance` is the
        largest X²/(K−1) of its mixes and `p_value` combines them (by categories, leaves and severities, each beside
        the group and the own year). Of a part, `imbalance` is its summand of X², `p_value` its own two-sided p,
        corrected for the parts of the mix (Benjamini and Hochberg), `lift` its share beside the group's when all
        others are set equal. Shares are of the months that were taken together. NaN where under 30 cards
        came in twelve months.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> from gis_layers.codes.load import codebook_from
    >>> leaves = np.random.default_rng(1).poisson(40, (12, 5, 30)).astype(float)
    >>> leaves[0, 0, -1], leaves[0, 1:, -1] = 120, 20
    >>> count = np.concatenate([leaves.sum(axis=1, keepdims=True), leaves], axis=1)
    >>> panel = xr.Dataset(
    ...     {"count": (("district", "offence", "month"), count)},
    ...     coords={"district": [f"d{n}" for n in range(12)], "offence": ["all", *"abcde"],
    ...             "month": pd.date_range("2020-01-01", periods=30, freq="MS").astype("datetime64[s]"),
    ...             "status": ("district", ["raion"] * 12), "peer_group": ("district", ["g"] * 12)},
    ... )
    >>> found = judge_structure(panel, codebook_from([{"code": code} for code in "abcde"]), months=["2022-06-01"])
    >>> p = found["p_value"].sel(offence="all").values[0]
    >>> bool(p[0] < 1e-4), bool((p[1:] > 1e-3).all()), bool(found["lift"].sel(offence="a").values[0, 0] > 3)
    (True, True, True)
    """
    codes = [str(code) for code in panel["offence"].values]
    count = np.ascontiguousarray(panel["count"].transpose(*DIMS).values, dtype=np.float64)
    if "incomplete" in panel:
        count = np.where(panel["incomplete"].values.astype(bool)[None, :, None], np.nan, count)
    step = PERIOD_MONTHS[str(panel.attrs.get("period", "month"))]
    widths = [max(width // step, 1) for width in WINDOWS if width >= step]
    root = next((place for place, code in enumerate(codes) if codebook.parent_of.get(code) is None), 0)
    year = max(YEAR // step, 1)
    mixes = _mixes(count, root, codes, codebook, sorted({*widths, year}))
    judge = _Judge(mixes, groups_of(panel), numbers_of(panel, "status"), widths, year, root)
    asked = np.flatnonzero(rows_of(panel, months))
    ordinal = panel["month"].values.astype("datetime64[M]").astype(np.int64)
    out = {name: np.full((len(codes), len(asked), count.shape[2]), np.nan) for name in COLUMNS}
    with ThreadPoolExecutor(max_workers=THREADS) as threads:
        for start in range(0, len(asked), BLOCK):
            block = asked[start : start + BLOCK].tolist()
            judge.prepare(block)
            for place, found in enumerate(threads.map(lambda at: judge.month(at, int(ordinal[at])), block)):
                for name, values in found.items():
                    out[name][: len(values), start + place] = values
            if progress is not None:
                progress(start + len(block), len(asked))
    coords = {
        "offence": codes,
        "month": panel["month"].values[asked],
        "district": panel["district"].values,
    }
    return xr.Dataset(
        {name: (DIMS, cube) for name, cube in out.items()}, coords=coords, attrs=dict(panel.attrs)
    )


def _mixes(count: Floats, root: int, codes: list[str], codebook: Codebook, widths: list[int]) -> list[_Mix]:
    row = {code: place for place, code in enumerate(codes)}
    kinds = [str(codebook.nodes["kind"].get(code, "leaf")) for code in codes]
    below = [row[code] for code in codebook.children(codes[root]) if code in row]
    leaves = [row[code] for code in codebook.members(codes[root]) if code in row and row[code] != root]
    severities = [place for place, kind in enumerate(kinds) if kind == "severity"]
    made = []
    for name, rows in (("categories", below), ("leaves", leaves), ("severities", severities)):
        if len(rows) < 2 or (name == "leaves" and rows == below):
            continue
        parts = np.nan_to_num(count[rows])  # not in force, or not collected while the sum was
        whole = np.where(np.isnan(count[root]), np.nan, np.maximum(count[root], parts.sum(axis=0)))
        rest = whole - parts.sum(axis=0)
        parts = np.concatenate([parts + 0 * whole, rest[None]])
        sums = {width: rolling_sum(parts, width, axis=1) if width > 1 else parts for width in widths}
        made.append(_Mix(name, np.array(rows, dtype=np.intp), sums))
    return made


class _Judge:
    """Judges one month after the other; what the moments of a window were is kept for the months after."""

    def __init__(
        self, mixes: list[_Mix], group: Ints, status: Ints, widths: list[int], year: int, root: int
    ) -> None:
        self.mixes, self.group, self.status = mixes, group, status
        self.widths, self.year, self.root = widths, year, root
        self._windows: dict[tuple[int, int, int, bytes], _Window] = {}

    def prepare(self, months: list[int]) -> None:
        """Work out the windows that a block of months looks back on, and forget those that it does not."""
        first = months[0] - self.year
        self._windows = {key: window for key, window in self._windows.items() if key[1] >= first}
        for at in months:
            for mix in self.mixes:
                for width in self.widths:
                    self._moments(mix, at, width, self.group[at])

    def month(self, at: int, ordinal: int) -> dict[str, Floats]:
        """Return the columns of one month, offence × district."""
        offences = 1 + max([self.root, *(int(mix.rows.max()) for mix in self.mixes)], default=self.root)
        districts = self.group.shape[1]
        out = {name: np.full((offences, districts), np.nan) for name in COLUMNS}
        tests: list[Floats] = []
        sizes: list[Floats] = []
        for number, mix in enumerate(self.mixes):
            width = self._width(mix, at)
            part = {name: np.full((len(mix.rows), districts), np.nan) for name in COLUMNS}
            beside = [np.full((2, districts), np.nan) for _ in range(2)]
            for place, months in enumerate(self.widths):
                of = np.flatnonzero(width == place)
                if len(of):
                    seeds = [SEED, ordinal, number, place]
                    self._of_width(mix, at, months, of, seeds, part, beside)
            tests += list(beside[0])
            sizes += list(beside[1])
            part["p_value"] = bh_adjust(part["p_value"].T).T
            for name in COLUMNS:
                out[name][mix.rows] = part[name]
        if tests:
            joint = np.array(tests)
            out["p_value"][self.root] = _joined(joint)
            out["imbalance"][self.root] = np.fmax.reduce(np.array(sizes))
            out["share"][self.root] = np.where(np.isnan(joint).all(axis=0), np.nan, 1.0)
        return out

    def _width(self, mix: _Mix, at: int) -> Ints:
        """Return the place of the first window with enough cards, by district; -1 where none has."""
        found = np.full(self.group.shape[1], -1, dtype=np.intp)
        for place, width in reversed(list(enumerate(self.widths))):
            found[mix.sums[width][:, at].sum(axis=0) >= LEAST_CARDS] = place
        return found

    def _of_width(
        self, mix: _Mix, at: int, width: int, of: Ints, seeds: list[int], part: dict[str, Floats],
        beside: list[Floats],
    ) -> None:  # fmt: skip
        """Judge the districts whose window has this width, and fill in their columns."""
        group = self.group[at]
        window = self._window(mix, at, width, group)
        alpha = self._alpha(mix, at, width, group)
        count = mix.sums[width][:, at, of]
        total = count.sum(axis=0)
        parts = len(mix.rows)
        summand = np.full((2, parts, len(of)), np.nan)
        p = np.full((2, parts, len(of)), np.nan)
        for number, whole in enumerate((window.group, window.own)):
            mine = Merged(whole.count[of], whole.share[of], whole.alone[of])
            rng = np.random.default_rng([*seeds, number])
            size, rare = p_of_mix(mine, alpha[number, of], rng)
            beside[0][number, of], beside[1][number, of] = rare, size
            known = ~np.isnan(rare)
            found = lifts(mine, np.where(known, alpha[number, of], np.nan))
            alone = mine.alone[:, :parts] & known[:, None]
            squares = statistic(mine.count, mine.share, np.where(known, alpha[number, of], 1.0))
            summand[number] = np.where(alone, squares[:, :parts], np.nan).T
            p[number] = np.where(alone, found.p_value[:, :parts], np.nan).T
            if number == 0:
                part["lift"][:, of] = np.where(alone, found.lift[:, :parts], np.nan).T
        part["imbalance"][:, of] = np.fmax(summand[0], summand[1])
        halves = np.where(np.isnan(p).any(axis=0), 1.0, 2.0)
        part["p_value"][:, of] = np.minimum(halves * np.fmin(p[0], p[1]), 1.0)
        part["share"][:, of] = (count / total)[:parts]
        part["share_peers"][:, of] = window.references.group[of, :parts].T
        part["share_own_year"][:, of] = window.references.own_year[of, :parts].T

    def _window(self, mix: _Mix, at: int, width: int, group: Ints) -> _Window:
        key = (self.mixes.index(mix), at, width, group.tobytes())
        if key not in self._windows:
            now = mix.sums[width][:, at].T
            before = at - width
            year = mix.sums[self.year][:, before].T if before >= 0 else np.full(now.shape, np.nan)
            found = references(now, year, group, self.status)
            merged = []
            moments = np.zeros((2, 3, len(now)))
            for number, share in enumerate((found.group, found.own)):
                known = np.isfinite(share).all(axis=1) & np.isfinite(now).all(axis=1)
                one = merge_rare(np.where(known[:, None], now, 0.0), np.where(known[:, None], share, 0.0))
                freedom = np.maximum((one.share > 0).sum(axis=1) - 1, 0)
                total = one.count.sum(axis=1)
                fit = known & (total >= LEAST_CARDS) & (freedom > 0)
                squares = _plain_squares(one)
                moments[number] = np.where(fit, [squares, freedom * total, freedom], 0.0)
                merged.append(one)
            self._windows[key] = _Window(found, merged[0], merged[1], moments)
        return self._windows[key]

    def _moments(self, mix: _Mix, at: int, width: int, group: Ints) -> Floats:
        lags = [at - back for back in range(0, self.year, width) if at - back >= 0]
        found: Floats = np.sum([self._window(mix, one, width, group).moments for one in lags], axis=0)
        return found

    def _alpha(self, mix: _Mix, at: int, width: int, group: Ints) -> Floats:
        """Return α₀ beside the group and beside the own year, each district's own mixes left out."""
        sums = self._moments(mix, at, width, group)
        label = np.where(group >= 0, group, -1)
        number = np.unique(label, return_inverse=True)[1]
        found = np.full((2, len(group)), np.nan)
        for which in range(2):
            others = [np.bincount(number, part)[number] - part for part in sums[which]]
            wide = [part.sum() - part for part in sums[which]]
            lone = others[2] < 20
            squares, total, freedom = (
                np.where(lone, all_, one) for one, all_ in zip(others, wide, strict=True)
            )
            found[which] = fit_alpha(squares, total, np.where(freedom < 1e-9, 0.0, freedom))
        return found


def _plain_squares(mix: Merged) -> Floats:
    """Return X² as of a plain multinomial, c = 1."""
    expected = mix.count.sum(axis=1, keepdims=True) * mix.share
    found: Floats = np.divide(
        (mix.count - expected) ** 2, expected, out=np.zeros(expected.shape), where=expected > 0
    ).sum(axis=1)
    return found


def _joined(tests: Floats) -> Floats:
    """Return the Cauchy combination of the tests there are, along the first axis; NaN where there is none.

    p-values are cut off at .99, as the rating does: a p next to 1 must not outweigh a small one.
    """
    known = ~np.isnan(tests)
    tangent = np.where(known, 1 / np.tan(np.pi * np.clip(np.where(known, tests, 0.5), 1e-15, 0.99)), 0.0)
    mean = tangent.sum(axis=0) / np.maximum(known.sum(axis=0), 1)
    found: Floats = np.arctan2(1.0, mean) / np.pi
    return np.where(known.any(axis=0), found, np.nan)
