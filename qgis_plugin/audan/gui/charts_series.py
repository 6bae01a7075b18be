"""A drawing of a series: counts as dots and a line, the usual range as a band, what was expected as steps."""

import math
from collections.abc import Sequence
from typing import Any, Callable, NamedTuple, Optional

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QPainter, QPalette, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QSizePolicy, QToolTip, QWidget

from .ink import ink


class Point(NamedTuple):
    """A month of a series; None where there is no figure."""

    month: str
    value: Optional[float]
    expected: Optional[float] = None
    lower: Optional[float] = None
    upper: Optional[float] = None
    colour: str = ""


class Break(NamedTuple):
    """A line before the first month of a new state of the records; a span is shaded up to its end."""

    name: str
    start: str
    end: Optional[str] = None


def ticks(most: float) -> list[float]:
    """Return round numbers for an axis from zero: at most five.

    Examples
    --------
    >>> ticks(92), ticks(0.5)
    ([0, 50, 100], [0.0, 0.2, 0.4, 0.6000000000000001])
    """
    rough = max(most, 1e-9) / 3
    power = 10 ** math.floor(math.log10(rough))
    step = next(one * power for one in (1, 2, 5, 10) if one * power >= rough * (1 - 1e-9))
    return [i * step for i in range(math.ceil(most / step - 1e-9) + 1)]


class SeriesChart(QWidget):
    """Shows as many months as fit, the chosen one among them; a click chooses another.

    Parameters
    ----------
    write
        How a value is written; `write_month` and `tell` say the month, and all of a point for its tooltip.
    """

    month_chosen = pyqtSignal(str)
    _ROOM = 11
    """Pixels that a month needs at least."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._all: list[Point] = []
        self._breaks: list[Break] = []
        self._chosen = ""
        self._write: Callable[[float], str] = str
        self._tell: Callable[[Point], str] = str
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def show_series(
        self,
        points: Sequence[Point],
        chosen: str,
        *,
        write: Callable[[float], str],
        tell: Callable[[Point], str],
        breaks: Sequence[Break] = (),
    ) -> None:
        """Draw a series; an empty one leaves the widget blank."""
        self._all, self._chosen, self._write, self._tell = list(points), chosen, write, tell
        self._breaks = list(breaks)
        told = next((tell(one) for one in self._all if one.month == chosen), "")
        self.setAccessibleDescription(told)
        self.update()

    def sizeHint(self) -> QSize:
        """Return room for some lines of text."""
        return QSize(300, 9 * self.fontMetrics().height())

    def minimumSizeHint(self) -> QSize:
        """Return room for a narrow dock."""
        return QSize(160, 9 * self.fontMetrics().height())

    @property
    def shown(self) -> list[Point]:
        """Points that fit, the chosen one among them."""
        room = max(12, min(60, self.width() // self._ROOM))
        if len(self._all) <= room:
            return self._all
        at = next((i for i, one in enumerate(self._all) if one.month == self._chosen), len(self._all) - 1)
        end = min(len(self._all), max(room, at + 1 + room // 4))
        return self._all[end - room : end]

    def mouseMoveEvent(self, event: Any) -> None:
        """Tell the month under the pointer."""
        point = self._at(event.pos().x())
        if point is not None:
            QToolTip.showText(self.mapToGlobal(event.pos()), self._tell(point), self)

    def mousePressEvent(self, event: Any) -> None:
        """Choose the month under the pointer."""
        point = self._at(event.pos().x())
        if point is not None and event.button() == Qt.MouseButton.LeftButton:
            self.month_chosen.emit(point.month)

    def _at(self, x: float) -> Optional[Point]:
        shown, frame = self.shown, self._frame(self.shown)
        if not shown or not frame.left() <= x <= frame.right():
            return None
        return shown[min(len(shown) - 1, int((x - frame.left()) / frame.width() * len(shown)))]

    def _axis(self, shown: list[Point]) -> list[float]:
        most = max((v or 0.0 for one in shown for v in (one.value, one.upper, one.expected)), default=0.0)
        return ticks(most if most > 0 else 1.0)

    def _frame(self, shown: list[Point]) -> QRectF:
        metrics = self.fontMetrics()
        left = max(metrics.horizontalAdvance(self._write(one)) for one in self._axis(shown)) + 8
        return QRectF(
            left, metrics.height() / 2, self.width() - left - 6, self.height() - 2.1 * metrics.height()
        )

    def paintEvent(self, event: Any) -> None:
        """Draw axis, band, breaks, line and dots."""
        del event
        shown = self.shown
        if not shown:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        axis, frame = self._axis(shown), self._frame(shown)
        half = frame.width() / len(shown) / 2

        def x(i: int) -> float:
            return frame.left() + (2 * i + 1) * half

        def y(value: float) -> float:
            return frame.bottom() - frame.height() * value / axis[-1]

        self._draw_axis(painter, axis, frame, y)
        self._draw_norm(painter, shown, half, x, y)
        self._draw_breaks(painter, shown, frame, half)
        self._draw_values(painter, shown, frame, x, y)
        self._draw_months(painter, shown, frame, x)
        painter.end()

    def _draw_axis(self, painter: QPainter, axis: list[float], frame: QRectF, y: Callable) -> None:
        height = self.fontMetrics().height()
        for value in axis:
            painter.setPen(QPen(ink(self, 38), 1))
            painter.drawLine(QPointF(frame.left(), y(value)), QPointF(frame.right(), y(value)))
            painter.setPen(ink(self, 170))
            place = QRectF(0, y(value) - height / 2, frame.left() - 5, height)
            painter.drawText(
                place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, self._write(value)
            )

    def _draw_norm(
        self, painter: QPainter, shown: list[Point], half: float, x: Callable, y: Callable
    ) -> None:
        role = QPalette.ColorRole.Highlight
        for i, one in enumerate(shown):
            if one.lower is not None and one.upper is not None:
                high, low = y(one.upper), y(one.lower)
                painter.fillRect(
                    QRectF(x(i) - half, high, 2 * half, max(1.0, low - high)), ink(self, 56, role)
                )
            if one.expected is not None:
                painter.setPen(QPen(ink(self, 230, role), 1.6))
                painter.drawLine(QPointF(x(i) - half, y(one.expected)), QPointF(x(i) + half, y(one.expected)))

    def _draw_breaks(self, painter: QPainter, shown: list[Point], frame: QRectF, half: float) -> None:
        height = self.fontMetrics().height()
        for place, one in enumerate(self._breaks):
            if one.start > shown[-1].month or (one.end or one.start) < shown[0].month:
                continue
            first = sum(point.month < one.start for point in shown)
            at = max(frame.left(), frame.left() + 2 * half * first)
            if one.end:
                last = sum(point.month <= one.end for point in shown)
                painter.fillRect(
                    QRectF(at, frame.top(), 2 * half * (last - first), frame.height()), ink(self, 26)
                )
            painter.setPen(QPen(ink(self, 190), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(at, frame.top()), QPointF(at, frame.bottom()))
            painter.setPen(ink(self, 220))
            room = QRectF(at + 3, frame.top() + height * (place % 2), frame.right() - at - 3, height)
            name = self.fontMetrics().elidedText(one.name, Qt.TextElideMode.ElideRight, int(room.width()))
            painter.drawText(room, Qt.AlignmentFlag.AlignLeft, name)

    def _draw_values(
        self, painter: QPainter, shown: list[Point], frame: QRectF, x: Callable, y: Callable
    ) -> None:
        run: list[QPointF] = []
        painter.setPen(QPen(ink(self, 150), 1.3))
        for i, one in enumerate([*shown, Point("", None)]):
            if one.value is None:
                if len(run) > 1:
                    painter.drawPolyline(QPolygonF(run))
                run = []
            else:
                run.append(QPointF(x(i), y(one.value)))
        for i, one in enumerate(shown):
            now = one.month == self._chosen
            if now:
                painter.setPen(QPen(ink(self, 120), 1, Qt.PenStyle.DotLine))
                painter.drawLine(QPointF(x(i), frame.top()), QPointF(x(i), frame.bottom()))
            if one.value is not None:
                painter.setPen(QPen(ink(self, 230 if now else 150), 1.6 if now else 0.9))
                painter.setBrush(QColor(one.colour) if one.colour else ink(self, 255))
                radius = 5.0 if now else 3.0
                painter.drawEllipse(QPointF(x(i), y(one.value)), radius, radius)

    def _draw_months(self, painter: QPainter, shown: list[Point], frame: QRectF, x: Callable) -> None:
        metrics = self.fontMetrics()
        top, free = frame.bottom() + 4, 0.0
        for i, one in enumerate(shown):
            if one.month[5:] not in ("01", "07") and one.month != shown[0].month:
                continue
            text = one.month[:4] if one.month.endswith("-01") else f"{one.month[5:]}.{one.month[2:4]}"
            if one.month[5:] != "01" and len(shown) > 18:
                continue
            wide = metrics.horizontalAdvance(text)
            left = min(max(x(i) - wide / 2, 0.0), self.width() - wide)
            if left >= free:
                painter.setPen(ink(self, 170))
                painter.drawText(QPointF(left, top + metrics.ascent()), text)
                free = left + wide + 6
