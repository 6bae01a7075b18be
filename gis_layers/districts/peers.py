"""Peer groups: districts that may be compared, each group a rule that a sentence can say.

`status` is a hard stratum; within it the cut on log population or log density that most reduces the variance
within groups is taken again and again. Groups are rectangles, so the sentence is the rule. Crime is never cut
on: that would hide the outlier.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ..errors import UsageError, Where

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]

MEASURES = ("population", "density")


@dataclass(frozen=True)
class PeerRule:
    """A group's rule: a status, and half-open ranges `from <= value < below` (None is unbounded).

    Examples
    --------
    >>> rule = PeerRule("raion", (24_000.0, 44_000.0), (None, 1.9))
    >>> rule.values()["population_rule"], rule.values()["density_rule"]
    ('between', 'below')
    """

    status: str | None
    population: tuple[float | None, float | None] = (None, None)
    density: tuple[float | None, float | None] = (None, None)

    def contains(
        self, status: npt.NDArray[np.object_], population: Floats, density: Floats
    ) -> npt.NDArray[np.bool_]:
        """Tell which districts the rule takes in; those without population none does."""
        held = np.array([one == self.status for one in status], dtype=bool) & _measured(population, density)
        for (low, high), values in ((self.population, population), (self.density, density)):
            held &= values >= (-np.inf if low is None else low)
            held &= values < (np.inf if high is None else high)
        return held

    def values(self) -> dict[str, Any]:
        """Return the values of the sentence `peer_group.rule`."""
        said: dict[str, Any] = {"status": self.status or "none"}
        for name in MEASURES:
            low, high = getattr(self, name)
            kinds = {
                (True, True): "any",
                (False, True): "from",
                (True, False): "below",
                (False, False): "between",
            }
            said[f"{name}_rule"] = kinds[low is None, high is None]
            said[f"{name}_from"], said[f"{name}_below"] = _plain(low), _plain(high)
        return said


@dataclass(frozen=True, eq=False)
class PeerGroups:
    """Districts by peer group.

    Parameters
    ----------
    of
        Series from district code to group code; None for a district without population or area.
    table
        One row per group, sorted by code: `peer_group`, `size`, `status`, `population_min`, `population_max`,
        `density_min`, `density_max` (of its members), `population_from`, `population_below`, `density_from`,
        `density_below` (its rule; NaN is unbounded), `sentence` (`[{code, values}]`), `members` (codes).
    rules
        Group code to rule; applied to the same districts it gives exactly `of`.
    """

    of: pd.Series
    table: pd.DataFrame
    rules: dict[str, PeerRule]


def peer_groups(frame: pd.DataFrame, *, groups: int = 14, min_size: int = 8) -> PeerGroups:
    """Group districts with their peers.

    The gain of a cut is the fall of the sum of squares of log population and log density, each divided by its
    standard deviation over all districts: one scale for every stratum, so the next cut is made where it helps
    most. (Scaled within each stratum, the near-equal districts of a big city would be cut before the raions,
    whose populations differ forty-fold.) A cut's threshold is the roundest number between the two districts
    it parts.

    Parameters
    ----------
    frame
        One row per district: `district`, `status`, `population`, `density` (residents per square kilometre).
    groups
        Number of groups to stop at; fewer if no further cut leaves both parts large enough, more only if
        there are more statuses.
    min_size
        Least size of each part of a cut. A status with fewer districts is a group of its own.

    Raises
    ------
    UsageError
        If a column is missing or the numbers make no sense.

    Examples
    --------
    >>> frame = pd.DataFrame({"district": list("abcdef"), "status": "raion", "density": 2.0,
    ...                       "population": [1_000, 1_100, 1_200, 30_000, 31_000, 32_000]})
    >>> peer_groups(frame, groups=2, min_size=3).of.tolist()
    ['raion-1', 'raion-1', 'raion-1', 'raion-2', 'raion-2', 'raion-2']
    """
    if missing := [name for name in ("district", "status", *MEASURES) if name not in frame]:
        raise UsageError(f"peer groups need the columns {missing}")
    if groups < 1 or min_size < 1:
        raise UsageError(
            "peer groups need at least one group and one member", Where(value=(groups, min_size))
        )
    status, population, density = columns_of(frame)
    rules = cut_rules(status, population, density, groups=groups, min_size=min_size)
    named = _name(rules)
    member = assign(list(named.values()), status, population, density)
    names = list(named)
    of = pd.Series(
        [names[place] if place >= 0 else None for place in member],
        index=pd.Index(frame["district"], name="district"),
        name="peer_group",
        dtype=object,
    )
    return PeerGroups(of, _table(named, of, population, density), named)


def columns_of(frame: pd.DataFrame) -> tuple[npt.NDArray[np.object_], Floats, Floats]:
    """Return status (None where missing), population and density of a frame as arrays."""
    status = np.array([None if pd.isna(one) else str(one) for one in frame["status"]], dtype=object)
    return status, frame["population"].to_numpy(dtype=float), frame["density"].to_numpy(dtype=float)


def cut_rules(
    status: npt.NDArray[np.object_], population: Floats, density: Floats, *, groups: int, min_size: int
) -> list[PeerRule]:
    """Cut districts to rules (the core of `peer_groups`, which explains it); deterministic."""
    usable = np.flatnonzero(_measured(population, density))
    raw = np.stack([population, density])
    with np.errstate(invalid="ignore", divide="ignore"):
        logs = np.log(raw)
    spread = logs[:, usable].std(axis=1) if len(usable) else np.ones(2)
    scaled = logs / np.where(spread > 0, spread, 1.0)[:, None]

    strata = sorted({status[place] for place in usable}, key=lambda one: (one is None, one or ""))
    parts = [np.array([place for place in usable if status[place] == one], dtype=np.intp) for one in strata]
    rules = [PeerRule(one) for one in strata]
    cuts = [_best_cut(part, scaled, raw, min_size) for part in parts]
    while len(parts) < groups and any(cut is not None for cut in cuts):
        place = max(range(len(cuts)), key=lambda at: cuts[at].gain if cuts[at] is not None else -1.0)  # type: ignore[union-attr]
        cut = cuts[place]
        assert cut is not None
        low, high = getattr(rules[place], cut.measure)
        pieces = [parts[place][cut.below], parts[place][~cut.below]]
        rules[place : place + 1] = [
            _narrowed(rules[place], cut.measure, low, cut.threshold),
            _narrowed(rules[place], cut.measure, cut.threshold, high),
        ]
        parts[place : place + 1] = pieces
        cuts[place : place + 1] = [_best_cut(piece, scaled, raw, min_size) for piece in pieces]
    return rules


def assign(
    rules: list[PeerRule], status: npt.NDArray[np.object_], population: Floats, density: Floats
) -> Ints:
    """Return the place of each district's rule, -1 where no rule takes it in."""
    member = np.full(len(population), -1, dtype=np.intp)
    for place, rule in enumerate(rules):
        member[rule.contains(status, population, density)] = place
    return member


@dataclass(frozen=True, eq=False)
class _Cut:
    gain: float
    measure: str
    threshold: float
    below: npt.NDArray[np.bool_]


def _best_cut(part: Ints, scaled: Floats, raw: Floats, min_size: int) -> _Cut | None:
    """Return the cut that most reduces the sum of squares, the first of equal ones; None if none fits."""
    size = len(part)
    if size < 2 * min_size:
        return None
    best: _Cut | None = None
    for measure in range(2):
        order = part[np.argsort(raw[measure, part], kind="stable")]
        values = scaled[:, order] - scaled[:, order].mean(axis=1, keepdims=True)
        number = np.arange(1, size)
        running = values.cumsum(axis=1)[:, :-1]
        # Around the common mean the fall of the sum of squares is n1·m1² + n2·m2², and the sums are opposite.
        gain = (running**2).sum(axis=0) * (1 / number + 1 / (size - number))
        sorted_raw = raw[measure, order]
        fits = (number >= min_size) & (size - number >= min_size) & (sorted_raw[1:] > sorted_raw[:-1])
        if not fits.any():
            continue
        at = int(np.argmax(np.where(fits, gain, -1.0)))
        if gain[at] > 0 and (best is None or gain[at] > best.gain):
            threshold = round_between(float(sorted_raw[at]), float(sorted_raw[at + 1]))
            best = _Cut(float(gain[at]), MEASURES[measure], threshold, raw[measure, part] < threshold)
    return best


def round_between(low: float, high: float) -> float:
    """Return the number in (low, high] with the fewest digits, the nearest to their geometric mean.

    Examples
    --------
    >>> round_between(23_412, 24_806), round_between(0.5871, 0.6102)
    (24000.0, 0.6)
    """
    middle = float(np.sqrt(low * high))
    for digits in range(17):
        step = 10.0 ** (np.floor(np.log10(high)) - digits)
        near = np.round(middle / step) + np.array([0, -1, 1])
        for multiple in near:
            candidate = float(f"{multiple * step:.15g}")
            if low < candidate <= high:
                return candidate
    return high


def _narrowed(rule: PeerRule, measure: str, low: float | None, below: float | None) -> PeerRule:
    return (
        replace(rule, population=(low, below))
        if measure == "population"
        else replace(rule, density=(low, below))
    )


def _measured(population: Floats, density: Floats) -> npt.NDArray[np.bool_]:
    return np.isfinite(population) & np.isfinite(density) & (population > 0) & (density > 0)


def _plain(value: float | None) -> float | int | None:
    return int(value) if value is not None and float(value).is_integer() else value


def _name(rules: list[PeerRule]) -> dict[str, PeerRule]:
    """Give each rule a code: its status and a number, sparse and small groups first."""

    def place(rule: PeerRule) -> tuple[str, float, float]:
        return (rule.status or "", rule.density[0] or 0.0, rule.population[0] or 0.0)

    named: dict[str, PeerRule] = {}
    count: dict[str, int] = {}
    for rule in sorted(rules, key=place):
        stem = re.sub(r"[^A-Za-z0-9_-]+", "-", rule.status or "").strip("-")[:48] or "group"
        count[stem] = count.get(stem, 0) + 1
        named[f"{stem}-{count[stem]}"] = rule
    return named


def _table(named: dict[str, PeerRule], of: pd.Series, population: Floats, density: Floats) -> pd.DataFrame:
    rows = []
    for code, rule in named.items():
        members = np.flatnonzero((of == code).to_numpy())
        rows.append(
            {
                "peer_group": code,
                "size": len(members),
                "status": rule.status,
                "population_min": population[members].min(),
                "population_max": population[members].max(),
                "density_min": density[members].min(),
                "density_max": density[members].max(),
                "population_from": np.nan if rule.population[0] is None else rule.population[0],
                "population_below": np.nan if rule.population[1] is None else rule.population[1],
                "density_from": np.nan if rule.density[0] is None else rule.density[0],
                "density_below": np.nan if rule.density[1] is None else rule.density[1],
                "sentence": [{"code": "peer_group.rule", "values": rule.values()}],
                "members": [str(code) for code in of.index[members]],
            }
        )
    return pd.DataFrame(rows, columns=_TABLE_COLUMNS)


_TABLE_COLUMNS = [
    "peer_group",
    "size",
    "status",
    "population_min",
    "population_max",
    "density_min",
    "density_max",
    "population_from",
    "population_below",
    "density_from",
    "density_below",
    "sentence",
    "members",
]
