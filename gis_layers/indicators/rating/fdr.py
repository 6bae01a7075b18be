"""False discovery rates: Benjamini–Hochberg, and in two stages over categories [Benjamini–Bogomolov 2014]."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def bh_adjust(p: Floats) -> Floats:
    """Return Benjamini–Hochberg q-values along the last axis.

    Parameters
    ----------
    p
        p-values; each row along the last axis is a family, NaN is not in it.

    Returns
    -------
    array of the same shape
        NaN where p is NaN. Rejecting q ≤ α holds the false discovery rate at α.

    Examples
    --------
    >>> import numpy as np
    >>> bh_adjust(np.array([0.01, 0.04, np.nan, 0.03]))
    array([0.03, 0.04,  nan, 0.04])
    """
    if p.shape[-1] == 0:
        return p.copy()
    order = np.argsort(p, axis=-1)
    ordered = np.take_along_axis(p, order, axis=-1)
    tests = (~np.isnan(ordered)).sum(axis=-1, keepdims=True)
    raised = ordered * tests / np.arange(1, p.shape[-1] + 1)
    raised = np.where(np.isnan(raised), np.inf, raised)
    raised = np.minimum.accumulate(raised[..., ::-1], axis=-1)[..., ::-1]
    q = np.empty_like(raised)
    np.put_along_axis(q, order, np.minimum(raised, 1.0), axis=-1)
    return np.where(np.isnan(p), np.nan, q)


def two_stage(p: Floats, category: npt.NDArray[np.intp], *, q: float) -> Floats:
    """Return q-values of articles tested within categories.

    Stage 1 is BH over categories, each by the Simes p-value of its judged articles; stage 2 is BH inside each
    selected category at q × selected/all. The q-value of an article is the larger of its category's and
    q_within × all/selected.

    Parameters
    ----------
    p
        p-values, month × article cell (one article in one district); NaN is not judged.
    category
        Number of each article cell's category.
    q
        Rate at which categories are selected.

    Examples
    --------
    >>> import numpy as np
    >>> p = np.array([[1e-6, 0.5, 0.4, 0.9]])
    >>> two_stage(p, np.array([0, 0, 1, 1]), q=0.05).round(6)
    array([[4.e-06, 1.e+00, 1.e+00, 1.e+00]])
    """
    names, number = np.unique(category, return_inverse=True)
    within = np.full(p.shape, np.nan)
    simes = np.full((*p.shape[:-1], len(names)), np.nan)
    for place in range(len(names)):
        of = np.flatnonzero(number == place)
        inside = bh_adjust(p[..., of])
        within[..., of] = inside
        smallest = np.min(np.where(np.isnan(inside), np.inf, inside), axis=-1)
        simes[..., place] = np.where(np.isfinite(smallest), smallest, np.nan)
    of_category = bh_adjust(simes)
    judged = (~np.isnan(simes)).sum(axis=-1, keepdims=True)
    selected = np.maximum((of_category <= q).sum(axis=-1, keepdims=True), 1)
    q_value: Floats = np.minimum(np.maximum(of_category[..., number], within * judged / selected), 1.0)
    return q_value
