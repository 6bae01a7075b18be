"""Bulletins and atlases on the walled town: what the PDF says is what the server says, and nothing overlaps."""

import json
import math
import shutil
import subprocess
import unicodedata
from dataclasses import replace

import pytest
from audan.core.choice import Choice
from audan.core.client import Client
from audan.core.fault import Cancelled, Fault
from audan.core.words import LANGUAGES, messages
from audan.layout import atlas, bulletin
from audan.layout.export import to_pdf
from audan.layout.facts import fetch_facts
from audan.layout.figures import day_name
from audan.layout.marks import spread
from audan.layout.paper import BOTTOM
from audan.processing.provider import AudanProvider
from qgis.core import (
    QgsApplication,
    QgsFeedback,
    QgsLayoutExporter,
    QgsLayoutFrame,
    QgsLayoutItemLabel,
    QgsLayoutItemMap,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
)
from qgis.PyQt.QtCore import QRectF, QSize

OUTBREAK, MONTH = "11", "2022-12"


@pytest.fixture
def fetch(server):
    """Facts of a slice of the town."""

    def go(layer="rating", offence="assault", month=MONTH, lang=None):
        return fetch_facts(Client(server, lang=lang), Choice(server, layer, offence, month))

    return go


def pages_of(path):
    """The text of each page of a PDF, blanks made one."""
    assert shutil.which("pdftotext"), "install poppler-utils"
    told = subprocess.run(["pdftotext", "-layout", str(path), "-"], capture_output=True, check=True)
    text = unicodedata.normalize("NFKC", told.stdout.decode())  # takes ligatures apart
    return [" ".join(page.split()) for page in text.split("\f")[:-1]]


def as_public(facts):
    """The same facts as a public edition tells them."""
    return replace(facts, catalogue=replace(facts.catalogue, edition="public"))


def test_a_bulletin_tells_what_the_server_tells(fetch, server, tmp_path):
    facts = fetch()
    to_pdf(bulletin.make(QgsProject.instance(), facts), tmp_path / "b.pdf")
    (first,) = pages_of(tmp_path / "b.pdf")  # the one district of the list has room below it
    asked = Client(server).rows("rating", datetime=MONTH, offence="assault", district=OUTBREAK)
    row = asked.rows[0]
    assert "Walled Town · Analyst edition Rating: Assault December 2022" in first
    interval = f"{row['lower']:.0f}–{row['upper']:.0f}"
    assert f"1 Quarter {OUTBREAK} {row['count']} {row['expected']:.1f} {interval}" in first
    assert f"{facts.catalogue.area['attribution']}" in first
    assert f"Release {facts.catalogue.release} of {day_name(facts.catalogue.released)}" in first
    assert "Recorded is not happened" in first
    assert "Areas are judged, never persons" in first
    assert "Invented data" in first
    assert row["provisional"]
    assert "may still be revised" in first
    assert "Page 1 of 1" in first
    assert row["text"] in first
    assert "24 November" in day_name("2026-11-24")


def test_courses_that_have_no_room_below_the_list_have_a_page_of_their_own(fetch, tmp_path):
    facts = fetch()
    long = replace(facts, why=dict.fromkeys(facts.ranked, "It is told at length. " * 150))
    to_pdf(bulletin.make(QgsProject.instance(), long), tmp_path / "b.pdf")
    first, second = pages_of(tmp_path / "b.pdf")
    assert "Page 1 of 2" in first
    assert "Page 2 of 2" in second
    assert "at length" not in first
    assert "at length" in second


def test_a_bulletin_has_its_fonts_inside_and_kazakh_letters(fetch, speak, tmp_path):
    speak("kk")
    to_pdf(bulletin.make(QgsProject.instance(), fetch(lang="kk")), tmp_path / "b.pdf")
    (first,) = pages_of(tmp_path / "b.pdf")
    assert "Рейтинг: Ұрып-соғу 2022 ж. желтоқсан" in first
    assert "Тіркелгені болғаны емес" in first
    assert "8,6" in first
    assert "күтілгені" in first
    fonts = subprocess.run(["pdffonts", str(tmp_path / "b.pdf")], capture_output=True, check=True)
    lines = fonts.stdout.decode().splitlines()[2:]
    assert lines
    assert all(line.split()[-5] == "yes" for line in lines)


def test_the_map_has_the_colours_of_the_classes(fetch):
    facts = fetch()
    layout = bulletin.make(QgsProject.instance(), facts)
    shown = next(item for item in layout.items() if isinstance(item, QgsLayoutItemMap))
    region = QRectF(shown.pos(), shown.rect().size())
    image = QgsLayoutExporter(layout).renderRegionToImage(region, QSize(360, 360))
    seen = {}
    for x in range(image.width()):
        for y in range(image.height()):
            name = image.pixelColor(x, y).name()
            seen[name] = seen.get(name, 0) + 1
    levels = [row.figures["level"] for row in facts.rows]
    colours = {one.value: one.colour for one in facts.info.classes}
    cell = seen[colours[1]] / levels.count(1)
    assert set(levels) == {1, 2, 5}
    assert seen[colours[2]] == pytest.approx(cell * levels.count(2), rel=0.1)
    assert 0.5 * cell < seen[colours[5]] <= 1.1 * cell  # a number stands on it
    assert all(seen.get(colours[level], 0) < 0.05 * cell for level in (3, 4))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize(
    "layer", ["rating", "dynamics", "structure", "hotspots", "completeness", "spread_paths"]
)
def test_nothing_overlaps_and_nothing_leaves_the_page(fetch, speak, lang, layer):
    speak(lang)
    facts = fetch(layer, "all", lang=lang)
    if facts.info.id == "rating":  # as many as there can be, with names as long as they get
        long = {c: replace(d, name=f"Нұрлыжар-Сарыарқа ауданы {c}") for c, d in facts.districts.items()}
        facts = replace(facts, districts=long, listed=tuple(facts.districts))
    layout = bulletin.make(QgsProject.instance(), facts)
    boxes = [
        (item.id() or getattr(item, "text", str)(), item.mapRectToScene(item.rect()))
        for item in layout.items()
        if isinstance(item, (QgsLayoutItemLabel, QgsLayoutItemMap, QgsLayoutFrame))
    ]
    assert len(boxes) > 8
    assert not [name for name, _ in boxes if name.startswith("layout.")], "a text without words"
    for at, (name, box) in enumerate(boxes):
        assert box.left() >= 14.9
        assert box.right() <= 195.1
        for other, second in boxes[at + 1 :]:
            common = box.intersected(second)
            assert common.height() < 0.5 or common.width() < 0.5, (name, other)
    listed = [box for name, box in boxes if name == "list"]
    assert all(box.bottom() < BOTTOM for box in listed)


def test_a_public_edition_ranks_nobody(fetch, tmp_path):
    facts = as_public(fetch())
    assert facts.listed
    to_pdf(bulletin.make(QgsProject.instance(), facts), tmp_path / "b.pdf")
    (only,) = pages_of(tmp_path / "b.pdf")
    assert "Public edition" in only
    assert "Ranked lists are in the analyst edition only" in only
    assert "Quarter" not in only


def test_a_quiet_slice_says_so(fetch, tmp_path):
    facts = replace(fetch(), listed=())
    to_pdf(bulletin.make(QgsProject.instance(), facts), tmp_path / "b.pdf")
    (only,) = pages_of(tmp_path / "b.pdf")
    assert "No district stands out." in only


def test_paths_are_told_in_the_servers_sentences(fetch, tmp_path):
    facts = fetch("spread_paths", "theft", "2021-09")
    assert len(facts.findings) == 1
    to_pdf(bulletin.make(QgsProject.instance(), facts), tmp_path / "b.pdf")
    (only,) = pages_of(tmp_path / "b.pdf")
    assert facts.findings[0][:60] in only


def test_an_atlas_has_a_page_for_each_district(fetch, tmp_path):
    facts = fetch()
    to_pdf(atlas.make(QgsProject.instance(), facts), tmp_path / "listed.pdf")
    (page,) = pages_of(tmp_path / "listed.pdf")
    assert "Quarter 11 Rating: Assault, December 2022" in page
    assert "36 8.6 3–15 9.0" in page
    assert facts.why[OUTBREAK][:80] in page
    layout = atlas.make(QgsProject.instance(), facts, every=True)
    charts = set()
    for number in range(36):
        layout.atlas().seekTo(number)
        charts.add(layout.itemById("chart").picturePath())
    assert len(charts) == 36
    to_pdf(layout, tmp_path / "all.pdf")
    pages = pages_of(tmp_path / "all.pdf")
    assert len(pages) == 36
    pictures = subprocess.run(["pdfimages", "-list", tmp_path / "all.pdf"], capture_output=True, check=True)
    assert len(pictures.stdout.splitlines()) == 2, "nothing but the heading: no pixels"
    for number, (code, text) in enumerate(zip(sorted(facts.districts), pages), 1):
        assert f"Analyst edition Quarter {code} Rating" in text
        assert f"Page {number} of 36" in text


def test_an_atlas_can_be_stopped(fetch, tmp_path):
    made = atlas.make(QgsProject.instance(), fetch(), every=True)
    feedback = QgsFeedback()
    feedback.progressChanged.connect(lambda done: feedback.cancel())
    with pytest.raises(Cancelled):
        to_pdf(made, tmp_path / "a.pdf", feedback)
    assert not list(tmp_path.iterdir())


def test_a_pdf_is_whole_or_not_there(fetch, tmp_path):
    made = bulletin.make(QgsProject.instance(), fetch())
    with pytest.raises(Fault) as missing:
        to_pdf(made, tmp_path / "nowhere" / "b.pdf")
    assert missing.value.code == "folder"
    assert "nowhere" in str(missing.value)
    (tmp_path / "held.pdf").mkdir()
    with pytest.raises(Fault) as held:
        to_pdf(made, tmp_path / "held.pdf")
    assert held.value.code == "file_held"
    assert [one.name for one in tmp_path.iterdir()] == ["held.pdf"]


def test_an_atlas_whose_layers_are_gone_says_so(fetch, tmp_path):
    project = QgsProject.instance()
    atlas.make(project, fetch())
    project.write(str(tmp_path / "kept.qgz"))
    project.clear()
    project.read(str(tmp_path / "kept.qgz"))
    (layout,) = project.layoutManager().printLayouts()
    with pytest.raises(Fault) as empty:
        to_pdf(layout, tmp_path / "a.pdf")
    assert empty.value.code == "no_pages"


def test_a_bulletin_does_not_hold_the_window(fetch, stalls):
    facts = fetch()
    bulletin.make(QgsProject.instance(), facts)  # fonts and projections are read once
    with stalls:
        bulletin.make(QgsProject.instance(), facts)
    assert stalls.longest < 0.3  # it is laid out at one go, and some 0.1 s of work


def test_the_chart_shows_the_norm_that_the_layer_judges_by(fetch, server):
    for layer in ("rating", "dynamics"):
        facts = fetch(layer)
        row = Client(server).rows(layer, datetime=MONTH, offence="assault", district=OUTBREAK).rows[0]
        assert facts.story.at("expected", MONTH, OUTBREAK) == pytest.approx(row["expected"])
        assert facts.story.at("count", MONTH, OUTBREAK) == 36
    assert "outbreak" in facts.why[OUTBREAK].casefold()


def test_what_is_left_open_is_filled_and_what_is_not_there_is_told(fetch):
    facts = fetch("dynamics", None, None)
    assert (facts.choice.offence, facts.choice.month) == ("all", MONTH)
    assert facts.story.months[0] == "2021-01"
    assert fetch("completeness", None, None).choice.attribute == "method"
    with pytest.raises(Fault) as pictures:
        fetch("density")
    assert pictures.value.code == "not_mapped"
    with pytest.raises(Fault) as unknown:
        fetch("weather")
    assert unknown.value.code == "no_layer"


def test_layouts_of_one_name_live_side_by_side(fetch):
    facts = fetch()
    first = bulletin.make(QgsProject.instance(), facts)
    second = bulletin.make(QgsProject.instance(), facts)
    assert [first.name(), second.name()] == [
        "Rating: Assault, December 2022",
        "Rating: Assault, December 2022 (2)",
    ]
    assert len(QgsProject.instance().layoutManager().printLayouts()) == 2


def test_discs_stay_apart_and_on_the_map():
    crowd = [(20.0 + 0.3 * at, 30.0) for at in range(10)]
    placed = spread(crowd, (100.0, 60.0))
    assert placed[0] == crowd[0]
    for at, one in enumerate(placed):
        assert 0 < one[0] < 100
        assert 0 < one[1] < 60
        assert all(math.dist(one, other) > 5 for other in placed[:at])


def test_every_text_is_there_in_three_languages():
    known = {
        lang: {key for key in messages(lang) if key.startswith(("layout.", "processing.bulletin", "fault."))}
        for lang in LANGUAGES
    }
    assert known["en"] == known["ru"] == known["kk"]
    assert all(json.dumps(messages(lang)) for lang in LANGUAGES)


@pytest.fixture
def algorithm(qgis_app):
    """The algorithm as the toolbox has it."""
    provider = AudanProvider()
    QgsApplication.processingRegistry().addProvider(provider)
    yield QgsApplication.processingRegistry().algorithmById("audan:bulletin")
    QgsApplication.processingRegistry().removeProvider(provider)


def test_the_algorithm_writes_bulletins_and_atlases(algorithm, address, tmp_path):
    for wanted, text in ((False, "Districts to look at"), (True, "Page 1 of 1")):
        path = tmp_path / f"{wanted}.pdf"
        asked = {"SERVER": address, "LAYER": "dynamics", "OFFENCE": "assault", "ATLAS": wanted}
        results, fine = algorithm.create().run(
            {**asked, "OUTPUT": str(path)}, QgsProcessingContext(), QgsProcessingFeedback(), {}, False
        )
        assert fine
        assert results["OUTPUT"] == str(path)
        assert text in pages_of(path)[0]
    assert not QgsProject.instance().mapLayers()
    for wrong in ({"LAYER": "weather"}, {"OFFENCE": "piracy"}, {"MONTH": "1999-01"}, {"LAYER": "density"}):
        with pytest.raises(QgsProcessingException, match="|".join(wrong.values())):
            algorithm.create().run(
                {**asked, **wrong, "OUTPUT": str(tmp_path / "b.pdf")},
                QgsProcessingContext(),
                QgsProcessingFeedback(),
                {},
                False,
            )
    assert not (tmp_path / "b.pdf").exists()
