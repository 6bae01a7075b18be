"""`kill -9` at any moment of `audan build`: the release before is served, the next build succeeds and sweeps up."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from pathlib import Path

import pytest
from small_area import ROOT, assert_sound, audan, environment, leftovers, run

from gis_layers import pipeline
from gis_layers.release import open_store
from gis_layers.scratch import scratch

SPOOLED = "audan-*"


def start(area: Path, store: Path, tmp: Path) -> subprocess.Popen[bytes]:
    """Start a real build, in a group of its own."""
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen(
        audan("build", area, "--store", store),
        cwd=ROOT,
        env=environment(tmp),
        start_new_session=True,
        **quiet,
    )


def writing(store: Path) -> bool:
    """Tell whether a release is being written right now."""
    return any(entry.name.startswith(".building-") for entry in os.scandir(store / "releases"))


def wait_until_writing(build: subprocess.Popen[bytes], store: Path) -> None:
    while build.poll() is None and not writing(store):
        time.sleep(0.001)


def measure(area: Path, store: Path, tmp: Path) -> tuple[float, float]:
    """Return the seconds that a whole build takes, and those of it that it writes a release."""
    began = time.monotonic()
    build = start(area, store, tmp)
    wait_until_writing(build, store)
    wrote = time.monotonic()
    assert build.wait() == 0
    ended = time.monotonic()
    return ended - began, ended - wrote


def kill_builds(area: Path, store: Path, tmp: Path, times: int, seed: int) -> Counter[str]:
    """Kill so many builds and hold the store to its promises after each; return what was caught.

    Every other kill falls anywhere within a build, the others within the writing of a release: those are
    the ones that could hurt.
    """
    rng, caught = random.Random(seed), Counter[str]()
    whole, publishing = measure(area, store, tmp)
    for number in range(times):
        before = open_store(store).current().id
        known = set(open_store(store).releases())
        build = start(area, store, tmp)
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
        caught[
            "ended"
            if code == 0
            else "writing"
            if writing(store)
            else "swapped"
            if now != before
            else "sealed"
            if new
            else "reading"
        ] += 1
        after = pipeline.build(area, store).release
        assert after > max(known)
        assert_sound(store, current=after)
        assert leftovers(store) == []
        open_store(store).prune(2)
    return caught


@pytest.mark.timeout(600)
def test_twenty_kills_lose_nothing(area: Path, store: Path, tmp_path: Path) -> None:
    caught = kill_builds(area, store, _folder(tmp_path / "tmp"), 20, seed=3)
    assert caught.total() == 20
    assert caught["writing"] >= 3, caught
    ended = run("build", area, "--store", store)
    assert ended.returncode == 0, ended.stderr
    assert leftovers(store) == []


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_two_hundred_kills_lose_nothing(area: Path, store: Path, tmp_path: Path) -> None:
    caught = kill_builds(area, store, _folder(tmp_path / "tmp"), 200, seed=int(time.time()))
    assert caught.total() == 200
    assert caught["writing"] >= 30, caught


def _folder(path: Path) -> Path:
    path.mkdir()
    return path


def test_the_first_build_of_a_store_may_be_killed_too(area: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    build = start(area, store, tmp_path)
    while build.poll() is None and not ((store / "releases").is_dir() and writing(store)):
        time.sleep(0.001)
    build.kill()
    build.wait()
    assert not (store / "current").exists()
    ended = run("releases", "verify", "--store", store)
    assert (ended.returncode, "no current release" in ended.stderr) == (3, True), ended.stderr
    release = pipeline.build(area, store).release
    assert_sound(store, current=release)
    assert leftovers(store) == []


def test_the_working_files_of_a_killed_build_are_removed_by_a_later_one(
    area: Path, store: Path, tmp_path: Path
) -> None:
    tmp = _folder(tmp_path / "tmp")
    build = start(area, store, tmp)
    while build.poll() is None and not list(tmp.glob(f"{SPOOLED}/*.parquet")):
        time.sleep(0.001)
    build.kill()
    build.wait()
    (left,) = tmp.glob(SPOOLED)
    hour_ago = time.time() - 3600
    with scratch(tmp) as used:
        os.utime(used, (hour_ago, hour_ago))
        foreign = _folder(tmp / "audan-of-somebody-else")
        os.utime(foreign, (hour_ago, hour_ago))
        ended = run("build", area, "--store", store, tmp=tmp)
        assert ended.returncode == 0, ended.stderr
        assert left.exists(), "a folder that was made this minute may be in use"
        os.utime(left, (hour_ago, hour_ago))
        ended = run("build", area, "--store", store, tmp=tmp)
        assert ended.returncode == 0, ended.stderr
        assert not left.exists()
        assert used.exists()
        assert foreign.exists()
    assert not used.exists()


def test_ctrl_c_ends_a_build_in_one_sentence(area: Path, store: Path, tmp_path: Path) -> None:
    before = open_store(store).current().id
    tmp = _folder(tmp_path / "tmp")
    build = subprocess.Popen(
        audan("build", area, "--store", store),
        cwd=ROOT,
        env=environment(tmp),
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    wait_until_writing(build, store)  # type: ignore[arg-type]
    build.send_signal(signal.SIGINT)
    out, said = build.communicate(timeout=60)
    if build.returncode:
        assert build.returncode == 130
        assert out == ""
        assert "interrupted" in said
        assert_sound(store, current=before)
    assert "Traceback" not in said
    assert leftovers(store) == []
    assert list(tmp.iterdir()) == []
