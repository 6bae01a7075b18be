"""Which offences an area file asks to be searched."""

from __future__ import annotations

from collections.abc import Iterable

from ..errors import InputError, Where


def asked(offences: Iterable[str], known: Iterable[str], *, section: str) -> list[str]:
    """Return the offences that a section of the area file names, in the order of what is known.

    Raises
    ------
    InputError
        If there is no such offence.

    Examples
    --------
    >>> asked(["theft", "all"], ["all", "robbery", "theft"], section="clusters")
    ['all', 'theft']
    """
    wanted, there = set(offences), list(known)
    if unknown := sorted(wanted - set(there)):
        raise InputError(
            "an offence that is searched for is not in the codebook",
            Where(key=f"{section}.offences", value=unknown[0]),
            remedy="name codes of codes.csv",
        )
    return [code for code in there if code in wanted]
