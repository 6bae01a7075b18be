"""Readers while releases are exchanged: every answer is of one release, and none fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from live import live
from tiny import tiny_release

from gis_layers.release import Store, open_store
from tile_server import ServerSettings

ROWS_A_MONTH = 36


def months_of(swap: int) -> int:
    """Return how many months the release of a swap holds: neighbours differ."""
    return 3 + swap % 11


@pytest.mark.timeout(600)
@pytest.mark.parametrize("swaps", [8, pytest.param(60, marks=pytest.mark.slow)])
def test_swaps_are_never_seen_half(tmp_path: Path, swaps: int) -> None:
    store = tiny_release(tmp_path / "store", only=months_of(0))
    months = {store.current().id: months_of(0)}
    stop = threading.Event()
    faults: list[str] = []
    seen: list[tuple[str, str, int]] = []

    def again(work: Callable[[], tuple[str, str, int]]) -> None:
        while not stop.is_set():
            try:
                seen.append(work())
            except Exception as fault:
                faults.append(f"{type(fault).__name__}: {fault}")

    with live(ServerSettings(store.path, edition="analyst", reload_seconds=0.05)) as address:
        client = httpx.Client(base_url=address, timeout=30)

        def values() -> tuple[str, str, int]:
            answer = client.get("/collections/rating/values?columns=level").raise_for_status().json()
            assert {len(of) for of in answer["columns"]["level"]} == {9}
            assert len(answer["columns"]["level"]) == len(answer["months"])
            return "values", answer["release"], len(answer["months"])

        def items() -> tuple[str, str, int]:
            answer = client.get("/collections/rating/items?limit=3").raise_for_status()
            matched, odd = divmod(answer.json()["numberMatched"], ROWS_A_MONTH)
            assert not odd
            return "items", answer.headers["ETag"].strip('"').rsplit("-", 1)[0], matched

        def tile() -> tuple[str, str, int]:
            answer = client.get("/collections/rating/tiles/WebMercatorQuad/3/2/5").raise_for_status()
            assert answer.content
            return "tile", answer.headers["ETag"].strip('"').rsplit("-", 1)[0], 0

        def library() -> tuple[str, str, int]:
            release = open_store(store.path).current()
            edition = release.edition("analyst")
            rows = len(edition.read("rating"))
            assert rows == edition.entry("rating")["rows"]
            return "library", release.id, rows // ROWS_A_MONTH

        threads = [threading.Thread(target=again, args=(work,)) for work in (values, items, tile, library)]
        for thread in threads:
            thread.start()
        for swap in range(1, swaps + 1):
            tiny_release(store.path, only=months_of(swap))
            months[store.current().id] = months_of(swap)
        stop.set()
        for thread in threads:
            thread.join()
        client.close()
        assert httpx.get(f"{address}/readyz", timeout=30).json().get("refused") is None
    assert faults == []
    assert {name for name, _, _ in seen} == {"values", "items", "tile", "library"}
    wrong = [one for one in seen if one[0] != "tile" and months[one[1]] != one[2]]
    assert wrong == []
    assert {release for _, release, _ in seen} <= set(months)
    # How many swaps a reader sees depends on what else the machine does; two releases are one swap seen.
    for reader in ("values", "library"):
        assert len({release for name, release, _ in seen if name == reader}) >= 2, reader


def test_a_reader_that_is_overtaken_by_swap_and_prune_gets_the_new_release(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = tiny_release(tmp_path / "store", only=3)
    named = Store._named
    overtaken: list[str] = []

    def slow(reader: Store) -> str:
        name = named(reader)
        if not overtaken:
            overtaken.append(name)
            tiny_release(store.path, only=4)
            store.prune(1)
        return name

    monkeypatch.setattr(Store, "_named", slow)
    release = open_store(store.path).current()
    assert release.id > overtaken[0]
    assert open_store(store.path).releases() == [release.id]
