"""PMTiles: read by GDAL and by the library, with the layer's features and columns, and whole."""

from __future__ import annotations

import gzip
import itertools
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pyogrio
import pytest
from mosaic import decoded
from pmtiles.reader import MemorySource, Reader, all_tiles
from pmtiles.tile import Compression, TileType, deserialize_directory, deserialize_header
from tiny import DISTRICTS, tiny_release

from gis_layers.errors import UsageError
from gis_layers.export import export
from gis_layers.export.pmtiles import MOST_SLICES
from gis_layers.release import Edition
from gis_layers.tiles.archive import write_archive
from gis_layers.tiles.grid import Tile
from gis_layers.tiles.mvt import feature_id


@pytest.fixture(scope="module")
def edition(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return tiny_release(tmp_path_factory.mktemp("pmtiles")).current().edition("analyst")


def verified(data: bytes) -> dict[tuple[int, int, int], bytes]:
    """Check an archive as `pmtiles verify` does, and return its tiles."""
    header = deserialize_header(data)
    assert (header["version"], header["tile_type"]) == (3, TileType.MVT)
    assert header["internal_compression"] == header["tile_compression"] == Compression.GZIP
    assert 127 + header["root_length"] <= 16384
    ends = [127]
    for part in ("root", "metadata", "leaf_directory", "tile_data"):
        name = f"{part}_offset"
        assert header[name] == ends[-1], "the parts follow one another"
        ends.append(header[name] + header[f"{part}_length"])
    assert ends[-1] == len(data)

    def entries(offset: int, length: int) -> list[Any]:
        found = []
        for one in deserialize_directory(data[offset : offset + length]):
            found += (
                [one] if one.run_length else entries(header["leaf_directory_offset"] + one.offset, one.length)
            )
        return found

    listed = entries(header["root_offset"], header["root_length"])
    for one, other in itertools.pairwise(listed):
        assert one.tile_id + one.run_length <= other.tile_id
    assert header["tile_entries_count"] == len(listed)
    assert header["addressed_tiles_count"] == sum(one.run_length for one in listed)
    spans = sorted({(one.offset, one.length) for one in listed})
    assert header["tile_contents_count"] == len(spans)
    assert spans[0][0] == 0
    assert [sum(span) for span in spans[:-1]] == [start for start, _ in spans[1:]]
    assert sum(spans[-1]) == header["tile_data_length"]
    first_seen = list(dict.fromkeys(one.offset for one in listed))
    assert header["clustered"] == (first_seen == sorted(first_seen)) is True
    tiles = {place: gzip.decompress(held) for place, held in all_tiles(MemorySource(data))}
    assert header["min_zoom"] == 0
    assert header["max_zoom"] == max(z for z, _, _ in tiles)
    assert len(set(tiles.values())) == len(spans), "equal tiles are stored once"
    return tiles


@pytest.mark.parametrize("layer", ["districts", "rating", "safety"])
def test_gdal_reads_the_layer(edition: Edition, tmp_path: Path, layer: str) -> None:
    path = tmp_path / f"{layer}.pmtiles"
    assert export(edition, layer, path) == 9
    data = path.read_bytes()
    tiles = verified(data)
    metadata = Reader(MemorySource(data)).metadata()
    described = {one["id"]: one for one in metadata["vector_layers"]}
    assert set(described) == ({"districts", "parents"} if layer == "districts" else {layer})
    types = {column["name"]: column["type"] for column in edition.entry(layer)["columns"]}
    numeric = {name for name, kind in types.items() if kind in ("integer", "number", "boolean")}
    assert {"district", "name", *numeric} <= set(described[layer]["fields"])
    assert metadata["audan"]["edition"] == "analyst"
    for held in tiles.values():
        for name, one in decoded(held).items():
            assert all(
                set(feature["properties"]) <= set(described[name]["fields"]) for feature in one["features"]
            )

    assert layer in [name for name, _ in pyogrio.list_layers(path)]
    found = pyogrio.read_dataframe(path, layer=layer)
    assert found.crs.to_epsg() == 3857
    months = edition.entry(layer)["months"]
    offences = ["all"] if "offence" in types else None
    rows = edition.read(layer, (months[-1], months[-1]) if months else None, offences).set_index("district")
    assert set(found["district"]) == set(DISTRICTS)
    assert numeric <= set(found.columns)
    for one in found.to_dict("records"):
        assert one["mvt_id"] == feature_id(one["district"])
        source = rows.loc[one["district"]]
        for name in numeric:
            value = None if source[name] is None or source[name] is np.nan else source[name]
            if value is None or value != value:
                assert one[name] is None or one[name] != one[name]
            else:
                assert float(one[name]) == pytest.approx(
                    round(value, 2) if name == "magnitude" else float(value), rel=1e-15
                ), name
    areas = found.dissolve("district").area
    meant = edition.districts().to_crs(3857).set_index("district").area
    assert (areas / meant).between(0.995, 1.005).all()


def test_several_months_are_features_of_their_own(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "rating.pmtiles"
    assert export(edition, "rating", path, month="2022-10..2022-12", offence="theft") == 27
    tiles = verified(path.read_bytes())
    features = decoded(tiles[0, 0, 0])["rating"]["features"]
    assert len(features) == 27
    rows = edition.read("rating", ("2022-10", "2022-12"), ["theft"])
    wanted = {
        (row["district"], row["month"].date().isoformat()): row["count"] for row in rows.to_dict("records")
    }
    found = {
        (one["properties"]["district"], one["properties"]["month"]): one["properties"]["count"]
        for one in features
    }
    assert found == wanted
    assert "offence" not in features[0]["properties"]
    assert Reader(MemorySource(path.read_bytes())).metadata()["audan"]["offence"] == ["theft"]


def test_a_month_is_one_slice_however_rows_are_cut(
    edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "rating.pmtiles"
    monkeypatch.setattr("gis_layers.export.select.PIECE_ROWS", 10)
    assert export(edition, "rating", path, month="2022-10..2022-12", offence="theft") == 27
    features = decoded(verified(path.read_bytes())[0, 0, 0])["rating"]["features"]
    assert len({(one["properties"]["district"], one["properties"]["month"]) for one in features}) == 27
    assert len(features) == 27


def test_every_offence_of_a_month(edition: Edition, tmp_path: Path) -> None:
    path = tmp_path / "rating.pmtiles"
    assert export(edition, "rating", path, offence="*") == 36
    features = decoded(verified(path.read_bytes())[0, 0, 0])["rating"]["features"]
    assert {one["properties"]["offence"] for one in features} == {"all", "property", "theft", "burglary"}


def test_what_no_map_could_show_is_refused(
    edition: Edition, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert MOST_SLICES == 120
    monkeypatch.setattr("gis_layers.export.pmtiles.MOST_SLICES", 50)
    path = tmp_path / "rating.pmtiles"
    with pytest.raises(UsageError, match="more than 50 months and offences"):
        export(edition, "rating", path, month="all", offence="*")
    assert not path.exists()
    with pytest.raises(UsageError, match="no shapes"):
        export(edition, "offences", tmp_path / "offences.pmtiles")


def test_the_file_is_the_same_each_time(edition: Edition, tmp_path: Path) -> None:
    for name in ("one", "two"):
        export(edition, "safety", tmp_path / f"{name}.pmtiles")
    assert (tmp_path / "one.pmtiles").read_bytes() == (tmp_path / "two.pmtiles").read_bytes()


def test_many_equal_tiles_take_no_room() -> None:
    out = BytesIO()
    tiles = [
        (Tile(z, x, y), b"sea" if x else b"land%d" % y)
        for z in range(8)
        for y in range(1 << z)
        for x in range(1 << z)
    ]
    many = write_archive(out, tiles, bbox=(-180, -85, 180, 85), metadata={"vector_layers": []})
    found = verified(out.getvalue())
    assert many == len(found) == len(tiles) == sum(4**z for z in range(8))
    assert all(found[tile.z, tile.x, tile.y] == data for tile, data in tiles)
    assert deserialize_header(out.getvalue())["tile_contents_count"] == 129
