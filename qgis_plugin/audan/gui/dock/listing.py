"""The ranked list: a flat model of headings and rows, filled lazily, and how they are drawn."""

from dataclasses import dataclass
from typing import Any, Optional, Union

from qgis.PyQt.QtCore import QAbstractListModel, QModelIndex, QRect, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen
from qgis.PyQt.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ...core.markup import plain
from ...core.models import LayerInfo
from ...core.ranking import Row, Section
from ...core.words import of, say
from . import writing
from .release import Place

_ROOT = QModelIndex()
PAGE = 50
"""Rows of a section that are shown at once."""
ITEM = Qt.ItemDataRole.UserRole


@dataclass(frozen=True)
class Heading:
    """A section's title, and what its figures are."""

    title: str
    n: int
    measured: str


@dataclass(frozen=True)
class Entry:
    """A row as it is written."""

    district: str
    name: str
    parent: str
    measure: str
    against: str
    colour: str
    label: str


@dataclass(frozen=True)
class More:
    """How many rows of a section are not shown; a click shows more."""

    section: str
    left: int


Item = Union[Heading, Entry, More]


class RankModel(QAbstractListModel):
    """Sections one under the other; headings cannot be chosen."""

    def __init__(self, parent: Any = None) -> None:
        super().__init__(parent)
        self._items: list[Item] = []
        self._sections: tuple[Section, ...] = ()
        self._layer: Optional[LayerInfo] = None
        self._places: dict[str, Place] = {}
        self._shown: dict[str, int] = {}

    def show_sections(self, layer: Optional[LayerInfo], sections: tuple[Section, ...], places: Any) -> None:
        """Show other sections, each from its first page."""
        self._layer, self._sections, self._places, self._shown = layer, sections, places, {}
        self._build()

    def expand(self, section: str) -> None:
        """Show a page more of a section."""
        self._shown[section] = self._shown.get(section, PAGE) + PAGE
        self._build()

    def _build(self) -> None:
        self.beginResetModel()
        self._items = []
        for section in self._sections:
            shown = self._shown.get(section.key, PAGE)
            title, n = self._title(section.key), len(section.rows)
            self._items.append(Heading(title, n, writing.measured(self._layer)))
            self._items += [self._entry(row) for row in section.rows[:shown]]
            if len(section.rows) > shown:
                self._items.append(More(section.key, len(section.rows) - shown))
        self.endResetModel()

    def _title(self, key: str) -> str:
        own = f"dock.section.{key}"
        if say(own) != own:
            return say(own)
        legend = self._layer.class_of(key)
        return of(legend.label) if legend else key

    def _entry(self, row: Row) -> Entry:
        layer, place = self._layer, self._places.get(row.district)
        one = layer.class_of(row.value)
        return Entry(
            row.district,
            place.name if place else row.district,
            place.parent if place else "",
            writing.measure(layer, row),
            writing.against(layer, row),
            one.colour if one else "",
            of(one.label) if one else "",
        )

    @property
    def districts(self) -> list[str]:
        """Districts of the rows that are shown, in order."""
        return [one.district for one in self._items if isinstance(one, Entry)]

    def index_of(self, district: Optional[str]) -> QModelIndex:
        """Return where a district stands, invalid if it is not shown."""
        for i, one in enumerate(self._items):
            if isinstance(one, Entry) and one.district == district:
                return self.index(i)
        return QModelIndex()

    def rowCount(self, parent: QModelIndex = _ROOT) -> int:
        """Return how many lines there are."""
        return 0 if parent.isValid() else len(self._items)

    def flags(self, index: QModelIndex) -> Qt.ItemFlag:
        """Let rows be chosen, and headings not."""
        item = index.data(ITEM)
        if isinstance(item, Entry):
            return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return Qt.ItemFlag.ItemIsEnabled if isinstance(item, More) else Qt.ItemFlag.NoItemFlags

    def data(self, index: QModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Return a line: drawn from its item, read aloud from its text."""
        if not index.isValid():
            return None
        item = self._items[index.row()]
        if role == ITEM:
            return item
        if isinstance(item, Heading):
            return f"{item.title}: {item.n}" if role == Qt.ItemDataRole.DisplayRole else None
        if isinstance(item, More):
            return say("dock.more", n=item.left) if role == Qt.ItemDataRole.DisplayRole else None
        if role == Qt.ItemDataRole.DisplayRole:
            return item.name
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleTextRole):
            figure = f"{writing.measured(self._layer)}: {item.measure}"
            told = list(filter(None, (item.name, item.parent, item.label, figure, item.against)))
            return plain("\n".join(told)) if role == Qt.ItemDataRole.ToolTipRole else ", ".join(told)
        return None


class RankDelegate(QStyledItemDelegate):
    """Draws a swatch, two lines of text and a figure at the right."""

    _GAP = 6

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex) -> QSize:
        """Return two lines for a row, three where the list is narrow, and one for what is between."""
        line = QFontMetrics(option.font).height()
        item = index.data(ITEM)
        if isinstance(item, Entry):
            return QSize(120, (3 if _narrow(option) else 2) * line + 10)
        return QSize(120, line + (16 if isinstance(item, Heading) else 10))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        """Draw a line of the list."""
        item = index.data(ITEM)
        plain = QStyleOptionViewItem(option)
        self.initStyleOption(plain, index)
        plain.text = ""
        view = option.widget
        if isinstance(item, Entry):
            view.style().drawControl(QStyle.ControlElement.CE_ItemViewItem, plain, painter, view)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        room = option.rect.adjusted(self._GAP, 2, -self._GAP, -2)
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        ink = QColor(option.palette.color(QPalette.ColorGroup.Active, role))
        if isinstance(item, Entry):
            self._draw_entry(painter, room, item, ink, option.font, _narrow(option))
        elif isinstance(item, Heading):
            bold = QFont(option.font)
            bold.setBold(True)
            room.setTop(room.top() + 8)
            left = self._draw_right(painter, room, item.measured, _faded(ink), option.font)
            count = f" · {item.n}"
            wide = QFontMetrics(bold).horizontalAdvance(count)
            title = QFontMetrics(bold).elidedText(
                item.title, Qt.TextElideMode.ElideRight, max(0, left.width() - wide - 2)
            )
            self._draw_left(painter, left, title + count, ink, bold)
            painter.setPen(QPen(_faded(ink, 60), 1))
            painter.drawLine(room.left(), room.bottom() + 1, room.right(), room.bottom() + 1)
        elif isinstance(item, More):
            link = option.palette.color(QPalette.ColorRole.Link)
            self._draw_left(painter, room, index.data(), link, option.font)
        painter.restore()

    def _draw_entry(
        self, painter: QPainter, room: QRect, item: Entry, ink: QColor, font: QFont, narrow: bool
    ) -> None:
        line = QFontMetrics(font).height()
        if item.colour:
            painter.setPen(QPen(_faded(ink, 130), 0.8))
            painter.setBrush(QColor(item.colour))
            painter.drawRoundedRect(QRectF(room.left() + 0.5, room.top() + line / 2 - 4, 13, 13), 2.5, 2.5)
        room = room.adjusted(13 + 2 * self._GAP, 0, 0, 0)
        first = QRect(room.left(), room.top(), room.width(), line + 2)
        second = first.translated(0, line + 2)
        bold = QFont(font)
        bold.setBold(True)
        self._draw_left(
            painter, self._draw_right(painter, first, item.measure, ink, bold), item.name, ink, font
        )
        if narrow:
            self._draw_left(painter, second, item.parent, _faded(ink), font)
            self._draw_left(painter, second.translated(0, line + 1), item.against, _faded(ink), font)
        else:
            left = self._draw_right(painter, second, item.against, _faded(ink), font)
            self._draw_left(painter, left, item.parent, _faded(ink), font)

    def _draw_right(self, painter: QPainter, room: QRect, text: str, ink: QColor, font: QFont) -> QRect:
        painter.setFont(font)
        painter.setPen(ink)
        wide = min(QFontMetrics(font).horizontalAdvance(text) + 1, room.width())
        text = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, wide)
        painter.drawText(room, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, text)
        return room.adjusted(0, 0, -wide - self._GAP, 0)

    @staticmethod
    def _draw_left(painter: QPainter, room: QRect, text: str, ink: QColor, font: QFont) -> None:
        if room.width() < 12:
            return
        painter.setFont(font)
        painter.setPen(ink)
        text = QFontMetrics(font).elidedText(text, Qt.TextElideMode.ElideRight, room.width())
        painter.drawText(room, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, text)


def _narrow(option: QStyleOptionViewItem) -> bool:
    """Tell whether a region's name and the figures do not fit beside each other."""
    view = option.widget
    return view is not None and view.viewport().width() < 66 * QFontMetrics(option.font).averageCharWidth()


def _faded(ink: QColor, alpha: int = 175) -> QColor:
    faded = QColor(ink)
    faded.setAlpha(alpha)
    return faded
