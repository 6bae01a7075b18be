"""Bars of what a district's offences are made of, each with a mark where similar districts stand."""

from collections.abc import Sequence
from typing import Any, Callable, NamedTuple, Optional

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt
from qgis.PyQt.QtGui import QPainter, QPalette, QPen
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from ..core.markup import plain
from .ink import ink


class Bar(NamedTuple):
    """A named share beside that of a group."""

    name: str
    share: float
    peers: float


class MixBars(QWidget):
    """A row of text and a bar for each share."""

    _THICK = 7

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._bars: list[Bar] = []
        self._write: Callable[[float], str] = str
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_bars(self, bars: Sequence[Bar], write: Callable[[float], str]) -> None:
        """Draw some shares; none makes the widget vanish."""
        self._bars, self._write = list(bars), write
        told = "; ".join(f"{one.name}: {write(one.share)} / {write(one.peers)}" for one in self._bars)
        self.setAccessibleDescription(told)
        self.setToolTip(plain("\n".join(told.split("; "))))
        self.setVisible(bool(self._bars))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for the rows."""
        return QSize(240, self._row * len(self._bars))

    minimumSizeHint = sizeHint

    @property
    def _row(self) -> int:
        return self.fontMetrics().height() + self._THICK + 9

    def paintEvent(self, event: Any) -> None:
        """Draw names, shares, bars and the marks of the group."""
        del event
        if not self._bars:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        metrics = self.fontMetrics()
        most = max(max(one.share, one.peers) for one in self._bars) or 1.0
        wide = self.width() - 2.0
        for i, one in enumerate(self._bars):
            top = i * self._row
            figures = f"{self._write(one.share)}  ({self._write(one.peers)})"
            room = metrics.horizontalAdvance(figures)
            painter.setPen(ink(self, 255))
            name = metrics.elidedText(one.name, Qt.TextElideMode.ElideRight, int(wide - room - 8))
            painter.drawText(QPointF(0, top + metrics.ascent()), name)
            painter.setPen(ink(self, 170))
            painter.drawText(QPointF(wide - room, top + metrics.ascent()), figures)
            under = top + metrics.height() + 2.0
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(ink(self, 24))
            painter.drawRoundedRect(QRectF(0, under, wide, self._THICK), 2, 2)
            painter.setBrush(ink(self, 200, QPalette.ColorRole.Highlight))
            painter.drawRoundedRect(QRectF(0, under, wide * one.share / most, self._THICK), 2, 2)
            painter.setPen(QPen(ink(self, 255), 2))
            at = min(wide - 1, max(1.0, wide * one.peers / most))
            painter.drawLine(QPointF(at, under - 2), QPointF(at, under + self._THICK + 2))
        painter.end()
