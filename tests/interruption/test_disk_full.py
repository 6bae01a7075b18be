"""A disk that fails or fills: a sentence and exit 3, nothing half-written, and the next build succeeds.

Without root no disk can be filled. So every step of publishing fails here in its turn with what the system says
of a full disk; and a limit on the size of files makes the libraries below Python fail while they write.
"""

from __future__ import annotations

import errno
import os
import resource
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from small_area import Command, assert_sound, leftovers, run

from gis_layers import pipeline
from gis_layers.errors import SystemFault
from gis_layers.release import open_store
from gis_layers.scratch import scratch

Publish = Callable[[], str]


class Steps:
    """Counts the calls of a function of the system, and lets one of them fail."""

    def __init__(self, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
        self.calls, self.failing, self.number = 0, -1, errno.ENOSPC
        real = getattr(os, name)

        def call(*arguments: Any, **more: Any) -> Any:
            self.calls += 1
            if self.calls - 1 == self.failing:
                raise OSError(self.number, os.strerror(self.number), str(arguments[0]))
            return real(*arguments, **more)

        monkeypatch.setattr(os, name, call)

    def again(self, failing: int = -1, number: int = errno.ENOSPC) -> None:
        """Count anew; the call of that number fails."""
        self.calls, self.failing, self.number = 0, failing, number


@pytest.fixture
def publish(area: Path, store: Path, tmp_path: Path) -> Publish:
    """Publish what was read and judged once: the part of a build that writes to the store."""
    inputs = pipeline.read(area, tmp_path)
    judged = pipeline.judge(inputs)
    return lambda: pipeline.publish(store, inputs, judged)


@contextmanager
def files_up_to(size: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)


def test_a_disk_that_is_full_at_any_flush_leaves_the_store_as_it_was(
    publish: Publish, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flushes = Steps("fsync", monkeypatch)
    before = publish()
    of_all = flushes.calls
    files = len(open_store(store).current().manifest["files"])
    # Every file and the manifest, and the folders that hold them, and `current` and its folder.
    assert of_all > files + 5
    last = of_all - 1  # flushes the folder after `current` was replaced: then the new release is current
    for step in [*range(0, last, 9), last - 2, last - 1]:
        flushes.again(step)
        with pytest.raises(SystemFault, match="the disk is full"):
            publish()
        assert flushes.calls == step + 1
        assert_sound(store, current=before)
        assert leftovers(store) == []
    flushes.again()
    after = publish()
    assert after > before
    assert_sound(store, current=after)


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EIO])
def test_neither_rename_may_fail_half(
    publish: Publish, store: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    renames = Steps("replace", monkeypatch)
    before = publish()
    of_all = renames.calls
    assert of_all >= 2
    for step in range(of_all):
        renames.again(step, number)
        with pytest.raises(SystemFault):
            publish()
        assert_sound(store, current=before)
        assert leftovers(store) == []
    renames.again()
    assert_sound(store, current=publish())


def test_everything_is_flushed_before_current_names_it(
    publish: Publish, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a power cut `current` may name the old release or the new one, but nothing that is not on the disk."""
    log: list[tuple[str, str]] = []
    fsync, replace = os.fsync, os.replace

    def flushed(handle: int) -> None:
        log.append(("flush", str(Path(f"/proc/self/fd/{handle}").readlink())))
        fsync(handle)

    def renamed(source: Any, target: Any, **more: Any) -> None:
        log.append(("rename", os.fspath(target)))
        replace(source, target, **more)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", renamed)
    release = publish()
    folder = store / "releases" / release
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*")]
    begun = next(path for kind, path in log if kind == "flush").split("/.building-")[1].split("/")[0]
    building = store / "releases" / f".building-{begun}"
    named = log.index(("rename", str(folder)))
    assert {str(building / name) for name in names} | {str(building)} <= {
        path for kind, path in log[:named] if kind == "flush"
    }
    rest = log[named + 1 :]
    assert rest[0] == ("flush", str(store / "releases"))
    assert [kind for kind, _ in rest[1:]] == ["flush", "rename", "flush"]
    assert rest[2] == ("rename", str(store / "current"))
    assert rest[3] == ("flush", str(store))


@pytest.mark.parametrize("limit", [1, 300, 1_000, 3_000, 9_000, 20_000])
def test_a_library_that_cannot_write_on_leaves_the_store_as_it_was(
    publish: Publish, store: Path, limit: int
) -> None:
    before = open_store(store).current().id
    with files_up_to(limit), pytest.raises(SystemFault, match="To mend it"):
        publish()
    assert_sound(store, current=before)
    assert leftovers(store) == []
    assert_sound(store, current=publish())


def test_a_rollback_on_a_full_disk_changes_nothing(store: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = open_store(store)
    first, second = opened.releases()
    flushes = Steps("fsync", monkeypatch)
    flushes.again(0)
    with pytest.raises(SystemFault, match="the disk is full"):
        opened.rollback()
    assert_sound(store, current=second)
    assert leftovers(store) == []
    assert opened.rollback() == first


def test_working_files_without_room_are_said(tmp_path: Path, area: Path, store: Path) -> None:
    before = open_store(store).current().id
    with files_up_to(200), pytest.raises(SystemFault, match="working files cannot be written"):
        pipeline.build(area, store)
    assert_sound(store, current=before)
    with pytest.raises(SystemFault, match="TMPDIR"), scratch(tmp_path) as folder, files_up_to(10):
        (folder / "rows").write_bytes(b"x" * 100)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith("audan-")] == []


def test_a_failed_backup_leaves_nothing(store: Path, tmp_path: Path, command: Command) -> None:
    with files_up_to(3_000):
        ended = command("releases", "backup", "--store", store, "--output", tmp_path / "backup")
    assert ended.code == 3, ended.err
    assert list((tmp_path / "backup").iterdir()) == []
    assert command("releases", "backup", "--store", store, "--output", tmp_path / "backup").code == 0
    assert_sound(tmp_path / "backup", current=open_store(store).current().id)


def test_a_file_that_may_not_grow_ends_the_command_with_3(area: Path, store: Path) -> None:
    before = open_store(store).current().id
    ended = run("build", area, "--store", store, file_bytes=3_000)
    assert ended.returncode == 3, ended.stderr
    assert "To mend it" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert "unforeseen" not in ended.stderr
    assert_sound(store, current=before)
    assert leftovers(store) == []
    pipeline.build(area, store)
