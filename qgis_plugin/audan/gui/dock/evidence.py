"""What speaks for a district: its series, what its offences are made of, and the reasons in sentences."""

from collections.abc import Sequence
from functools import partial
from html import escape
from typing import Optional

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QPalette
from qgis.PyQt.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QScrollArea,
    QStyle,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...core.choice import Choice
from ...core.markup import plain
from ...core.words import of, say
from ..charts_mix import Bar, MixBars
from ..charts_series import Break, Point, SeriesChart
from . import writing
from .release import Evidence, Figures, Place, Release


class EvidencePanel(QScrollArea):
    """The lower half of the dock."""

    closed = pyqtSignal()
    zoom_wanted = pyqtSignal()
    month_chosen = pyqtSignal(str)

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(say("dock.details"))
        self.title = _label(selectable=True)
        self.under = _label(faded=True)
        self.chart = SeriesChart()
        self.chart.month_chosen.connect(self.month_chosen)
        self._chart_caption = _label(faded=True)
        self._mix_caption = _label(say("dock.mix"), faded=True)
        self.mix = MixBars()
        self.mix.setAccessibleName(say("dock.mix"))
        self.waiting = _label(faded=True)
        self.why = _label(selectable=True)
        self.why.setAccessibleName(say("dock.why"))
        self._touching = _label(f"<b>{say('dock.touching')}</b>")
        self.found = _label(selectable=True)
        inside = QWidget()
        box = QVBoxLayout(inside)
        box.setContentsMargins(2, 6, 6, 6)
        box.setSpacing(6)
        box.addLayout(self._head())
        for widget in (self._chart_caption, self.chart, self.waiting, self._mix_caption, self.mix, self.why):
            box.addWidget(widget)
        box.addWidget(self._touching)
        box.addWidget(self.found)
        box.addStretch(1)
        self.setWidget(inside)
        self.hide()

    def _head(self) -> QHBoxLayout:
        names = QVBoxLayout()
        names.setSpacing(0)
        names.addWidget(self.title)
        names.addWidget(self.under)
        head = QHBoxLayout()
        head.addLayout(names, 1)
        head.addWidget(self._zoom_button(), 0, Qt.AlignmentFlag.AlignTop)
        close = QToolButton()
        close.setIcon(self.style().standardIcon(QStyle.StandardPixmap.SP_TitleBarCloseButton))
        close.setAutoRaise(True)
        close.setToolTip(say("dock.close"))
        close.setAccessibleName(say("dock.close"))
        close.clicked.connect(lambda _=False: self.closed.emit())
        head.addWidget(close, 0, Qt.AlignmentFlag.AlignTop)
        return head

    def _zoom_button(self) -> QToolButton:
        zoom = QToolButton()
        zoom.setIcon(QgsApplication.getThemeIcon("/mActionZoomToSelected.svg"))
        zoom.setAutoRaise(True)
        zoom.setToolTip(say("dock.zoom"))
        zoom.setAccessibleName(say("dock.zoom"))
        zoom.clicked.connect(lambda _=False: self.zoom_wanted.emit())
        return zoom

    def show_district(self, release: Release, choice: Choice, place: Place, figures: Figures) -> None:
        """Show the name and the series, which are at hand; the rest is asked for."""
        offence = release.offences.get(choice.offence or "")
        layer = release.layer(choice.layer)
        about = (offence.name if offence else "", writing.month_text(choice.month or "", layer.period))
        self.title.setText(f"<b>{escape(place.name)}</b>")
        self.under.setText(plain("\n".join(filter(None, (place.parent, " · ".join(filter(None, about)))))))
        shares = layer.has("share_filled")
        self.chart.show_series(
            series(release, choice, place.code, figures),
            choice.month or "",
            write=writing.share if shares else writing.amount,
            tell=partial(_filled_point if shares else _point, layer.period),
            breaks=breaks(release, choice, place.code),
        )
        caption = say("dock.series.filled" if shares else "dock.series")
        self._chart_caption.setText(caption)
        self.chart.setAccessibleName(caption)
        self.show_evidence(None)
        self.waiting.setText(plain(say("dock.loading", server=choice.server.name)))
        self.waiting.show()
        self.show()
        self.verticalScrollBar().setValue(0)

    def show_evidence(self, evidence: Optional[Evidence]) -> None:
        """Show sentences and bars; None empties them, where they have not come or cannot."""
        self.waiting.hide()
        self.why.setText(writing.sentences(evidence.text) if evidence else "")
        parts = evidence.parts if evidence else ()
        self.mix.show_bars([Bar(one.name, one.share, one.peers) for one in parts], writing.share)
        self._mix_caption.setVisible(bool(parts))
        found = evidence.found if evidence else ()
        self.found.setText("".join(writing.sentences(one, headed=True) for one in found))
        self.found.setVisible(bool(found))
        self._touching.setVisible(bool(found))


def series(release: Release, choice: Choice, district: str, figures: Figures) -> Sequence[Point]:
    """Return a district's points: what was recorded, and the norm of the layer that is looked at."""
    layer, values = release.layer(choice.layer), figures.values
    if district not in values.districts:
        return []
    own = values if layer.has("count") or figures.counts is None else figures.counts
    norm = values if layer.has("lower") else own
    shares = layer.has("share_filled")

    def column(source: object, name: str) -> dict[str, Optional[float]]:
        if name not in source.columns or district not in source.districts:
            return {}
        at = source.districts.index(district)
        return {month: row[at] for month, row in zip(source.months, source.columns[name])}

    count = column(values, "share_filled") if shares else column(own, "count")
    expected = column(values, "expected_share") if shares else column(norm, "expected")
    lower, upper = column(norm, "lower"), column(norm, "upper")
    told = column(values, layer.default_column or "")
    points = []
    for month in values.months:
        one = layer.class_of(told.get(month))
        colour = one.colour if one else ""
        points.append(
            Point(month, count.get(month), expected.get(month), lower.get(month), upper.get(month), colour)
        )
    return points


def breaks(release: Release, choice: Choice, district: str) -> list[Break]:
    """Return the breaks of a series: where its counts do not compare across."""
    return [
        Break(of(one.get("name") or {}) or str(one["id"]), one["from"], one.get("to"))
        for one in release.catalogue.area.get("breaks") or ()
        if (one.get("offences") is None or choice.offence in one["offences"])
        and (one.get("districts") is None or district in one["districts"])
    ]


def _point(period: Optional[str], point: Point) -> str:
    month = writing.month_text(point.month, period)
    if point.lower is None or point.upper is None:
        return say("dock.point.bare", month=month, count=writing.number(point.value))
    return say(
        "dock.point",
        month=month,
        count=writing.number(point.value),
        expected=writing.amount(point.expected),
        lower=writing.number(point.lower),
        upper=writing.number(point.upper),
    )


def _filled_point(period: Optional[str], point: Point) -> str:
    return say(
        "dock.point.filled",
        month=writing.month_text(point.month, period),
        count=writing.share(point.value),
        expected=writing.share(point.expected),
    )


def _label(text: str = "", *, faded: bool = False, selectable: bool = False) -> QLabel:
    label = QLabel(text)
    label.setWordWrap(True)
    label.setMinimumWidth(40)
    if faded:
        palette = label.palette()
        colour = palette.color(QPalette.ColorRole.WindowText)
        colour.setAlpha(175)
        palette.setColor(QPalette.ColorRole.WindowText, colour)
        label.setPalette(palette)
    if selectable:
        label.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
    return label
