"""How large a cell is where nobody said: a round number, and no more cells than can be handled."""

from __future__ import annotations

from itertools import count


def round_side(ground: float, *, least: float, most: int) -> float:
    """Return the least of 1, 2, 5, 10 … times a side with which some ground has at most so many square cells.

    Parameters
    ----------
    ground
        Square metres.
    least
        The smallest side, metres.
    most
        How many cells at most.

    Examples
    --------
    >>> round_side(600e6, least=500, most=10_000), round_side(600e6, least=100, most=10_000)
    (500.0, 500.0)
    """
    sides = (least * step * 10.0**power for power in count() for step in (1, 2, 5))
    return next(float(side) for side in sides if ground / side**2 <= most)
