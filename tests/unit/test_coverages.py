"""The tiles' geometry in a release: made once per boundary set, whole or made anew."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
import shapely
from tiny import shapes, tiny_release

import gis_layers.release.coverages as module
from gis_layers.errors import SystemFault
from gis_layers.export import export
from gis_layers.release.coverages import boundaries_of, cached_coverages
from gis_layers.tiles.grid import MAX_ZOOM
from gis_layers.tiles.prepared import Boundaries, Prepared, prepare


@pytest.fixture(scope="module")
def boundaries() -> Boundaries:
    return boundaries_of(shapes())


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The keys of the boundary sets that were made, as they are made."""
    calls: list[str] = []

    def counted(boundaries: Boundaries) -> bytes:
        calls.append(boundaries.key)
        return prepare(boundaries)

    monkeypatch.setattr(module, "prepare", counted)
    return calls


def test_what_was_stored_is_read_back(boundaries: Boundaries) -> None:
    stored = Prepared(prepare(boundaries))
    assert stored.is_whole(boundaries.key)
    assert not stored.is_whole("another")
    assert 0 <= stored.full_zoom <= MAX_ZOOM
    for z in (0, 7, MAX_ZOOM):
        fresh, read = boundaries.coverage(z), stored.coverage(z)
        assert (read.z, read.extent, read.vertices, read.parents) == (
            z,
            fresh.extent,
            fresh.vertices,
            ("A", "B"),
        )
        for one, other in ((fresh.districts, read.districts), (fresh.borders, read.borders)):
            assert all(shapely.equals_exact(a, b, 0) for a, b in zip(one, other, strict=True))


def test_a_boundary_set_is_made_once(tmp_path: Path, boundaries: Boundaries, made: list[str]) -> None:
    first = cached_coverages(tmp_path, boundaries)
    assert cached_coverages(tmp_path, boundaries) == first
    moved = shapes()
    moved.loc[0, "geometry"] = shapely.box(60, 50, 60.5, 50.4)
    other = boundaries_of(moved)
    assert other.key != boundaries.key
    assert cached_coverages(tmp_path, other) != first
    assert made == [boundaries.key, other.key]


@pytest.mark.parametrize("damage", ["cut", "flipped", "emptied", "gone", "no zooms"])
def test_a_damaged_file_is_made_anew(
    tmp_path: Path, boundaries: Boundaries, made: list[str], damage: str
) -> None:
    first = cached_coverages(tmp_path, boundaries)
    (path,) = (tmp_path / module.FOLDER).glob("*.parquet")
    left = path.with_name(".left.1.new")
    left.write_bytes(b"killed")
    match damage:
        case "cut":
            path.write_bytes(first[:-100])
        case "flipped":
            path.write_bytes(first[:500] + bytes([first[500] ^ 1]) + first[501:])
        case "emptied":
            path.write_bytes(b"")
        case "no zooms":
            meta = {b"audan": json.dumps({"boundaries": boundaries.key}).encode()}
            pq.write_table(pq.read_table(path).replace_schema_metadata(meta), path)
        case "gone":
            path.unlink()
    assert cached_coverages(tmp_path, boundaries) == first == path.read_bytes()
    assert made == [boundaries.key] * 2
    assert not left.exists()


def test_both_editions_hold_it_and_a_new_release_makes_none(tmp_path: Path, made: list[str]) -> None:
    store = tiny_release(tmp_path / "store")
    store = tiny_release(tmp_path / "store")
    assert len(made) == 1
    held = {path.read_bytes() for path in Path(store.path).glob("releases/*/*/tiles/coverages.parquet")}
    assert len(held) == 1
    assert len(list(Path(store.path).glob("releases/*/*/tiles/coverages.parquet"))) == 4


def test_pruning_leaves_what_a_release_was_made_with(tmp_path: Path, boundaries: Boundaries) -> None:
    store = tiny_release(tmp_path / "store")
    folder = store.path / module.FOLDER
    (used,) = folder.glob("*.parquet")
    assert used.stem == boundaries.key
    moved = shapes()
    moved.loc[0, "geometry"] = shapely.box(60, 50, 60.5, 50.4)
    # A prune and a build each remove what a failed build left, or a deleted release.
    for prune in (lambda: store.prune(1), lambda: tiny_release(store.path)):
        cached_coverages(store.path, boundaries_of(moved))
        assert len(list(folder.glob("*.parquet"))) == 2
        prune()
        assert list(folder.glob("*.parquet")) == [used]
    assert cached_coverages(store.path, boundaries) == used.read_bytes()


def test_a_release_without_it_still_has_tiles(tmp_path: Path) -> None:
    edition = tiny_release(tmp_path / "store").current().edition("public")
    before = edition.prepared().content
    (edition.folder / "tiles" / "coverages.parquet").unlink()
    assert edition.prepared().content == before


@pytest.mark.parametrize("damage", [b"", b"no parquet", None])
def test_damage_is_told_in_a_sentence(tmp_path: Path, boundaries: Boundaries, damage: bytes | None) -> None:
    edition = tiny_release(tmp_path / "store").current().edition("public")
    path = edition.folder / "tiles" / "coverages.parquet"
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + bytes(200) + whole[400:] if damage is None else damage)
    with pytest.raises(SystemFault, match="damaged"):
        export(edition, "safety", tmp_path / "safety.pmtiles")
    assert not (tmp_path / "safety.pmtiles").exists()
