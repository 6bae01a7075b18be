"""Densities as Cloud-Optimized GeoTIFF: tiled, with overviews, readable by ranges of bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from ...metres import require_metres
from .kernel import Density, Grid

_BLOCK = 256


def write_cog(
    density: Density, grid: Grid, file: Path, *, crs: str, tags: Mapping[str, str] | None = None
) -> None:
    """Write a density as a Cloud-Optimized GeoTIFF.

    Parameters
    ----------
    density, grid
        What :func:`adaptive_density` gave, and where.
    file
        Where to; replaced if it is there.
    crs
        Of the grid; projected, in metres.
    tags
        More metadata. `incidents`, `incidents_outside`, `bandwidth_m`, `cell_m` and `unit` are always there. NaN,
        the declared nodata, is outside the area.

    Raises
    ------
    UsageError
        If `crs` is not of metres.
    """
    # GDAL's bindings are loaded by whoever writes a raster, and most areas have no points
    import rasterio
    from rasterio.io import MemoryFile
    from rasterio.shutil import copy as copy_raster
    from rasterio.transform import from_origin

    require_metres(crs)
    rows, columns = density.values.shape
    profile = {
        "driver": "GTiff", "height": rows, "width": columns, "count": 1, "dtype": "float32", "nodata": np.nan,
        "crs": rasterio.crs.CRS.from_user_input(crs),
        "transform": from_origin(grid.west, grid.north, grid.cell, grid.cell),
    }  # fmt: skip
    about = {
        "incidents": str(density.incidents),
        "incidents_outside": str(density.outside),
        "bandwidth_m": f"{density.bandwidth:.1f}",
        "cell_m": f"{grid.cell:g}",
        "unit": "incidents per km2",
        **(tags or {}),
    }
    with MemoryFile() as memory:
        with memory.open(**profile) as raster:
            raster.write(density.values.astype(np.float32), 1)
            raster.update_tags(**about)
            raster.set_band_description(1, "incidents per km2")
        with memory.open() as raster:
            copy_raster(
                raster, file, driver="COG", compress="DEFLATE", predictor="YES", level=9, blocksize=_BLOCK,
                overview_resampling="AVERAGE", num_threads=1, copy_src_overviews=False,
            )  # fmt: skip
