"""What a person is told: a sentence in the bar above the map, and its details in the log."""

from collections.abc import Sequence
from typing import Any, Optional

from qgis.core import Qgis, QgsMessageLog
from qgis.gui import QgsMessageBarItem
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QEvent, QObject, Qt
from qgis.PyQt.QtWidgets import QDockWidget, QPushButton, QTabWidget, QTextBrowser

from ..core.fault import Fault
from ..core.markup import marked_up
from ..core.words import say

TAG = "Audan"
_SECONDS = 6


class _Fit(QObject):
    """Keeps a text as high as its lines need, which QGIS gives only one."""

    def __init__(self, page: QTextBrowser) -> None:
        super().__init__(page)
        page.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        page.installEventFilter(self)
        self._page = page

    def eventFilter(self, page: QObject, event: QEvent) -> bool:
        """Follow the width of the window."""
        if event.type() == QEvent.Type.Resize:
            text = self._page.document().clone()
            text.setTextWidth(event.size().width() - 2 * self._page.frameWidth())
            self._page.setFixedHeight(int(text.size().height()) + 2 * self._page.frameWidth() + 1)
        return False


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
        self.log(fault)
        self._warn(str(fault))

    def left_out(self, faults: Sequence[Fault]) -> None:
        """Tell in one message which layers could not be added, and why."""
        for fault in faults:
            self.log(fault)
        self._warn(say("message.left_out", why=" ".join(map(str, faults))))

    def log(self, fault: Fault) -> None:
        """Note a fault that is told elsewhere."""
        detail = str(fault.values.get("detail", ""))
        self._log(f"{fault}\n{detail}".strip(), Qgis.MessageLevel.Warning)

    def _warn(self, text: str) -> None:
        details = QPushButton(say("message.details"))
        details.clicked.connect(self.open_log)
        self._show(text, Qgis.MessageLevel.Warning, 0, details)

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
        for page in made.findChildren(QTextBrowser):
            _Fit(page)
        bar.pushItem(made)
        self._shown = [*self._standing(), made]

    @staticmethod
    def _log(text: str, level: Qgis.MessageLevel) -> None:
        # some versions of its panel take a text for markup, and others do not
        QgsMessageLog.logMessage(text.replace("<", "‹").replace(">", "›"), TAG, level, False)
