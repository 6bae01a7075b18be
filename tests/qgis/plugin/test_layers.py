"""Sets of layers in a project: drawn with the server's colours, following the month, kept by a project."""

from pathlib import Path

import pytest
from audan.core.client import Client
from audan.core.fault import Fault
from audan.core.servers import Server
from audan.core.tasks import Tasks
from audan.layers.layer_set import add
from audan.layers.marks import mark_of
from audan.layers.prepare import Wanted, newest, prepare
from audan.layers.temporal import Follower
from audan.layers.timeline import range_of
from conftest import wait_for
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsLayerTreeModel,
    QgsMapRendererParallelJob,
    QgsMapSettings,
    QgsPointXY,
    QgsProject,
    QgsTemporalNavigationObject,
    QgsVectorTileLayer,
)
from qgis.gui import QgsMapCanvas
from qgis.PyQt.QtCore import QEventLoop, QSize, Qt, QTimer
from qgis.PyQt.QtGui import QColor, QImage

GOLDEN = Path(__file__).parent / "golden"
TOLERANCE = 24
"""Difference of a channel up to which two pixels are the same."""


@pytest.fixture
def canvas(qgis_app):
    made = QgsMapCanvas()
    controller = QgsTemporalNavigationObject(made)
    made.setTemporalController(controller)
    made.resize(400, 300)
    yield made
    made.deleteLater()


def draw(layers, month=None, size=(400, 300)):
    """Return the picture of layers over the area, without labels and smoothing."""
    settings = QgsMapSettings()
    settings.setLayers(layers)
    settings.setDestinationCrs(QgsCoordinateReferenceSystem("EPSG:3857"))
    settings.setExtent(QgsProject.instance().viewSettings().presetFullExtent())
    settings.setOutputSize(QSize(*size))
    settings.setOutputDpi(96)
    settings.setFlag(QgsMapSettings.Flag.Antialiasing, False)
    settings.setFlag(QgsMapSettings.Flag.DrawLabeling, False)
    if month:
        settings.setIsTemporal(True)
        settings.setTemporalRange(range_of(month))
    job = QgsMapRendererParallelJob(settings)
    loop = QEventLoop()
    job.finished.connect(loop.quit)
    QTimer.singleShot(20_000, loop.quit)
    job.start()
    loop.exec()
    assert not job.isActive(), "it was not drawn in time"
    assert not job.errors(), [one.message for one in job.errors()]
    image = job.renderedImage().convertToFormat(QImage.Format.Format_RGB32)
    return image, settings.mapToPixel()


def colour_at(drawn, lonlat):
    image, places = drawn
    there = QgsCoordinateTransform(
        QgsCoordinateReferenceSystem("EPSG:4326"),
        QgsCoordinateReferenceSystem("EPSG:3857"),
        QgsProject.instance(),
    ).transform(QgsPointXY(*lonlat))
    pixel = places.transform(there)
    return QColor(image.pixel(int(pixel.x()), int(pixel.y()))).name()


def middles(server, month):
    """Return the level of theft and a point of each district."""
    found = {}
    for one in Client(server).rows("rating", datetime=month, offence="theft").features:
        ring = one["geometry"]["coordinates"][0]
        x, y = (sum(p[i] for p in ring[:-1]) / (len(ring) - 1) for i in (0, 1))
        found[one["properties"]["district"]] = (one["properties"]["level"], (x, y))
    return found


def same(image, name):
    """Compare a picture with the golden one; write it where there is none yet."""
    file = GOLDEN / f"{name}.png"
    if not file.exists():
        GOLDEN.mkdir(exist_ok=True)
        image.save(str(file))
        pytest.fail(f"{file.name} was written: look at it, then run again")
    golden = QImage(str(file)).convertToFormat(QImage.Format.Format_RGB32)
    assert golden.size() == image.size()
    apart = 0
    for y in range(image.height()):
        for x in range(image.width()):
            a, b = image.pixel(x, y), golden.pixel(x, y)
            if a != b:
                near = all(abs((a >> s & 255) - (b >> s & 255)) <= TOLERANCE for s in (0, 8, 16))
                apart += not near
    share = apart / (image.width() * image.height())
    assert share < 0.01, f"{share:.1%} of the pixels differ from {file.name}"


def make(server, *layers, canvas=None, month="2022-12", offence="theft", **more):
    prepared = prepare(Client(server), Wanted(layers, offence, month, **more))
    return add(prepared, QgsProject.instance(), canvas)


def ours(layers, name, form=None):
    return next(x for x in layers if mark_of(x).layer == name and form in (None, mark_of(x).form))


ALL = ("rating", "hotspots", "clusters", "spread_paths", "density")


def test_a_set_is_grouped_ordered_and_named(server, canvas):
    layers = make(server, *ALL, canvas=canvas)
    order = [(mark_of(one).layer, mark_of(one).form) for one in layers]
    assert order == [
        ("spread_paths", "interval"),
        ("clusters", "interval"),
        ("districts", "names"),
        ("hotspots", "tiles"),
        ("rating", "tiles"),
        ("density", "raster"),
    ]
    assert all(one.isValid() for one in layers)
    root = QgsProject.instance().layerTreeRoot()
    group = root.children()[0]
    told = Client(server).catalogue()
    assert group.name() == f"Audan · Walled Town · Rating · analyst edition, release of {told.released}"
    assert [node.layer() for node in group.children()] == layers
    assert ours(layers, "rating").name() == "Rating · Theft · December 2022"
    shown = [mark_of(node.layer()).layer for node in group.children() if node.isVisible()]
    assert shown == ["spread_paths", "clusters", "districts", "rating"]
    assert QgsProject.instance().crs().authid() == "EPSG:3857"
    assert canvas.extent().intersects(ours(layers, "rating").extent())
    assert canvas.extent().width() < 2 * ours(layers, "rating").extent().width()
    assert canvas.temporalRange().begin().toString("yyyy-MM-dd") == "2022-12-01"


@pytest.mark.parametrize("form", ["tiles", "features"])
def test_districts_have_the_colours_of_the_server(server, form):
    layers = make(server, "rating", month="2021-09", form=form)
    colours = {one.value: one.colour for one in Client(server).catalogue().layer("rating").classes}
    drawn = draw([ours(layers, "rating")], "2021-09")
    known = middles(server, "2021-09")
    assert len({level for level, _ in known.values()}) > 2
    for district, (level, place) in known.items():
        assert colour_at(drawn, place) == colours[level], district


def test_the_rating_and_the_paths_look_as_they_did(server):
    layers = make(server, "rating", "spread_paths", month="2021-09")
    same(draw([ours(layers, "rating")], "2021-09")[0], "rating")
    same(draw([ours(layers, "spread_paths")], "2021-09")[0], "spread_paths")


def test_paths_and_clusters_come_and_go_with_the_months(server):
    layers = make(server, "spread_paths", "clusters")
    paths = ours(layers, "spread_paths")
    first = draw([paths], "2021-08")[0]
    assert first != draw([paths], "2021-11")[0]
    assert draw([paths], "2020-01")[0].pixel(200, 150) == QColor("white").rgb()
    clusters, ring = ours(layers, "clusters"), QColor("#b2182b").name()
    rows = Client(server).rows("clusters", offence="theft").features
    known = {one["properties"]["last_month"][:7]: one["geometry"]["coordinates"][0][0] for one in rows}
    for month in ("2021-09", "2022-10"):
        shown = draw([clusters], month)
        inside = [other for other, corner in known.items() if colour_at(shown, corner) == ring]
        assert month in inside
        assert len(inside) < len(known)
    assert colour_at(draw([clusters], "2019-01"), known["2022-10"]) == "#ffffff"


def test_the_follower_moves_layers_and_says_so_once(server, canvas):
    layers = make(server, "rating", canvas=canvas)
    rating, follower, heard = ours(layers, "rating"), Follower(canvas), []
    follower.moved.connect(heard.append)
    before = draw([rating])[0]
    canvas.temporalController().setCurrentFrameNumber(32)
    wait_for(lambda: heard)
    assert heard == ["2021-09"]
    assert "datetime%3D2021-09" in rating.source()
    assert rating.name() == "Rating · Theft · September 2021"
    assert len(rating.renderer().styles()) == 8
    assert draw([rating])[0] != before
    follower.go("2020-03")
    assert canvas.temporalRange().begin().toString("yyyy-MM") == "2020-03"
    assert canvas.temporalController().currentFrameNumber() == 14
    wait_for(lambda: not follower._rest.isActive())
    assert heard == ["2021-09"]
    assert mark_of(rating).month == "2020-03"
    follower.close()
    canvas.temporalController().setCurrentFrameNumber(3)
    assert not follower._rest.isActive()
    assert mark_of(rating).month == "2020-03"
    assert heard == ["2021-09"]


def test_features_follow_too_and_a_name_of_ones_own_stays(server, canvas):
    layers = make(server, "rating", canvas=canvas, form="features")
    rating, follower = ours(layers, "rating"), Follower(canvas)
    rating.setName("mine")
    assert rating.featureCount() == 36
    follower.go("2021-09")
    wait_for(lambda: mark_of(rating).month == "2021-09")
    assert {one["month"].toString("yyyy-MM") for one in rating.getFeatures()} == {"2021-09"}
    assert rating.name() == "mine"
    follower.close()


def test_a_project_keeps_the_set_and_it_follows(server, canvas, tmp_path):
    make(server, "rating", "spread_paths", canvas=canvas)
    project, file = QgsProject.instance(), str(tmp_path / "town.qgz")
    assert project.write(file)
    project.clear()
    follower, faults = Follower(canvas), []
    follower.faulted.connect(faults.append)
    assert project.read(file)
    layers = list(project.mapLayers().values())
    assert sorted(mark_of(one).form for one in layers) == ["interval", "names", "tiles"]
    wait_for(lambda: all(one.featureCount() for one in layers if not isinstance(one, QgsVectorTileLayer)))
    follower.go("2021-09")
    rating = ours(layers, "rating")
    colours = {one.value: one.colour for one in Client(server).catalogue().layer("rating").classes}
    level, place = middles(server, "2021-09")["22"]
    assert colour_at(draw([rating]), place) == colours[level]
    assert not faults
    follower.close()


def test_a_second_set_brings_no_second_names(server):
    make(server, "rating")
    assert [mark_of(one).layer for one in make(server, "dynamics")] == ["dynamics"]
    assert (
        newest(Client(server), "rating", "theft") == newest(Client(server), "density", "theft") == "2022-12"
    )
    assert newest(Client(server), "districts") is None


def test_tiles_behind_a_token_are_drawn(guarded, authcfg):
    address, token = guarded
    behind = Server("Guarded", address, authcfg(token))
    layers = make(behind, "rating", month="2021-09")
    image = draw([ours(layers, "rating")])[0]
    assert image.pixelColor(200, 150) != QColor("white")


def test_what_cannot_be_shown_is_told(server):
    with pytest.raises(Fault) as down:
        prepare(Client(Server("Down", "http://127.0.0.1:9")), Wanted(("rating",)))
    assert down.value.code == "unreachable"
    with pytest.raises(Fault) as bare:
        prepare(Client(server), Wanted(("offences",)))
    assert bare.value.code == "no_geometry"
    partly = prepare(Client(server), Wanted(("rating", "near_repeat", "nothing")))
    assert [one.code for one in partly.left_out] == ["no_geometry", "no_layer"]
    for one in partly.left_out:
        assert "fault." not in str(one)
    with pytest.raises(Fault) as none:
        prepare(Client(server), Wanted(("rating",), offence="piracy"))
    assert none.value.code == "no_offence"


@pytest.mark.parametrize("form", ["tiles", "features"])
def test_every_layer_with_a_shape_can_be_added_and_drawn(server, form):
    infos = [one for one in Client(server).catalogue().layers if one.geometry != "none"]
    layers = make(server, *(one.id for one in infos), form=form)
    assert len(layers) == len(infos) + 1  # and the names
    for layer in layers:
        if mark_of(layer).form != "names":
            image = draw([layer])[0]
            colours = {image.pixel(x, y) for x in range(0, 400, 5) for y in range(0, 300, 5)}
            assert len(colours) > 1, layer.name()


def test_tiles_have_a_legend_also_after_their_project_was_read(server, canvas, tmp_path):
    labels = [one.label["en"] for one in Client(server).catalogue().layer("rating").classes]

    def legend():
        root = QgsProject.instance().layerTreeRoot()
        node = next(one for one in root.findLayers() if mark_of(one.layer()).layer == "rating")
        model = QgsLayerTreeModel(root)
        return [one.data(Qt.ItemDataRole.DisplayRole) for one in model.layerLegendNodes(node)]

    make(server, "rating")
    assert legend() == ["No data", *labels]
    assert QgsProject.instance().write(str(tmp_path / "town.qgz"))
    follower = Follower(canvas)
    assert QgsProject.instance().read(str(tmp_path / "town.qgz"))
    assert legend() == ["No data", *labels]
    follower.close()


def test_the_window_does_not_stall(server, canvas, stalls):
    tasks, made = Tasks(), []
    with stalls:
        tasks.start(
            "prepare",
            lambda task: prepare(Client(server, task), Wanted(ALL, "theft", "2022-12")),
            lambda ready: made.extend(add(ready, QgsProject.instance(), canvas)),
            lambda fault: pytest.fail(str(fault)),
        )
        wait_for(lambda: made)
    assert stalls.longest < 0.1
    follower = Follower(canvas)
    for month in ("2022-10", "2022-11"):
        with stalls:
            follower.go(month)
    assert stalls.longest < 0.1
    follower.close()


def test_the_time_of_a_project_without_our_layers_is_left_alone(canvas):
    follower = Follower(canvas)
    follower.go("2021-09")
    assert canvas.temporalRange().isInfinite()
    assert follower.month == "2021-09"
    follower.close()
