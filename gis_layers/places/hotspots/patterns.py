"""Emerging patterns: what the history of a place's hot and cold months amounts to, by Esri's definitions."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

Floats = npt.NDArray[np.float64]

_KINDS = (
    "new", "consecutive", "intensifying", "persistent", "diminishing", "sporadic", "oscillating", "historical",
)  # fmt: skip
PATTERNS = ("none", *(f"{kind}_hot" for kind in _KINDS), *(f"{kind}_cold" for kind in _KINDS))
"""Names of the seventeen patterns by number."""

LEAST_STEPS = 10
"""Steps that a pattern needs, as in Esri's tool."""

MOST = 0.9
"""Share of the steps from which a place counts as always hot, or always cold."""

TREND_CUT = 0.05


def mann_kendall(values: npt.ArrayLike) -> tuple[Floats, Floats]:
    """Test for a trend along the last axis, whatever its form.

    Parameters
    ----------
    values
        Shape (..., step); NaN steps are left out.

    Returns
    -------
    z, p
        Standardised Kendall's S, corrected for ties and for continuity, and its two-sided p; shape (...). Without
        two different values z is 0 and p 1.

    Examples
    --------
    >>> z, p = mann_kendall([1.0, 2, 4, 3, 5, 7, 6, 8, 9, 10])
    >>> round(float(z), 2), round(float(p), 4)
    (3.58, 0.0003)
    """
    series = np.asarray(values, dtype=np.float64)
    steps = series.shape[-1]
    known = np.isfinite(series)
    score = np.zeros(series.shape[:-1])
    ties = known.astype(np.float64)
    for gap in range(1, steps):
        with np.errstate(invalid="ignore"):
            change = np.sign(series[..., gap:] - series[..., :-gap])
        score += np.nansum(change, axis=-1)
        same = change == 0
        ties[..., gap:] += same
        ties[..., :-gap] += same
    n = known.sum(axis=-1).astype(np.float64)
    tied = np.where(known, (ties - 1) * (2 * ties + 5), 0.0).sum(axis=-1)
    variance = (n * (n - 1) * (2 * n + 5) - tied) / 18
    usable = variance > 0
    z = np.where(usable, (score - np.sign(score)) / np.sqrt(np.where(usable, variance, 1.0)), 0.0)
    p: Floats = 2 * ndtr(-np.abs(z))
    return z, np.minimum(p, 1.0)


def emerging_patterns(
    z: npt.ArrayLike, state: npt.ArrayLike, *, least_steps: int = LEAST_STEPS
) -> npt.NDArray[np.int8]:
    """Name what the history of each place amounts to, seen from its last step.

    Parameters
    ----------
    z
        Gi* of every step, shape (..., step); NaN = the step was not judged.
    state
        1 where the step was a significant hot spot, -1 a significant cold spot, else 0; shape of `z`.
    least_steps
        Fewer judged steps, or a last step that was not judged, give no answer.

    Returns
    -------
    array of int8
        Number in `PATTERNS`, shape (...); -1 where there is no answer.

    Notes
    -----
    After "How Emerging Hot Spot Analysis works" (Esri). Of hot spots (and likewise of cold ones): *new*: the last step
    only; *consecutive*: a single run of at least two at the end; *intensifying*, *diminishing*, *persistent*: at least
    90 % of the steps and the last, with a rising, a falling or no trend of Gi* (Mann–Kendall, 0.05); *oscillating*: the
    last step, and once a cold spot; *sporadic*: the last step, off and on; *historical*: at least 90 %, but not the
    last. A place that is one thing now and was the other at 90 % of the steps is named after what it is now.

    Examples
    --------
    >>> import numpy as np
    >>> state = np.zeros((3, 12), dtype=int)
    >>> state[0, -1], state[1, -3:], state[2, :11] = 1, 1, -1
    >>> [PATTERNS[number] for number in emerging_patterns(state * 3.0, state)]
    ['new_hot', 'consecutive_hot', 'historical_cold']
    """
    score = np.asarray(z, dtype=np.float64)
    states = np.asarray(state)
    known = np.isfinite(score)
    steps = known.sum(axis=-1)
    trend, p = mann_kendall(score)
    moving = p <= TREND_CUT
    out = np.zeros(score.shape[:-1], dtype=np.int8)
    for sign, first in ((1, 1), (-1, 1 + len(_KINDS))):
        hot = (states == sign) & known
        cold = (states == -sign) & known
        number = hot.sum(axis=-1)
        always = number >= MOST * steps
        now = hot[..., -1]
        # The run at the end: a step that was not judged neither breaks nor lengthens it.
        run = np.logical_and.accumulate((hot | ~known)[..., ::-1], axis=-1)[..., ::-1]
        length = (run & hot).sum(axis=-1)
        single = number == length
        named = [
            (now & single & (number == 1) & ~always, 0),
            (now & single & ~always, 1),
            (now & always & moving & (sign * trend > 0), 2),
            (now & always & moving & (sign * trend < 0), 4),
            (now & always, 3),
            (now & cold.any(axis=-1), 6),
            (now, 5),
            (~now & always & (steps > 0) & (states[..., -1] == 0), 7),
        ]
        for which, kind in reversed(named):
            out[which] = first + kind
    out[(steps < least_steps) | ~known[..., -1]] = -1
    return out
