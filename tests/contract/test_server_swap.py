"""A new release takes the old one's place while requests run; a bad one does not."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import httpx
import pytest
from live import live
from tiny import tiny_release

from gis_layers.errors import SystemFault
from gis_layers.release import Store
from tile_server import ServerSettings, create_app
from tile_server.release import Current

PATHS = (
    "/collections/rating/items?limit=50",
    "/collections/rating/values?columns=level",
    "/collections/rating/tiles/WebMercatorQuad/3/2/5",
    "/collections",
    "/collections?f=html",
    "/catalogue",
)


def test_no_request_fails_while_a_release_is_exchanged(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store", only=12)
    first = store.current().id
    statuses: list[tuple[str, int]] = []
    stop = threading.Event()
    with live(ServerSettings(store.path, edition="analyst", reload_seconds=0.1)) as address:

        def ask(path: str) -> None:
            with httpx.Client(base_url=address) as client:
                while not stop.is_set():
                    statuses.append((path, client.get(path).status_code))

        threads = [threading.Thread(target=ask, args=(path,)) for path in PATHS]
        for thread in threads:
            thread.start()
        time.sleep(0.5)
        second = tiny_release(tmp_path / "store").current().id
        served = first
        for _ in range(100):
            served = httpx.get(f"{address}/readyz").json()["release"]
            if served == second:
                break
            time.sleep(0.1)
        asked_before = len(statuses)
        time.sleep(0.5)
        stop.set()
        for thread in threads:
            thread.join()
        values = httpx.get(f"{address}/collections/rating/values").json()
    assert first != second == served == values["release"]
    assert len(values["months"]) == 14
    assert 0 < asked_before < len(statuses)
    assert {status for _, status in statuses} == {200}


def test_an_answer_is_of_one_release_and_its_tag_changes_with_it(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store", only=12)
    current = Current(ServerSettings(store.path, edition="analyst", reload_seconds=0))
    before = current.snapshot
    assert not current.refresh()
    tiny_release(tmp_path / "store")
    assert current.refresh()
    assert current.snapshot is not before
    assert len(before.tables["rating"].months) == 12
    assert len(current.snapshot.tables["rating"].months) == 14
    assert before.bridge.json(_collections(), "en")["collections"]


def _collections() -> object:
    from tile_server.ogc.bridge import describe_collections

    return describe_collections


def test_a_damaged_new_release_leaves_the_old_one_in_service(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store: Store = tiny_release(tmp_path / "store", only=12)
    current = Current(ServerSettings(store.path, edition="analyst", reload_seconds=0))
    kept = current.snapshot.release
    newer = tiny_release(tmp_path / "store").current()
    (newer.folder / "analyst" / "layers" / "rating.parquet").write_bytes(b"PAR1 not at all")
    assert not current.refresh()
    assert current.snapshot.release == kept
    assert "not served" in caplog.text
    said = len(caplog.records)
    assert not current.refresh()
    assert len(caplog.records) == said
    shutil.rmtree(newer.folder)
    assert not current.refresh()
    store.rollback(kept)
    assert not current.refresh()
    assert current.snapshot.release == kept


def test_a_store_without_a_release_is_refused_at_the_start(tmp_path: Path) -> None:
    with pytest.raises(SystemFault, match="no store here"):
        create_app(ServerSettings(tmp_path / "nothing"))
    (tmp_path / "empty" / "releases").mkdir(parents=True)
    with pytest.raises(SystemFault, match="no current release"):
        create_app(ServerSettings(tmp_path / "empty"))


def test_two_workers_serve_too(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store")
    with live(ServerSettings(store.path), workers=2) as address:
        assert httpx.get(f"{address}/collections").status_code == 200


def test_a_store_that_was_given_only_the_public_edition_is_served(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store")
    shutil.rmtree(store.current().folder / "analyst")
    with live(ServerSettings(store.path)) as address:
        listed = httpx.get(f"{address}/collections").json()["collections"]
        assert "safety_latest" in {collection["id"] for collection in listed}
        assert httpx.get(f"{address}/collections/safety_latest/items").json()["numberMatched"] == 9
    with pytest.raises(SystemFault, match="no analyst edition"):
        create_app(ServerSettings(store.path, edition="analyst"))
