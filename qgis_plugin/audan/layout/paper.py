"""A sheet of A4 and what is put on it: text of known height, rules, swatches, pictures, and the foot of a page."""

from typing import Optional

from qgis.core import (
    QgsFillSymbol,
    QgsLayoutItem,
    QgsLayoutItemLabel,
    QgsLayoutItemPage,
    QgsLayoutItemPicture,
    QgsLayoutItemShape,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsPrintLayout,
    QgsProject,
    QgsTextFormat,
)
from qgis.PyQt.QtCore import QRectF, Qt
from qgis.PyQt.QtGui import QColor, QFont, QFontInfo, QFontMetricsF

from ..core.words import capital, edition_name, of, say
from ..core.writing import month_name
from .facts import Facts
from .figures import day_name, heading

LEFT, TOP, WIDTH, BOTTOM = 15.0, 14.0, 180.0, 280.0
"""Edges of what is printed, in millimetres; the foot of a page lies below."""
INK, GREY, RULE = "#1f1f1f", "#595959", "#bdbdbd"
FONT = "Noto Sans, DejaVu Sans, sans-serif"
_FINE = 20.0
_POINT = 25.4 / 72
RIGHT = Qt.AlignmentFlag.AlignRight
START = Qt.AlignmentFlag.AlignLeft


def font(size: float, bold: bool = False) -> QFont:
    """Return a font that has Kazakh letters."""
    chosen = QFont("Noto Sans")
    if QFontInfo(chosen).family() != "Noto Sans":
        chosen = QFont("DejaVu Sans")
    chosen.setPointSizeF(size)
    chosen.setBold(bold)
    return chosen


def text_format(size: float, bold: bool = False, colour: str = INK) -> QgsTextFormat:
    """Return how text looks."""
    made = QgsTextFormat()
    made.setFont(font(size, bold))
    made.setSize(size)
    made.setColor(QColor(colour))
    return made


def height_of(text: str, width: float, size: float, bold: bool = False) -> float:
    """Return how high wrapped text is, in millimetres."""
    measured = font(size, bold)
    measured.setPixelSize(round(size * _FINE))
    wide = width / _POINT * _FINE
    flags = int(Qt.TextFlag.TextWordWrap)
    box = QFontMetricsF(measured).boundingRect(QRectF(0, 0, wide * 0.985, 1e6), flags, text)
    return float(box.height() / _FINE * _POINT) + 0.6


def width_of(text: str, size: float) -> float:
    """Return how wide a line of text is, in millimetres."""
    measured = font(size)
    measured.setPixelSize(round(size * _FINE))
    return float(QFontMetricsF(measured).horizontalAdvance(text) / _FINE * _POINT)


class Sheet:
    """A layout of A4 pages, upright, that things are put on by millimetres from the corner of a page."""

    def __init__(self, project: QgsProject, name: str) -> None:
        self.layout = QgsPrintLayout(project)
        self.layout.initializeDefaults()
        self.layout.setName(_free(project, name))
        self.layout.renderContext().setDpi(300)
        self._upright(self.layout.pageCollection().page(0))

    def add_page(self) -> int:
        """Add a page and return its number."""
        page = QgsLayoutItemPage(self.layout)
        self._upright(page)
        self.layout.pageCollection().addPage(page)
        return self.layout.pageCollection().pageCount() - 1

    def put(
        self, item: QgsLayoutItem, x: float, y: float, width: float, height: float, page: int = 0
    ) -> None:
        """Put a thing on a page."""
        self.layout.addLayoutItem(item)
        item.attemptResize(QgsLayoutSize(width, height))
        item.attemptMove(QgsLayoutPoint(x, y), page=page)

    def text(
        self,
        text: str,
        y: float,
        *,
        x: float = LEFT,
        width: float = WIDTH,
        height: Optional[float] = None,
        size: float = 9.0,
        bold: bool = False,
        colour: str = INK,
        align: Qt.AlignmentFlag = START,
        page: int = 0,
        name: str = "",
        live: bool = False,
    ) -> float:
        """Put text on a page, as high as it needs unless told, and return where it ends.

        Only `live` text has expressions in ``[% %]``: what a server tells is never evaluated.
        """
        tall = height_of(text, width, size, bold) if height is None else height
        label = QgsLayoutItemLabel(self.layout)
        label.setText(text if live else text.replace("[%", "[% '[%' %]"))
        if hasattr(label, "setTextFormat"):
            label.setTextFormat(text_format(size, bold, colour))
        else:
            label.setFont(font(size, bold))
            label.setFontColor(QColor(colour))
        label.setMarginX(0)
        label.setMarginY(0)
        label.setHAlign(align)
        label.setId(name)
        self.put(label, x, y, width, tall, page)
        return y + tall

    def rule(self, y: float, page: int = 0) -> None:
        """Put a thin line across a page."""
        self.box(LEFT, y, WIDTH, 0.2, RULE, page)

    def box(
        self, x: float, y: float, width: float, height: float, colour: str, page: int = 0, edge: str = ""
    ) -> None:
        """Put a filled rectangle on a page."""
        shape = QgsLayoutItemShape(self.layout)
        shape.setShapeType(QgsLayoutItemShape.Shape.Rectangle)
        look = {"color": colour, "outline_style": "no"}
        if edge:
            look = {"color": colour, "outline_color": edge, "outline_width": "0.1"}
        shape.setSymbol(QgsFillSymbol.createSimple(look))
        self.put(shape, x, y, width, height, page)

    def picture(
        self, address: str, x: float, y: float, width: float, height: float, page: int = 0
    ) -> QgsLayoutItemPicture:
        """Put a drawing on a page."""
        picture = QgsLayoutItemPicture(self.layout)
        picture.setPicturePath(address, QgsLayoutItemPicture.Format.FormatSVG)
        self.put(picture, x, y, width, height, page)
        return picture

    def head(self, facts: Facts) -> float:
        """Put the title on the first page and return where it ends."""
        edition = capital(edition_name(facts.catalogue.edition))
        y = self.text(f"{of(facts.catalogue.area['name'])} · {edition}", TOP, size=9, colour=GREY) + 1
        y = self.text(title_of(facts), y, size=20, bold=True, name="title")
        when = month_name(facts.choice.month, facts.info.period)
        if when:
            y = self.text(capital(when), y, size=13, colour=INK)
        self.rule(y + 2)
        return y + 5

    def legend(self, facts: Facts, x: float, y: float, width: float, page: int = 0) -> float:
        """Put swatches, names and numbers of rows of the classes on a page, and return where it ends."""
        widest = max(width_of(f"{of(one.label)} · 000", 8.5) for one in facts.info.classes) + 11
        columns = max(2 if width > WIDTH / 2 else 1, min(3, int(width / widest)))
        if any(one.min is not None for one in facts.info.classes):
            caption = heading(facts.info.default_column or "")
            y = self.text(caption, y, x=x, width=width, size=8, colour=GREY, page=page) + 0.8
        counts: dict[int, int] = {}
        for row in facts.rows:
            klass = facts.class_of(row)
            if klass is not None:
                at = facts.info.classes.index(klass)
                counts[at] = counts.get(at, 0) + 1
        wide = width / columns
        lines = -(-len(facts.info.classes) // columns)
        ends, top = y, y
        for line in range(lines):
            for column in range(columns):
                at = column * lines + line
                if at >= len(facts.info.classes):
                    continue
                klass = facts.info.classes[at]
                self.box(x + column * wide, top + 0.5, 5, 3.4, klass.colour, page, edge="#8a8a8a")
                told = f"{of(klass.label)} · {counts.get(at, 0)}"
                end = self.text(told, top, x=x + column * wide + 7, width=wide - 10, size=8.5, page=page)
                ends = max(ends, end)
            top = ends + 1.2
        return ends

    def notes(self, facts: Facts, y: float, page: int = 0) -> float:
        """Put the caveats and the source on a page and return where they end."""
        y = self.text(caveats(facts), y, size=8, colour=GREY, page=page, name="caveat") + 1.2
        source = say("layout.source", attribution=str(facts.catalogue.area.get("attribution", "")))
        return self.text(source, y, size=8, colour=GREY, page=page, name="source")

    def feet(self, facts: Facts, page_text: str = "") -> None:
        """Put the release and the number on every page."""
        day = day_name(facts.catalogue.released)
        told = say("layout.release", release=facts.catalogue.release, day=day)
        numbers = page_text or say("layout.page", page="[% @layout_page %]", pages="[% @layout_numpages %]")
        for page in range(self.layout.pageCollection().pageCount()):
            self.rule(BOTTOM + 2, page)
            self.text(told, BOTTOM + 3.5, width=130, height=5, size=7.5, colour=GREY, page=page)
            self.text(
                numbers,
                BOTTOM + 3.5,
                x=LEFT + 130,
                width=50,
                height=5,
                size=7.5,
                colour=GREY,
                align=RIGHT,
                page=page,
                live=True,
            )

    @staticmethod
    def _upright(page: QgsLayoutItemPage) -> None:
        page.setPageSize("A4", QgsLayoutItemPage.Orientation.Portrait)


def title_of(facts: Facts) -> str:
    """Return what a bulletin is about in a line."""
    about = facts.offence or facts.attribute
    layer = of(facts.info.title)
    return say("layout.title", layer=layer, about=about) if about else layer


def heading_of(facts: Facts) -> str:
    """Return what a bulletin is about, with its month."""
    return f"{title_of(facts)}, {month_name(facts.choice.month, facts.info.period)}".rstrip(", ")


def caveats(facts: Facts) -> str:
    """Return what must be known to read the figures."""
    told = [say("layout.recorded_not_happened"), say("layout.areas_not_persons")]
    if facts.is_provisional:
        told.append(say("layout.provisional"))
    if facts.info.id == "dynamics":
        told.append(say("layout.fall"))
    if facts.catalogue.area.get("invented"):
        told.append(say("layout.invented"))
    return " ".join(told)


def _free(project: QgsProject, name: str) -> str:
    """Return a name that no layout of the project has."""
    taken = {one.name() for one in project.layoutManager().layouts()}
    tried, number = name, 2
    while tried in taken:
        tried, number = f"{name} ({number})", number + 1
    return tried
