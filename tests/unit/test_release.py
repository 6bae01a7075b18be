"""The store: written whole, swapped at once, told apart from a damaged one."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import numpy as np
import pyarrow.parquet as pq
import pyogrio
import pytest
from tiny import AREA, DISTRICTS, MONTHS, OFFENCES, layers, rating, shapes, tiny_release

from gis_layers.errors import InputError, SystemFault, UsageError
from gis_layers.layers.model import Layer
from gis_layers.release import Edition, Store, locked, open_store, publish
from gis_layers.sources.ledger import Ledger, SourceLedger, Tally

TESTS = Path(__file__).resolve().parent.parent


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return tiny_release(tmp_path / "store")


@pytest.fixture(scope="module")
def analyst(tmp_path_factory: pytest.TempPathFactory) -> Edition:
    return tiny_release(tmp_path_factory.mktemp("store")).current().edition("analyst")


def _publish(store: Path, **changed: object) -> str:
    import pandas as pd

    arguments: dict[str, object] = {
        "area": AREA,
        "editions": {"public": layers()[:1], "analyst": layers()},
        "ledger": Ledger(),
        "quarantine": pd.DataFrame({"source": [], "value": []}),
        "inputs": {},
        "settings": {},
    }
    return publish(store, **{**arguments, **changed})  # type: ignore[arg-type]


def test_layout_is_that_of_the_contract(store: Store) -> None:
    release = store.current()
    assert re.fullmatch(r"\d{8}T\d{6}Z-[0-9a-f]{8}", release.id)
    assert (store.path / "current").read_text() == release.id + "\n"
    present = {
        path.relative_to(release.folder).as_posix() for path in release.folder.rglob("*") if path.is_file()
    }
    for edition in ("public", "analyst"):
        assert {
            f"{edition}/catalogue.json",
            f"{edition}/geometry/districts.fgb",
            f"{edition}/geometry/parents.fgb",
            f"{edition}/layers/districts.parquet",
            f"{edition}/styles/safety.json",
        } <= present
    assert {"manifest.json", "ledger.json", "quarantine.parquet", "analyst/layers/rating.parquet"} <= present
    assert not [path for path in present if path.startswith("public/") and "rating" in path]
    assert set(release.manifest["files"]) == present - {"manifest.json"}
    assert release.manifest["area"] == "tiny"
    assert release.manifest["ledger"]["balances"] is True


def test_only_districts_hold_shapes(store: Store) -> None:
    folder = store.current().folder / "analyst"
    for path in (folder / "layers").glob("*.parquet"):
        names = pq.read_schema(path).names
        assert ("geometry" in names) == (path.stem == "districts"), path.name
    assert len(list((folder / "geometry").iterdir())) == 2


def test_shapes_keep_the_order_of_the_codes(store: Store) -> None:
    folder = store.current().folder / "public"
    assert pyogrio.read_dataframe(folder / "geometry" / "districts.fgb")["district"].tolist() == list(
        DISTRICTS
    )
    stored = gpd.read_parquet(folder / "layers" / "districts.parquet")
    assert stored["district"].tolist() == list(DISTRICTS)
    assert stored.crs.to_epsg() == 4326
    assert stored.geometry.geom_equals(shapes().geometry).all()


def test_figures_are_one_row_group_an_offence_with_plain_dates(analyst: Edition) -> None:
    file = pq.ParquetFile(analyst.path("rating"))
    assert file.metadata.num_row_groups == len(OFFENCES)
    for group, offence in enumerate(OFFENCES):
        statistics = file.metadata.row_group(group).column(1).statistics
        assert statistics.min == statistics.max == offence
    assert str(file.schema_arrow.field("month").type) == "date32[day]"
    assert file.metadata.row_group(0).column(1).compression == "ZSTD"
    assert "RLE_DICTIONARY" in file.metadata.row_group(0).column(0).encodings


def test_slices_hold_what_was_published(analyst: Edition) -> None:
    whole = rating()
    part = analyst.read(
        "rating", months=("2022-02", "2022-03"), offences=["theft", "all"], columns=["level", "district"]
    )
    expected = whole[whole["offence"].isin(["theft", "all"]) & whole["month"].isin(MONTHS[3:5])]
    assert part.columns.tolist() == ["level", "district"]
    assert part["level"].tolist() == expected["level"].astype(int).tolist()
    assert part["district"].tolist() == expected["district"].tolist()
    by_number = analyst.read(
        "rating", months=(np.datetime64("2022-02"), np.datetime64("2022-03")), offences=["theft"]
    )
    assert len(by_number) == 18
    assert by_number["month"].dtype == "datetime64[s]"
    assert analyst.read("rating", offences=["nothing"]).empty
    assert list(analyst.read("rating", offences=[]).columns) == list(whole.columns)


def test_not_collected_is_null_and_not_zero(analyst: Edition) -> None:
    first = analyst.read("rating", months=("2021-11", "2021-11"), offences=["all"]).set_index("district")
    assert first["count"].isna().tolist() == [False, True] + [False] * 7
    assert first["level"].isna()["02000"]
    assert first["count"].dtype == "Int64"


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda edition: edition.read("nothing"), "choose one of districts, offences"),
        (lambda edition: edition.read("rating", columns=["nothing"]), "no column 'nothing'"),
        (lambda edition: edition.read("districts", months=("2022-01", "2022-01")), "has no months"),
        (lambda edition: edition.read("safety", offences=["all"]), "has no offences"),
        (lambda edition: edition.read("rating", months=("2022-13", "2022-13")), "YYYY-MM"),
        (lambda edition: edition.style("offences", "sld"), "no shapes"),
        (lambda edition: edition.style("rating", "css"), "maplibre, sld or qml"),
    ],
)
def test_a_wrong_call_is_told_what_there_is(analyst: Edition, call: object, said: str) -> None:
    with pytest.raises(UsageError, match=re.escape(said)):
        call(analyst)  # type: ignore[operator]


def test_a_layer_of_the_other_edition_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the analyst edition has it"):
        store.current().edition("public").read("rating")
    # Also where only the public edition was copied to: the catalogue says it.
    alone = tmp_path / "alone"
    (store.current().folder / "public").rename(alone)
    entry = [absent for absent in Edition(alone, "x").catalogue["absent"] if absent["id"] == "rating"]
    assert entry[0]["reason"] == {"code": "absent.other_edition", "values": {"edition": "analyst"}}
    with pytest.raises(UsageError, match="rating"):
        Edition(alone, "x").read("rating")


def test_an_unknown_edition_or_release_is_refused(store: Store) -> None:
    with pytest.raises(UsageError, match="public or analyst"):
        store.current().edition("secret")
    with pytest.raises(UsageError, match="no such release"):
        store.verify("20200101T000000Z-00000000")


def test_ids_grow_and_rollback_goes_back(store: Store) -> None:
    first = store.current().id
    tiny_release(store.path, only=13)
    second = store.current().id
    assert store.releases() == sorted(store.releases()) == [first, second]
    assert store.rollback() == first == store.current().id
    with pytest.raises(UsageError, match="no release before"):
        store.rollback()
    assert store.rollback(second) == store.current().id == second
    assert store.rollback("previous") == first
    tiny_release(store.path)
    assert store.current().id == store.releases()[-1] > second


def test_verify_tells_every_kind_of_damage(store: Store) -> None:
    release = store.current()
    assert store.verify(release.id) == []
    (release.folder / "ledger.json").unlink()
    (release.folder / "public" / "extra.txt").write_text("x")
    figures = release.folder / "analyst" / "layers" / "rating.parquet"
    raw = bytearray(figures.read_bytes())
    raw[100] ^= 1
    figures.write_bytes(raw)
    assert sorted(store.verify(release.id)) == [
        "analyst/layers/rating.parquet has changed",
        "ledger.json is missing",
        "public/extra.txt was added",
    ]
    manifest = release.folder / "manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 2'))
    assert "manifest.json is not the one" in store.verify(release.id)[0]
    manifest.write_text("{")
    assert "cannot be read" in store.verify(release.id)[0]


def test_a_damaged_release_is_not_rolled_back_to(store: Store) -> None:
    first = store.current()
    tiny_release(store.path)
    (first.folder / "ledger.json").unlink()
    with pytest.raises(SystemFault, match="damaged"):
        store.rollback()
    assert store.current().id != first.id


def test_prune_keeps_the_newest_and_the_current(store: Store) -> None:
    (store.path / "desk.sqlite").write_bytes(b"desk")
    first = store.current().id
    for _ in range(3):
        tiny_release(store.path)
    releases = store.releases()
    store.rollback(first)
    assert store.prune(2) == [releases[1]]
    assert store.releases() == [first, *releases[2:]]
    assert store.current().id == first
    assert (store.path / "desk.sqlite").read_bytes() == b"desk"
    with pytest.raises(UsageError, match="at least one"):
        store.prune(0)


def test_backup_is_a_store_with_the_desk(store: Store, tmp_path: Path) -> None:
    with closing(sqlite3.connect(store.path / "desk.sqlite")) as desk:
        desk.execute("PRAGMA journal_mode=WAL")
        desk.execute("CREATE TABLE notes (text)")
        desk.execute("INSERT INTO notes VALUES ('seen')")
        desk.commit()
        # Still open: what the write-ahead log holds must be in the backup too.
        store.backup(tmp_path / "backup")
    copy = open_store(tmp_path / "backup")
    assert copy.current().id == store.current().id
    assert copy.verify(copy.current().id) == []
    assert len(copy.current().edition("analyst").read("rating")) == len(rating())
    with closing(sqlite3.connect(copy.path / "desk.sqlite")) as desk:
        assert desk.execute("SELECT text FROM notes").fetchall() == [("seen",)]
    with pytest.raises(UsageError, match="new or empty"):
        store.backup(tmp_path / "backup")


def test_a_store_belongs_to_one_area(store: Store) -> None:
    before = store.current().id
    with pytest.raises(SystemFault, match="belongs to the area 'tiny'"):
        tiny_release(store.path, area={"id": "other"})
    assert store.releases() == [before]


def test_an_unbalanced_ledger_is_not_published(tmp_path: Path) -> None:
    lost = Ledger((SourceLedger("cards", read=Tally(10, 10), counted=Tally(9, 9)),))
    with pytest.raises(InputError, match="ledger of cards does not balance"):
        _publish(tmp_path / "store", ledger=lost)
    assert not (tmp_path / "store" / "current").exists()


def test_a_failed_build_leaves_the_store_as_it_was(store: Store) -> None:
    before = sorted(path.name for path in (store.path / "releases").iterdir())
    bad = layers()
    figures = bad[3]
    frame = figures.frame.assign(count=0.5)
    bad[3] = Layer(figures.id, figures.geometry, figures.keys, figures.columns, frame, figures.period)
    with pytest.raises(InputError, match=r"does not hold integer values.*'count'"):
        _publish(store.path, editions={"public": layers()[:1], "analyst": bad})
    assert sorted(path.name for path in (store.path / "releases").iterdir()) == before


def test_figures_must_join(tmp_path: Path) -> None:
    made = layers()
    stray = made[4].frame.assign(district="nowhere")
    made[4] = Layer("safety", "polygon", made[4].keys, made[4].columns, stray, "rolling12")
    with pytest.raises(InputError, match="no shape: nowhere"):
        _publish(tmp_path / "store", editions={"analyst": made})
    with pytest.raises(InputError, match="no layer 'districts'"):
        _publish(tmp_path / "store", editions={"analyst": layers()[1:]})


def test_leftovers_of_killed_builds_are_swept(store: Store) -> None:
    (store.path / "releases" / ".building-dead" / "public").mkdir(parents=True)
    (store.path / "releases" / ".removing-dead").mkdir()
    (store.path / ".current.1.new").write_text("half")
    assert len(store.releases()) == 1
    tiny_release(store.path)
    assert not [path.name for path in (store.path / "releases").iterdir() if path.name.startswith(".")]
    assert not list(store.path.glob(".current.*"))


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules["gis_layers.release.publish"], "PATIENCE", 0.0)


def test_a_build_waits_for_another_to_end(store: Store) -> None:
    entered, leave = threading.Event(), threading.Event()

    def hold() -> None:
        with locked(store.path):
            entered.set()
            leave.wait(10)

    holder = threading.Thread(target=hold)
    holder.start()
    assert entered.wait(10)
    threading.Timer(0.5, leave.set).start()
    tiny_release(store.path)
    holder.join()
    assert len(store.releases()) == 2


def test_a_reader_sees_one_release_whole_while_others_are_published(store: Store) -> None:
    stop, faults, seen = threading.Event(), [], set()

    def read() -> None:
        while not stop.is_set():
            try:
                release = store.current()
                edition = release.edition("analyst")
                rows = len(edition.read("rating"))
                seen.add((release.id, rows, edition.entry("rating")["rows"]))
            except Exception as fault:
                faults.append(fault)

    reader = threading.Thread(target=read)
    reader.start()
    for months in (3, 5, 7):
        tiny_release(store.path, only=months)
    stop.set()
    reader.join()
    assert faults == []
    assert {rows for _, rows, _ in seen} <= {36 * months for months in (3, 5, 7, 14)}
    assert all(rows == promised for _, rows, promised in seen)
    assert len({release for release, _, _ in seen}) == len({rows for _, rows, _ in seen})


@pytest.mark.usefixtures("impatient")
def test_two_builds_do_not_collide(store: Store) -> None:
    with locked(store.path):
        with pytest.raises(SystemFault, match=f"another build is writing.*process {os.getpid()}"):
            tiny_release(store.path)
        with pytest.raises(SystemFault, match="another build"):
            store.prune(1)
        assert len(open_store(store.path).current().edition("public").districts()) == 9
    tiny_release(store.path)
    assert len(store.releases()) == 2


@pytest.mark.usefixtures("impatient")
@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_the_lock_of_a_killed_build_is_free(store: Store) -> None:
    code = f"""
        from pathlib import Path; from gis_layers.release import locked
        with locked(Path({str(store.path)!r})):
            print("held", flush=True); input()
    """
    holder = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(code)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=TESTS.parent,
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(SystemFault, match=f"process {holder.pid}"):
        tiny_release(store.path)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    tiny_release(store.path)
    assert len(store.releases()) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of POSIX")
def test_a_build_killed_at_any_step_loses_nothing(store: Store) -> None:
    """Kill a build at each of the calls that change the store's outside; the release before stays current."""
    before = store.current().id
    script = """
        import os, signal, sys
        sys.path.insert(0, {tests!r})
        from pathlib import Path
        from gis_layers.release import publish as _  # noqa
        import gis_layers.release.publish as module
        step = {step!r}
        def die(*a, **k): os.kill(os.getpid(), signal.SIGKILL)
        setattr(module, step, die)
        from tiny import tiny_release
        tiny_release(Path({store!r}))
    """
    for step in ("write_edition", "_write_json", "_seal", "flush_tree", "flush", "replace_text"):
        code = textwrap.dedent(script.format(tests=str(TESTS), step=step, store=str(store.path)))
        # `gis_layers.release.publish` names the function in the package: take the module itself.
        code = code.replace(
            "import gis_layers.release.publish as module",
            "module = sys.modules['gis_layers.release.publish']",
        )
        ended = subprocess.run([sys.executable, "-c", code], cwd=TESTS.parent, check=False)
        assert ended.returncode == -signal.SIGKILL, step
        assert store.current().id == before, step
        assert all(store.verify(release) == [] for release in store.releases()), step
    tiny_release(store.path)
    assert store.current().id > before
    assert store.verify(store.current().id) == []


def test_what_is_not_a_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(SystemFault, match="no store here"):
        open_store(tmp_path)
    (tmp_path / "releases").mkdir()
    with pytest.raises(SystemFault, match="no current release"):
        open_store(tmp_path).current()
    (tmp_path / "current").write_text("20200101T000000Z-00000000\n")
    with pytest.raises(SystemFault, match="missing from the store"):
        open_store(tmp_path).current()


def test_catalogue_is_that_of_the_contract(analyst: Edition) -> None:
    catalogue = analyst.catalogue
    assert set(catalogue) == {"area", "edition", "created", "layers", "absent"}
    assert catalogue["created"].endswith("Z")
    assert catalogue["area"]["bbox"] == [60.0, 50.0, 62.1, 51.5]
    assert catalogue["area"]["invented"] is True
    assert analyst.release not in json.dumps(catalogue)
    entry = analyst.entry("rating")
    assert set(entry) >= {
        "id",
        "title",
        "description",
        "geometry",
        "keys",
        "columns",
        "period",
        "months",
        "offences",
        "default_column",
        "classes",
        "rows",
    }
    assert entry["months"] == [str(month)[:7] for month in MONTHS]
    assert entry["offences"] == list(OFFENCES)
    assert entry["rows"] == len(rating())
    assert [one["value"] for one in entry["classes"]] == [0, 1, 2, 3, 4, 5]
    assert all(set(one["label"]) == {"en", "ru", "kk"} for one in entry["classes"])
    assert {column["name"] for column in entry["columns"]} == set(rating().columns)


def test_a_full_disk_is_a_sentence(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    import errno

    module = sys.modules["gis_layers.release.publish"]

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(module, "flush_tree", full)
    with pytest.raises(SystemFault, match=r"disk is full.*prune"):
        tiny_release(store.path)
    monkeypatch.undo()
    assert len(list((store.path / "releases").iterdir())) == 1


def test_feature_ids_must_differ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gis_layers.release.write.feature_id", lambda code: len(code))
    with pytest.raises(InputError, match="'01000' and '02000' have the same feature id"):
        tiny_release(tmp_path / "store")


_LIMITED = """
import resource, signal, sys
sys.path.insert(0, {tests!r})
from pathlib import Path
from tiny import tiny_release
from gis_layers.errors import SystemFault
from gis_layers.export import export
edition = tiny_release(Path({store!r})).current().edition("analyst")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
for limit in (500, 2_000, 8_000):
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    calls = {{".publish": lambda: tiny_release(Path({store!r}))}}
    for ending in (".geojson", ".gpkg", ".fgb", ".parquet", ".csv", ".xlsx"):
        path = Path({store!r} + ending)
        calls[ending] = lambda path=path: export(edition, "rating", path, month="all", offence="*")
    for name, call in calls.items():
        try:
            call()
        except SystemFault as fault:
            continue
        sys.exit(f"{{name}} at {{limit}} bytes did not fail")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="limits of file size are of POSIX")
def test_a_write_that_fails_anywhere_leaves_nothing(tmp_path: Path) -> None:
    """No file may grow beyond a limit, as on a full disk: every writer says so and leaves nothing behind."""
    store = tmp_path / "store"
    code = _LIMITED.format(tests=str(TESTS), store=str(store))
    ended = subprocess.run(
        [sys.executable, "-c", code], cwd=TESTS.parent, check=False, capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["store"]
    opened = open_store(store)
    assert opened.verify(opened.current().id) == []
    assert [path.name for path in (store / "releases").iterdir()] == [opened.current().id]


def test_a_store_that_cannot_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(SystemFault, match="the system refuses"):
        tiny_release(tmp_path / "file")
    with pytest.raises(SystemFault, match="the system refuses"):
        tiny_release(tmp_path / "file" / "store")
