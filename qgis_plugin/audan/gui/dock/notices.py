"""What the dock says of itself: a busy bar with Cancel, and a notice with one thing to do about it."""

from typing import Callable, Optional

from qgis.PyQt.QtCore import Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QPalette
from qgis.PyQt.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ...core.fault import Fault
from ...core.words import say

_PATIENCE = 250
"""Milliseconds before the busy bar is shown: a bar that flashes moves what is under it."""


class Busy(QWidget):
    """A bar that moves while a server is asked."""

    cancelled = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setTextVisible(False)
        self._bar.setFixedHeight(8)
        self._cancel = QToolButton()
        self._cancel.setText(say("dock.cancel"))
        self._cancel.setAutoRaise(True)
        self._late = QTimer(self)
        self._late.setSingleShot(True)
        self._late.setInterval(_PATIENCE)
        self._late.timeout.connect(self.show)
        self._cancel.clicked.connect(lambda _=False: self.cancelled.emit())
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 0, 0, 0)
        box.addWidget(self._bar, 1)
        box.addWidget(self._cancel)
        self.hide()

    def begin(self, text: str) -> None:
        """Show that something is asked for, unless the answer comes at once."""
        self._bar.setAccessibleName(text)
        self._bar.setToolTip(text)
        self._late.start()

    def end(self) -> None:
        """Vanish."""
        self._late.stop()
        self.hide()


class Notice(QFrame):
    """A sentence, what to do about it, and a button that does it."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setAutoFillBackground(True)
        self.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self._text = QLabel()
        self._text.setWordWrap(True)
        self._text.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._button = QPushButton()
        self._button.clicked.connect(lambda _=False: self._act())
        self._action: Optional[Callable[[], None]] = None
        box = QVBoxLayout(self)
        box.setContentsMargins(8, 6, 8, 6)
        box.addWidget(self._text)
        box.addWidget(self._button, 0, Qt.AlignmentFlag.AlignLeft)
        self.hide()

    @property
    def text(self) -> str:
        """What is told."""
        return self._text.text()

    def tell(self, text: str, button: str, action: Callable[[], None]) -> None:
        """Show a sentence and what can be done."""
        self._text.setText(text)
        self.setAccessibleName(text)
        self._button.setText(button)
        self._action = action
        self.show()

    def tell_fault(self, fault: Fault, again: Callable[[], None]) -> None:
        """Show a fault with its remedy and *Try again*."""
        self.tell(str(fault), say("dock.again"), again)

    def _act(self) -> None:
        self.hide()
        if self._action is not None:
            self._action()
