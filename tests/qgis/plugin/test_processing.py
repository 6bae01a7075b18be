"""The algorithms of Processing inside QGIS, against the walled town's server."""

import json

import pytest
from audan.core import servers
from audan.core.words import LANGUAGES, messages
from audan.processing import cuts
from audan.processing.drawn import AMOUNT
from audan.processing.provider import ALGORITHMS, AudanProvider
from qgis.core import (
    QgsApplication,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingModelAlgorithm,
    QgsProcessingModelChildAlgorithm,
    QgsProcessingModelChildParameterSource,
    QgsProcessingModelOutput,
    QgsProcessingUtils,
    QgsProject,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
    QgsVectorTileLayer,
)
from qgis.PyQt.QtCore import QDate

CODES = [f"{row}{column}" for row in range(6) for column in range(6)]


@pytest.fixture
def provider(qgis_app):
    """The provider in the registry of QGIS."""
    made = AudanProvider()
    QgsApplication.processingRegistry().addProvider(made)
    yield made
    QgsApplication.processingRegistry().removeProvider(made)


@pytest.fixture
def run(provider, address):
    """Run an algorithm on the town; return what it gave, and the layers by output."""
    kept = []

    def go(name, feedback=None, **parameters):
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        kept.append(context)
        algorithm = QgsApplication.processingRegistry().algorithmById(f"audan:{name}").create()
        names = {one.name() for one in algorithm.parameterDefinitions()}
        if "SERVER" in names:
            parameters.setdefault("SERVER", address)
        if "OUTPUT" in names:
            parameters.setdefault("OUTPUT", "memory:")
        results, fine = algorithm.run(parameters, context, feedback or QgsProcessingFeedback(), {}, False)
        assert fine
        return {
            one: QgsProcessingUtils.mapLayerFromString(value, context) or value
            if isinstance(value, str)
            else value
            for one, value in results.items()
        }

    return go


def rows(layer, *names):
    """The values of some fields, a tuple a feature."""
    return [tuple(one[name] for name in names) for one in layer.getFeatures()]


def points(*places, crs="EPSG:4326"):
    """A layer of points with attributes."""
    made = QgsVectorLayer(f"Point?crs={crs}&field=when:string(20)&field=kind:string(10)", "own", "memory")
    some = []
    for wkt, when, kind in places:
        one = QgsFeature(made.fields())
        if wkt:
            one.setGeometry(QgsGeometry.fromWkt(wkt))
        one.setAttributes([when, kind])
        some.append(one)
    made.dataProvider().addFeatures(some)
    return made


def table(kind, *values):
    """A table with a key and a note."""
    made = QgsVectorLayer(f"NoGeometry?field=code:{kind}&field=level:string", "own", "memory")
    some = []
    for value in values:
        one = QgsFeature(made.fields())
        one.setAttributes([value, f"note {value}"])
        some.append(one)
    made.dataProvider().addFeatures(some)
    return made


def test_every_text_is_there_in_three_languages(provider):
    for algorithm in provider.algorithms():
        told = [algorithm.displayName(), algorithm.shortHelpString()]
        told += [one.description() for one in algorithm.parameterDefinitions()]
        told += [one.description() for one in algorithm.outputDefinitions()]
        assert not [one for one in told if one.startswith(("processing.", "fault."))], algorithm.name()
    assert len(provider.algorithms()) == len(ALGORITHMS)
    known = {
        language: {k for k in messages(language) if k.startswith("processing.")} for language in LANGUAGES
    }
    assert known["en"] == known["ru"] == known["kk"]


def test_a_slice_has_the_fields_and_figures_of_the_server(run):
    found = run("slice", LAYER="rating", MONTHS="2022-11/2022-12", OFFENCES="theft,assault")
    layer = found["OUTPUT"]
    assert found["COUNT"] == layer.featureCount() == 36 * 2 * 2
    assert layer.crs().authid() == "EPSG:4326"
    kinds = {one.name(): one.typeName() for one in layer.fields()}
    assert (kinds["district"], kinds["month"], kinds["suppressed"]) == ("string", "date", "boolean")
    assert kinds["rate"] in ("double", "real")
    assert kinds["level"].startswith("int")
    outbreak = next(
        one for one in layer.getFeatures()
        if (one["district"], one["offence"], one["month"]) == ("11", "assault", QDate(2022, 12, 1))
    )  # fmt: skip
    assert (outbreak["count"], outbreak["level"], outbreak["suppressed"]) == (36, 5, False)
    assert json.loads(outbreak["reason"])[0]["code"] == "rating.high"
    assert sorted({one for (one,) in rows(layer, "district")}) == CODES  # "01" keeps its zero
    assert 8 < outbreak.geometry().area() * 111.3**2 * 0.725 < 10  # km²


@pytest.mark.parametrize(("form", "kind"), [(0, QgsVectorTileLayer), (1, QgsVectorLayer)])
def test_a_set_of_layers_comes_into_the_project(run, form, kind):
    found = run("addlayerset", LAYERS="rating,hotspots", OFFENCE="theft", MONTH="2022-11", FORM=form)
    there = QgsProject.instance().mapLayers()
    assert found["COUNT"] == len(found["LAYER_IDS"]) == len(there)
    assert set(found["LAYER_IDS"]) == set(there)
    assert sum(type(one) is kind for one in there.values()) >= 2


@pytest.mark.parametrize(
    ("wanted", "count"),
    [
        ({"LAYER": "districts"}, 36),
        ({"LAYER": "rating", "OFFENCES": "*"}, 36 * 5),
        ({"LAYER": "rating", "MONTHS": "all", "OFFENCES": "theft"}, 36 * 48),
        ({"LAYER": "rating", "MONTHS": "2022-12", "EXTENT": "75.001,75.03,43.36,43.37 [EPSG:4326]"}, 1),
        ({"LAYER": "completeness", "MONTHS": "2022-12", "ATTRIBUTE": "method"}, 36),
        ({"LAYER": "spread_paths", "MONTHS": "all"}, 11),
        ({"LAYER": "clusters", "MONTHS": "all", "OFFENCES": "*"}, 16),
        ({"LAYER": "offences"}, 5),
    ],
)
def test_every_kind_of_layer_can_be_sliced(run, wanted, count):
    layer = run("slice", **wanted)["OUTPUT"]
    assert layer.featureCount() == count
    assert layer.isSpatial() == (wanted["LAYER"] != "offences")


def test_a_slice_keeps_the_wanted_columns_and_the_keys(run):
    layer = run("slice", LAYER="rating", COLUMNS="count")["OUTPUT"]
    assert [one.name() for one in layer.fields()] == ["district", "offence", "month", "count"]
    assert {(str(offence), month) for offence, month in rows(layer, "offence", "month")} == {
        ("all", QDate(2022, 12, 1))
    }


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"MONTHS": "2022-13"}, ("2022-13", "2019-01", "2022-12")),
        ({"MONTHS": "2024-01"}, ("2024-01", "2022-12")),
        ({"MONTHS": "2022-05/2022-01"}, ("2022-05/2022-01",)),
        ({"OFFENCES": "theft,piracy"}, ("piracy", "all, ", "theft")),
        ({"LAYER": "ratings"}, ("ratings", "hotspots")),
        ({"LAYER": "density"}, ("density", "raster")),
        ({"COLUMNS": "counts"}, ("counts", "expected")),
        ({"SERVER": "Head office"}, ("Head office", "Town")),
        ({"SERVER": "http://127.0.0.1:1"}, ("127.0.0.1:1",)),
    ],
)
def test_what_is_wrong_is_told_with_what_there_is(run, address, wanted, told):
    servers.save(servers.Server("Town", address))
    with pytest.raises(QgsProcessingException) as error:
        run("slice", **{"LAYER": "rating", **wanted})
    assert all(one in str(error.value) for one in told), str(error.value)


def test_a_known_server_and_its_token(run, guarded, authcfg):
    address, token = guarded
    servers.save(servers.Server("Guarded", address, authcfg(token)))
    assert run("slice", SERVER="Guarded", LAYER="rating")["COUNT"] == 36
    assert run("slice", SERVER=address, AUTH=authcfg(token), LAYER="rating")["COUNT"] == 36
    with pytest.raises(QgsProcessingException, match="token"):
        run("slice", SERVER="Guarded", AUTH=authcfg("wrong"), LAYER="rating")


def test_a_cancelled_slice_ends_without_a_result(run):
    feedback = QgsProcessingFeedback()
    feedback.cancel()
    assert run("slice", feedback, LAYER="rating", MONTHS="all", OFFENCES="*") == {}


def test_a_loaded_slice_has_the_style_of_the_server(provider, address):
    context, feedback = QgsProcessingContext(), QgsProcessingFeedback()
    context.setProject(QgsProject.instance())
    algorithm = QgsApplication.processingRegistry().algorithmById("audan:slice").create()
    where = QgsProcessingUtils.generateTempFilename("slice.gpkg")
    details = QgsProcessingContext.LayerDetails("Slice", QgsProject.instance(), "OUTPUT")
    context.addLayerToLoadOnCompletion(where, details)
    given = {"SERVER": address, "LAYER": "rating", "OUTPUT": where}
    results, fine = algorithm.run(given, context, feedback)
    assert fine
    layer = QgsVectorLayer(results["OUTPUT"], "slice", "ogr")
    context.layerToLoadOnCompletionDetails(where).postProcessor().postProcessLayer(layer, context, feedback)
    assert isinstance(layer.renderer(), QgsRuleBasedRenderer)
    labels = [one.label() for one in layer.renderer().rootRule().children()]
    assert len(labels) == 7
    assert len(set(labels)) == 7


def test_joined_and_unmatched_rows_add_up(run):
    own = table("string", "01", "1", "11", "11", "99", None, " 12 ")
    found = run("jointable", INPUT=own, FIELD="code", OFFENCE="assault", MONTH="2022-12", UNMATCHED="memory:")
    assert (found["ROWS"], found["JOINED"], found["UNMATCHED_ROWS"]) == (7, 4, 3)
    assert found["UNMATCHED_DISTRICTS"] == 33
    joined = sorted(rows(found["OUTPUT"], "district", "count", "level_2"))
    assert [one[0] for one in joined] == ["01", "11", "11", "12"]
    assert joined[1][1:] == (36, "note 11")
    lost = rows(found["UNMATCHED"], "side", "key", "problem", "reason")
    problems = {(str(key), problem): reason for side, key, problem, reason in lost if side == "table"}
    assert set(problems) == {("1", "zeros"), ("99", "unknown"), ("NULL", "empty")}
    assert "01" in problems["1", "zeros"]
    assert sorted(key for side, key, *_ in lost if side == "district") == sorted(
        set(CODES) - {"01", "11", "12"}
    )


def test_a_key_of_numbers_is_never_padded(run):
    found = run("jointable", INPUT=table("integer", 1, 11), FIELD="code", UNMATCHED="memory:")
    assert (found["JOINED"], found["UNMATCHED_ROWS"]) == (1, 1)
    reason = next(one for side, one in rows(found["UNMATCHED"], "side", "reason") if side == "table")
    assert "numbers" in reason


def test_points_are_counted_once_and_none_is_lost(run):
    # In the middle of a district, on the border of two, on a corner of four, outside, and without a place or a date.
    districts = {
        one["district"]: one.geometry() for one in run("slice", LAYER="districts")["OUTPUT"].getFeatures()
    }
    centre = districts["14"].centroid().asWkt(9)
    corner = next(
        one for one in districts["11"].asMultiPolygon()[0][0]
        if all(districts[code].distance(QgsGeometry.fromPointXY(one)) == 0 for code in ("12", "21", "22"))
    )  # fmt: skip
    edge = districts["00"].intersection(districts["01"])
    border = edge.interpolate(0).asWkt(12)
    own = points(
        (centre, "2022-12-05", "a"), (centre, "2022-11-05", "b"), (border, "2022-12-01", "a"),
        (f"Point ({corner.x()} {corner.y()})", "2022-12-31", "a"), ("Point (10 10)", "2022-12-05", "a"),
        ("", "2022-12-05", "a"), (centre, "soon", "a"),
    )  # fmt: skip
    plain = run("pointsincounts", POINTS=own, OUTSIDE="memory:")
    assert (plain["POINTS_READ"], plain["INSIDE"], plain["OUTSIDE_COUNT"]) == (7, 5, 2)
    counts = dict(rows(plain["OUTPUT"], "district", "points"))
    assert sorted(counts) == CODES
    assert {code: many for code, many in counts.items() if many} == {"14": 3, "00": 1, "11": 1}

    cut = run("pointsincounts", POINTS=own, DATE="when", RECORDED=True, OFFENCE="assault", OUTSIDE="memory:")
    assert (cut["INSIDE"], cut["OUTSIDE_COUNT"]) == (4, 3)
    monthly = {
        (code, month.month()): rest
        for code, month, *rest in rows(cut["OUTPUT"], "district", "month", "points", "recorded")
    }
    assert len(monthly) == 72
    assert monthly["11", 12] == [1, 36]
    assert monthly["14", 11][0] == monthly["14", 12][0] == 1

    by = run("pointsincounts", POINTS=own, BY="kind", OUTSIDE="memory:")
    assert sum(many for (many,) in rows(by["OUTPUT"], "points")) == by["INSIDE"] == 5
    with pytest.raises(QgsProcessingException, match="not divided"):
        run("pointsincounts", POINTS=own, BY="kind", RECORDED=True)


def test_points_in_metres_fall_into_the_same_districts(run):
    spots = [
        f"Point ({500_000 + 3_000 * x + 700} {4_800_000 + 3_000 * y + 900})"
        for y in range(6)
        for x in range(6)
    ]
    own = points(*((spot, "2022-12-05", "a") for spot in spots), crs="EPSG:32643")
    districts = run("slice", LAYER="districts")["OUTPUT"]
    found = run("pointsincounts", SERVER="", POINTS=own, DISTRICTS=districts, CODE="district")
    assert {many for (many,) in rows(found["OUTPUT"], "points")} == {1}


def test_classes_are_those_of_the_servers_legend(run):
    districts = run("slice", LAYER="districts")["OUTPUT"]
    own = run("classify", INPUT=districts, FIELD="density", METHOD=1)
    asked = run("classify", INPUT=districts, FIELD="density", METHOD=3, LEGEND="districts.density")
    assert json.loads(own["CUTS"]) == json.loads(asked["CUTS"])
    assert len(json.loads(own["CUTS"])) == 4
    assert sorted(rows(own["OUTPUT"], "district", "class")) == sorted(
        rows(asked["OUTPUT"], "district", "class")
    )
    assert sum(json.loads(own["COUNTS"]).values()) == 36
    with pytest.raises(QgsProcessingException, match=r"rating\.points_12m"):
        run("classify", INPUT=districts, FIELD="density", METHOD=3, LEGEND="rating.colour")


def test_levels_are_their_own_classes_and_what_is_missing_has_none(run):
    rating = run("slice", LAYER="rating", OFFENCES="assault", MONTHS="2022-12")["OUTPUT"]
    found = run("classify", INPUT=rating, FIELD="level", METHOD=3, LEGEND="rating.level")["OUTPUT"]
    assert all(level == number for level, number in rows(found, "level", "class"))
    none = run("classify", INPUT=rating, FIELD="harm")
    assert json.loads(none["COUNTS"])["-1"] == 36


def test_algorithms_work_in_a_model(provider, address):
    model = QgsProcessingModelAlgorithm("both", "own")
    source = QgsProcessingModelChildParameterSource
    sliced = QgsProcessingModelChildAlgorithm("audan:slice")
    sliced.setChildId("sliced")
    wanted = {"SERVER": address, "LAYER": "rating", "OFFENCES": "theft", "MONTHS": "2022-12"}
    for name, value in wanted.items():
        sliced.addParameterSources(name, [source.fromStaticValue(value)])
    model.addChildAlgorithm(sliced)
    classified = QgsProcessingModelChildAlgorithm("audan:classify")
    classified.setChildId("classified")
    classified.addParameterSources("INPUT", [source.fromChildOutput("sliced", "OUTPUT")])
    for name, value in {"FIELD": "count", "METHOD": 0, "CLASSES": 5}.items():
        classified.addParameterSources(name, [source.fromStaticValue(value)])
    result = QgsProcessingModelOutput("classes")
    result.setChildId("classified")
    result.setChildOutputName("OUTPUT")
    classified.setModelOutputs({"classes": result})
    model.addChildAlgorithm(classified)
    assert model.validate()[0], model.validate()
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())
    model.initAlgorithm()
    results, fine = model.run({"classified:classes": "memory:"}, context, QgsProcessingFeedback())
    assert fine
    layer = QgsProcessingUtils.mapLayerFromString(results["classified:classes"], context)
    assert layer.featureCount() == 36
    assert {number for (number,) in rows(layer, "class")} == {0, 1, 2, 3, 4}


def test_breaks_by_hand():
    assert cuts.natural_breaks([1, 2, 2, 11, 12, 51, 52], 3) == [10.0, 30.0]
    assert cuts.equal_shares([1, 2, 3, 4, 5, 6, 70, 80], 4) == [3.0, 5.0, 40.0]
    assert cuts.classify([0, 10, float("nan"), 70], [10, 50]).tolist() == [0, 1, -1, 2]
    assert cuts.natural_breaks([], 5) == []
    assert AMOUNT[0] == "#edf8fb"


def test_stories_as_text_and_as_a_page(run, tmp_path):
    file = str(tmp_path / "story.html")
    found = run("explain", NAME="11", OFFENCE="assault", MONTH="2022-12", LANGUAGE="ru", HTML=file)
    assert "Quarter 11" in found["TEXT"]
    assert "36" in found["TEXT"]
    page = (tmp_path / "story.html").read_text(encoding="utf-8")
    assert page.startswith("<!DOCTYPE html>")
    assert '<html lang="ru">' in page
    assert "<script" not in page
    path = run("explain", KIND=2, NAME="theft.2021-07.20", LANGUAGE="en", HTML=file)
    assert "Quarter 20" in path["TEXT"]
    assert "Quarter 25" in path["TEXT"]
    assert "Quarter 11" in run("explain", KIND=1, NAME="all-11-2022-12", HTML=file)["TEXT"]
    with pytest.raises(QgsProcessingException, match="99"):
        run("explain", NAME="99", HTML=file)
