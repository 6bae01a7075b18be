"""Counts as they might have been without any cluster, all with the total that was counted."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Counts = npt.NDArray[np.int64]


def poisson_replicates(expected: Floats, total: int, times: int, rng: np.random.Generator) -> Counts:
    """Deal the cases to cells in proportion to their expectation, shape (times, district, step).

    Independent cards: on real counts, which vary more than that, it finds clusters where there are none.
    """
    share = (expected / expected.sum()).ravel()
    return rng.multinomial(total, share, size=times).reshape(times, *expected.shape)


def overdispersed_replicates(
    expected: Floats, variance: Floats, total: int, times: int, rng: np.random.Generator
) -> Counts:
    """Deal the cases to cells whose expectation itself varies, so that each has (nearly) the variance given.

    A negative binomial is a Poisson with a gamma mean; given their total, the counts are multinomial in those means.

    Examples
    --------
    >>> import numpy as np
    >>> mean = np.full((40, 40), 10.0)
    >>> drawn = overdispersed_replicates(mean, 2 * mean, 16_000, 20, np.random.default_rng(1))
    >>> int(drawn[0].sum()), bool(abs(drawn.var(axis=(1, 2)).mean() / 10 - 2) < 0.1)
    (16000, True)
    """
    more = np.maximum(variance - expected, 0.0)
    usual = more <= 1e-12 * np.maximum(expected, 1e-300)
    shape = np.where(usual, 1.0, expected**2 / np.where(usual, 1.0, more))
    out = np.empty((times, *expected.shape), dtype=np.int64)
    for number in range(times):
        mean = np.where(usual, expected, rng.gamma(shape, np.where(shape > 0, expected / shape, 0.0)))
        out[number] = rng.multinomial(total, (mean / mean.sum()).ravel()).reshape(expected.shape)
    return out


def permuted_replicates(count: Counts, times: int, rng: np.random.Generator) -> Counts:
    """Deal the dates of all cases anew: every district keeps its total, and so does every step.

    Examples
    --------
    >>> import numpy as np
    >>> drawn = permuted_replicates(np.array([[3, 1], [0, 2]]), 5, np.random.default_rng(1))
    >>> drawn.sum(axis=2).tolist()[0], drawn.sum(axis=1).tolist()[0]
    ([4, 2], [3, 3])
    """
    districts, steps = count.shape
    cell = np.repeat(np.arange(count.size), count.ravel())
    place, when = (cell // steps) * steps, cell % steps
    out = np.empty((times, districts, steps), dtype=np.int64)
    for number in range(times):
        drawn = np.bincount(place + rng.permutation(when), minlength=count.size)
        out[number] = drawn.reshape(districts, steps)
    return out
