"""Whatever is done to the good area, it ends refused or published with a balanced ledger, soon and in little memory."""

from __future__ import annotations

import resource
import shutil
import time
from pathlib import Path

import pytest

from .command import audan, releases
from .good_area import write_area
from .mutate import mutated
from .test_catalogue import balanced_ledger, is_plain

MOST_SECONDS = 60
MOST_KILOBYTES = 4 << 20
FEW, MANY, BATCH, LARGE_BATCH = 60, 2000, 10, 100


def hold(seed: int, folder: Path) -> None:
    """Build one mutated area and hold that it ends as it should."""
    area, store = write_area(folder / "area"), folder / "store"
    done = mutated(area.parent, seed)
    began = time.monotonic()
    try:
        said = audan("build", area, "--store", store)
    except Exception as error:
        pytest.fail(f"seed {seed}, {done}: {error!r}")
    took = time.monotonic() - began
    story = f"seed {seed}, {done}, exit {said.code}: {said.err[-800:]}"
    assert took < MOST_SECONDS, story
    assert said.code in (0, 1), story
    is_plain(said)
    if said.code == 0:
        balanced_ledger(store)
    else:
        assert len(said.refusal.splitlines()) == 1, story
        assert "To mend it: " in said.refusal, story
        assert releases(store) == [], story
        assert not (store / "current").exists(), story
    shutil.rmtree(folder)


def hold_all(seeds: range, folder: Path) -> None:
    for seed in seeds:
        hold(seed, folder / str(seed))
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < MOST_KILOBYTES


@pytest.mark.parametrize("first", range(0, FEW, BATCH))
def test_mutations_end_as_they_should(first: int, tmp_path: Path) -> None:
    hold_all(range(first, first + BATCH), tmp_path)


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, MANY, LARGE_BATCH))
def test_thousands_of_mutations_end_as_they_should(first: int, tmp_path: Path) -> None:
    hold_all(range(10_000 + first, 10_000 + first + LARGE_BATCH), tmp_path)


def test_a_seed_is_the_same_everywhere(tmp_path: Path) -> None:
    """But for what was delivered in another format: workbooks and GeoPackages carry the time of writing."""
    for seed in range(30):
        areas = [write_area(tmp_path / f"{seed}-{turn}").parent for turn in range(2)]
        first, second = (mutated(area, seed) for area in areas)
        if not any(" as " in done for done in first):
            assert first == second
            for path in areas[0].iterdir():
                assert path.read_bytes() == (areas[1] / path.name).read_bytes()
