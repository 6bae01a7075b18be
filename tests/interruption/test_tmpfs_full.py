"""A disk that is really full, a tmpfs that only root may mount; what needs no root is in `test_disk_full.py`."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from small_area import assert_sound, leftovers, run

from gis_layers import pipeline
from gis_layers.errors import SystemFault
from gis_layers.release import open_store

pytestmark = pytest.mark.slow

FREE_BYTES = (0, 12_288, 61_440, 131_072)


def fill(disk: Path, *, free: int) -> Path:
    """Leave only so many bytes of a disk."""
    filler = disk / "filler"
    filler.unlink(missing_ok=True)
    space = os.statvfs(disk)
    filler.write_bytes(b"x" * max(space.f_bavail * space.f_bsize - free, 0))
    return filler


def test_a_full_disk_leaves_the_store_as_it_was(area: Path, small_disk: Path) -> None:
    store = small_disk / "store"
    before = pipeline.build(area, store).release
    refused = 0
    for free in FREE_BYTES:
        filler = fill(small_disk, free=free)
        said = ""
        try:
            before = pipeline.build(area, store).release
        except SystemFault as fault:
            said = str(fault)
            refused += 1
        assert not said or "the disk is full" in said
        assert_sound(store, current=before)
        assert leftovers(store) == [], free
        filler.unlink()
    assert refused >= 2
    after = pipeline.build(area, store).release
    assert_sound(store, current=after)


def test_a_full_disk_ends_the_command_with_3_and_prune_makes_room(area: Path, small_disk: Path) -> None:
    store = small_disk / "store"
    pipeline.build(area, store)
    before = pipeline.build(area, store).release
    fill(small_disk, free=0)
    ended = run("build", area, "--store", store)
    assert ended.returncode == 3
    assert "the disk is full" in ended.stderr
    assert "audan releases prune" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""
    assert run("releases", "verify", "--all", "--store", store).returncode == 0
    pruned = run("releases", "prune", "--keep", "1", "--store", store)
    assert pruned.returncode == 0, pruned.stderr
    assert open_store(store).releases() == [before]
    (small_disk / "filler").unlink()
    after = pipeline.build(area, store).release
    assert_sound(store, current=after)


def test_a_rollback_that_finds_no_room_changes_nothing(area: Path, small_disk: Path) -> None:
    store = small_disk / "store"
    first = pipeline.build(area, store).release
    second = pipeline.build(area, store).release
    filler = fill(small_disk, free=0)
    with pytest.raises(SystemFault, match="the disk is full"):
        open_store(store).rollback()
    assert_sound(store, current=second)
    assert leftovers(store) == []
    filler.unlink()
    assert open_store(store).rollback() == first


def test_no_room_for_working_files_is_said_and_nothing_is_published(
    area: Path, store: Path, small_disk: Path
) -> None:
    before = open_store(store).current().id
    # Python itself passes over a TMPDIR in which not even a few bytes can be written: some room is left.
    fill(small_disk, free=8_192)
    ended = run("build", area, "--store", store, tmp=small_disk)
    assert ended.returncode == 3, ended.stderr
    assert "working files cannot be written: No space left" in ended.stderr
    assert "TMPDIR" in ended.stderr
    assert_sound(store, current=before)
    assert [path.name for path in small_disk.iterdir()] == ["filler"]


def test_a_backup_that_finds_no_room_is_told_from_a_whole_one(store: Path, small_disk: Path) -> None:
    fill(small_disk, free=40_960)
    with pytest.raises(SystemFault, match="the disk is full"):
        open_store(store).backup(small_disk / "backup")
    assert list((small_disk / "backup").iterdir()) == []
    (small_disk / "filler").unlink()
    open_store(store).backup(small_disk / "backup")
    assert_sound(small_disk / "backup", current=open_store(store).current().id)
