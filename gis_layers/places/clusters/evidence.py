"""Why a cluster is there, and what would make it vanish: messages of a scan's own figures."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from ...messages.parts import MOST_YEARS, below, part, three_digits
from .inference import Null
from .likelihood import log_likelihood_ratio
from .scan import Cluster

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Scanned:
    """What was scanned.

    Parameters
    ----------
    cases, mean
        Cases and those expected (district, step), of the same sum.
    null
        What chance alone gives.
    by
        What was expected: the `norm`, or the `margins`, a district's and a step's own share of all cases.
    """

    cases: Floats
    mean: Floats
    null: Null
    by: Literal["norm", "margins"] = "margins"


def evidence_of(
    cluster: Cluster,
    field: Scanned,
    *,
    districts: Sequence[str],
    months: Sequence[str],
    cut: float,
    recurrence: float = np.nan,
) -> list[dict[str, Any]]:
    """Return what speaks for a cluster, as message codes and values.

    Parameters
    ----------
    cluster, field
        The cluster and the scan that found it.
    districts, months
        Codes, and labels, of what was scanned.
    cut
        Clusters with a larger p are not listed.
    recurrence
        Years in which chance alone gives one as clear; NaN where it no longer lasts.

    Returns
    -------
    list of {code, values}
        Counts; what was expected; chance; how large the ratio is beside what the cut asks for; and whether the cluster
        would be listed without its strongest month, and without its strongest district.

    Examples
    --------
    >>> import numpy as np
    >>> cases = np.full((6, 8), 10.0)
    >>> cases[0, 3], cases[0, 4] = 40, 14
    >>> field = Scanned(cases, np.full((6, 8), cases.mean()), Null(np.random.default_rng(1).gumbel(3, 1, 199)))
    >>> one = Cluster((0,), 3, 5, "high", 54, 21.4, 17.0, 1e-5, 0.005, 1e-5)
    >>> found = evidence_of(one, field, districts=list("abcdef"), months=list("12345678"), cut=0.05)
    >>> [(part["code"], part["values"].get("stays")) for part in found][-1]
    ('cluster.without_month', 'no')
    """
    few = cluster.direction == "low"
    replicates = len(field.null.largest)
    beyond = cluster.p_value * (replicates + 1) < 1  # rarer than the rarest rank
    found = [
        _part(
            "counts",
            direction=cluster.direction,
            districts=len(cluster.districts),
            first=months[cluster.start],
            last=months[cluster.end - 1],
            count=cluster.count,
            expected=three_digits(cluster.expected),
        ),
        _part("expected", by=field.by),
        _part("chance", **_chance(cluster.p_value), n=replicates, tail="yes" if beyond else "no"),
    ]
    if np.isfinite(recurrence):
        over = "yes" if recurrence > MOST_YEARS else "no"
        found.append(_part("lasts", years=three_digits(recurrence), over=over))
    if replicates:
        needed = float(np.quantile(field.null.largest, 1 - cut))
        found.append(_part("cut", ratio=three_digits(cluster.ratio), needed=three_digits(needed), p=cut))
    inside = np.ix_(list(cluster.districts), range(cluster.start, cluster.end))
    cases, mean = field.cases[inside], field.mean[inside]
    for axis, name, labels in (
        (1, "month", months[cluster.start : cluster.end]),
        (0, "district", [districts[place] for place in cluster.districts]),
    ):
        if cases.shape[axis] > 1:
            excess = (cases - mean).sum(axis=1 - axis)
            strongest = int(excess.argmin() if few else excess.argmax())
            p = _p_of(np.delete(cases, strongest, axis), np.delete(mean, strongest, axis), field, few)
            stays = "yes" if p <= cut else "no"
            found.append(_part(f"without_{name}", **_chance(p), stays=stays, **{name: labels[strongest]}))
    return found


def _p_of(cases: Floats, mean: Floats, field: Scanned, few: bool) -> float:
    """Return the p that a cluster of these cells would have."""
    count, expected = float(cases.sum()), float(mean.sum())
    if (count >= expected) if few else (count <= expected):
        return 1.0
    ratio = log_likelihood_ratio([count], [expected], float(field.cases.sum()))
    return float(field.null.p(ratio)[0]) if len(field.null.largest) else 1.0


def _part(code: str, **values: Any) -> dict[str, Any]:
    return part(f"cluster.{code}", **values)


def _chance(p: float) -> dict[str, Any]:
    """Return a p as it is, and whether a sentence tells it."""
    return {"p": three_digits(p), "below": below(p)}
