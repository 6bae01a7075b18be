"""`kill -9` at any moment of `audan build`: the release before is served, the next build succeeds and sweeps up."""

from __future__ import annotations

import itertools
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeAlias

import pytest
from small_area import ROOT, assert_sound, audan, environment, leftovers, run
from warm import Build, Warm, warm

from gis_layers import pipeline
from gis_layers.release import open_store
from gis_layers.scratch import scratch

SPOOLED = "audan-*"


Running: TypeAlias = "Build | subprocess.Popen[str]"


@pytest.fixture(scope="module")
def builds() -> Iterator[Warm]:
    """Builds that begin at once."""
    with warm() as made:
        yield made


def writing(store: Path) -> bool:
    """Tell whether a release is being written right now."""
    folder = store / "releases"
    return folder.is_dir() and any(entry.name.startswith(".building-") for entry in os.scandir(folder))


def wait_until_writing(build: Running, store: Path) -> None:
    while build.poll() is None and not writing(store):
        time.sleep(0.001)


def measure(builds: Warm, area: Path, store: Path, tmp: Path) -> tuple[float, float]:
    """Return the seconds that a whole build takes, and those of it that it writes a release."""
    began = time.monotonic()
    build = builds.start("build", area, "--store", store, tmp=tmp)
    wait_until_writing(build, store)
    wrote = time.monotonic()
    assert build.wait() == 0
    ended = time.monotonic()
    return ended - began, ended - wrote


def kill_builds(builds: Warm, area: Path, store: Path, tmp: Path, times: int, seed: int) -> Counter[str]:
    """Kill so many builds and hold the store to its promises after each; return what was caught.

    Every other kill falls anywhere within a build, the others within the writing of a release: those are
    the ones that could hurt. A build that ended before its kill came does not count, and the next kills
    come a little earlier: how long a build takes depends on what else the machine does.
    """
    rng, caught = random.Random(seed), Counter[str]()
    whole, publishing = measure(builds, area, store, tmp)
    for number in itertools.count():
        if caught.total() == times:
            break
        before = open_store(store).current().id
        known = set(open_store(store).releases())
        build = builds.start("build", area, "--store", store, tmp=tmp)
        if number % 2:
            wait_until_writing(build, store)
            time.sleep(rng.uniform(0, publishing))
        else:
            time.sleep(rng.uniform(0, whole))
        build.send_signal(signal.SIGKILL)
        code = build.wait()
        new = set(open_store(store).releases()) - known
        now = open_store(store).current().id
        # Killed before the swap the old one is current, after it the new one: and nothing in between.
        assert len(new) <= 1
        assert now == before or {now} == new
        assert_sound(store, current=now)
        if code == 0:
            whole, publishing = whole * 0.8, publishing * 0.8
            continue
        whole, publishing = whole * 1.03, publishing * 1.03
        swapped = "swapped" if now != before else "sealed" if new else "reading"
        caught["writing" if writing(store) else swapped] += 1
        after = pipeline.build(area, store).release
        assert after > max(known)
        assert_sound(store, current=after)
        assert leftovers(store) == []
        open_store(store).prune(2)
    return caught


@pytest.mark.timeout(600)
def test_some_kills_lose_nothing(builds: Warm, area: Path, store: Path, tmp_path: Path) -> None:
    caught = kill_builds(builds, area, store, _folder(tmp_path / "tmp"), 6, seed=3)
    assert caught.total() == 6
    assert caught["writing"] >= 1, caught


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_two_hundred_kills_lose_nothing(builds: Warm, area: Path, store: Path, tmp_path: Path) -> None:
    seed = int(time.time())
    caught = kill_builds(builds, area, store, _folder(tmp_path / "tmp"), 200, seed=seed)
    sys.stderr.write(f"seed {seed}, killed while {dict(caught)}\n")
    assert caught.total() == 200
    assert caught["writing"] >= 40, caught


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_the_first_build_of_a_store_may_be_killed_too(builds: Warm, area: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    build = builds.start("build", area, "--store", store, tmp=tmp_path)
    wait_until_writing(build, store)
    build.send_signal(signal.SIGKILL)
    build.wait()
    assert not (store / "current").exists()
    ended = run("releases", "verify", "--store", store)
    assert (ended.returncode, "no current release" in ended.stderr) == (3, True), ended.stderr
    release = pipeline.build(area, store).release
    assert_sound(store, current=release)
    assert leftovers(store) == []


def test_the_working_files_of_a_killed_build_are_removed_by_a_later_one(
    builds: Warm, area: Path, store: Path, tmp_path: Path
) -> None:
    tmp = _folder(tmp_path / "tmp")
    build = builds.start("build", area, "--store", store, tmp=tmp)
    while build.poll() is None and not list(tmp.glob(f"{SPOOLED}/*.parquet")):
        time.sleep(0.001)
    build.send_signal(signal.SIGKILL)
    build.wait()
    (left,) = tmp.glob(SPOOLED)
    hour_ago = time.time() - 3600
    with scratch(tmp) as used:
        os.utime(used, (hour_ago, hour_ago))
        foreign = _folder(tmp / "audan-of-somebody-else")
        os.utime(foreign, (hour_ago, hour_ago))
        assert builds.start("build", area, "--store", store, tmp=tmp).wait() == 0
        assert left.exists(), "a folder that was made this minute may be in use"
        os.utime(left, (hour_ago, hour_ago))
        assert builds.start("build", area, "--store", store, tmp=tmp).wait() == 0
        assert not left.exists()
        assert used.exists()
        assert foreign.exists()
    assert not used.exists()


def read_something(_: Path, tmp: Path) -> bool:
    return bool(list(tmp.glob(f"{SPOOLED}/*.parquet")))


def write_something(store: Path, _: Path) -> bool:
    return writing(store)


@pytest.mark.parametrize("begun", [read_something, write_something])
def test_ctrl_c_ends_a_build_in_one_line(
    begun: Callable[[Path, Path], bool], area: Path, store: Path, tmp_path: Path
) -> None:
    tmp = _folder(tmp_path / "tmp")
    for _ in range(5):
        before = open_store(store).current().id
        build = subprocess.Popen(
            audan("build", area, "--store", store),
            cwd=ROOT,
            env=environment(tmp),
            stderr=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            # A shell starts what runs in the background with the signal ignored.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
        )
        while build.poll() is None and not begun(store, tmp):
            time.sleep(0.001)
        build.send_signal(signal.SIGINT)
        out, said = build.communicate(timeout=60)
        assert leftovers(store) == []
        assert list(tmp.iterdir()) == []
        if build.returncode:  # else it was done before the signal came: once more
            break
    assert build.returncode == 130
    assert out == ""
    assert said.splitlines() == ["audan: interrupted; nothing half-done is left"]
    assert_sound(store, current=before)
