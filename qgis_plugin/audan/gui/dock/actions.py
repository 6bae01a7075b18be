"""The dock's two buttons: adding layers to the project, and making a bulletin or an atlas."""

from typing import NamedTuple, Optional

from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from ...core.choice import Choice
from ...core.words import of, say
from .release import Release

EXTRAS = ("hotspots", "clusters", "spread_paths", "density")


class Asked(NamedTuple):
    """Layers that a person wants in the project, in the order of ``layers.prepare.Wanted``."""

    layers: tuple[str, ...]
    offence: Optional[str]
    month: Optional[str]
    attribute: Optional[str]
    form: str


class _StayingMenu(QMenu):
    """A menu that stays open while boxes in it are ticked."""

    def mouseReleaseEvent(self, event: object) -> None:
        action = self.activeAction()
        if action is not None and action.isCheckable() and action.isEnabled():
            action.trigger()
        else:
            super().mouseReleaseEvent(event)


class Actions(QWidget):
    """Buttons with menus."""

    layers_wanted = pyqtSignal(object)
    bulletin_wanted = pyqtSignal()
    atlas_wanted = pyqtSignal()

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._choice: Optional[Choice] = None
        self.add_menu, pages = _StayingMenu(self), QMenu(self)
        for form in ("tiles", "features"):
            action = self.add_menu.addAction(say(f"dock.add.{form}"))
            action.triggered.connect(lambda _=False, form=form: self._add(form))
        self.add_menu.addSection(say("dock.add.with"))
        self.extras = {}
        for layer in EXTRAS:
            self.extras[layer] = self.add_menu.addAction(layer)
            self.extras[layer].setCheckable(True)
        pages.addAction(say("dock.bulletin.one")).triggered.connect(
            lambda _=False: self.bulletin_wanted.emit()
        )
        pages.addAction(say("dock.bulletin.atlas")).triggered.connect(
            lambda _=False: self.atlas_wanted.emit()
        )
        self.add = _button("dock.add", self.add_menu, QToolButton.ToolButtonPopupMode.MenuButtonPopup)
        self.add.clicked.connect(lambda _=False: self._add("tiles"))
        self.pages = _button("dock.bulletin", pages, QToolButton.ToolButtonPopupMode.InstantPopup)
        box = QHBoxLayout(self)
        box.setContentsMargins(0, 2, 0, 2)
        box.setSpacing(6)
        box.addWidget(self.add)
        box.addWidget(self.pages)
        self.show_choice(None, None)

    def show_choice(self, release: Optional[Release], choice: Optional[Choice]) -> None:
        """Offer what the edition has beside the layer that is looked at."""
        self._choice = choice
        self.setEnabled(choice is not None)
        for name, action in self.extras.items():
            layer = release.catalogue.find(name) if release else None
            action.setVisible(layer is not None and choice is not None and name != choice.layer)
            if layer is not None and choice is not None:
                action.setText(of(layer.title))
                offence = choice.offence or "all"
                every = layer.interval and offence == "all"  # paths are of one offence each: all holds every
                action.setEnabled(every or not layer.offences or offence in layer.offences)

    def _add(self, form: str) -> None:
        one = self._choice
        if one is None:
            return
        extras = (
            name
            for name, action in self.extras.items()
            if action.isChecked() and action.isVisible() and action.isEnabled()
        )
        # A layer of card fields has no offence, but what is added with it does.
        offence = one.offence or "all"
        self.layers_wanted.emit(Asked((one.layer, *extras), offence, one.month, one.attribute, form))


def _button(key: str, menu: QMenu, mode: QToolButton.ToolButtonPopupMode) -> QToolButton:
    button = QToolButton()
    button.setText(say(key))
    button.setToolTip(say(f"{key}.tip"))
    button.setMenu(menu)
    button.setPopupMode(mode)
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    return button
