"""What is said to the person: a line in the message bar with its remedy, details in the log, and never a window."""

from typing import Any

from qgis.core import Qgis, QgsMessageLog
from qgis.PyQt.QtWidgets import QPushButton

from ..core.fault import Fault
from ..core.words import say

TAG = "Audan"
_SECONDS = 6


def log(text: str, level: Qgis.MessageLevel = Qgis.MessageLevel.Info) -> None:
    """Write a line into the log's panel "Audan"; the bar's icon does not call for it."""
    QgsMessageLog.logMessage(text, TAG, level, False)


class Messages:
    """Speaks through QGIS's message bar.

    Parameters
    ----------
    iface
        QGIS's window.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface

    def fault(self, fault: Fault) -> None:
        """Tell what went wrong and what to do; the rest stands in the log."""
        log(
            "\n".join(filter(None, [str(fault), str(fault.values.get("detail", ""))])),
            Qgis.MessageLevel.Warning,
        )
        bar = self._iface.messageBar()
        item = bar.createMessage(TAG, str(fault))
        details = QPushButton(say("window.details"), item)
        details.clicked.connect(lambda: self._iface.openMessageLog(TAG))
        item.layout().addWidget(details)
        bar.pushWidget(item, Qgis.MessageLevel.Warning)

    def told(self, text: str) -> None:
        """Tell that something was done."""
        log(text)
        self._iface.messageBar().pushMessage(TAG, text, Qgis.MessageLevel.Success, _SECONDS)

    def hint(self, text: str) -> None:
        """Tell what to do first."""
        self._iface.messageBar().pushMessage(TAG, text, Qgis.MessageLevel.Info, _SECONDS)
