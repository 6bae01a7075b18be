"""The time of the map: a controller that steps by months, and a canvas that shows one."""

from collections.abc import Sequence
from typing import Optional

from qgis.core import QgsDateTimeRange, QgsInterval, QgsTemporalController, QgsTemporalNavigationObject
from qgis.gui import QgsMapCanvas

from ..core.compat import MONTHS, Navigation
from ..core.months import SPANS, span_of


def range_of(month: str, period: Optional[str] = None) -> QgsDateTimeRange:
    """Return a month, or the longer period that begins with it, without its last instant."""
    begin, end = span_of(month, period)
    return QgsDateTimeRange(begin, end, True, False)


def lay(
    canvas: QgsMapCanvas,
    months: Sequence[str],
    month: str,
    period: Optional[str] = None,
    controller: Optional[QgsTemporalController] = None,
) -> None:
    """Lay the months of a layer along the controller and go to one of them."""
    controller = controller or canvas.temporalController()
    if isinstance(controller, QgsTemporalNavigationObject):
        whole = QgsDateTimeRange(
            span_of(min(months), period)[0], span_of(max(months), period)[1], True, False
        )
        step = 1 if (period or "").startswith("rolling") else SPANS.get(period or "month", 1)
        controller.setNavigationMode(Navigation.Animated)
        controller.setFrameDuration(QgsInterval(step, MONTHS))
        controller.setTemporalExtents(whole)
        controller.setCurrentFrameNumber(
            controller.findBestFrameNumberForFrameStart(span_of(month, period)[0])
        )
    canvas.setTemporalRange(range_of(month, period))
