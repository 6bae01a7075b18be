"""Combo boxes of the dock: compact ones, and one to search in."""

from collections.abc import Iterable
from typing import Any, Optional

from qgis.PyQt.QtCore import QModelIndex, Qt
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QCompleter,
    QSizePolicy,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from ...core.markup import plain

_DEPTH = Qt.ItemDataRole.UserRole + 1

_WIDEST = 460
"""Pixels of a list, at most."""


class Combo(QComboBox):
    """Says codes, shows texts, and shrinks with the dock."""

    def __init__(self, name: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(name)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(6)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self._offered: list[tuple[str, str, int]] = []

    def offer(self, some: Iterable[tuple[str, str, int]], chosen: Optional[str]) -> None:
        """Show codes with texts and depths, one of them chosen; nothing is said of it."""
        before = self.blockSignals(True)
        offered = list(some)
        if offered != self._offered:
            self._offered = offered
            self.clear()
            for code, text, depth in offered:
                self.addItem(text, code)
                self.setItemData(self.count() - 1, depth, _DEPTH)
            self._widen()
        self.setCurrentIndex(self.findData(chosen))
        self.blockSignals(before)
        self.setToolTip(plain(self.currentText()))

    def _widen(self) -> None:
        """Let the list show whole names where the dock is narrow."""
        metrics = self.fontMetrics()
        widest = max((metrics.horizontalAdvance("    " * d + t) for _, t, d in self._offered), default=0)
        self.view().setMinimumWidth(min(_WIDEST, widest + 3 * metrics.height()))
        self.view().setTextElideMode(Qt.TextElideMode.ElideRight)

    @property
    def code(self) -> Optional[str]:
        """The chosen code."""
        return self.currentData()


class SearchCombo(Combo):
    """Finds texts by any part of them; in its list, deeper ones are indented."""

    def __init__(self, name: str, hint: str, parent: Optional[QWidget] = None) -> None:
        super().__init__(name, parent)
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setItemDelegate(_Indented(self))
        self.setMaxVisibleItems(20)
        self.lineEdit().setPlaceholderText(hint)
        self.lineEdit().editingFinished.connect(self._settle)
        completer = QCompleter(self.model(), self)
        completer.setFilterMode(Qt.MatchFlag.MatchContains)
        completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        completer.setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        completer.popup().setTextElideMode(Qt.TextElideMode.ElideRight)
        self.setCompleter(completer)

    def offer(self, some: Iterable[tuple[str, str, int]], chosen: Optional[str]) -> None:
        """Show the beginning of what is chosen, also where it is long."""
        super().offer(some, chosen)
        self.setEditText(self.itemText(self.currentIndex()))
        self.lineEdit().setCursorPosition(0)

    def _widen(self) -> None:
        super()._widen()
        self.completer().popup().setMinimumWidth(self.view().minimumWidth())

    def _settle(self) -> None:
        if self.findText(self.currentText(), Qt.MatchFlag.MatchFixedString) < 0:
            self.setEditText(self.itemText(self.currentIndex()))
        self.lineEdit().setCursorPosition(0)


class _Indented(QStyledItemDelegate):
    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex) -> None:
        super().initStyleOption(option, index)
        depth: Any = index.data(_DEPTH)
        option.text = "    " * int(depth or 0) + option.text
