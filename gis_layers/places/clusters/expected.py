"""What each district and step would have without a cluster: covariates enter a scan here, and nowhere else."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def standardised_expected(count: npt.ArrayLike, exposure: npt.ArrayLike) -> Floats:
    """Return expected cases by indirect standardisation over strata (age and sex, kind of place, season).

    Parameters
    ----------
    count
        Cases, shape (stratum,) or with any further dimensions after it, which are summed.
    exposure
        Person-time, shape (district, stratum, step).

    Returns
    -------
    array, shape (district, step)
        Its sum is that of the cases. A stratum without exposure adds nothing.

    Examples
    --------
    >>> standardised_expected([10, 30], [[[50.0], [0.0]], [[50.0], [100.0]]]).tolist()
    [[5.0], [35.0]]
    """
    cases = np.asarray(count, dtype=np.float64)
    cases = cases.reshape(len(cases), -1).sum(axis=1)
    time = np.asarray(exposure, dtype=np.float64)
    whole = time.sum(axis=(0, 2))
    rate = np.divide(cases, whole, out=np.zeros_like(cases), where=whole > 0)
    expected: Floats = np.einsum("dst,s->dt", time, rate)
    return expected


def margin_expected(count: npt.ArrayLike) -> Floats:
    """Return district total × step total / total: what the permutation model expects.

    Examples
    --------
    >>> margin_expected([[1, 3], [3, 1]]).tolist()
    [[2.0, 2.0], [2.0, 2.0]]
    """
    cases = np.asarray(count, dtype=np.float64)
    total = cases.sum()
    if total == 0:
        return np.zeros_like(cases)
    expected: Floats = cases.sum(axis=1, keepdims=True) * cases.sum(axis=0, keepdims=True) / total
    return expected


def pearson_dispersion(count: npt.ArrayLike, expected: npt.ArrayLike, *, fitted: int = 0) -> float:
    """Return how many times larger than a Poisson's the variance of the counts is; at least 1.

    Parameters
    ----------
    count, expected
        Shape (district, step).
    fitted
        Parameters that were fitted to these counts; margins are districts + steps − 1.

    Examples
    --------
    >>> pearson_dispersion([[4, 8], [8, 4]], [[6, 6], [6, 6]], fitted=3)
    2.6666666666666665
    """
    cases, mean = np.asarray(count, dtype=np.float64), np.asarray(expected, dtype=np.float64)
    known = mean > 0
    free = int(known.sum()) - fitted
    if free < 1:
        return 1.0
    return max(float(((cases[known] - mean[known]) ** 2 / mean[known]).sum() / free), 1.0)
