"""A store that was moved, half deleted or corrupted: what verify, the server, the commands and a build make of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from live import live
from small_area import Command, assert_sound, leftovers
from tiny import tiny_release

from gis_layers import pipeline
from gis_layers.errors import SystemFault
from gis_layers.release import open_store
from tile_server import ServerSettings, create_app
from tile_server.release import Current

ROUTES = (
    "/collections",
    "/collections?f=html",
    "/collections/rating/items?limit=20",
    "/collections/rating/items/01000.all.2022-12",
    "/collections/rating/values?columns=level",
    "/collections/rating/tiles/WebMercatorQuad/3/2/5",
    "/collections/districts/items?f=csv",
    "/styles/rating?f=maplibre",
    "/styles/rating?f=qml&lang=ru",
    "/styles/safety?f=sld",
    "/explain?district=03000&offence=theft",
    "/explain?district=01000&datetime=2022-05&lang=kk",
    "/catalogue",
    "/api",
)


def answers(address: str) -> dict[str, bytes]:
    """Return the body of every route; all must answer."""
    found = {}
    for route in ROUTES:
        answer = httpx.get(address + route, timeout=30)
        assert answer.status_code == 200, (route, answer.text)
        found[route] = answer.content.replace(address.encode(), b"ADDRESS")
    return found


@pytest.mark.parametrize("loss", ["moved", "deleted", "emptied"])
def test_a_running_server_needs_its_store_no_more(tmp_path: Path, loss: str) -> None:
    store = tiny_release(tmp_path / "store")
    kept = store.current().id
    with live(ServerSettings(store.path, edition="analyst", reload_seconds=0.05)) as address:
        if loss == "moved":
            store.path.rename(tmp_path / "elsewhere")
        elif loss == "deleted":
            shutil.rmtree(store.path)
        else:
            for path in store.current().folder.rglob("*"):
                if path.is_file():
                    path.write_bytes(b"")
        # Nothing was asked of this server before: what it answers comes from memory alone.
        without = answers(address)
        assert httpx.get(f"{address}/readyz").json()["release"] == kept
    if loss == "moved":
        with live(ServerSettings(tmp_path / "elsewhere", edition="analyst")) as address:
            assert httpx.get(f"{address}/readyz").json() == {
                "status": "ready",
                "release": kept,
                "edition": "analyst",
            }
            assert answers(address) == without
        moved = open_store(tmp_path / "elsewhere")
        assert moved.verify(kept) == []
        assert tiny_release(moved.path).current().id > kept


def remove_figures(folder: Path) -> str:
    (folder / "analyst" / "layers" / "rating.parquet").unlink()
    return "analyst/layers/rating.parquet is missing"


def remove_half(folder: Path) -> str:
    files = sorted(path for path in (folder / "analyst").rglob("*") if path.is_file())
    for path in files[::2]:
        path.unlink()
    return f"{files[0].relative_to(folder).as_posix()} is missing"


def remove_all(folder: Path) -> str:
    shutil.rmtree(folder)
    return "missing from the store"


def cut_figures(folder: Path) -> str:
    path = folder / "analyst" / "layers" / "rating.parquet"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return "analyst/layers/rating.parquet has changed"


def flip_a_bit(folder: Path) -> str:
    path = folder / "analyst" / "layers" / "rating.parquet"
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 3] ^= 4
    path.write_bytes(raw)
    return "analyst/layers/rating.parquet has changed"


def blank_catalogue(folder: Path) -> str:
    (folder / "analyst" / "catalogue.json").write_text("")
    return "analyst/catalogue.json has changed"


def folder_for_file(folder: Path) -> str:
    path = folder / "analyst" / "layers" / "rating.parquet"
    path.unlink()
    path.mkdir()
    return "analyst/layers/rating.parquet is missing"


def stray_file(folder: Path) -> str:
    (folder / "analyst" / "layers" / "other.parquet").write_bytes(b"PAR1")
    return "analyst/layers/other.parquet was added"


def manifest(text: str | bytes | None, said: str) -> Callable[[Path], str]:
    def corrupt(folder: Path) -> str:
        path = folder / "manifest.json"
        if text is None:
            path.unlink()
        else:
            path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return said

    return corrupt


def forge(folder: Path) -> str:
    """Change figures, and the manifest so that it fits them."""
    path = folder / "manifest.json"
    made = json.loads(path.read_text())
    figures = folder / "analyst" / "layers" / "rating.parquet"
    shutil.copy(folder / "analyst" / "layers" / "safety.parquet", figures)
    made["files"]["analyst/layers/rating.parquet"] = made["files"]["analyst/layers/safety.parquet"]
    path.write_text(json.dumps(made))
    return "manifest.json is not the one the release was published with"


DAMAGE = {
    "figures removed": remove_figures,
    "half of the files removed": remove_half,
    "the release removed": remove_all,
    "figures cut": cut_figures,
    "one bit flipped": flip_a_bit,
    "catalogue blank": blank_catalogue,
    "a folder for a file": folder_for_file,
    "a stray file": stray_file,
    "manifest removed": manifest(None, "manifest.json is missing"),
    "manifest blank": manifest("", "manifest.json cannot be read"),
    "manifest cut": manifest('{"format": 1, "files": {"a', "manifest.json cannot be read"),
    "manifest of zeros": manifest(b"\x00" * 4096, "manifest.json cannot be read"),
    "manifest not UTF-8": manifest(b"\xff\xfe{}", "manifest.json cannot be read"),
    "manifest a list": manifest("[]", "manifest.json cannot be read (it is no manifest)"),
    "manifest a number": manifest("7", "manifest.json cannot be read (it is no manifest)"),
    "manifest without files": manifest('{"area": "small"}', "it is no manifest"),
    "manifest of no file": manifest('{"area": "small", "files": {}}', "names no file"),
    "manifest of odd files": manifest('{"files": {"a": 1, "b": {"bytes": "x"}}}', "it is no manifest"),
    "manifest forged": forge,
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_a_damaged_release_is_named_passed_over_and_followed(
    kind: str, store: Path, area: Path, command: Command, caplog: pytest.LogCaptureFixture
) -> None:
    opened = open_store(store)
    before, damaged = opened.releases()
    served = Current(ServerSettings(store, edition="analyst", reload_seconds=0))
    assert served.snapshot.release == damaged
    said = DAMAGE[kind](opened.current().folder)

    # Verify tells the truth: about this release, and about the one before.
    verified = command("releases", "verify", "--store", store)
    assert (verified.code, said in verified.err) == (3, True), verified.err
    assert command("releases", "verify", before, "--store", store).code == 0
    assert command("releases", "list", "--store", store).code == 0
    # A command that reads it says what is wrong, or reads what is whole.
    for arguments in (
        ("layers", "--edition", "analyst"),
        ("explain", "03"),
        ("export", "rating", "--edition", "analyst", "--output", store.parent / "out.csv"),
    ):
        ended = command(*arguments, "--store", store)
        assert ended.code in (0, 2, 3), (arguments, ended)
    # A running server goes on; one that starts now serves the release before, and says so.
    assert not served.refresh()
    assert served.snapshot.release == damaged
    fresh = Current(ServerSettings(store, edition="analyst", reload_seconds=0))
    assert fresh.snapshot.release == before
    assert fresh.refused == damaged
    assert f"serving release {before} instead" in caplog.text
    assert not fresh.refresh()
    # The next build is not hindered, and takes over.
    after = pipeline.build(area, store).release
    assert after > damaged
    assert open_store(store).verify(after) == []
    assert leftovers(store) == []
    assert fresh.refresh()
    assert (fresh.snapshot.release, fresh.refused) == (after, None)


def test_verify_names_every_file_however_many(store: Path, command: Command) -> None:
    release = open_store(store).current()
    files = sorted(path for path in release.folder.rglob("*.*") if path.is_file())
    changed, added = files[0], release.folder / "public" / "more.txt"
    gone = [path for path in files[1:] if path.name != "manifest.json"][:30]
    changed.write_bytes(changed.read_bytes() + b" ")
    added.write_text("")
    for path in gone:
        path.unlink()
    name = {path: path.relative_to(release.folder).as_posix() for path in [changed, added, *gone]}
    ended = command("releases", "verify", "--store", store)
    assert ended.code == 3
    assert set(ended.out.splitlines()) == {
        f"{release.id}: {name[changed]} has changed",
        f"{release.id}: {name[added]} was added",
        *(f"{release.id}: {name[path]} is missing" for path in gone),
    }
    assert "and 22 more" in ended.err


def test_rollback_makes_the_release_before_a_damaged_one_current(store: Path, command: Command) -> None:
    opened = open_store(store)
    before, damaged = opened.releases()
    remove_figures(opened.current().folder)
    server = Current(ServerSettings(store, edition="analyst", reload_seconds=0))
    assert server.refused == damaged
    assert command("releases", "rollback", "--store", store).code == 0
    assert_sound_current(store, before)
    assert not server.refresh()
    assert (server.snapshot.release, server.refused) == (before, None)
    refused = command("releases", "rollback", damaged, "--store", store)
    assert refused.code == 3
    assert "rating.parquet is missing" in refused.err
    assert_sound_current(store, before)


def assert_sound_current(store: Path, name: str) -> None:
    opened = open_store(store)
    assert opened.current().id == name
    assert opened.verify(name) == []


def test_damage_of_the_other_edition_does_not_hinder_the_public_server(store: Path) -> None:
    opened = open_store(store)
    name = opened.current().id
    remove_figures(opened.current().folder)
    assert Current(ServerSettings(store, reload_seconds=0)).snapshot.release == name
    assert opened.verify(name, "public") == []
    assert opened.verify(name) == ["analyst/layers/rating.parquet is missing"]


def test_a_store_without_a_whole_release_is_refused(store: Path) -> None:
    opened = open_store(store)
    for name in opened.releases():
        flip_a_bit(opened.release(name).folder)
    with pytest.raises(SystemFault, match=r"no whole release.*rating\.parquet has changed"):
        create_app(ServerSettings(store, edition="analyst"))


def test_a_withdrawn_release_is_not_fallen_back_to(store: Path) -> None:
    opened = open_store(store)
    opened.rollback()
    remove_figures(opened.current().folder)
    with pytest.raises(SystemFault, match="no whole release"):
        create_app(ServerSettings(store, edition="analyst"))


CURRENT = {
    "gone": None,
    "blank": b"",
    "zeros": b"\x00" * 26,
    "not text": b"\xff\xfe\xfd",
    "a path": b"../../etc\n",
    "a path of an id": b"../20260101T000000Z-00000000\n",
    "a word": b"latest\n",
    "two ids": b"20260101T000000Z-00000000\n20260101T000000Z-00000001\n",
}


@pytest.mark.parametrize("kind", CURRENT)
def test_a_current_that_names_no_release_is_said_and_mended(
    kind: str, store: Path, area: Path, command: Command
) -> None:
    opened = open_store(store)
    served = Current(ServerSettings(store, edition="analyst", reload_seconds=0))
    kept = served.snapshot.release
    releases = opened.releases()
    content = CURRENT[kind]
    if content is None:
        (store / "current").unlink()
    else:
        (store / "current").write_bytes(content)
    said = "no current release" if content is None else "names no release"
    for arguments in (("releases", "verify"), ("releases", "verify", "--all"), ("layers",), ("serve",)):
        ended = command(*arguments, "--store", store)
        assert (ended.code, said in ended.err) == (3, True), (arguments, ended)
    assert "no current release" in command("releases", "list", "--store", store).err
    # Nobody knows which release is current: none is deleted, and the running server keeps its own.
    assert command("releases", "prune", "--keep", "1", "--store", store).code == 3
    assert opened.releases() == releases
    assert not served.refresh()
    assert served.snapshot.release == kept
    # Both remedies that the sentence names work.
    assert command("releases", "rollback", "--store", store).code == 0
    assert_sound(store, current=releases[-1])
    (store / "current").write_bytes(b"latest\n")
    after = pipeline.build(area, store).release
    assert_sound(store, current=after)
    assert served.refresh()


def test_a_current_that_is_a_folder_is_a_sentence(store: Path, area: Path, command: Command) -> None:
    (store / "current").unlink()
    (store / "current").mkdir()
    assert command("releases", "verify", "--store", store).code == 3
    ended = command("build", area, "--store", store)
    assert ended.code == 3
    assert leftovers(store) == []
    (store / "current").rmdir()
    after = pipeline.build(area, store).release
    assert_sound(store, current=after)


def test_every_release_can_be_verified_at_once(store: Path, command: Command) -> None:
    before, current = open_store(store).releases()
    whole = command("releases", "verify", "--all", "--store", store)
    assert (whole.code, whole.out.count("as its manifest says")) == (0, 2)
    flip_a_bit(open_store(store).release(before).folder)
    assert command("releases", "verify", "--store", store).code == 0
    damaged = command("releases", "verify", "--all", "--json", "--store", store)
    assert damaged.code == 3
    assert json.loads(damaged.out) == {
        "current": current,
        "releases": {before: ["analyst/layers/rating.parquet has changed"], current: []},
    }
    assert command("releases", "verify", before, "--all", "--store", store).code == 2
    assert command("releases", "verify", before, "--edition", "public", "--store", store).code == 0


def test_the_store_of_another_area_is_refused_even_if_its_newest_manifest_is_damaged(
    store: Path, area: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.toml"
    other.write_text(area.read_text().replace('id = "small"', 'id = "other"'))
    for path in area.parent.iterdir():
        if path.name != "area.toml":
            shutil.copy(path, tmp_path)
    (open_store(store).current().folder / "manifest.json").write_text("[]")
    with pytest.raises(SystemFault, match="belongs to the area 'small'"):
        pipeline.build(other, store)
