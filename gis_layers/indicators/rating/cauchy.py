"""Magnitude: −log10 p of a leaf, and the Cauchy combination of an inner node's own count with its leaves."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

CAP = 9.0
"""Largest magnitude shown: beyond it no model of counts can be believed."""

_LARGEST_P = 0.99
_SMALLEST_P = 1e-15


def magnitude(p: Floats) -> Floats:
    """Return −log10 p, between 0 and 9.

    Examples
    --------
    >>> import numpy as np
    >>> magnitude(np.array([1.0, 0.001, 1e-80, np.nan]))
    array([ 0.,  3.,  9., nan])
    """
    return np.clip(-np.log10(np.maximum(p, 1e-300)), 0.0, CAP) + 0.0


def combine(p_total: Floats, p_leaves: Floats) -> Floats:
    """Combine the p-value of a node's own count with those of its leaves [Liu & Xie 2020].

    p = ½ − arctan(½·tan((½−p_total)π) + ½·mean_k tan((½−p_k)π))/π, leaves only, no category beside its
    articles. It holds its level under dependence, and one sharp leaf is not drowned by thirty quiet ones.

    Parameters
    ----------
    p_total
        p-values of the node itself, any shape.
    p_leaves
        p-values of its leaves along the first axis; NaN is not judged and leaves the mean.

    Returns
    -------
    array of the shape of `p_total`
        NaN where `p_total` is; where no leaf is judged, `p_total` itself.

    Notes
    -----
    p-values are cut off at .99, because the tangent of a p next to 1 (a sharp fall in one leaf) would
    otherwise outweigh every rise beside it; the upper tail keeps its level (simulated in the tests).

    Examples
    --------
    >>> import numpy as np
    >>> combine(np.array([0.5]), np.array([[1e-6], [0.5]])).round(8)
    array([4.e-06])
    """
    judged = ~np.isnan(p_leaves)
    leaves = judged.sum(axis=0)
    total = np.where(judged, _cauchy(p_leaves), 0.0).sum(axis=0)
    mean = np.divide(total, leaves, out=np.zeros_like(total), where=leaves > 0)
    joined = np.arctan2(1.0, 0.5 * _cauchy(p_total) + 0.5 * mean) / np.pi
    return np.where(leaves > 0, joined, p_total)


def _cauchy(p: Floats) -> Floats:
    return 1 / np.tan(np.pi * np.clip(p, _SMALLEST_P, _LARGEST_P))
