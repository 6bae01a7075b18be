"""The ranked list as a table of the layout, which can be edited there like any other."""

from typing import Optional

from qgis.core import (
    QgsLayoutFrame,
    QgsLayoutItemManualTable,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLayoutTable,
    QgsTableCell,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from ..core.words import of, say
from .facts import Facts
from .figures import columns_of, figure, heading
from .maps import NO_DATA
from .paper import GREY, LEFT, RIGHT, RULE, START, WIDTH, Sheet, height_of, text_format

_MARGIN, _GRID = 1.0, 0.15
_RANK, _SWATCH, _FIGURE, _CLASS, _GAP = 4.5, 4.0, 19.5, 36.0, 0.2
_NAME = 3
_HEAD_SIZE, _SIZE = 7.5, 8.5


def put_table(sheet: Sheet, facts: Facts, codes: tuple[str, ...], y: float, room: float) -> tuple[float, int]:
    """Put as many of a list of districts on the first page as there is room; return where it ends, and how many."""
    figures = columns_of(facts)
    # A class that is a range of a figure beside it would only say that figure again.
    named = any(one.value is not None for one in facts.info.classes)
    widths = [_RANK, _SWATCH, _GAP, 0.0, *(_FIGURE for _ in figures), *([_GAP, _CLASS] if named else [])]
    widths[_NAME] = WIDTH - sum(widths) - 2 * _MARGIN * len(widths)
    titles = ["", "", "", say("layout.column.district"), *map(heading, figures)]
    titles += ["", say("layout.column.class")]
    colours = [None, *(_colour(facts, code) for code in codes)]
    rows = [titles, *(_texts(facts, code, at, figures) for at, code in enumerate(codes, 1))]
    rows = [row[: len(widths)] for row in rows]
    heights = [_height(row, widths, _SIZE if at else _HEAD_SIZE) for at, row in enumerate(rows)]
    while len(rows) > 2 and _tall(heights) > room:
        rows.pop()
        heights.pop()

    # The table's own header knows one alignment for all columns, so the first row is the header.
    table = QgsLayoutItemManualTable.create(sheet.layout)
    sheet.layout.addMultiFrame(table)
    table.setIncludeTableHeader(False)
    table.setContentTextFormat(text_format(_SIZE))
    table.setWrapBehavior(QgsLayoutTable.WrapBehavior.WrapText)
    table.setCellMargin(_MARGIN)
    table.setVerticalGrid(False)
    table.setGridColor(QColor(RULE))
    table.setGridStrokeWidth(_GRID)
    table.setTableContents([_cells(row, len(figures), colour) for row, colour in zip(rows, colours)])
    table.setColumnWidths(widths)
    table.setRowHeights(heights)
    tall = _tall(heights)
    frame = QgsLayoutFrame(sheet.layout, table)
    table.addFrame(frame)
    frame.attemptResize(QgsLayoutSize(WIDTH, tall))
    frame.attemptMove(QgsLayoutPoint(LEFT, y), page=0)
    frame.setId("list")
    table.recalculateFrameSizes()
    return y + tall, len(rows) - 1


def _texts(facts: Facts, code: str, rank: int, figures: tuple[str, ...]) -> list[str]:
    klass = facts.class_of_district(code)
    verdict = [of(klass.label)] if klass else []
    if facts.value(code, "standing"):
        verdict.append(say("layout.standing"))
    told = (figure(facts, code, one) for one in figures)
    return [str(rank), "", "", facts.districts[code].name, *told, "", ", ".join(verdict)]


def _colour(facts: Facts, code: str) -> str:
    klass = facts.class_of_district(code)
    return klass.colour if klass else NO_DATA


def _cells(texts: list[str], figures: int, colour: Optional[str]) -> list[QgsTableCell]:
    """Return the cells of a row, whose second is a swatch; a row without a colour is the header."""
    head = colour is None
    cells = [QgsTableCell(text) for text in texts]
    for at, cell in enumerate(cells):
        cell.setHorizontalAlignment(RIGHT if at == 0 or _NAME < at <= _NAME + figures else START)
        cell.setVerticalAlignment(Qt.AlignmentFlag.AlignVCenter)
        cell.setTextFormat(text_format(_HEAD_SIZE, colour=GREY) if head else text_format(_SIZE))
    if colour is not None:
        cells[1].setBackgroundColor(QColor(colour))
    return cells


def _tall(heights: list[float]) -> float:
    return sum(heights) + len(heights) * (2 * _MARGIN + _GRID) + 2 * _GRID


def _height(texts: list[str], widths: list[float], size: float) -> float:
    return max(height_of(text or " ", width, size) for text, width in zip(texts, widths))
