"""What a person is told: a sentence in the bar above the map, and its details in the log."""

from typing import Any, Optional

from qgis.core import Qgis, QgsMessageLog
from qgis.gui import QgsMessageBarItem
from qgis.PyQt import sip
from qgis.PyQt.QtWidgets import QDockWidget, QPushButton, QTabWidget, QTextBrowser

from ..core.fault import Fault
from ..core.markup import marked_up
from ..core.words import say

TAG = "Audan"
_SECONDS = 6
_LINES = 2.6


class Messages:
    """Tells what happened; nothing that it shows waits for an answer.

    Parameters
    ----------
    iface
        The window's interface.
    """

    def __init__(self, iface: Any) -> None:
        self._iface = iface
        self._shown: list[QgsMessageBarItem] = []

    def fault(self, fault: Fault) -> None:
        """Tell a fault and its remedy; it stays until it is closed."""
        detail = str(fault.values.get("detail", ""))
        self._log(f"{fault}\n{detail}".strip(), Qgis.MessageLevel.Warning)
        details = QPushButton(say("message.details"))
        details.clicked.connect(self.open_log)
        self._show(str(fault), Qgis.MessageLevel.Warning, 0, details)

    def told(self, text: str) -> None:
        """Tell that something is done."""
        self._log(text, Qgis.MessageLevel.Info)
        self._show(text, Qgis.MessageLevel.Success, _SECONDS)

    def hint(self, text: str) -> None:
        """Tell what could be done next."""
        self._show(text, Qgis.MessageLevel.Info, _SECONDS)

    def open_log(self) -> None:
        """Open the panel of messages at the plugin's page."""
        self._iface.openMessageLog()
        panel = self._iface.mainWindow().findChild(QDockWidget, "MessageLog")
        for tabs in panel.findChildren(QTabWidget) if panel else ():
            for place in range(tabs.count()):
                if tabs.tabText(place).replace("&", "") == TAG:
                    tabs.setCurrentIndex(place)

    def close(self) -> None:
        """Take away what is still shown."""
        for item in self._standing():
            self._iface.messageBar().popWidget(item)
        self._shown = []

    def _standing(self) -> list[QgsMessageBarItem]:
        return [item for item in self._shown if not sip.isdeleted(item)]

    def _show(
        self, text: str, level: Qgis.MessageLevel, seconds: int, button: Optional[QPushButton] = None
    ) -> None:
        bar, text = self._iface.messageBar(), marked_up(text)  # the bar takes it for markup
        for item in self._standing():  # the same said twice is one message
            if item.text() == text:
                bar.popWidget(item)
        made = bar.createMessage(TAG, text)
        if button is not None:
            made.layout().addWidget(button)
        made.setLevel(level)
        made.setDuration(seconds)
        bar.pushItem(made)
        for page in made.findChildren(QTextBrowser):  # QGIS gives it one line, and a remedy is often longer
            page.setFixedHeight(int(page.fontMetrics().lineSpacing() * _LINES))
        self._shown = [*self._standing(), made]

    @staticmethod
    def _log(text: str, level: Qgis.MessageLevel) -> None:
        # some versions of its panel take a text for markup, and others do not
        QgsMessageLog.logMessage(text.replace("<", "‹").replace(">", "›"), TAG, level, False)
