"""Two builds at once: one publishes after the other, or says who holds the store and ends with 3."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from small_area import ROOT, assert_sound, audan, environment, leftovers

from gis_layers import pipeline
from gis_layers.errors import SystemFault
from gis_layers.release import locked, open_store

IMPATIENT = "import sys; from gis_layers.release import publish as _; "
IMPATIENT += "sys.modules['gis_layers.release.publish'].PATIENCE = 0.2; "
IMPATIENT += "from gis_layers.cli import main; main()"


def start(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        command, cwd=ROOT, env=environment(), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_builds_at_once_publish_one_after_the_other(area: Path, store: Path) -> None:
    known = set(open_store(store).releases())
    running = [start(audan("build", area, "--store", store)) for _ in range(2)]
    ended = [build.communicate(timeout=240) for build in running]
    assert [build.returncode for build in running] == [0, 0], ended
    published = {out.strip().splitlines()[-1] for out, _ in ended}
    assert len(published) == 2
    opened = assert_sound(store, current=max(published))
    assert set(opened.releases()) == known | published
    assert leftovers(store) == []


def test_a_build_that_waited_in_vain_ends_with_3_and_names_the_holder(area: Path, store: Path) -> None:
    before = open_store(store).current().id
    command = [sys.executable, "-c", IMPATIENT, "build", str(area), "--store", str(store)]
    with locked(store):
        build = start(command)
        out, said = build.communicate(timeout=240)
        assert open_store(store).current().edition("analyst").read("rating").shape[0] > 0
    assert build.returncode == 3
    assert "another build is writing to the store: process" in said
    assert "wait for it to end" in said
    assert "Traceback" not in said
    assert out == ""
    assert_sound(store, current=before)
    assert pipeline.build(area, store).release == open_store(store).current().id != before


def test_the_lock_of_a_dead_process_is_free(area: Path, store: Path) -> None:
    hold = "import sys, time; from pathlib import Path; from gis_layers.release import locked\n"
    hold += "with locked(Path(sys.argv[1])): print('held', flush=True); time.sleep(600)"
    holder = start([sys.executable, "-c", hold, str(store)])
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(SystemFault, match=f"another build is writing to the store: process {holder.pid}"):
        open_store(store).prune(1)
    holder.kill()
    holder.communicate()
    assert json.loads((store / ".lock").read_text())["pid"] == holder.pid
    assert_sound(store, current=pipeline.build(area, store).release)
