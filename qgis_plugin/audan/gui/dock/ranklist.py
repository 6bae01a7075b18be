"""The upper half of the dock: the ranked list, or in words why it is empty."""

from typing import Any, Optional

from qgis.PyQt.QtCore import QModelIndex, Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QAbstractItemView, QFrame, QLabel, QListView, QStackedWidget, QWidget

from ...core.models import LayerInfo
from ...core.ranking import Section
from ...core.words import say
from . import writing
from .listing import ITEM, Entry, More, RankDelegate, RankModel


class RankList(QStackedWidget):
    """Says which district a person is at (`moved`) and which one they clicked or pressed Enter on (`picked`)."""

    moved = pyqtSignal(str)
    picked = pyqtSignal(str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.model = RankModel(self)
        self.view = QListView()
        self.view.setModel(self.model)
        self.view.setItemDelegate(RankDelegate(self.view))
        self.view.setFrameShape(QFrame.Shape.NoFrame)
        self.view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.view.setAccessibleName(say("dock.list"))
        self.view.setMinimumHeight(90)
        self.view.setResizeMode(QListView.ResizeMode.Adjust)
        self.view.clicked.connect(self._picked)
        self.view.activated.connect(self._picked)
        self.view.selectionModel().currentChanged.connect(self._moved)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setMargin(16)
        self.addWidget(self.view)
        self.addWidget(self.words)

    def show_sections(self, layer: LayerInfo, sections: tuple[Section, ...], places: Any, month: str) -> None:
        """Show a month's list; in words if nothing is unusual."""
        self.model.show_sections(layer, sections, places)
        if sections:
            self.setCurrentWidget(self.view)
            return
        kind = "signal" if layer.is_signalled else ""
        kind = "completeness" if layer.has("share_filled") else "hotspots" if layer.has("gi_star") else kind
        key = f"dock.quiet.{kind}" if kind else "dock.quiet"
        told = say(key, month=writing.month_text(month, layer.period))
        self.tell(f"<b>{told}</b><br><br>{say('dock.quiet.hint')}")

    @property
    def content_height(self) -> int:
        """Pixels that the whole list needs."""
        view = self.view
        rows = (view.sizeHintForIndex(self.model.index(i)).height() for i in range(self.model.rowCount()))
        return sum(rows) + 8

    def tell(self, text: str) -> None:
        """Show words in place of a list."""
        self.words.setText(text)
        self.setCurrentWidget(self.words)

    def mark(self, district: Optional[str]) -> None:
        """Mark a district's row if it is listed; nothing is said of it."""
        marks = self.view.selectionModel()
        before = marks.blockSignals(True)
        index = self.model.index_of(district)
        if index.isValid():
            self.view.setCurrentIndex(index)
            self.view.scrollTo(index)
        else:
            marks.clear()
        marks.blockSignals(before)
        self.view.viewport().update()

    def _moved(self, index: QModelIndex, _: Optional[QModelIndex] = None) -> None:
        item = index.data(ITEM)
        if isinstance(item, Entry):
            self.moved.emit(item.district)

    def _picked(self, index: QModelIndex) -> None:
        item = index.data(ITEM)
        if isinstance(item, Entry):
            self.picked.emit(item.district)
        elif isinstance(item, More):
            place = self.view.verticalScrollBar().value()
            self.model.expand(item.section)
            self.view.verticalScrollBar().setValue(place)
