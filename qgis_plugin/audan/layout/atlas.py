"""The atlas: a page for each district of the list, or for every district where there is no list."""

from typing import Optional

from qgis.core import (
    QgsFeature,
    QgsFillSymbol,
    QgsLayoutItemMap,
    QgsLayoutItemPicture,
    QgsPrintLayout,
    QgsProject,
    QgsRuleBasedRenderer,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QColor

from ..core.words import capital, edition_name, of, say
from .chart import chart, put_key
from .facts import Facts
from .figures import columns_of, figure, heading
from .maps import district_layer, extent_of, fill, found_layer, keep, map_item, memory_layer
from .paper import BOTTOM, GREY, INK, LEFT, RULE, TOP, WIDTH, Sheet, caveats, heading_of, height_of

_MAP, _CHART = 96.0, 40.0
_TEXTS = ("code", "name", "region", "class", "why", "chart")


def make(
    project: QgsProject, facts: Facts, name: Optional[str] = None, every: bool = False
) -> QgsPrintLayout:
    """Lay an atlas out and add it to a project; call it in the window's thread.

    Parameters
    ----------
    project
        Where the layout and the layers of its maps are put.
    facts
        What it tells.
    name
        What the layout is called; its title by default, with a number where that is taken.
    every
        A page for every district by name, even where there is a list.
    """
    about = heading_of(facts)
    sheet = Sheet(project, name or say("layout.atlas", about=about))
    coverage = _coverage(facts, every)
    found = found_layer(facts)
    layers = [coverage, *([found] if found is not None else []), district_layer(facts, named=True)]
    keep(project, layers, sheet.layout.name())

    atlas = sheet.layout.atlas()
    atlas.setCoverageLayer(coverage)
    atlas.setPageNameExpression('"name"')
    atlas.setEnabled(True)

    y = _head(sheet, facts, about)
    shown = map_item(sheet.layout, layers, facts)
    sheet.put(shown, LEFT, y, WIDTH, _MAP)
    shown.setId("map")
    shown.setFrameEnabled(True)
    shown.setFrameStrokeColor(QColor(RULE))
    shown.zoomToExtent(extent_of(facts))
    shown.setAtlasDriven(True)
    shown.setAtlasScalingMode(QgsLayoutItemMap.AtlasScalingMode.Auto)
    shown.setAtlasMargin(0.7)
    y = sheet.legend(facts, LEFT, y + _MAP + 3, WIDTH) + 4
    y = _figures(sheet, facts, y)
    y = _course(sheet, y)
    notes = BOTTOM - height_of(caveats(facts), WIDTH, 8) - 6
    sheet.text('[% "why" %]', y + 2, height=notes - y - 4, name="why", live=True)
    sheet.notes(facts, notes)
    sheet.feet(
        facts, say("layout.page", page="[% @atlas_featurenumber %]", pages="[% @atlas_totalfeatures %]")
    )
    project.layoutManager().addLayout(sheet.layout)
    atlas.beginRender()
    atlas.first()
    return sheet.layout


def _coverage(facts: Facts, every: bool) -> QgsVectorLayer:
    """Return a layer with a feature for each page, and all that stands on it."""
    columns = columns_of(facts)
    codes = () if every else facts.ranked
    codes = codes or tuple(sorted(facts.districts, key=lambda code: facts.districts[code].name))
    layer = memory_layer("Polygon", say("layout.pages"), (*_TEXTS, *columns))
    rows = []
    for code in codes:
        one, klass = facts.districts[code], facts.class_of_district(code)
        told = (code, one.name, one.region, of(klass.label) if klass else say("layout.no_data"))
        drawn = chart(facts, code, WIDTH, _CHART)
        figures = (figure(facts, code, column) for column in columns)
        rows.append((one.shape, (*told, facts.why.get(code, ""), drawn, *figures)))
    fill(layer, rows)
    outline = QgsFillSymbol.createSimple({"style": "no", "outline_color": INK, "outline_width": "0.9"})
    renderer = QgsRuleBasedRenderer(outline)
    renderer.rootRule().children()[0].setFilterExpression("$id = @atlas_featureid")
    layer.setRenderer(renderer)
    return layer


def _head(sheet: Sheet, facts: Facts, about: str) -> float:
    edition = capital(edition_name(facts.catalogue.edition))
    y = sheet.text(f"{of(facts.catalogue.area['name'])} · {edition}", TOP, size=9, colour=GREY) + 1
    y = sheet.text('[% "name" %]', y, height=9, size=20, bold=True, name="title", live=True)
    y = sheet.text(about, y + 1, size=11)
    sheet.rule(y + 2)
    return y + 5


def _figures(sheet: Sheet, facts: Facts, y: float) -> float:
    """Put the figures of a district side by side, the class below them."""
    columns = columns_of(facts)
    wide = WIDTH / max(1, len(columns))
    for at, column in enumerate(columns):
        x = LEFT + at * wide
        sheet.text(heading(column), y, x=x, width=wide - 4, height=4, size=8, colour=GREY)
        sheet.text(f'[% "{column}" %]', y + 4, x=x, width=wide - 4, height=7, size=14, bold=True, live=True)
    y += 12 if columns else 0
    return sheet.text('[% "class" %]', y, height=5, size=10, bold=True, name="class", live=True) + 1


def _course(sheet: Sheet, y: float) -> float:
    """Put a picture that shows the chart of each page's district, and return where it ends."""
    put_key(sheet, y, 0)
    picture = sheet.picture("", LEFT, y + 5, WIDTH, _CHART)
    picture.setId("chart")

    # A source that depends on data becomes pixels in QGIS, so the picture is changed with the page.
    def show(feature: QgsFeature) -> None:
        if feature.isValid():  # there is none when the atlas has come to its end
            picture.setPicturePath(feature["chart"] or "", QgsLayoutItemPicture.Format.FormatSVG)

    sheet.layout.atlas().featureChanged.connect(show)
    return y + 5 + _CHART
