"""The coverages of all zooms in one file: made once per boundary set, read a zoom at a time.

Parquet with a group of rows per zoom, so that a server reads what it is asked for. The file names the boundary set
it was made of by a hash; a new month has the same one and is never tiled again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
import shapely

from ..errors import SystemFault
from .coverage import TOLERANCE, GridCoverage, grid_coverage, project
from .grid import BUFFER, EXTENT, MAX_ZOOM
from .wire import Geometries

MADE_BY = 1
"""Grows when the same boundaries would give other coverages: files of an older kind are then made anew."""

_META = b"audan"
_SCHEMA = pa.schema([("layer", pa.string()), ("code", pa.string()), ("geometry", pa.binary())])


@dataclass(frozen=True)
class Boundaries:
    """A boundary set.

    Parameters
    ----------
    codes
        District codes (n).
    lonlat
        Their polygons in degrees, a clean coverage (n).
    parents
        The parent's code of each (n); None and empty have no border.
    """

    codes: Sequence[str]
    lonlat: Geometries = field(repr=False)
    parents: npt.NDArray[np.object_] = field(repr=False)

    @cached_property
    def key(self) -> str:
        """The hash of the boundaries and of how coverages are made of them."""
        digest = hashlib.sha256(json.dumps([MADE_BY, EXTENT, BUFFER, TOLERANCE, MAX_ZOOM]).encode())
        parents = [str(parent) if isinstance(parent, str) else None for parent in self.parents]
        digest.update(json.dumps([list(self.codes), parents]).encode())
        for shape in shapely.to_wkb(self.lonlat, byte_order=1):
            digest.update(hashlib.sha256(shape).digest())
        return digest.hexdigest()

    @cached_property
    def mercator(self) -> Geometries:
        """The polygons in metres of EPSG:3857 (n), again a clean coverage."""
        return project(self.lonlat)

    def coverage(self, z: int) -> GridCoverage:
        """Make the coverage of one zoom."""
        return grid_coverage(self.mercator, self.parents, z)


def prepare(boundaries: Boundaries) -> bytes:
    """Make the coverages of every zoom, as the content of a file.

    Raises
    ------
    SystemFault
        If the districts overlap.
    """
    zooms, tables = [], []
    for z in range(MAX_ZOOM + 1):
        made = boundaries.coverage(z)
        units = made.extent // EXTENT  # of a finer grid
        smallest = float(shapely.area(made.districts).min(initial=np.inf)) / units**2
        zooms.append({"zoom": z, "extent": made.extent, "vertices": made.vertices, "smallest": smallest})
        layers = ["districts"] * len(made.districts) + ["parents"] * len(made.parents)
        shapes = shapely.to_wkb(np.concatenate([made.districts, made.borders]), byte_order=1)
        codes = [*boundaries.codes, *made.parents]
        tables.append(pa.table([layers, codes, pa.array(shapes, pa.binary())], schema=_SCHEMA))
    meta = {"boundaries": boundaries.key, "zooms": zooms}
    schema = _SCHEMA.with_metadata({_META: json.dumps(meta).encode()})
    out = pa.BufferOutputStream()
    with pq.ParquetWriter(out, schema, compression="zstd", write_page_checksum=True) as writer:
        for table in tables:
            writer.write_table(table.replace_schema_metadata(schema.metadata), row_group_size=len(table))
    return out.getvalue().to_pybytes()  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Prepared:
    """The coverages of every zoom, each read when asked for.

    Parameters
    ----------
    content
        A file that :func:`prepare` made. It is held in memory: a server goes on where its store is moved.

    Raises
    ------
    SystemFault
        When it is read, if the content is damaged or is none of coverages.
    """

    content: bytes = field(repr=False)

    @cached_property
    def meta(self) -> dict[str, Any]:
        """The hash of the boundaries; extent, vertices and area of the smallest district at each zoom."""
        with _damages():
            held = pq.read_schema(pa.BufferReader(self.content)).metadata or {}
            meta: dict[str, Any] = json.loads(held[_META])
            if len(meta["boundaries"]) != 64 or [one["zoom"] for one in meta["zooms"]] != [
                *range(MAX_ZOOM + 1)
            ]:
                raise ValueError("the metadata are of something else")
            return meta

    @property
    def key(self) -> str:
        """The hash of the boundaries that the coverages were made of."""
        return str(self.meta["boundaries"])

    @property
    def full_zoom(self) -> int:
        """The first zoom that shows the districts in full: a map may enlarge its tiles from there on.

        It has nine tenths of the finest zoom's vertices, and its smallest district is some 512 units wide.
        """
        zooms = self.meta["zooms"]
        enough = 0.9 * zooms[-1]["vertices"]
        full = (one["zoom"] for one in zooms if one["vertices"] >= enough and one["smallest"] >= 512**2)
        return next(full, MAX_ZOOM)

    def coverage(self, z: int) -> GridCoverage:
        """Read the coverage of one zoom."""
        entry = self.meta["zooms"][z]
        source = pa.BufferReader(self.content)
        with _damages(), pq.ParquetFile(source, page_checksum_verification=True) as file:
            extent, vertices = int(entry["extent"]), int(entry["vertices"])
            table = file.read_row_group(z)
            shapes = np.asarray(shapely.from_wkb(table["geometry"].to_numpy()), dtype=object)
        parent = np.asarray(table["layer"].to_numpy() == "parents")
        codes = tuple(np.asarray(table["code"].to_numpy(), dtype=object)[parent].tolist())
        return GridCoverage(z, extent, shapes[~parent], codes, shapes[parent], vertices)

    def is_whole(self, key: str) -> bool:
        """Tell whether every zoom of a boundary set is there, and every byte as it was written."""
        try:
            if self.key != key:
                return False
            for z in range(MAX_ZOOM + 1):
                self.coverage(z)
        except SystemFault:
            return False
        return True


def key_of(path: Path) -> str:
    """Return the hash of the boundaries that a file of coverages was made of; no more of it is read.

    Raises
    ------
    SystemFault
        If the file is damaged or is none of coverages.
    """
    with _damages():
        return str(json.loads((pq.read_schema(path).metadata or {})[_META])["boundaries"])


@contextmanager
def _damages() -> Iterator[None]:
    """Say in a sentence that the content is damaged, whatever the readers of its parts say."""
    try:
        yield
    except (
        OSError,
        pa.ArrowException,
        ValueError,
        KeyError,
        IndexError,
        TypeError,
        shapely.errors.ShapelyError,
    ) as error:
        raise SystemFault(
            "the tiles' geometry of the release is damaged: coverages.parquet",
            remedy="look with `audan releases verify`, and publish or roll back to another release",
        ) from error
