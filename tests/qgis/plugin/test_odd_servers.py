"""Servers that real people run: of one language, of a public edition, without population, with odd names, renewed."""

import http.server
import json
import os
import re
import threading
import time
import urllib.error
import urllib.request
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest
from audan.core import rasters, servers
from audan.core.choice import Choice
from audan.core.client import Client
from audan.core.fault import Fault
from audan.core.servers import Server
from audan.core.tasks import Tasks
from audan.core.writing import month_name
from audan.gui.dock import SituationDock
from audan.gui.messages import Messages
from audan.layers.layer_set import add
from audan.layers.marks import mark_of
from audan.layers.prepare import Wanted, prepare
from audan.layers.temporal import Follower
from audan.layout import atlas, bulletin
from audan.layout.facts import fetch_facts
from audan.processing.provider import AudanProvider
from conftest import wait_for
from qgis.core import (
    QgsApplication,
    QgsLayoutItemLabel,
    QgsPrintLayout,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProject,
    QgsTemporalNavigationObject,
    QgsVectorLayer,
)
from qgis.gui import QgsMapCanvas, QgsMessageBar, QgsMessageLogViewer
from qgis.PyQt.QtWidgets import QMainWindow, QPlainTextEdit, QTextBrowser

ODD = '<b>O\'Neil</b> {0} 100% [% 1+1 %] "x" & co'
NORM = ("expected", "lower", "upper", "magnitude", "q_value", "p_own", "p_peers", "population", "rate")


@pytest.fixture
def between(address):
    """A server under a path of its own that passes on what the town says, changed by `catalogue` and `answer`."""

    class Between(http.server.BaseHTTPRequestHandler):
        asked = []
        refuse = staticmethod(lambda path, params: None)
        catalogue = staticmethod(lambda told: told)
        answer = staticmethod(lambda path, told: told)
        release = None

        def do_GET(self):
            path = self.path[len("/some/prefix") :]
            parts = urlsplit(path)
            Between.asked.append(path)
            said = Between.refuse(parts.path, {k: v[0] for k, v in parse_qs(parts.query).items()})
            if said:
                self._send(400, {}, json.dumps({"description": said}).encode())
                return
            try:
                with urllib.request.urlopen(address + path) as got:
                    status, headers, body = 200, dict(got.headers), got.read()
            except urllib.error.HTTPError as error:
                status, headers, body = error.code, dict(error.headers), error.read()
            if status == 200 and "json" in headers.get("content-type", ""):
                told = json.loads(body)
                told = Between.catalogue(told) if path == "/catalogue" else Between.answer(parts.path, told)
                body = json.dumps(told).encode()
            tag = headers.get("etag", "")
            if Between.release:
                tag = re.sub(r"\d{8}T\d{6}Z-[0-9a-f]{8}", Between.release, tag)
            self._send(status, {"Content-Type": headers.get("content-type", ""), "ETag": tag}, body)

        def _send(self, status, headers, body):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Cache-Control", "no-store")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    running = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Between)
    threading.Thread(target=running.serve_forever, daemon=True).start()
    Between.server = Server("Between", f"http://127.0.0.1:{running.server_address[1]}/some/prefix")
    yield Between
    running.shutdown()
    running.server_close()


@pytest.fixture
def dock(qgis_app):
    made = []

    def go(server):
        servers.save(server)
        made.append(SituationDock(None))
        made[-1].resize(340, 900)
        made[-1].show()
        return made[-1]

    yield go
    for one in made:
        one.close_down()
        one.deleteLater()


def only_english(between):
    def catalogue(told):
        told["area"]["languages"] = ["en"]
        return told

    between.catalogue = staticmethod(catalogue)
    between.refuse = staticmethod(
        lambda _, params: "not offered" if params.get("lang", "en") != "en" else None
    )


def without_norm(between):
    """Judge nobody, as in an area whose population is not known."""

    def catalogue(told):
        told["layers"] = [one for one in told["layers"] if one["id"] in ("districts", "rating")]
        for one in told["layers"]:
            one["columns"] = [column for column in one["columns"] if column["name"] not in NORM]
        return told

    def refuse(path, params):
        asked = f"{params.get('columns', '')},{params.get('properties', '')}".split(",")
        return "no such column" if set(asked) & set(NORM) or "/offences/" in path else None

    between.catalogue, between.refuse = staticmethod(catalogue), staticmethod(refuse)


def labels(layout):
    return [one.currentText() for one in layout.items() if isinstance(one, QgsLayoutItemLabel)]


def test_a_server_of_one_language_serves_every_window(between, dock, speak):
    only_english(between)
    speak("ru")
    shown = dock(between.server)
    wait_for(lambda: shown.choice is not None and shown._here is not None)
    shown.choose(Choice(between.server, "dynamics", "assault", "2022-12"))
    wait_for(lambda: shown._here is not None and "11" in shown.ranked.model.districts)
    shown._moved("11")
    wait_for(lambda: shown.evidence.why.text())
    assert "Recorded" in shown.evidence.why.text()
    layers = add(
        prepare(Client(between.server), Wanted(("rating", "clusters"), "theft")), QgsProject.instance()
    )
    assert mark_of(layers[0]).lang == "en"
    facts = fetch_facts(Client(between.server), Choice(between.server, "rating", "assault"))
    assert "Quarter 11" in " ".join(labels(bulletin.make(QgsProject.instance(), facts)))


def test_rows_are_whole_where_nobody_says_how_many_there_are(between, monkeypatch):
    monkeypatch.setattr("audan.core.client.PAGE", 10)
    between.answer = staticmethod(
        lambda _, told: {name: one for name, one in told.items() if name != "numberMatched"}
    )
    asked = {"datetime": "2022-12", "offence": "theft"}
    assert len(Client(between.server).rows("rating", **asked).rows) == 36
    assert len(Client(between.server).rows("rating", limit=13, **asked).rows) == 13


def test_answers_of_two_releases_do_not_mix(between):
    client = Client(between.server)
    client.catalogue()
    between.release = "20300101T000000Z-00000000"
    for ask in (lambda: client.values("rating", ["count"]), lambda: client.rows("rating", offence="piracy")):
        with pytest.raises(Fault) as other:
            ask()
        assert other.value.code == "new_release"
    between.catalogue = staticmethod(lambda told: {**told, "release": between.release})
    assert client.catalogue().layer("rating").months
    assert client.values("rating", ["count"], offence="all").months


def test_the_dock_goes_to_a_new_release_by_itself(between, dock):
    shown = dock(between.server)
    wait_for(lambda: shown._here is not None)
    faults = []
    shown.faulted.connect(faults.append)
    between.release = "20300101T000000Z-00000000"

    def renewed(told):
        return {**told, "release": between.release}

    between.catalogue = staticmethod(renewed)
    shown.choose(Choice(between.server, "dynamics", "assault", "2022-12"))
    wait_for(lambda: shown._here is not None)
    assert shown._release.catalogue.release == between.release
    assert shown.choice == Choice(between.server, "dynamics", "assault", "2022-12")
    assert "11" in shown.ranked.model.districts
    assert not faults
    assert not shown.notice.isVisible()


def test_servers_that_contradict_themselves_are_not_asked_for_ever(between, dock):
    between.release = "20300101T000000Z-00000000"  # the catalogue's own text says another
    shown, faults = dock(between.server), []
    shown.faulted.connect(faults.append)
    wait_for(lambda: faults)
    assert faults[0].code == "new_release"
    assert shown.notice.isVisible()
    wait_for(lambda: not shown._loads.running)
    assert sum(path == "/catalogue" for path in between.asked) <= 4


def test_a_public_edition_ranks_nobody_in_the_dock(between, dock):
    between.catalogue = staticmethod(lambda told: {**told, "edition": "public"})
    shown = dock(between.server)
    wait_for(lambda: shown.status.text())
    assert "Public edition" in shown.status.text()
    assert "ranks no districts" in shown.ranked.words.text()
    assert shown.choice is None
    assert shown.ranked.model.districts == []


def test_an_area_without_population_has_maps_and_bulletins_of_counts(between, qgis_app):
    without_norm(between)
    facts = fetch_facts(Client(between.server), Choice(between.server, "rating", "assault", "2022-12"))
    assert (facts.offence, facts.listed, facts.story.at("count", "2022-12", "11")) == ("assault", (), 36)
    assert bulletin.make(QgsProject.instance(), facts)
    pages = atlas.make(QgsProject.instance(), facts)
    assert pages.itemById("chart").picturePath().startswith("base64:")
    provider = AudanProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    own = QgsVectorLayer("NoGeometry?field=code:string", "own", "memory")
    given = {"SERVER": between.server.url, "INPUT": own, "FIELD": "code", "OUTPUT": "memory:"}
    run = QgsApplication.processingRegistry().algorithmById("audan:jointable").create()
    results, fine = run.run(given, QgsProcessingContext(), QgsProcessingFeedback(), {}, False)
    QgsApplication.processingRegistry().removeProvider(provider)
    assert fine
    assert results["UNMATCHED_DISTRICTS"] == 36


def test_names_are_shown_as_they_are_written(between, dock):
    def name(_, told):
        for one in told.get("features", ()):
            if "name" in one["properties"]:
                one["properties"].update(name=ODD, name_en=ODD, parent_name_en=ODD)
        return told

    between.answer = staticmethod(name)
    facts = fetch_facts(Client(between.server), Choice(between.server, "rating", "assault", "2022-12"))
    written = labels(bulletin.make(QgsProject.instance(), facts))
    assert f"1. {ODD}" in written
    pages = atlas.make(QgsProject.instance(), facts)
    assert isinstance(pages, QgsPrintLayout)
    assert pages.itemById("title").currentText() == ODD
    shown = dock(between.server)
    wait_for(lambda: shown._here is not None)
    shown.choose(Choice(between.server, "rating", "assault", "2022-12"))
    wait_for(lambda: shown._here is not None and "11" in shown.ranked.model.districts)
    shown._moved("11")
    assert "&lt;b&gt;O" in shown.evidence.title.text()
    assert shown.evidence.under.text().startswith("<qt>&lt;b&gt;")


def test_neither_bar_nor_log_takes_a_text_for_markup(qgis_app):
    window, bar = QMainWindow(), QgsMessageBar()
    window.setCentralWidget(bar)
    messages = Messages(SimpleNamespace(messageBar=lambda: bar))
    log = QgsMessageLogViewer()
    messages.told(ODD)
    (browser,) = bar.items()[0].findChildren(QTextBrowser)
    assert browser.toPlainText().endswith(ODD)
    messages.told(ODD)
    assert len(bar.items()) == 1
    wait_for(lambda: any("O'Neil" in one.toPlainText() for one in log.findChildren(QPlainTextEdit)))
    logged = "".join(one.toPlainText() for one in log.findChildren(QPlainTextEdit))
    assert "‹b›O'Neil‹/b› {0} 100% [% 1+1 %]" in logged
    messages.close()
    log.deleteLater()
    window.deleteLater()


def test_what_is_cancelled_in_the_list_of_tasks_is_told_and_what_we_drop_is_not(qgis_app):
    tasks, told, gate = Tasks(), [], threading.Event()
    running = tasks.start("x", lambda _: gate.wait(20), told.append, told.append)
    running.cancel()
    gate.set()
    wait_for(lambda: told)
    assert [one.code for one in told] == ["cancelled"]
    gate.clear()
    tasks.start("y", lambda _: gate.wait(20), told.append, told.append)
    tasks.cancel()
    gate.set()
    wait_for(lambda: not tasks.running)
    assert len(told) == 1


def test_a_project_of_another_language_keeps_its_names_true(server, speak):
    speak("ru")
    canvas = QgsMapCanvas()
    layers = add(prepare(Client(server), Wanted(("rating",), "theft", "2022-12")), QgsProject.instance())
    rating = next(one for one in layers if mark_of(one).layer == "rating")
    assert rating.name().endswith("Декабрь 2022")
    speak("en")
    follower = Follower(canvas)
    follower.go("2021-09")
    assert rating.name().endswith("Сентябрь 2021"), "a layer must not tell a month that it does not show"
    follower.close()
    canvas.deleteLater()


def test_features_of_a_release_with_other_columns_find_their_places(server):
    from audan.layers.features import fill

    (layer, *_) = add(
        prepare(Client(server), Wanted(("rating",), "theft", "2022-12", form="features")),
        QgsProject.instance(),
    )[1:]
    features = list(layer.getFeatures())
    known = {one["district"]: one["count"] for one in features}
    layer.dataProvider().deleteAttributes([layer.fields().lookupField("population")])
    layer.updateFields()
    fill(layer, features)
    assert {one["district"]: one["count"] for one in layer.getFeatures()} == known


def test_rasters_stay_in_their_folder_and_are_pruned(qgis_app):
    odd = rasters.file_of("../../etc", "x/" * 300, "\0", "Ж" * 500)
    assert odd.parent == rasters.folder()
    assert len(odd.name.encode()) < 255
    assert odd != rasters.file_of("../../etc", "y")
    rasters.keep(odd, b"body")
    fresh = rasters.file_of("fresh")
    rasters.keep(fresh, b"body")
    old = time.time() - 31 * 86_400
    os.utime(odd, (old, old))
    rasters.prune()
    assert [one.exists() for one in (odd, fresh)] == [False, True]
    os.utime(fresh, (old, old))
    rasters.use(fresh)
    rasters.prune()
    assert fresh.exists()
    fresh.unlink()


def test_a_pruned_raster_is_fetched_again_for_its_project(server, tmp_path):
    project, canvas, file = QgsProject.instance(), QgsMapCanvas(), str(tmp_path / "town.qgz")
    add(prepare(Client(server), Wanted(("density",), "theft")), project)
    project.write(file)
    project.clear()
    for one in rasters.folder().glob("*.tif"):
        one.unlink()
    follower = Follower(canvas)
    project.read(file)
    (layer,) = project.mapLayers().values()
    assert not layer.isValid()
    wait_for(layer.isValid)
    assert layer.renderer().type() == "singlebandpseudocolor"
    assert layer.opacity() == 0.75
    follower.close()
    canvas.deleteLater()


def test_quarters_and_years_are_called_so(speak):
    told = {}
    for lang in ("en", "ru", "kk"):
        speak(lang)
        told[lang] = [month_name("2022-04", period) for period in ("quarter", "year", "month", "rolling3")]
    assert told["en"] == ["Quarter II 2022", "2022", "April 2022", "April 2022"]
    assert told["ru"] == ["II квартал 2022 г.", "2022 г.", "апрель 2022 г.", "апрель 2022 г."]
    assert told["kk"] == ["2022 ж. II тоқсан", "2022 ж.", "2022 ж. сәуір", "2022 ж. сәуір"]


def test_a_town_that_counts_by_quarters_is_named_and_stepped_by_them(between, dock):
    def catalogue(told):
        for one in told["layers"]:
            if one.get("period") == "month":
                one["period"] = "quarter"
                one["months"] = [month for month in one["months"] if month[5:] in ("01", "04", "07", "10")]
        return told

    between.catalogue = staticmethod(catalogue)
    shown = dock(between.server)
    wait_for(lambda: shown._here is not None)
    assert shown.chooser.month.currentText() == "Quarter IV 2022"
    shown.show_month("2022-05")
    assert shown.choice.month == "2022-04"
    canvas = QgsMapCanvas()
    controller = QgsTemporalNavigationObject(canvas)
    canvas.setTemporalController(controller)
    wanted = Wanted(("rating",), "theft", "2022-11")
    layers = add(prepare(Client(between.server), wanted), QgsProject.instance(), canvas)
    rating = next(one for one in layers if mark_of(one).layer == "rating")
    assert rating.name().endswith("Quarter IV 2022")
    follower = Follower(canvas)
    controller.setCurrentFrameNumber(0)
    wait_for(lambda: mark_of(rating).month == "2019-01")
    assert rating.name().endswith("Quarter I 2019")
    assert controller.totalFrameCount() == 17  # sixteen quarters, and the instant after the last
    follower.close()
    canvas.deleteLater()
