"""The ranked list as a table of the layout, which can be edited there like any other."""

from qgis.core import (
    QgsLayoutFrame,
    QgsLayoutItemManualTable,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsLayoutTable,
    QgsLayoutTableColumn,
    QgsTableCell,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from ..core.words import of, say
from .facts import Facts
from .figures import columns_of, figure, heading
from .paper import LEFT, RULE, WIDTH, Sheet, text_format

_MIDDLE = Qt.AlignmentFlag.AlignVCenter
_MARGIN = 1.0
_RANK, _SWATCH, _FIGURE, _CLASS = 5.0, 4.0, 18.5, 38.0


def put_table(sheet: Sheet, facts: Facts, codes: tuple[str, ...], y: float, page: int = 0) -> float:
    """Put a list of districts on a page and return where it ends."""
    table = QgsLayoutItemManualTable.create(sheet.layout)
    sheet.layout.addMultiFrame(table)
    figures = columns_of(facts)
    names = ["", "", say("layout.column.district"), *map(heading, figures), say("layout.column.class")]
    widths = [_RANK, _SWATCH, 0.0, *(_FIGURE for _ in figures), _CLASS]
    widths[2] = WIDTH - sum(widths) - 2 * _MARGIN * len(widths)
    columns = []
    for at, name in enumerate(names):
        column = QgsLayoutTableColumn(name)
        column.setHAlignment(_align(at, len(figures)))
        columns.append(column)
    table.setIncludeTableHeader(True)
    table.setHeaders(columns)
    table.setHeaderHAlignment(QgsLayoutTable.HeaderHAlignment.FollowColumn)
    table.setTableContents([_row(facts, code, at, figures) for at, code in enumerate(codes, 1)])
    table.setColumnWidths(widths)
    table.setHeaderTextFormat(text_format(7.5, colour="#595959"))
    table.setContentTextFormat(text_format(8.5))
    table.setWrapBehavior(QgsLayoutTable.WrapBehavior.WrapText)
    table.setCellMargin(_MARGIN)
    table.setVerticalGrid(False)
    table.setGridColor(QColor(RULE))
    table.setGridStrokeWidth(0.15)
    frame = QgsLayoutFrame(sheet.layout, table)
    table.addFrame(frame)
    table.refresh()
    tall = table.totalSize().height()
    frame.attemptResize(QgsLayoutSize(WIDTH, tall))
    frame.attemptMove(QgsLayoutPoint(LEFT, y), page=page)
    frame.setId("list")
    return y + tall


def _row(facts: Facts, code: str, rank: int, figures: tuple[str, ...]) -> list[QgsTableCell]:
    district, klass = facts.districts[code], facts.class_of_district(code)
    texts = [str(rank), "", district.name, *(figure(facts, code, one) for one in figures)]
    cells = [QgsTableCell(text) for text in [*texts, of(klass.label) if klass else ""]]
    for at, cell in enumerate(cells):
        cell.setHorizontalAlignment(_align(at, len(figures)))
        cell.setVerticalAlignment(_MIDDLE)
    if klass is not None:
        cells[1].setBackgroundColor(QColor(klass.colour))
    return cells


def _align(at: int, figures: int) -> Qt.AlignmentFlag:
    numeric = at == 0 or 3 <= at < 3 + figures
    return Qt.AlignmentFlag.AlignRight if numeric else Qt.AlignmentFlag.AlignLeft
