"""How thick incidents lie: adaptive kernel density, as rasters that any GIS reads."""

from .coarse import coarse
from .kernel import Density, Grid, adaptive_density, grid_over
from .raster import write_cog
from .trailing import Raster, density_rasters

__all__ = [
    "Density",
    "Grid",
    "Raster",
    "adaptive_density",
    "coarse",
    "density_rasters",
    "grid_over",
    "write_cog",
]
