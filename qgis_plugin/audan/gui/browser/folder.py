"""A folder of the browser tree whose content is asked for beside the window.

QGIS fills items in threads of its own, where Python must not be; ours are filled at once with what is known, and
filled anew when an answer has come. `QgsDataItem.children()` crashes in Python on 3.22, so each folder knows its own.
"""

from typing import Any, Optional

from qgis.core import QgsDataCollectionItem, QgsDataItem
from qgis.PyQt import sip
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction, QWidget

from ...core.compat import FAST, BrowserItemState, BrowserItemType
from ...core.words import say
from ..icons import icon


class Leaf(QgsDataItem):
    """An item without children."""

    def __init__(self, parent: Optional[QgsDataItem], name: str, path: str, picture: str) -> None:
        super().__init__(BrowserItemType.Custom, parent, name, path)
        self._icon = icon(picture)
        self.setIcon(self._icon)
        self.setState(BrowserItemState.Populated)

    def icon(self) -> QIcon:
        """Return the picture beside the name."""
        return self._icon


class Notice(Leaf):
    """A line that says something: that an answer is awaited, or why there is none."""

    def __init__(self, parent: QgsDataItem, text: str, picture: str, again: Any = None) -> None:
        super().__init__(parent, text, f"{parent.path()}/notice", picture)
        self._again = again
        self.setToolTip(text)

    def handleDoubleClick(self) -> bool:
        """Try again what failed, or go on."""
        if self._again is None:
            return False
        self._again()
        return True

    def actions(self, parent: QWidget) -> list[QAction]:
        """Return the entries of the context menu."""
        return [] if self._again is None else [action(say("window.again"), parent, self._again)]


class Folder(QgsDataCollectionItem):
    """An item with children, which `content` names."""

    def __init__(self, parent: Optional[QgsDataItem], name: str, path: str, picture: str) -> None:
        super().__init__(parent, name, path, "Audan")
        self._icon = icon(picture)
        self.setIcon(self._icon)
        self.setCapabilitiesV2(FAST)
        self.within: list[QgsDataItem] = []

    def icon(self) -> QIcon:
        """Return the picture beside the name."""
        return self._icon

    def content(self) -> list[QgsDataItem]:
        """Return the children, made anew."""
        raise NotImplementedError

    def createChildren(self) -> list[QgsDataItem]:
        """Return the children; QGIS calls it when the folder is opened, and after `refresh`."""
        self.within = self.content()
        for one in self.within:
            sip.transferto(one, self)
        return self.within


def action(text: str, parent: QWidget, done: Any) -> QAction:
    """Return an entry of a context menu."""
    made = QAction(text, parent)
    made.triggered.connect(lambda _checked=False: done())
    return made
