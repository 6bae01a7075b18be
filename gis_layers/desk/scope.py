"""The districts that somebody may see: some by name, all of some parents, or everywhere."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Scope:
    """A choice of districts.

    Parameters
    ----------
    districts
        Codes of districts.
    parents
        Codes of parents: all their districts, also those of a later release.

    Examples
    --------
    >>> Scope(parents=("A",)).covers("01000", "A"), Scope(districts=("02000",)).covers("01000", "A")
    (True, False)
    >>> EVERYWHERE.covers("01000", None)
    True
    """

    districts: tuple[str, ...] = ()
    parents: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # One order, so that equal choices are equal keys.
        object.__setattr__(self, "districts", _ordered(self.districts))
        object.__setattr__(self, "parents", _ordered(self.parents))

    @property
    def everywhere(self) -> bool:
        """Whether nothing is left out."""
        return not self.districts and not self.parents

    def covers(self, district: str, parent: str | None) -> bool:
        """Tell whether a district lies within."""
        return (
            self.everywhere or district in self.districts or (parent is not None and parent in self.parents)
        )

    def __str__(self) -> str:
        if self.everywhere:
            return "everywhere"
        parts = [f"parent {code}" for code in self.parents] + [f"district {code}" for code in self.districts]
        return ", ".join(parts)


def _ordered(codes: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(set(codes)))


EVERYWHERE = Scope()
