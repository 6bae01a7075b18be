"""Shapes: encoded once per coordinate system, joined to figures as late as possible."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt
import pyproj
import shapely

from .errors import bad_request

CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"
CRS: dict[str, str] = {
    CRS84: "OGC:CRS84",
    "http://www.opengis.net/def/crs/EPSG/0/4326": "EPSG:4326",
    "http://www.opengis.net/def/crs/EPSG/0/3857": "EPSG:3857",
}
_SHORT = {short.upper(): uri for uri, short in CRS.items()}


def known_crs(text: str) -> str:
    """Return the address of a coordinate system that we serve, from its address or its short name."""
    plain = text.strip()
    if plain in CRS:
        return plain
    short = plain.strip("[]").upper().removeprefix("URN:OGC:DEF:CRS:").replace("::", ":")
    if short in _SHORT:
        return _SHORT[short]
    raise bad_request(f"crs {text[:100]!r} is not served; served are {', '.join(CRS)}")


@dataclass(frozen=True)
class Places:
    """The districts of a release, or the shapes of a layer that has its own.

    Parameters
    ----------
    codes
        District codes in the order of `districts.fgb` (n); of own shapes their numbers.
    shapes
        Their polygons or lines in degrees, longitude first (n).
    """

    codes: list[str]
    shapes: npt.NDArray[np.object_] = field(repr=False)
    _lock: Any = field(default_factory=threading.Lock, repr=False)
    _pieces: dict[str, list[bytes]] = field(default_factory=dict, repr=False)

    @cached_property
    def tree(self) -> shapely.STRtree:
        return shapely.STRtree(self.shapes)

    @cached_property
    def bbox(self) -> tuple[float, float, float, float]:
        """West, south, east and north in degrees."""
        west, south, east, north = shapely.total_bounds(self.shapes).tolist()
        return west, south, east, north

    def pieces(self, crs: str) -> list[bytes]:
        """Return the GeoJSON text of each shape (n), axes as the authority of the system orders them."""
        with self._lock:
            if crs not in self._pieces:
                self._pieces[crs] = [text.encode() for text in shapely.to_geojson(self._in(crs)).tolist()]
            return self._pieces[crs]

    def _in(self, crs: str) -> npt.NDArray[np.object_]:
        def move(xy: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
            if crs == CRS84:
                return np.asarray(xy.round(7))
            x, y = pyproj.Transformer.from_crs("OGC:CRS84", CRS[crs]).transform(xy[:, 0], xy[:, 1])
            return np.asarray(np.column_stack([x, y]).round(7 if crs.endswith("4326") else 3))

        return np.asarray(shapely.transform(shapely.orient_polygons(self.shapes), move), dtype=object)

    def touching(self, box: tuple[float, float, float, float], crs: str) -> npt.NDArray[np.bool_]:
        """Tell which shapes meet a box given in a coordinate system's own axis order (n).

        A box in degrees whose west lies east of its east crosses the antimeridian.
        """
        parts = []
        if crs.endswith("3857"):
            west, south, east, north = box
            degrees = pyproj.Transformer.from_crs(3857, 4326, always_xy=True)
            parts.append(degrees.transform_bounds(*box, densify_pts=21))
        else:
            west, south, east, north = box if crs == CRS84 else (box[1], box[0], box[3], box[2])
            parts += (
                [(west, south, east, north)]
                if west <= east
                else [(west, south, 180.0, north), (-180.0, south, east, north)]
            )
        if south > north or (crs.endswith("3857") and west > east):
            raise bad_request("bbox is written as its lower corner, then its upper corner")
        meets = np.zeros(len(self.codes), dtype=bool)
        for part in parts:
            if all(np.isfinite(part)):
                meets[self.tree.query(shapely.box(*part), predicate="intersects")] = True
        return meets
