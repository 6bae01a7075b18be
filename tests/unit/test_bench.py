"""The benchmarks' own parts: what a figure says, the client that loads a server, shortened inputs, the command."""

from __future__ import annotations

import json
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gis_layers.cli import bench, main
from gis_layers.errors import UsageError

ROOT = Path(__file__).resolve().parents[2]
bench.load(ROOT / "benchmarks")

from benchmarks import page, run  # noqa: E402
from benchmarks.areas import Area  # noqa: E402
from benchmarks.figure import Figure  # noqa: E402
from benchmarks.load import LoadError, rate  # noqa: E402
from benchmarks.newest_month import lengthen, shorten_demo, shorten_london  # noqa: E402


class Answers(BaseHTTPRequestHandler):
    """Answers `/yes` with four bytes and counts; everything else is not found."""

    protocol_version = "HTTP/1.1"
    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        body = b"good" if self.path.startswith("/yes") else b""
        self.send_response(200 if body else 404)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def address() -> Iterator[str]:
    Answers.asked = []
    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_a_ratio_above_one_is_always_better_than_the_peer() -> None:
    assert Figure("rate", 300, "requests/s", higher=True, peer="other", peer_value=100).ratio == 3
    assert Figure("time", 2, "s", peer="other", peer_value=1).ratio == 0.5
    assert Figure("alone", 2, "s").ratio is None
    assert [Figure("f", 5, "s", goal=goal).reached for goal in (4, 5, None)] == [False, True, None]
    assert Figure("f", 5, "tiles/s", higher=True, goal=6).reached is False


def test_the_client_counts_whole_answers(address: str) -> None:
    made = rate(address, ["/yes/1", "/yes/2"], seconds=0.3, connections=1)
    assert made.bytes == 4
    # What was answered, and the one under way when the time was up.
    assert len(Answers.asked) - 2 <= made.per_second * 0.31 + 1
    assert {"/yes/1", "/yes/2"} == set(Answers.asked)


def test_the_client_takes_no_error_for_an_answer(address: str) -> None:
    with pytest.raises(LoadError, match="404"):
        rate(address, ["/no"], seconds=0.1, connections=1)


def test_every_benchmark_says_what_it_is() -> None:
    found = run.benchmarks()
    assert {"builds", "newest_month", "serving", "starting"} <= set(found)
    for module in found.values():
        assert module.TITLE
        assert module.NOTE.endswith(".")


def test_parts_that_were_not_measured_again_stay(tmp_path: Path) -> None:
    path = tmp_path / "results.json"
    run.keep({"parts": [{"id": "b", "figures": [1]}, {"id": "a", "figures": [2]}]}, path)
    run.keep({"parts": [{"id": "b", "figures": [3]}]}, path)
    kept = json.loads(path.read_text())["parts"]
    assert [(part["id"], part["figures"]) for part in kept] == [("a", [2]), ("b", [3])]


def test_the_page_shows_figure_peer_ratio_and_goal() -> None:
    figures = [
        Figure("fast", 1234.5, "requests/s", higher=True, peer="other", peer_value=100, goal=2000),
        Figure("fat", 0.5, "s", peak_mb=812.3),
        Figure("lonely", 1, "s", peer="absent", note="the peer does not work here"),
    ]
    on = {"processors": 2, "processor": "chip", "memory_gb": 8, "load": 0.5, "system": "Linux"}
    part = {
        "title": "Part",
        "note": "Note.",
        "measured": "2026-01-02",
        "version": "1",
        "machine": on | {"python": "3.11.2", "libraries": {"numpy": "2.0"}},
        "figures": [figure.as_dict() for figure in figures],
    }
    text = page.page({"parts": [part]})
    assert (
        "| fast | 1,230 requests/s |  | other | 100 requests/s | 12 × | at least 2,000 requests/s: **missed** |"
        in text
    )
    assert "| fat | 0.5 s | 812 MB |" in text
    assert page.sentence(part["figures"][2]) == "lonely: 1 s; absent: the peer does not work here"
    assert "2 × chip, 8 GB, Linux, Python 3.11.2, numpy 2.0" in text


def test_the_demo_is_shortened_by_a_month_and_lengthened_again(tmp_path: Path) -> None:
    inputs = tmp_path / "inputs"
    inputs.mkdir()
    days = pa.array(["2025-11-30", "2025-12-01", "2025-12-31"]).cast(pa.date32())
    for year in (2024, 2025):
        pq.write_table(pa.table({"registered": days}), inputs / f"cards-{year}.parquet")
    (inputs / "population.csv").write_text("x")
    area = Area("demo", ROOT / "config" / "areas" / "demo", "AUDAN_DEMO", inputs)
    short = shorten_demo(area, tmp_path / "work")
    assert 'complete_until = "2025-11"' in short.file.read_text()
    assert pq.read_table(short.inputs / "cards-2025.parquet").num_rows == 1
    assert pq.read_table(short.inputs / "cards-2024.parquet").num_rows == 3
    lengthen(short, area)
    assert 'complete_until = "2025-12"' in short.file.read_text()
    for path in inputs.iterdir():
        assert (short.inputs / path.name).read_bytes() == path.read_bytes()


def test_london_is_shortened_by_a_month_and_lengthened_again(audan_data: Path, tmp_path: Path) -> None:
    area = Area("London", ROOT / "config" / "areas" / "london", "AUDAN_DATA", audan_data)
    short = shorten_london(area, tmp_path / "work")
    (counts,) = (audan_data / "london").glob("mps_borough_historical_*.csv")
    shortened = short.inputs / "london" / counts.name
    assert counts.read_text().splitlines()[0] == shortened.read_text().splitlines()[0] + ",202302"
    assert len(counts.read_text().splitlines()) == len(shortened.read_text().splitlines())
    lengthen(short, area)
    assert shortened.read_bytes() == counts.read_bytes()


def test_without_the_source_tree_the_command_says_what_it_needs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UsageError, match="check the source out"):
        bench.find(tmp_path)
    monkeypatch.setattr(bench, "__file__", str(tmp_path / "site" / "gis_layers" / "cli" / "bench.py"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["audan", "bench"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "they are in the source tree and not in the installed package" in capsys.readouterr().err
    assert bench.find(ROOT / "benchmarks") == ROOT / "benchmarks"


def test_an_unknown_benchmark_is_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["audan", "bench", "nonsense"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2
    assert "'nonsense'" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_every_benchmark_runs(
    audan_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(
        sys, "argv", ["audan", "bench", "--quick", "--json", "--output", str(tmp_path / "r.json")]
    )
    with pytest.raises(SystemExit) as ended:
        main()
    assert not ended.value.code
    made = json.loads(capsys.readouterr().out)
    assert made["parts"] == json.loads((tmp_path / "r.json").read_text())["parts"]
    for part in made["parts"]:
        assert part["figures"], part["id"]
        assert all(figure["value"] > 0 for figure in part["figures"])
    named = {figure["name"] for part in made["parts"] for figure in part["figures"]}
    assert {"`items?limit=100`", "`audan --help`", "London: newest month", "London: whole history"} <= named
    (items, *_) = [
        figure for part in made["parts"] for figure in part["figures"] if "items" in figure["name"]
    ]
    assert items["peer_value"] > 0
