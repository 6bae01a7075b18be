"""`[density]`: what is made of the points of cards: density rasters, hotspot cells, near repeats."""

from __future__ import annotations

from pydantic import Field

from .kinds import Code
from .section import Section


class CellSection(Section):
    """`[density.cell]`: side of a raster's cell by edition, metres."""

    analyst: float | None = Field(
        None, gt=0, description="By default 100, or the least of 200, 500, 1000 … that makes half a million cells at most."
    )
    public: float | None = Field(
        None, ge=500, description="By default 1000, or the least of 2000, 5000 … that makes half a million cells at most."
    )


class DensitySection(Section):
    """`[density]`: what is made of the points of cards."""

    enabled: bool = Field(True, description="Whether anything is made of points; false leaves the layers out.")
    offences: tuple[Code, ...] | None = Field(
        None, min_length=1, description="Offences drawn. Default: `all` and the three largest leaves of the last year."
    )
    cell: CellSection = CellSection()
    hotspot_cell: float | None = Field(
        None,
        gt=0,
        description="Side of a square of `hotspot_cells`, metres. By default 500, or the least of 1000, 2500, 5000 … "
        "that makes ten thousand squares at most.",
    )
