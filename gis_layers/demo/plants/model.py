"""The words of planting: switches, events and the cells they change."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Any, Literal, TypeAlias

Kind: TypeAlias = Literal[
    "outbreak",
    "fall",
    "mix",
    "completeness",
    "path",
    "reaction",
    "hotspot",
    "cluster",
    "near_repeat",
    "profile",
]


@dataclass(frozen=True)
class Plants:
    """Which kinds are planted. All events are planned whatever the switches say, so one never moves another.

    `decoys` are what must *not* be found: group and region months, lone outbreaks, late registration, drift.

    Examples
    --------
    >>> Plants.none().outbreaks, Plants(falls=False).outbreaks
    (False, True)
    """

    outbreaks: bool = True
    falls: bool = True
    mixes: bool = True
    completeness: bool = True
    paths: bool = True
    reactions: bool = True
    hotspots: bool = True
    clusters: bool = True
    near_repeats: bool = True
    profiles: bool = True
    decoys: bool = True

    @classmethod
    def none(cls) -> Plants:
        """Return switches that are all off: the clean backdrop."""
        return cls(**{each.name: False for each in fields(cls)})

    def has(self, event: Event) -> bool:
        """Say whether an event is switched on."""
        if event.decoy is not None:
            return self.decoys
        plural = {"mix": "mixes", "completeness": "completeness"}.get(event.kind, f"{event.kind}s")
        return bool(getattr(self, plural))


@dataclass(frozen=True)
class Cell:
    """One district, leaf and month (row numbers) that an event changes.

    `expected` is the backdrop's mean there; `change` the cards added (negative: taken away), as planned; `factor`
    what the mean is multiplied by where the change itself is drawn; `d` the change in units of √(φE).
    """

    district: int
    offence: int
    month: int
    expected: float
    change: int = 0
    factor: float = 1.0
    d: float | None = None
    power: float | None = None


@dataclass(frozen=True)
class Event:
    """One planted event: its kind, its size class, and its cells; `decoy` names what it only looks like."""

    id: str
    kind: Kind
    size: str
    cells: tuple[Cell, ...]
    decoy: str | None = None
    evidence: str | None = None
    detail: dict[str, Any] = field(default_factory=dict)
