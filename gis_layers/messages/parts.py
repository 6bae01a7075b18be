"""What a sentence is made of: a message's code with its values, and figures as short as a sentence needs."""

from __future__ import annotations

from typing import Any


def part(code: str, **values: Any) -> dict[str, Any]:
    """Return a message's code with its values, as columns of evidence hold it.

    Examples
    --------
    >>> part("cluster.expected", by="norm")
    {'code': 'cluster.expected', 'values': {'by': 'norm'}}
    """
    return {"code": code, "values": values}


def three_digits(value: float) -> float:
    """Return a figure with three digits: enough for a sentence, and the same on every machine.

    Examples
    --------
    >>> three_digits(1234.5), three_digits(0.000123456)
    (1230.0, 0.000123)
    """
    return float(f"{value:.3g}")


LEAST_CHANCE = 0.0001
"""Chances below it are not told apart in words: nobody knows the tail of counts so far out."""

MOST_YEARS = 1000
"""Years beyond which it does not matter how many."""


def below(chance: float) -> str:
    """Return `yes` for a chance that a sentence calls under 0.0001, else `no`.

    Examples
    --------
    >>> below(3.3e-23), below(0.0001)
    ('yes', 'no')
    """
    return "yes" if chance < LEAST_CHANCE else "no"
