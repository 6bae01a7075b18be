"""Classes of a column: fixed cuts where a level has a meaning, natural breaks where only the data have."""

from __future__ import annotations

import warnings
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
SAMPLE = 1000
"""Natural breaks take time quadratic in the number of values: more than this are thinned, ends kept."""


def natural_breaks(values: npt.ArrayLike, classes: int = 5, *, logarithmic: bool = False) -> Floats:
    """Return the inner cuts of Fisher and Jenks' natural breaks.

    A value ``v`` is of class ``i`` when ``cuts[i-1] <= v < cuts[i]``: each cut is the roundest number above
    the class below and not above the least value of the class above. The breaks minimise the sum of squares
    within classes (Fisher 1958; mapclassify's ``FisherJenks``, whose upper bounds belong to the class below).

    Parameters
    ----------
    values
        Figures of any shape; missing ones are left out.
    classes
        Classes wanted; fewer come back where there are fewer distinct values.
    logarithmic
        Break the logarithms: for densities and populations, where one city would else leave all the rest in
        one class. Values that are not positive are left out.

    Returns
    -------
    ndarray of float, at most ``classes - 1`` long
        Strictly rising. Empty if there is no value, or one only.

    Examples
    --------
    >>> natural_breaks([1, 2, 2, 11, 12, 51, 52], 3).tolist()
    [10.0, 30.0]
    """
    from mapclassify import FisherJenks

    flat = np.asarray(values, dtype=np.float64).ravel()
    flat = np.sort(flat[np.isfinite(flat) & (flat > 0 if logarithmic else True)])
    if len(flat) > SAMPLE:
        flat = flat[np.linspace(0, len(flat) - 1, SAMPLE).round().astype(int)]
    distinct = np.unique(flat)
    if len(distinct) <= classes:
        return _round_cuts(distinct, np.arange(1, len(distinct)))
    with warnings.catch_warnings():
        # mapclassify recommends numba at every import; 1,000 values need no compiler.
        warnings.simplefilter("ignore", UserWarning)
        bounds = np.unique(FisherJenks(np.log(flat) if logarithmic else flat, k=classes).bins)[:-1]
    above = np.searchsorted(np.log(distinct) if logarithmic else distinct, bounds, side="right")
    return _round_cuts(distinct, above)


def equal_shares(values: npt.ArrayLike, classes: int = 5) -> Floats:
    """Return inner cuts that put about as many values into each class; a server makes them without a library.

    Examples
    --------
    >>> equal_shares([1, 2, 3, 4, 5, 6, 70, 80], 4).tolist()
    [3.0, 5.0, 40.0]
    """
    flat = np.asarray(values, dtype=np.float64).ravel()
    flat = np.sort(flat[np.isfinite(flat)])
    distinct, first = np.unique(flat, return_index=True)
    # the first distinct value of each class but the lowest
    wanted = np.searchsorted(first, np.arange(1, classes) * len(flat) / classes)
    return _round_cuts(distinct, np.unique(wanted[(wanted > 0) & (wanted < len(distinct))]))


def _round_cuts(distinct: Floats, above: npt.NDArray[np.intp]) -> Floats:
    return np.array([_round_between(distinct[place - 1], distinct[place]) for place in above])


def _round_between(low: float, high: float) -> float:
    """Return the number in (low, high] with the fewest decimals, nearest to their middle."""
    middle = (low + high) / 2
    for digits in range(-12, 13):
        step = 10.0**-digits
        near = [float(f"{(round(middle / step) + shift) * step:.15g}") for shift in (0, 1, -1)]
        if fitting := [number for number in near if low < number <= high]:
            return fitting[0]
    return high


def classify(values: npt.ArrayLike, cuts: Sequence[float] | Floats) -> npt.NDArray[np.int64]:
    """Return the class of each value by inner cuts (lower ends included), -1 where it is missing.

    Examples
    --------
    >>> classify([0, 10, float("nan"), 70], [10, 50]).tolist()
    [0, 1, -1, 2]
    """
    flat = np.asarray(values, dtype=np.float64)
    return np.where(
        np.isnan(flat), -1, np.searchsorted(np.asarray(cuts, dtype=np.float64), flat, side="right")
    )
