"""The two halves of normal, joined: one p-value for the tests, and which half a signal is owed to.

A rise is tested on min(1, 2·min(p_own, p_peers)), or on the one half there is without the 2. A half has fired if it
alone, under the same doubling, would have passed the cut that the test drew in its family: so `both` says that either
would have raised the signal without the other.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Ints = npt.NDArray[np.intp]

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


def fired_by(p_peers: Floats, p_own: Floats, passed: Bools, family: Ints) -> npt.NDArray[np.int8]:
    """Say which halves would have passed.

    Parameters
    ----------
    p_peers, p_own
        p-values of the halves, offence × month × district; NaN is no such half.
    passed
        Cells whose joined p-value passed its test.
    family
        Number of the family that each offence was tested in.

    Returns
    -------
    array
        0 none, 1 peers, 2 own, 3 both; 0 where the test did not pass.

    Examples
    --------
    >>> import numpy as np
    >>> p_peers, p_own = np.array([[[1e-6, 1e-6, 0.4]]]), np.array([[[1e-6, 0.4, 1e-5]]])
    >>> fired_by(p_peers, p_own, np.ones((1, 1, 3), dtype=bool), np.zeros(1, dtype=int))
    array([[[3, 1, 2]]], dtype=int8)
    """
    p = np.where(passed, joined(p_peers, p_own), -1.0)
    cut = np.empty(p.shape)
    for number in np.unique(family):
        rows = family == number
        cut[rows] = p[rows].max(axis=(0, 2), initial=-1.0)[None, :, None]
    doubled = _halves(p_peers, p_own)
    peers, own = (passed & (doubled * half <= cut) for half in (p_peers, p_own))
    return (PEERS * peers + OWN * own).astype(np.int8)


def _halves(p_peers: Floats, p_own: Floats) -> npt.NDArray[np.int64]:
    return np.where(np.isnan(p_peers) | np.isnan(p_own), 1, 2)
