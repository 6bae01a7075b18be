"""The Situation dock against a server: what it lists, what a click brings, and how it bears trouble."""

import json
import socket
from html import unescape
from pathlib import Path

import audan
import pytest
from audan.core import client as client_module
from audan.core import servers
from audan.core.choice import Choice
from audan.core.client import Client
from audan.core.fault import Fault
from audan.core.features import shape_of
from audan.core.servers import Server
from audan.core.words import LANGUAGES, say
from audan.gui.charts_series import Point, SeriesChart, ticks
from audan.gui.dock import SituationDock
from audan.gui.dock import release as release_module
from audan.gui.dock.listing import PAGE, RankModel
from conftest import wait_for
from qgis.core import QgsCoordinateReferenceSystem, QgsCoordinateTransform, QgsProject
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QPushButton, QToolButton

OUTBREAK = ("dynamics", "assault", "2022-12", "11")


@pytest.fixture
def canvas(qgis_app):
    made = QgsMapCanvas()
    made.resize(400, 300)
    made.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    yield made
    made.deleteLater()


@pytest.fixture
def dock(canvas, server):
    servers.save(server)
    made = SituationDock(canvas)
    made.resize(340, 900)
    yield made
    made.close_down()
    made.deleteLater()


def settled(dock):
    return lambda: dock.choice is not None and not dock._loads.running and not dock.busy.isVisible()


def shown(dock, choice=None):
    dock.show()
    wait_for(settled(dock))
    if choice is not None:
        dock.choose(choice)
        wait_for(settled(dock))
    return dock.ranked.model.districts


def click(dock, district):
    view, index = dock.ranked.view, dock.ranked.model.index_of(district)
    view.scrollTo(index)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=view.visualRect(index).center())


@pytest.mark.parametrize(
    ("layer", "offence"), [("rating", "theft"), ("dynamics", "assault"), ("hotspots", "theft")]
)
def test_the_list_is_what_the_items_say(dock, server, layer, offence):
    for month in ("2022-12", "2021-09"):
        listed = shown(dock, Choice(server, layer, offence, month))
        rows = Client(server).rows(layer, datetime=month, offence=offence).rows
        if layer == "rating":
            said = {row["district"] for row in rows if row["level"] >= 3}
        else:
            quiet = ("too_few", "incomplete", "norm_rise_only", "norm", "none")
            said = {row["district"] for row in rows if row["signal"] not in quiet}
        assert set(listed) == said
        assert len(listed) == len(said)


def test_a_click_goes_to_the_district_and_says_why(dock, canvas, server):
    layer, offence, month, district = OUTBREAK
    assert district in shown(dock, Choice(server, layer, offence, month))
    click(dock, district)
    assert dock.ranked.view.currentIndex() == dock.ranked.model.index_of(district)
    shape = shape_of(dock._release.places[district].geometry)
    shape.transform(
        QgsCoordinateTransform(
            QgsCoordinateReferenceSystem("EPSG:4326"),
            canvas.mapSettings().destinationCrs(),
            QgsProject.instance(),
        )
    )
    assert canvas.extent().contains(shape.boundingBox())
    assert canvas.extent().width() < 6 * shape.boundingBox().width()
    wait_for(lambda: dock.evidence.why.text())
    told = Client(server).explain(district, offence, month)["text"].split("\n\n")[1].split("\n")[0]
    assert told[:30] in dock.evidence.why.text()
    assert month in [one.month for one in dock.evidence.chart.shown]


def test_findings_that_touch_a_district_are_told(dock, server):
    shown(dock, Choice(server, "rating", "theft", "2021-08"))
    dock._moved("20")
    wait_for(lambda: dock.evidence.why.text())
    story = Client(server).explain("20", "theft", "2021-08")["story"]["part_of"]
    assert any(one["path"] == "theft.2021-07.20" for one in story["paths"])
    told = Client(server).explain_found("path", "theft.2021-07.20")["text"]
    assert told.split("\n")[0] in unescape(dock.evidence.found.text())
    assert dock.evidence.found.isVisible()


def test_evidence_that_cannot_be_had_leaves_the_list(dock, server, monkeypatch):
    layer, offence, month, district = OUTBREAK
    shown(dock, Choice(server, layer, offence, month))
    faults = []
    dock.faulted.connect(faults.append)

    def refuse(*_):
        raise Fault("slow", server="Town", seconds=60)

    with monkeypatch.context() as patched:
        patched.setattr(Client, "explain", refuse)
        click(dock, district)
        wait_for(lambda: faults)
    assert faults[0].remedy in dock.notice.text
    assert district in dock.ranked.model.districts
    assert dock.evidence.chart.shown
    dock.notice.findChild(QPushButton).click()
    wait_for(lambda: dock.evidence.why.text())
    assert not dock.notice.isVisible()


def test_another_month_needs_no_request(dock, server, monkeypatch):
    shown(dock, Choice(server, "rating", "theft", "2022-12"))
    asked, told = [], []
    real = client_module.fetch
    monkeypatch.setattr(client_module, "fetch", lambda *a, **k: asked.append(a) or real(*a, **k))
    dock.month_chosen.connect(told.append)
    dock.chooser.earlier.click()
    assert dock.choice.month == "2022-11"
    assert told == ["2022-11"]
    dock.show_month("2021-08")
    assert dock.choice.month == "2021-08"
    assert told == ["2022-11"], "the map is not told what it said itself"
    assert dock.chooser.month.code == "2021-08"
    assert asked == []
    assert not dock._loads.running


def test_the_last_of_several_wishes_is_shown(dock, server):
    shown(dock)
    for offence in ("theft", "assault", "theft", "assault"):
        dock.choose(Choice(server, "dynamics", offence, "2022-12"))
    assert sum(not one.isCanceled() for one in dock._loads._tasks.running) == 1
    wait_for(settled(dock))
    assert dock.choice.offence == "assault"
    assert dock.chooser.offence.code == "assault"
    assert "11" in dock.ranked.model.districts


def test_what_a_layer_lacks_is_replaced(dock, server):
    shown(dock, Choice(server, "completeness", "theft", "1999-01", "nothing of the kind"))
    assert dock.choice == Choice(server, "completeness", None, "2019-01", "method")
    shown(dock, Choice(server, "no such layer", "no such offence", "2030-01"))
    assert dock.choice == Choice(server, "rating", "all", "2022-12")


def test_keys_go_from_row_to_row_and_past_headings(dock, server):
    listed = shown(dock, Choice(server, "dynamics", "theft", "2021-09"))
    assert len(listed) > 1
    view = dock.ranked.view
    view.setFocus()
    click(dock, listed[0])
    for district in listed[1:]:
        QTest.keyClick(view, Qt.Key.Key_Down)
        assert dock._looking.district == district
    wait_for(lambda: dock.evidence.why.text())
    assert dock._release.places[listed[-1]].name in dock.evidence.title.text()


def test_an_offence_is_found_by_its_letters(dock, server):
    shown(dock, Choice(server, "dynamics", "theft", "2022-12"))
    name = dock._release.offences["assault"].name
    box = dock.chooser.offence
    box.lineEdit().selectAll()
    QTest.keyClicks(box.lineEdit(), name.upper())
    QTest.keyClick(box.lineEdit(), Qt.Key.Key_Return)
    wait_for(settled(dock))
    assert dock.choice.offence == "assault"
    box.lineEdit().setText("no such offence")
    box.lineEdit().editingFinished.emit()
    assert box.currentText() == name


def test_buttons_say_what_is_wanted(dock, server):
    wanted, pages = [], []
    dock.layers_wanted.connect(lambda *told: wanted.append(told))
    dock.bulletin_wanted.connect(pages.append)
    shown(dock, Choice(server, "rating", "theft", "2022-08"))
    dock.actions.extras["clusters"].setChecked(True)
    dock.actions.add_menu.actions()[1].trigger()
    dock.actions.pages.menu().actions()[0].trigger()
    assert wanted == [(server, (("rating", "clusters"), "theft", "2022-08", None, "features"))]
    assert pages == [Choice(server, "rating", "theft", "2022-08")]


def test_a_server_that_is_down_is_told_within_the_dock(canvas):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        servers.save(Server("Down", f"http://127.0.0.1:{free.getsockname()[1]}"))
    dock = SituationDock(canvas)
    faults = []
    dock.faulted.connect(faults.append)
    dock.show()
    wait_for(lambda: faults)
    assert faults[0].code == "unreachable"
    assert faults[0].remedy in dock.notice.text
    dock.notice.findChild(QPushButton).click()
    wait_for(lambda: len(faults) == 2)
    assert dock.choice is None
    assert dock.notice.isVisible()
    assert not dock.busy.isVisible()
    dock.close_down()


def test_what_takes_long_can_be_cancelled(canvas):
    with socket.socket() as mute:
        mute.bind(("127.0.0.1", 0))
        mute.listen()
        servers.save(Server("Mute", f"http://127.0.0.1:{mute.getsockname()[1]}"))
        dock = SituationDock(canvas)
        dock.show()
        wait_for(lambda: dock.busy.isVisible() and dock._loads.running)
        dock.busy.findChild(QToolButton).click()
        assert not dock.busy.isVisible()
        assert dock.notice.text == say("dock.cancelled")
        wait_for(lambda: not dock._loads.running)
        dock.close_down()


def test_without_a_server_it_leads_to_the_options(canvas):
    dock, asked = SituationDock(canvas), []
    dock.options_wanted.connect(lambda: asked.append(True))
    dock.show()
    dock.notice.findChild(QPushButton).click()
    assert asked
    assert dock.choice is None
    assert not dock.actions.isEnabled()
    dock.close_down()


def test_the_window_never_waits(dock, server, stalls):
    layer, offence, month, district = OUTBREAK
    shown(dock)
    with stalls as measured:
        dock.choose(Choice(server, layer, offence, month))
        wait_for(settled(dock))
        click(dock, district)
        wait_for(lambda: dock.evidence.why.text())
    assert measured.longest < 0.1


def test_nothing_is_asked_before_it_is_seen(dock):
    wait_for(lambda: not dock._loads.running)
    assert dock.choice is None
    assert not dock._seen


def test_an_edition_without_verdicts_says_so(dock, server, monkeypatch):
    shown(dock, Choice(server, "rating", "theft", "2022-08"))
    monkeypatch.setattr(release_module, "ranked_layers", lambda _: [])
    dock.chooser.refresh.click()
    wait_for(lambda: dock.choice is None)
    assert dock.ranked.words.isVisible()
    assert dock.ranked.words.text()
    assert not dock.actions.isEnabled()
    assert not dock.chooser.month.isEnabled()


def test_long_sections_grow_by_pages(dock, server):
    from audan.core.ranking import Row, Section

    shown(dock)
    rows = tuple(Row(str(i), 5, float(i)) for i in range(2 * PAGE + 1))
    model = RankModel()
    model.show_sections(dock._release.layer("rating"), (Section("unusual", rows),), {})
    assert len(model.districts) == PAGE
    assert model.rowCount() == PAGE + 2
    model.expand("unusual")
    model.expand("unusual")
    assert len(model.districts) == 2 * PAGE + 1
    assert model.rowCount() == 2 * PAGE + 2


def test_an_axis_has_few_round_numbers():
    for most in (0.013, 0.5, 1, 7, 92, 183, 12_345):
        axis = ticks(most)
        assert axis[0] == 0
        assert axis[-1] >= most * (1 - 1e-9)
        assert 2 <= len(axis) <= 5


def test_a_chart_shows_the_chosen_month_and_a_click_chooses(qgis_app):
    chart, chosen = SeriesChart(), []
    chart.resize(300, 150)
    months = [f"{2015 + i // 12}-{i % 12 + 1:02}" for i in range(96)]
    points = [Point(month, float(i)) for i, month in enumerate(months)]
    chart.month_chosen.connect(chosen.append)
    for month in (months[0], months[50], months[-1]):
        chart.show_series(points, month, write=str, tell=lambda one: one.month)
        assert month in [one.month for one in chart.shown]
        assert len(chart.shown) < 40
        assert chart.accessibleDescription() == month
        assert not chart.grab().isNull()


def test_every_text_of_the_dock_is_there_in_every_language():
    folder = Path(audan.__file__).parent / "i18n"
    texts = {one: json.loads((folder / one / "dock.json").read_text(encoding="utf-8")) for one in LANGUAGES}
    assert texts["en"].keys() == texts["ru"].keys() == texts["kk"].keys()
    assert all(text.strip() for some in texts.values() for text in some.values())


def test_another_server_takes_the_place_of_what_was_shown(dock, server):
    shown(dock, Choice(server, "dynamics", "assault", "2022-12"))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        down = Server("Down", f"http://127.0.0.1:{free.getsockname()[1]}")
    servers.save(down)
    dock.choose(Choice(down))
    wait_for(lambda: dock.notice.isVisible())
    assert dock.choice is None, "no list of the one server under the name of the other"
    assert not dock.status.text()
    dock.choose(Choice(server, "dynamics", "theft", "2021-09"))
    wait_for(settled(dock))
    assert dock.choice == Choice(server, "dynamics", "theft", "2021-09")
    assert dock.chooser.server.code == server.name
