"""The two halves of normal, joined: one p-value for the tests, and which half a signal is owed to.

A rise is tested on min(1, 2·min(p_own, p_peers)), or on the one half there is without the 2. A half has fired if it
alone, under the same doubling and at the same place in its family, would have passed: its q is then larger by as
much as its p is. So `both` says that either would have raised the signal without the other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

NONE, PEERS, OWN, BOTH = range(4)


def joined(p_peers: Floats, p_own: Floats) -> Floats:
    """Return the p-value of a rise from both halves, or from the one there is.

    Examples
    --------
    >>> import numpy as np
    >>> joined(np.array([0.01, 0.01, np.nan, 0.9]), np.array([0.2, np.nan, 0.03, 0.7]))
    array([0.02, 0.01, 0.03, 1.  ])
    """
    return np.minimum(_halves(p_peers, p_own) * np.fmin(p_peers, p_own), 1.0)


def fired_by(p_peers: Floats, p_own: Floats, q_value: Floats, *, q: float) -> npt.NDArray[np.int8]:
    """Say which halves pass.

    Parameters
    ----------
    p_peers, p_own
        p-values of the halves; NaN is no such half.
    q_value
        q-values of the halves joined, the same shape; NaN was not tested.
    q
        False discovery rate.

    Returns
    -------
    array
        0 none, 1 peers, 2 own, 3 both; 0 where the joined test does not pass.

    Examples
    --------
    >>> import numpy as np
    >>> p_peers, p_own = np.array([1e-6, 1e-6, np.nan, 0.3]), np.array([1e-7, 0.4, 1e-6, 0.2])
    >>> fired_by(p_peers, p_own, np.array([1e-4, 1e-3, 1e-3, 0.9]), q=0.05)
    array([3, 1, 2, 0], dtype=int8)
    """
    with np.errstate(invalid="ignore", divide="ignore"):
        scale = q_value * _halves(p_peers, p_own) / joined(p_peers, p_own)
        peers, own = ((q_value <= q) & (scale * half <= q * (1 + 1e-9)) for half in (p_peers, p_own))
    return (PEERS * peers + OWN * own).astype(np.int8)


def _halves(p_peers: Floats, p_own: Floats) -> npt.NDArray[np.int64]:
    return np.where(np.isnan(p_peers) | np.isnan(p_own), 1, 2)
