"""Completeness of every attribute by district and month: a beta-binomial funnel within the group, downward.

A field may rightly be empty: nobody knows the age of an offender who was not found. So what is expected of a district
is what its group fills *for the same offences*, and only what is beneath that is told. How far districts differ
anyway is measured in the group over twelve months, the district itself left out, so that one empty office does not hide
itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ..rating.cube import groups_of, numbers_of
from ..rating.fdr import bh_adjust
from ..rating.history import rows_of
from ..structure.parts import beta_binomial_tails

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

SIGNALS = ("low", "norm", "too_few", "incomplete")
LOW, NORM, TOO_FEW, INCOMPLETE = range(len(SIGNALS))

LEAST_CARDS = 30
"""Cards that a share needs."""

LEAST_MISSING = 3.0
"""Cards more than expected that must be empty before a share is called low."""

LEAST_MEMBERS = 4
_YEAR = 12
_HELD = 5.0
"""Cards of the group's usual share that a rare offence is held to."""

LARGEST_ALPHA = 1e7
DIMS = ("attribute", "month", "district")


def judge_completeness(
    panel: xr.Dataset,
    attributes: Sequence[str],
    cards: npt.NDArray[np.integer],
    filled: npt.NDArray[np.integer],
    *,
    q: float = 0.05,
    months: Iterable[object] | None = None,
) -> xr.Dataset:
    """Judge how many cards have each attribute filled, in every district and month or those asked for.

    Parameters
    ----------
    panel
        The districts and months, `incomplete`, and the groups: coordinates `status`, and `peer_group` or
        `peer_group_then`.
    attributes
        Names of the attributes.
    cards
        Cards, leaf × month × district.
    filled
        Cards whose attribute is filled, attribute × leaf × month × district.
    q
        False discovery rate of one attribute in one month.
    months
        First days of the months to judge; None is every month.

    Returns
    -------
    xarray.Dataset
        Dimensions (attribute, month, district): `cards`, `filled`, `share_filled`, `expected_share` and `signal` (a
        small integer with its table in ``attrs["categories"]``). `expected_share` is NaN where the group has fewer
        than four other districts with cards.

    Examples
    --------
    >>> import numpy as np, pandas as pd, xarray as xr
    >>> rng = np.random.default_rng(1)
    >>> cards = rng.poisson(80, (2, 14, 10))
    >>> filled = rng.binomial(cards, 0.9)[None]
    >>> filled[0, :, -1, 0] = 20
    >>> panel = xr.Dataset(coords={
    ...     "district": [f"d{n}" for n in range(10)], "status": ("district", ["raion"] * 10),
    ...     "month": pd.date_range("2020-01-01", periods=14, freq="MS").astype("datetime64[s]")})
    >>> found = judge_completeness(panel, ["method"], cards, filled, months=["2021-02-01"])["signal"]
    >>> [found.attrs["categories"][code] for code in found.values[0, 0, :3]]
    ['low', 'norm', 'norm']
    """
    asked = np.flatnonzero(rows_of(panel, months))
    group, status = groups_of(panel), numbers_of(panel, "status")
    incomplete = np.zeros(panel.sizes["month"], dtype=bool)
    if "incomplete" in panel:
        incomplete = panel["incomplete"].values.astype(bool)
    whole = cards.astype(np.float64)
    year = _year_upto(whole)
    shape = (len(attributes), len(asked), panel.sizes["district"])
    total = np.broadcast_to(whole.sum(axis=0)[asked][None], shape)
    some, due = np.zeros(shape), np.full(shape, np.nan)
    signal = np.full(shape, TOO_FEW, dtype=np.int8)
    for number in range(len(attributes)):
        part = filled[number].astype(np.float64)
        part_year = _year_upto(part)
        expected = np.full((panel.sizes["month"], shape[2]), np.nan)
        needed = sorted({back for at in asked.tolist() for back in range(max(at - _YEAR + 1, 0), at + 1)})
        for at in needed:
            expected[at] = _expected(whole[:, at], part_year[:, at], year[:, at], group[at], status)
        monthly, known = part.sum(axis=0), whole.sum(axis=0)
        some[number] = monthly[asked]
        for place, at in enumerate(asked.tolist()):
            due[number, place] = expected[at]
            rows = slice(max(at - _YEAR + 1, 0), at + 1)
            alpha = _alpha(monthly[rows], known[rows], expected[rows], group[at])
            signal[number, place] = _signals(monthly[at], known[at], expected[at], alpha, q)
            if incomplete[at]:
                signal[number, place] = INCOMPLETE
    share = np.divide(some, total, out=np.full(shape, np.nan), where=total > 0)
    data = {
        "cards": (DIMS, total),
        "filled": (DIMS, some),
        "share_filled": (DIMS, share),
        "expected_share": (DIMS, due),
        "signal": (DIMS, signal, {"categories": list(SIGNALS)}),
    }
    coords = {
        "attribute": list(attributes),
        "month": panel["month"].values[asked],
        "district": panel["district"].values,
    }
    return xr.Dataset(data, coords=coords, attrs=dict(panel.attrs))


def _year_upto(cube: Floats) -> Floats:
    """Return sums of up to twelve months, leaf × month × district; the first months have fewer."""
    sums: Floats = np.cumsum(cube, axis=1)
    sums[:, _YEAR:] -= sums[:, :-_YEAR].copy()
    return sums


def completeness_frame(found: xr.Dataset) -> pd.DataFrame:
    """Turn the result into the rows of the layer `completeness`, sorted by (attribute, month, district)."""
    ordered = found.transpose(*DIMS).sortby(list(DIMS))
    sizes = tuple(ordered.sizes[name] for name in DIMS)
    places = np.indices(sizes, dtype=np.int32).reshape(3, -1)
    columns: dict[str, object] = {}
    for axis, key in ((2, "district"), (0, "attribute")):
        names = pd.Index([str(value) for value in ordered[key].values])
        columns[key] = pd.Categorical.from_codes(places[axis], categories=names)
    columns["month"] = ordered["month"].values.astype("datetime64[s]")[places[1]]
    for name in ("cards", "filled"):
        columns[name] = ordered[name].values.reshape(-1).astype(np.int32)
    for name in ("share_filled", "expected_share"):
        columns[name] = ordered[name].values.reshape(-1)
    table = pd.Index(ordered["signal"].attrs["categories"])
    columns["signal"] = pd.Categorical.from_codes(ordered["signal"].values.reshape(-1), categories=table)
    return pd.DataFrame(columns, copy=False)


def _expected(cards: Floats, filled_year: Floats, year: Floats, group: Ints, status: Ints) -> Floats:
    """Return the share expected of each district: its cards by leaf, each filled as the others of its group fill it."""
    share = _of_others(filled_year, year, group)
    lacks = np.isnan(share).all(axis=0)
    if lacks.any():
        share[:, lacks] = _of_others(filled_year, year, status)[:, lacks]
    total = cards.sum(axis=0)
    due = np.where(cards > 0, cards * np.nan_to_num(share), 0.0).sum(axis=0)
    found: Floats = np.divide(due, total, out=np.full(len(total), np.nan), where=total > 0)
    return np.where(np.isnan(share).all(axis=0), np.nan, found)


def _of_others(filled: Floats, cards: Floats, label: Ints) -> Floats:
    """Return the share filled by leaf among the others of a group, leaf × district."""
    number = np.unique(label, return_inverse=True)[1]
    members = np.bincount(number, (cards.sum(axis=0) > 0) & (label >= 0))[number] - (cards.sum(axis=0) > 0)
    together = np.zeros((int(number.max(initial=0)) + 1, len(number)))
    together[number, np.arange(len(number))] = 1.0
    others = [(part @ together.T)[:, number] - part for part in (filled, cards)]
    whole = [part.sum(axis=0, keepdims=True) for part in others]
    middle = np.divide(whole[0], whole[1], out=np.zeros_like(whole[0]), where=whole[1] > 0)
    found: Floats = (others[0] + _HELD * middle) / (others[1] + _HELD)
    return np.asarray(np.where((members >= LEAST_MEMBERS) & (label >= 0), found, np.nan))


def _alpha(filled: Floats, cards: Floats, expected: Floats, group: Ints) -> Floats:
    """Return the beta-binomial's size by district: how evenly the others of its group follow what is expected."""
    spread = expected * (1 - expected)
    known = np.isfinite(expected) & (cards >= LEAST_CARDS) & (spread > 1e-6)
    due = np.where(known, cards * expected, 0.0)
    squares = np.divide((filled - due) ** 2, cards * spread, out=np.zeros_like(due), where=known)
    squares = np.minimum(squares, 25.0)  # an empty office is what is looked for, not how the others differ
    sums = [np.where(known, part, 0.0).sum(axis=0) for part in (squares, cards, np.ones_like(cards))]
    number = np.unique(group, return_inverse=True)[1]
    others = [np.bincount(number, part)[number] - part for part in sums]
    wide = [part.sum() - part for part in sums]
    lone = others[2] < 24
    over, of, cells = (np.where(lone, all_, one) for one, all_ in zip(others, wide, strict=True))
    # Σ squares = Σ (n + α)/(1 + α)
    surplus = over - cells
    found: Floats = np.divide(of - over, surplus, out=np.full(len(over), LARGEST_ALPHA), where=surplus > 1e-9)
    held: Floats = np.clip(found, 1.0, LARGEST_ALPHA)
    return held


def _signals(
    filled: Floats, cards: Floats, expected: Floats, alpha: Floats, q: float
) -> npt.NDArray[np.int8]:
    judged = np.isfinite(expected) & (cards >= LEAST_CARDS)
    p = np.full(len(cards), np.nan)
    share = np.clip(expected, 0.0, 1.0)
    apart = judged & (share > 0) & (share < 1)
    p[apart] = beta_binomial_tails(filled[apart], cards[apart], share[apart], alpha[apart])[0]
    p[judged & ~apart] = 1.0
    low = judged & (bh_adjust(p) <= q) & (cards * share - filled >= LEAST_MISSING)
    return np.where(~judged, TOO_FEW, np.where(low, LOW, NORM)).astype(np.int8)
