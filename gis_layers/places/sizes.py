"""How large a cell is: where nobody said, a round number, and in any case no more cells than can be handled."""

from __future__ import annotations

from itertools import count

import numpy as np

from ..errors import InputError, Where
from ..limits import RASTER_CELLS, SQUARES
from ..settings.places import DensitySection


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


def refuse_small_sides(
    density: DensitySection, *, bounds: tuple[float, float, float, float], ground: float
) -> None:
    """Refuse sides with which an area would have too many cells, before it is judged for minutes.

    Parameters
    ----------
    density
        What the area file says.
    bounds
        West, south, east and north of the area, metres.
    ground
        Square metres.

    Raises
    ------
    InputError
        Naming the key of the area file.

    Examples
    --------
    >>> try:
    ...     refuse_small_sides(DensitySection(hotspot_cell=1), bounds=(0, 0, 12_000, 12_000), ground=144e6)
    ... except InputError as error:
    ...     print(error.where)
    key 'density.hotspot_cell', value 1.0
    """
    west, south, east, north = bounds
    for edition, side in density.cell:
        # as the cells lie: on whole multiples of their side; what overflows is no number, and too many
        if side is not None and not _steps(west, east, side) * _steps(south, north, side) <= RASTER_CELLS:
            raise _refused(f"density.cell.{edition}", side, "raster cells", RASTER_CELLS)
    side = density.hotspot_cell
    if side is not None and ground > SQUARES * side * side:
        raise _refused("density.hotspot_cell", side, "squares", SQUARES)


def _steps(start: float, stop: float, side: float) -> float:
    return float(np.ceil(stop / side)) - float(np.floor(start / side))


def _refused(key: str, side: float, what: str, most: int) -> InputError:
    return InputError(
        f"with cells of {side:g} m the area has more than {most:,} {what}",
        Where(key=key, value=side),
        remedy="write a larger side, or leave the key out: then it is chosen",
    )
