"""Classes of figures as the server makes them, with numpy alone: the same cuts for the same figures."""

from collections.abc import Sequence
from typing import Any

import numpy as np

SAMPLE = 1000
"""Natural breaks take time quadratic in the number of values: more than this are thinned, ends kept."""


def natural_breaks(values: Any, classes: int = 5, *, logarithmic: bool = False) -> list[float]:
    """Return the inner cuts of Fisher and Jenks' natural breaks, each the roundest number between two classes.

    Parameters
    ----------
    values
        Figures of any shape; those that are not finite are left out.
    classes
        Classes wanted; fewer come back where there are fewer distinct values.
    logarithmic
        Break the logarithms of positive figures: for densities and populations, where one city would else leave all
        the rest in one class.

    Examples
    --------
    >>> natural_breaks([1, 2, 2, 11, 12, 51, 52], 3)
    [10.0, 30.0]
    """
    flat = _finite(values)
    if logarithmic:
        flat = flat[flat > 0]
    if len(flat) > SAMPLE:
        flat = flat[np.linspace(0, len(flat) - 1, SAMPLE).round().astype(int)]
    distinct = np.unique(flat)
    if len(distinct) <= classes:
        return _round_cuts(distinct, range(1, len(distinct)))
    scaled, scale = (np.log(flat), np.log(distinct)) if logarithmic else (flat, distinct)
    bounds = np.unique(_fisher_jenks(scaled, classes))[:-1]
    return _round_cuts(distinct, np.searchsorted(scale, bounds, side="right"))


def equal_shares(values: Any, classes: int = 5) -> list[float]:
    """Return inner cuts that put about as many values into each class.

    Examples
    --------
    >>> equal_shares([1, 2, 3, 4, 5, 6, 70, 80], 4)
    [3.0, 5.0, 40.0]
    """
    flat = _finite(values)
    distinct, first = np.unique(flat, return_index=True)
    wanted = np.searchsorted(first, np.arange(1, classes) * len(flat) / classes)
    return _round_cuts(distinct, np.unique(wanted[(wanted > 0) & (wanted < len(distinct))]))


def classify(values: Any, cuts: Sequence[float]) -> np.ndarray:
    """Return the class of each value by inner cuts (lower ends included), -1 where it is missing.

    Examples
    --------
    >>> classify([0, 10, float("nan"), 70], [10, 50]).tolist()
    [0, 1, -1, 2]
    """
    flat = np.asarray(values, dtype=np.float64)
    return np.where(np.isnan(flat), -1, np.searchsorted(np.asarray(cuts, float), flat, side="right"))


def _finite(values: Any) -> np.ndarray:
    flat = np.asarray(values, dtype=np.float64).ravel()
    return np.sort(flat[np.isfinite(flat)])


def _fisher_jenks(values: np.ndarray, classes: int) -> np.ndarray:
    """Return the greatest value of each class of sorted figures with the least sum of squares within classes.

    Single precision and the order of ties are those of mapclassify, which the server uses: a cut between figures that
    are all but equal would else lie elsewhere.
    """
    single = values.astype(np.float32)
    size = len(single)
    starts = np.zeros((size + 1, classes + 1), dtype=np.intp)
    starts[1] = 1
    sums = np.zeros((size + 1, classes + 1), dtype=np.float32)
    for end in range(2, size + 1):
        back = single[:end][::-1]
        total = np.cumsum(back, dtype=np.float32)
        weight = np.arange(1, end + 1, dtype=np.float32)
        within = np.cumsum(back * back, dtype=np.float32) - (total * total) / weight
        # whole[m] leaves `end - m - 1` values to the classes below; the lowest start wins a tie
        whole = within[:-1, None] + sums[end - 1 : 0 : -1, 1:classes]
        best = len(whole) - 1 - np.argmin(whole[::-1], axis=0)
        starts[end, 2:] = end - best
        sums[end, 2:] = whole[best, np.arange(classes - 1)]
        sums[end, 1] = within[-1]
    tops = np.empty(classes)
    tops[-1] = values[-1]
    end = size
    for place in range(classes, 1, -1):
        start = starts[end, place]
        tops[place - 2] = values[start - 2]
        end = start - 1
    return tops


def _round_cuts(distinct: np.ndarray, above: Any) -> list[float]:
    return [_round_between(float(distinct[place - 1]), float(distinct[place])) for place in above]


def _round_between(low: float, high: float) -> float:
    """Return the number in (low, high] with the fewest decimals, nearest to their middle."""
    middle = (low + high) / 2
    for digits in range(-12, 13):
        step = 10.0**-digits
        near = [float(f"{(round(middle / step) + shift) * step:.15g}") for shift in (0, 1, -1)]
        fitting = [number for number in near if low < number <= high]
        if fitting:
            return fitting[0]
    return high
