"""The bulletin: a map, a list of the districts to look at, and what is known of the first of them."""

import math
from typing import Optional

from qgis.core import (
    Qgis,
    QgsLayoutItemMap,
    QgsLayoutItemScaleBar,
    QgsLineSymbol,
    QgsPrintLayout,
    QgsProject,
    QgsUnitTypes,
)

from ..core.words import say
from .chart import chart, put_key
from .facts import Facts
from .maps import district_layer, extent_of, found_layer, keep, map_item
from .marks import mark_layers
from .paper import BOTTOM, GREY, INK, LEFT, TOP, WIDTH, Sheet, caveats, heading_of, height_of, text_format
from .table import put_table
from .why import EXPLAINED

ROWS = 10
"""Districts of the list on the first page; how many more there are is told."""
_CHART = 30.0
_KILOMETRES = (
    Qgis.DistanceUnit.Kilometers
    if hasattr(Qgis, "DistanceUnit")
    else QgsUnitTypes.DistanceUnit.DistanceKilometers
)


def make(project: QgsProject, facts: Facts, name: Optional[str] = None) -> QgsPrintLayout:
    """Lay a bulletin out and add it to a project; call it in the window's thread.

    Parameters
    ----------
    project
        Where the layout and the layers of its map are put.
    facts
        What it tells.
    name
        What the layout is called; its title by default, with a number where that is taken.
    """
    sheet = Sheet(project, name or heading_of(facts))
    found = found_layer(facts)
    layers = [*([found] if found is not None else []), district_layer(facts)]
    shown = map_item(sheet.layout, layers, facts)

    y = _map_and_legend(sheet, shown, facts, sheet.head(facts))
    told, y = _list(sheet, facts, y + 5)
    layers = [*mark_layers(facts, shown, told), *layers]
    keep(project, layers, sheet.layout.name())
    shown.setLayers(layers)
    _courses(sheet, facts, y + 6)
    sheet.notes(facts, BOTTOM - _notes_height(facts))
    sheet.feet(facts)
    project.layoutManager().addLayout(sheet.layout)
    return sheet.layout


def _map_and_legend(sheet: Sheet, shown: QgsLayoutItemMap, facts: Facts, y: float) -> float:
    """Put a wide map above its legend, and a tall one beside it; return where both end."""
    extent = extent_of(facts)
    shape = extent.width() / extent.height()
    wide = shape > 1.25
    tall = min(84.0, (WIDTH if wide else 112.0) / shape)
    width = WIDTH if wide else tall * shape
    sheet.put(shown, LEFT, y, width, tall)
    shown.setId("map")
    shown.zoomToExtent(extent)
    if wide:
        _scale_bar(sheet, shown, LEFT, y + tall + 1)
        return sheet.legend(facts, LEFT, y + tall + 12, WIDTH)
    beside = LEFT + width + 8
    end = sheet.legend(facts, beside, y, LEFT + WIDTH - beside)
    _scale_bar(sheet, shown, beside, max(end + 4, y + tall - 9))
    return max(end + 13, y + tall)


def _scale_bar(sheet: Sheet, shown: QgsLayoutItemMap, x: float, y: float) -> None:
    bar = QgsLayoutItemScaleBar(sheet.layout)
    bar.setStyle("Line Ticks Up")
    bar.setLinkedMap(shown)
    bar.setUnits(_KILOMETRES)
    bar.setUnitLabel(say("layout.km"))
    bar.setUnitsPerSegment(_round_below(shown.scale() * 0.018 / 1000))
    bar.setNumberOfSegmentsLeft(0)
    bar.setNumberOfSegments(2)
    bar.setTextFormat(text_format(7))
    bar.setHeight(1.5)
    bar.setLineSymbol(QgsLineSymbol.createSimple({"color": INK, "width": "0.25"}))
    bar.setBoxContentSpace(0.5)
    sheet.put(bar, x, y, 40, 8)


def _round_below(length: float) -> float:
    """Return a round number not above a length."""
    power: float = 10 ** math.floor(math.log10(length))
    return max(power * times for times in (1, 2, 5) if power * times <= length)


def _list(sheet: Sheet, facts: Facts, y: float) -> tuple[int, float]:
    """Put the list, or what stands in its place, on the first page; return how many it tells of, and where it ends."""
    if facts.info.own_shapes:
        return _findings(sheet, facts, y), y
    if not facts.is_ranking:
        return 0, y
    y = sheet.text(say("layout.list"), y, size=11, bold=True) + 1
    if not facts.ranked:
        return 0, sheet.text(say("layout.list.public" if facts.is_public else "layout.list.none"), y)
    room = BOTTOM - _notes_height(facts) - 8 - y
    y, told = put_table(sheet, facts, facts.ranked[:ROWS], y, room)
    if told < len(facts.ranked):
        more = say("layout.list.more", count=len(facts.ranked) - told)
        y = sheet.text(more, y + 1, size=8, colour=GREY)
    return told, y


def _findings(sheet: Sheet, facts: Facts, y: float) -> int:
    """Put the sentences on clusters or paths on the first page, as many as there is room for."""
    room = BOTTOM - _notes_height(facts) - 8
    if not facts.rows:
        sheet.text(say("layout.found.none"), y)
    for at, text in enumerate(facts.findings):
        if y + height_of(text, WIDTH - 8, 9) > room:
            more = say("layout.found.more", count=len(facts.findings) - at)
            sheet.text(more, y, size=8, colour=GREY)
            return at
        sheet.text(str(at + 1), y, width=6, bold=True)
        y = sheet.text(text, y, x=LEFT + 8, width=WIDTH - 8, name=f"found {at + 1}") + 2
    return len(facts.findings)


def _courses(sheet: Sheet, facts: Facts, y: float) -> None:
    """Put the first districts below the list, or on a second page where that has no room: two years, and why."""
    if facts.story is None or not facts.ranked:
        return
    first = facts.ranked[:EXPLAINED]
    needed = [16 + _CHART + height_of(facts.why.get(code, ""), WIDTH, 9) for code in first]
    below = y + 14 + sum(needed) <= BOTTOM - _notes_height(facts) - 2
    page, y = (0, y) if below else (sheet.add_page(), TOP)
    y = sheet.text(say("layout.courses"), y, size=11 if below else 14, bold=True, page=page) + 1
    y = put_key(sheet, y, page) + 4
    for rank, (code, room) in enumerate(zip(first, needed), 1):
        one, why = facts.districts[code], facts.why.get(code, "")
        if y + room > BOTTOM:
            page, y = sheet.add_page(), TOP
        sheet.rule(y, page)
        y = sheet.text(f"{rank}. {one.name}", y + 2.5, size=11, bold=True, page=page)
        if one.region:
            y = sheet.text(one.region, y, size=8, colour=GREY, page=page)
        sheet.picture(chart(facts, code, WIDTH, _CHART), LEFT, y + 1, WIDTH, _CHART, page)
        y = sheet.text(why, y + _CHART + 3, page=page, name=f"why {rank}") + 4


def _notes_height(facts: Facts) -> float:
    source = say("layout.source", attribution=str(facts.catalogue.area.get("attribution", "")))
    return height_of(caveats(facts), WIDTH, 8) + height_of(source, WIDTH, 8) + 1.2
