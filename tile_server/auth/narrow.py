"""A release narrowed to some districts: a snapshot that never held the others.

Routes do not filter by scope, so none can forget to: a caller who is limited to a region is answered from a release of
that region alone. What a row says about its own district stays, also where it was judged against others (expected,
magnitude); rows of other districts, and rows that sum up or describe several, are not there.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from gis_layers.desk import Scope
from gis_layers.layers.catalogue import Absent
from gis_layers.layers.legend import redrawn
from gis_layers.layers.model import SHAPES
from gis_layers.layers.style import styles
from gis_layers.release.edition import STYLE_ENDINGS, StyleKind
from gis_layers.release.tables import to_frame
from gis_layers.tiles.coverage import GridCoverage

from ..cache import Cache
from ..collections import collections_of
from ..ogc.bridge import Bridge
from ..places import Places
from ..release import Snapshot
from ..remembered import Remembered
from ..table import Table, make_table
from ..texts import names_of
from ..tiles.encode import Coverages, Tiler

WHOLE = ("offences",)
"""Layers that are about no district and are seen whole. Any other without districts is not seen at all."""

UNSEEN = ("hotspot_cells",)
"""Layers that have a column of districts and are about none: a square lies where it lies."""

DISTRICT_COLUMNS = ("district", "district_from", "district_to")

_RULE = (
    "peer_group", "size", "status", "population_from", "population_below", "density_from", "density_below", "sentence",
)  # fmt: skip
"""Columns of a peer group that state its rule; the others describe all its districts."""

_CACHE_SHARE = 8


@dataclass(frozen=True)
class _Part:
    """The coverages of some districts, and the borders of their parents."""

    whole: Coverages
    keep: npt.NDArray[np.bool_]
    parents: frozenset[str]

    def coverage(self, z: int) -> GridCoverage:
        whole = self.whole.coverage(z)
        seen = np.array([code in self.parents for code in whole.parents], dtype=bool)
        parents = tuple(code for code in whole.parents if code in self.parents)
        return replace(
            whole, districts=whole.districts[self.keep], parents=parents, borders=whole.borders[seen]
        )


def chosen(snapshot: Snapshot, scope: Scope) -> npt.NDArray[np.bool_]:
    """Tell which districts of a release lie within a scope (n)."""
    frame = snapshot.edition.districts()
    parents = frame["parent"].tolist() if "parent" in frame.columns else [None] * len(frame)
    pairs = zip(frame["district"].tolist(), parents, strict=True)
    return np.array(
        [scope.covers(str(code), parent if isinstance(parent, str) else None) for code, parent in pairs],
        dtype=bool,
    )


def narrowed(snapshot: Snapshot, keep: npt.NDArray[np.bool_], cache_bytes: int) -> Snapshot:
    """Return a release that holds some of the districts.

    Parameters
    ----------
    snapshot
        The whole release.
    keep
        Which districts it keeps (n), at least one.
    cache_bytes
        Memory for ready answers.
    """
    frame = snapshot.edition.districts()[keep].reset_index(drop=True)
    places = Places([str(code) for code in frame["district"]], frame.geometry.to_numpy())
    tables = {
        table.id: made
        for table in snapshot.tables.values()
        if (made := _narrow(table, frame, places, snapshot)) is not None
    }
    catalogue = _catalogue(snapshot.catalogue, tables, places)
    collections = collections_of(tables)
    languages = list(catalogue["area"]["languages"])
    parents = frozenset(frame["parent"].dropna()) if "parent" in frame.columns else frozenset()
    return replace(
        snapshot,
        edition=Remembered(catalogue, tables, frame, _styles(catalogue)),
        catalogue=catalogue,
        tables=tables,
        collections=collections,
        places=places,
        names=names_of(tables, languages),
        tiler=Tiler(places, frame, languages, _Part(snapshot.tiler.prepared, keep, parents)),
        bridge=Bridge(snapshot.release, catalogue, collections, places),
        cache=Cache(cache_bytes // _CACHE_SHARE),
    )


def _narrow(table: Table, frame: Any, places: Places, whole: Snapshot) -> Table | None:
    """Return the rows of a layer that are about the districts kept alone; None if the layer is not seen."""
    size = table.data.num_rows
    named = [name for name in DISTRICT_COLUMNS if name in table.types]
    if table.id in WHOLE:
        return table
    if table.id == "peer_groups":
        return _peer_groups(table, frame, places, whole)
    listing = "districts" in table.types
    if table.id in UNSEEN or not (named or listing):
        return None
    keep = np.ones(size, dtype=bool)
    for name in named:
        inside = pc.is_in(
            _plain(table, name).cast(pa.string()), value_set=pa.array(places.codes, pa.string())
        )
        keep &= np.asarray(pc.fill_null(inside, False).to_numpy(zero_copy_only=False), dtype=bool)
    if listing:
        lists = _plain(table, "districts").to_pylist()
        keep &= np.array([set(orjson.loads(text)) <= set(places.codes) for text in lists], dtype=bool)
    if "evidence" in table.types and (listing or len(named) > 1):
        told, others = _plain(table, "evidence").to_pylist(), set(whole.places.codes) - set(places.codes)
        for row in np.flatnonzero(keep):
            keep[row] = not _names(orjson.loads(told[row] or "null"), set(places.codes), others)
    if "path" in table.types:
        # what a path is and why it is there is told of the whole of it: whoever sees one step sees all
        paths = _plain(table, "path")
        keep &= ~np.asarray(pc.is_in(paths, value_set=paths.filter(pa.array(~keep))))
    mask = pa.array(keep)
    made = make_table(_meta(table, int(keep.sum())), lambda name: _plain(table, name).filter(mask), places)
    return _redrawn(made, whole.catalogue["area"]["languages"])


def _names(told: Any, seen: set[str], others: set[str], key: str = "") -> bool:
    """Tell whether evidence names a district that is not seen, or one that nobody knows."""
    if isinstance(told, dict):
        return any(_names(part, seen, others, name) for name, part in told.items())
    if isinstance(told, list):
        return any(_names(part, seen, others, key) for part in told)
    return told not in seen if key in DISTRICT_COLUMNS else isinstance(told, str) and told in others


def _redrawn(table: Table, languages: list[str]) -> Table:
    """Give a layer the classes of its own rows: those of all would tell where figures of other districts lie."""
    if not table.meta.get("legends"):
        return table
    named = table.rows(table.blocks(["all"] if "all" in table.offences else None))
    columns = dict.fromkeys([*table.keys, *table.meta["legends"]])
    frame = to_frame(pa.table({name: table.column(name, named) for name in columns}))
    return replace(table, meta=redrawn(table.meta, frame, languages))


def _peer_groups(table: Table, frame: Any, places: Places, whole: Snapshot) -> Table | None:
    """Keep the groups of the districts kept: their rules, and what describes all members if all are kept."""
    if "peer_group" not in frame.columns:
        return None
    everybody = whole.edition.districts()["peer_group"].dropna().tolist()
    here = frame["peer_group"].dropna().tolist()
    codes = _plain(table, "peer_group").to_pylist()
    mask = pa.array([code in set(here) for code in codes])
    complete = [here.count(code) == everybody.count(code) for code in codes if code in set(here)]

    def read(name: str) -> pa.Array:
        values = _plain(table, name).filter(mask)
        if name == "districts":
            listed = [
                [code for code in orjson.loads(text) if code in places.codes] for text in values.to_pylist()
            ]
            return pa.array([orjson.dumps(codes).decode() for codes in listed], pa.string())
        if name in _RULE or name.startswith("text_"):
            return values
        return pc.if_else(pa.array(complete, pa.bool_()), values, pa.nulls(len(values), values.type))

    return make_table(_meta(table, len(complete)), read, places)


def _styles(catalogue: dict[str, Any]) -> dict[tuple[str, StyleKind, str], str]:
    """Return the styles as they would be made from a catalogue: of its classes and its extent."""
    area = catalogue["area"]
    kinds: tuple[StyleKind, ...] = ("maplibre", "sld", "qml")
    found = {}
    for entry in catalogue["layers"]:
        files = styles(entry, area)
        for kind, lang in product(kinds if files else (), area["languages"]):
            middle = "" if kind == "maplibre" else f".{lang}"
            found[entry["id"], kind, lang] = files[f"{entry['id']}{middle}.{STYLE_ENDINGS[kind]}"]
    return found


def _plain(table: Table, name: str) -> pa.Array:
    """Return a column with its dictionary taken apart; of a layer of own shapes, `geometry` too."""
    if name == SHAPES:
        return pa.array(shapely.to_wkb(table.places.shapes[table.place]), pa.binary())
    column = table.data.column(name).chunk(0)
    return column.dictionary_decode() if pa.types.is_dictionary(column.type) else column


def _meta(table: Table, rows: int) -> dict[str, Any]:
    return {**table.meta, "rows": rows}


def _catalogue(catalogue: dict[str, Any], tables: dict[str, Table], places: Places) -> dict[str, Any]:
    layers = [tables[entry["id"]].meta for entry in catalogue["layers"] if entry["id"] in tables]
    area = {**catalogue["area"], "bbox": list(places.bbox)}
    area["breaks"] = _breaks(area.get("breaks", []), set(places.codes))
    withheld = [Absent(e["id"], "absent.beyond_scope") for e in catalogue["layers"] if e["id"] not in tables]
    absent = [*catalogue.get("absent", []), *(one.as_dict(area["languages"]) for one in withheld)]
    return {**catalogue, "area": area, "layers": layers, "absent": absent}


def _breaks(breaks: list[dict[str, Any]], known: set[str]) -> list[dict[str, Any]]:
    """Return the breaks that touch what a caller may see, without the districts that they may not."""
    kept = []
    for one in breaks:
        named = one["districts"]
        mine = None if named is None else [code for code in named if code in known]
        if mine is None or mine:
            kept.append({**one, "districts": mine})
    return kept
