"""What the trace takes: also what an identity provider says of a caller and no file takes as it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from starlette.testclient import TestClient
from tiny import tiny_release

from gis_layers.desk import open_desk, read_looks
from tile_server import ServerSettings, create_app
from tile_server.auth.grant import Grant
from tile_server.auth.trace import Trace

SCOPE = {"path": "/collections", "query_string": b"f=json", "client": ("192.0.2.7", 1)}


def test_a_name_that_is_no_text_neither_stops_the_trace_nor_is_lost(tmp_path: Path) -> None:
    trace = Trace(tmp_path)
    trace.start()
    trace.watch(SCOPE, Grant("oidc:\ud800", "half a \udfff pair\nof lines", "analyst"), 200)
    trace.watch(SCOPE, Grant("oidc:u2", "Aigul", "analyst"), 200)
    trace.stop()
    with open_desk(tmp_path) as desk:
        assert [look.who for look in read_looks(desk)] == ["oidc:\ufffd", "oidc:u2"]
        assert next(read_looks(desk)).name == "half a \ufffd pair\ufffdof lines"


def test_an_error_that_nobody_thought_of_does_not_end_the_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from tile_server.auth import trace as module

    kept, failed = module.write_looks, []

    def fails_once(*given: object) -> None:
        if not failed:
            failed.append(given)
            raise OverflowError("no such number")
        kept(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "write_looks", fails_once)
    monkeypatch.setattr(module, "WAIT_SECONDS", 0.01)
    trace = Trace(tmp_path)
    trace.watch(SCOPE, Grant("local", "", "analyst"), 200)
    trace.start()
    for _ in range(500):
        if failed and not trace._waiting:
            break
        trace._wake.wait(0.01)
    trace.stop()
    assert "no such number" in caplog.text
    with open_desk(tmp_path) as desk:
        assert len(list(read_looks(desk))) == 1


def test_another_machine_that_calls_us_by_our_own_name_is_refused(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store").path
    app = create_app(ServerSettings(store, edition="analyst", reload_seconds=0))
    for address, status in (("127.0.0.1", 200), ("::ffff:127.0.0.1", 200), ("203.0.113.9", 421)):
        with TestClient(app, base_url="http://127.0.0.1", client=(address, 5000)) as client:
            assert client.get("/collections").status_code == status
