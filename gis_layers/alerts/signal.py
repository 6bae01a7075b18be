"""One kind of object for everything that goes out: a signal, whatever layer it was found in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from ..desk import Scope

Kind: TypeAlias = Literal["rating", "outbreak", "fall", "structure", "completeness"]
KINDS: tuple[Kind, ...] = ("rating", "outbreak", "fall", "structure", "completeness")
ANALYST_ONLY: tuple[Kind, ...] = ("fall", "structure", "completeness")
"""Kinds that never stand in the public edition, whatever its layers hold."""


@dataclass(frozen=True)
class Signal:
    """Something in one district and period that somebody should look at.

    Parameters
    ----------
    kind
        What was found.
    layer
        The layer it was found in.
    district, parent
        Codes of the district and of its region, if it has one.
    month
        First month of the period, ``YYYY-MM``.
    offence
        Code of the offence; `all` where it is about every one.
    attribute
        Attribute of the cards, where it is about one.
    period
        Period that it covers.
    level
        Level of the rating; None where there is none.
    values
        Figures, null where not known.
    reasons
        Why: message codes and values.

    Examples
    --------
    >>> Signal("outbreak", "dynamics", "01000", "A", "2022-12", "theft").key
    'outbreak.01000.theft.2022-12'
    """

    kind: Kind
    layer: str
    district: str
    parent: str | None
    month: str
    offence: str = "all"
    attribute: str | None = None
    period: str = "month"
    level: int | None = None
    values: Mapping[str, Any] = field(default_factory=dict)
    reasons: tuple[Mapping[str, Any], ...] = ()

    @property
    def key(self) -> str:
        """What makes it the same signal in every release."""
        return ".".join((self.kind, self.district, self.attribute or self.offence, self.month))


@dataclass(frozen=True)
class Wanted:
    """Which signals somebody asks for; empty is every one.

    Parameters
    ----------
    kinds, offences
        Kinds, and codes of offences (each for itself, not what is beneath it).
    scope
        Districts and regions.
    level
        Least level of a signal of the rating; the other kinds have none.

    Examples
    --------
    >>> theft = Signal("rating", "rating", "01000", "A", "2022-12", "theft", level=3)
    >>> Wanted(offences=("theft",)).covers(theft), Wanted(level=4).covers(theft)
    (True, False)
    """

    kinds: tuple[Kind, ...] = ()
    offences: tuple[str, ...] = ()
    scope: Scope = field(default_factory=Scope)
    level: int = 0

    def covers(self, signal: Signal) -> bool:
        """Tell whether a signal is asked for."""
        return (
            (not self.kinds or signal.kind in self.kinds)
            and (not self.offences or signal.offence in self.offences)
            and self.scope.covers(signal.district, signal.parent)
            and (signal.kind != "rating" or (signal.level or 0) >= self.level)
        )
