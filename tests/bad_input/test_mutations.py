"""Whatever is done to the good area, it ends refused or published with a balanced ledger, soon and in little memory."""

from __future__ import annotations

import resource
import shutil
import time
from pathlib import Path

import pytest

from .command import audan
from .endings import failing, no_refusal, not_plain, not_untouched, unbalanced
from .good_area import write_area
from .mutate import mutated

MOST_SECONDS = 60
MOST_KILOBYTES = 4 << 20
FEW, MANY, BATCH, LARGE_BATCH = 60, 2000, 10, 100


def faults(seed: int, folder: Path) -> list[str]:
    """Build one mutated area; return how it ended otherwise than it should."""
    area, store = write_area(folder / "area"), folder / "store"
    done = mutated(area.parent, seed)
    began = time.monotonic()
    try:
        said = audan("build", area, "--store", store)
    except Exception as error:
        return [f"seed {seed}, {done}: {error!r}"]
    took = time.monotonic() - began
    found = failing({"takes too long": took < MOST_SECONDS, "another exit": said.code in (0, 1)})
    if said.code == 0:
        found += not_plain(said) + unbalanced(store)
    else:
        found += no_refusal(said) + not_untouched(store)
    shutil.rmtree(folder)
    return [f"seed {seed}, {done}, {took:.0f} s: {fault}" for fault in found]


def all_faults(seeds: range, folder: Path) -> list[str]:
    return [fault for seed in seeds for fault in faults(seed, folder / str(seed))]


def most_memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


@pytest.mark.parametrize("first", range(0, FEW, BATCH))
def test_mutations_end_as_they_should(first: int, tmp_path: Path) -> None:
    assert all_faults(range(first, first + BATCH), tmp_path) == []
    assert most_memory() < MOST_KILOBYTES


@pytest.mark.slow
@pytest.mark.parametrize("first", range(0, MANY, LARGE_BATCH))
def test_thousands_of_mutations_end_as_they_should(first: int, tmp_path: Path) -> None:
    assert all_faults(range(10_000 + first, 10_000 + first + LARGE_BATCH), tmp_path) == []
    assert most_memory() < MOST_KILOBYTES


def test_a_seed_is_the_same_everywhere(tmp_path: Path) -> None:
    """But for what was delivered in another format: workbooks and GeoPackages carry the time of writing."""
    for seed in range(30):
        areas = [write_area(tmp_path / f"{seed}-{turn}").parent for turn in range(2)]
        first, second = (mutated(area, seed) for area in areas)
        if not any(" as " in done for done in first):
            assert first == second
            for path in areas[0].iterdir():
                assert path.read_bytes() == (areas[1] / path.name).read_bytes()
