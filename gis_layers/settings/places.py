"""`[density]`, `[clusters]` and `[spread]`: what is looked for in space, how finely, and how sure it must be."""

from __future__ import annotations

from pydantic import Field

from .kinds import Code
from .section import Section

_OFF = "False leaves the layer out."
_SOUGHT = "Offences that are searched; by default"


class CellSection(Section):
    """`[density.cell]`: side of a raster's cell by edition, metres."""

    analyst: float | None = Field(
        None,
        gt=0,
        description="By default 100, or the least of 200, 500, 1000 … that makes half a million cells at most.",
    )
    public: float | None = Field(
        None,
        ge=500,
        description="By default 1000, or the least of 2000, 5000 … that makes half a million cells at most.",
    )


class DensitySection(Section):
    """`[density]`: what is made of the points of cards."""

    enabled: bool = Field(True, description="False leaves out all that is made of the points of cards.")
    offences: tuple[Code, ...] | None = Field(
        None,
        min_length=1,
        description="Offences drawn. Default: `all` and the three largest leaves of the last year.",
    )
    cell: CellSection = CellSection()
    hotspot_cell: float | None = Field(
        None,
        gt=0,
        description="Side of a square of `hotspot_cells`, metres. By default 500, or the least of 1000, 2500, 5000 … "
        "that makes ten thousand squares at most.",
    )


class ClustersSection(Section):
    """`[clusters]`: the space-time scan."""

    enabled: bool = Field(True, description=_OFF)
    offences: tuple[Code, ...] | None = Field(
        None, description=f"{_SOUGHT} `all`, the inner nodes and the four largest leaves."
    )
    months: int = Field(60, ge=6, le=600, description="Newest months that are scanned.")
    longest: int = Field(
        12, ge=1, le=120, description="Most months in a cluster: what lasts longer is a level."
    )
    most: int = Field(
        12, ge=1, le=1000, description="Most districts in a circle: what holds more is a matter of regions."
    )
    flexible: int | None = Field(
        None, ge=2, le=12, description="Most districts in a connected shape of any form; without it, circles."
    )
    alpha: float = Field(0.05, gt=0, lt=1, description="Clusters with a larger p are not listed.")


class SpreadSection(Section):
    """`[spread]`: paths by which offences spread between districts."""

    enabled: bool = Field(True, description=_OFF)
    offences: tuple[Code, ...] | None = Field(None, description=f"{_SOUGHT} every leaf.")
    months: int | None = Field(
        None, ge=36, le=1200, description="Newest months that are searched; by default all."
    )
    alpha: float = Field(0.05, gt=0, lt=1, description="False discovery rate of chains.")
    edge_alpha: float = Field(0.01, gt=0, lt=1, description="False discovery rate of edges.")
