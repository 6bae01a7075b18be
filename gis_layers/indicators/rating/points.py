"""Levels, points, the twelve months that make *the* rating, and what stands high for good."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

YEAR_JUDGED = 9
"""A twelve-month rating needs at least this many judged months (of twelve)."""

LOOK_BACK = 6
"""`standing` looks at this many judged months, the month itself included."""


def levels(magnitude: Floats, answered: Bools) -> Floats:
    """Return levels: 0 too few, 1 below magnitude 1, then one more for each whole magnitude, 5 from 4 on.

    Examples
    --------
    >>> import numpy as np
    >>> levels(np.array([0.3, 2.0, 8.0, 3.0]), np.array([True, True, True, False]))
    array([1., 3., 5., 0.])
    """
    steps = np.floor(np.clip(np.nan_to_num(magnitude), 0, 4)) + 1
    return np.where(answered, steps, 0.0)


def year_points(
    points: Floats, judged: Bools, *, lag: int, per_year: int = 12
) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return 12 × Σ points / months judged over the last twelve settled months, and the months judged.

    Parameters
    ----------
    points
        Points, offence × month × district.
    judged
        Which cells were judged (not too few, not missing).
    lag
        How many of the newest months are not settled yet at the time of judging; the twelve months
        before them count, so that a later month never changes the figure.
    per_year
        Rows in a year: 12 for months, 4 for quarters.

    Returns
    -------
    (array, array)
        The rating, NaN under nine judged months of twelve; the judged rows.
    """
    gained = _window(np.where(judged, np.nan_to_num(points), 0.0), per_year, lag)
    months = _window(judged.astype(np.float64), per_year, lag)
    enough = months >= YEAR_JUDGED * per_year / 12
    rating = np.divide(12 * gained, months, out=np.full(gained.shape, np.nan), where=enough & (months > 0))
    return rating, months.astype(np.int64)


def standing(fired: Bools, judged: Bools, *, months: int) -> Bools:
    """Say which cells were red in at least `months` of their last six judged months.

    Parameters
    ----------
    fired, judged
        Which cells are red, and which were judged; offence × month × district.
    months
        How many of the six make it standing.
    """
    offences, rows, districts = judged.shape
    number = np.cumsum(judged, axis=1)
    reds = np.cumsum(fired & judged, axis=1)
    # reds before the window = reds among the first (number - 6) judged months of the series
    by_number = np.zeros((offences, rows + 1, districts), dtype=reds.dtype)
    np.maximum.at(
        by_number,
        (np.arange(offences)[:, None, None], number, np.arange(districts)[None, None, :]),
        np.where(judged, reds, 0),
    )
    earlier = np.take_along_axis(by_number, np.maximum(number - LOOK_BACK, 0), axis=1)
    found: Bools = judged & (reds - earlier >= months)
    return found


def _window(values: Floats, width: int, lag: int) -> Floats:
    summed = np.cumsum(values, axis=1)
    summed = np.concatenate([np.zeros_like(summed[:, :1]), summed], axis=1)
    rows = np.arange(values.shape[1])
    end = np.maximum(rows + 1 - lag, 0)
    start = np.maximum(end - width, 0)
    total: Floats = summed[:, end] - summed[:, start]
    return total
