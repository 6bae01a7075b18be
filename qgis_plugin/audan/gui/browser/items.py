"""The items of the branch: one class for each kind of line.

Every item is quick: it makes its children of what is already known, and what is not is asked for in a task. The
children are never read back from QGIS, which crashes on `QgsDataItem.children()` in 3.22.
"""

from typing import Any, Callable, Optional, Union

from qgis.core import Qgis, QgsDataItem, QgsMimeDataUtils
from qgis.PyQt.QtCore import QTimer
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QAction, QWidget

from ...core.choice import Choice
from ...core.fault import Fault
from ...core.markup import plain
from ...core.models import LayerInfo
from ...core.names import attribute_name
from ...core.servers import Server, servers
from ...core.words import edition_name, of, say
from ..icons import icon, layer_icon
from .drag import uri_of
from .groups import ICONS, first_choice, forms, grouped
from .shelf import Told

_CAN = Qgis.BrowserItemCapabilities(Qgis.BrowserItemCapability.Fast) | Qgis.BrowserItemCapability.Fertile
PAGE = 50
"""Slices of a layer that are shown at a time."""


class Item(QgsDataItem):
    """A line of the tree.

    Parameters
    ----------
    parent, name, path
        As QGIS wants them; items of the same parent, path and name are the same.
    tree
        The branch.
    picture, order, tip
        What stands before the name, its place among the others, and what is told on hovering.
    leaf
        Whether it has nothing beneath it.
    """

    def __init__(
        self,
        parent: Optional[QgsDataItem],
        name: str,
        path: str,
        tree: Any,
        picture: QIcon,
        *,
        order: int = 0,
        tip: str = "",
        leaf: bool = False,
    ) -> None:
        super().__init__(Qgis.BrowserItemType.Custom, parent, name, path, "audan")
        self.tree = tree
        self.setIcon(picture)
        self.setSortKey(order)
        self.setToolTip(plain(tip or name))
        # Fertile: when its parent is refreshed QGIS leaves its children alone, instead of taking them away.
        self.setCapabilitiesV2(_CAN)
        if leaf:
            self.setState(Qgis.BrowserItemState.Populated)

    def actions(self, parent: QWidget) -> list[QAction]:
        """Return what the context menu offers."""
        made = []
        for title, deed in self.deeds():
            action = QAction(title, parent)
            action.triggered.connect(lambda _=False, deed=deed: deed())
            made.append(action)
        return made

    def deeds(self) -> list[tuple[str, Callable[[], None]]]:
        """Return what can be done with the item, the first on a double click of a leaf."""
        return []


class Line(Item):
    """A line that tells something, and may do something on a double click."""

    def __init__(
        self,
        parent: Item,
        name: str,
        picture: str,
        order: int,
        title: str = "",
        deed: Optional[Callable[[], None]] = None,
    ) -> None:
        path = f"{parent.path()}/line{order}"
        super().__init__(parent, name, path, parent.tree, icon(picture), order=order, leaf=True)
        self._deeds = [(title or name, deed)] if deed else []

    def deeds(self) -> list[tuple[str, Callable[[], None]]]:
        """Return the one thing it does."""
        return self._deeds

    def handleDoubleClick(self) -> bool:
        """Do it, after QGIS is through with the click: it may take the line itself away."""
        for _, deed in self._deeds:
            QTimer.singleShot(0, deed)
        return True


class RootItem(Item):
    """The branch: its servers."""

    def __init__(self, tree: Any) -> None:
        super().__init__(None, "Audan", "audan:", tree, icon("audan"), tip=say("tree.tip"))

    def createChildren(self) -> list[QgsDataItem]:
        """Return the known servers, or how to make one known."""
        known = servers()
        if not known:
            return [
                Line(self, say("tree.no_server"), "more", 0, say("action.servers"), self.tree.deeds.options)
            ]
        return [ServerItem(self, server) for server in known]

    def deeds(self) -> list[tuple[str, Callable[[], None]]]:
        """Return what concerns all servers."""
        options, help_ = self.tree.deeds.options, self.tree.deeds.help
        return [(say("action.servers"), options), (say("action.help"), lambda: help_("tree"))]


class ServerItem(Item):
    """A server: groups of its layers, or why there are none."""

    def __init__(self, parent: RootItem, server: Server) -> None:
        # Another address under the same name is another server.
        path = f"audan:/{server.key}@{server.url}#{server.authcfg}"
        tip = f"{server.name}\n{server.url}"
        super().__init__(parent, server.name, path, parent.tree, icon("server"), tip=tip)
        self.setSortKey(server.name.casefold())
        self.server = server
        self._answered = False
        self.tree.shown(self)

    def createChildren(self) -> list[QgsDataItem]:
        """Return what is known; anybody but the answer itself who wants it anew makes the server be asked."""
        answer = self.tree.shelf.told(self.server)
        if self._answered:
            self._answered = False
        else:
            self.tree.shelf.ask(self.server)
            answer = answer if isinstance(answer, Told) else None
        return self.lines(answer)

    def lines(self, answer: Union[Told, Fault, None]) -> list[QgsDataItem]:
        """Return the lines that show an answer."""
        if answer is None:
            return [Line(self, say("tree.asking"), "server", 0)]
        if isinstance(answer, Fault):
            again = say("tree.again")
            sentence = say(f"fault.{answer.code}", **answer.values)
            return [
                Line(self, sentence, "fault", 1, again, self.refresh),
                Line(self, answer.remedy, "help", 2, say("action.servers"), self.tree.deeds.options),
                Line(self, again, "again", 3, again, self.refresh),
            ]
        catalogue = answer.catalogue
        area, edition = of(catalogue.area["name"]), edition_name(catalogue.edition)
        tip = say("tree.server", url=self.server.url, area=area, edition=edition, date=catalogue.released)
        self.setToolTip(plain(tip))
        return [
            GroupItem(self, group, layers, answer, order)
            for order, (group, layers) in enumerate(grouped(catalogue).items())
        ]

    def show_answer(self) -> None:
        """Show what the server has just answered."""
        self._answered = True
        self.refresh()

    def deeds(self) -> list[tuple[str, Callable[[], None]]]:
        """Return what concerns the server."""
        return [(say("tree.again"), self.refresh), (say("action.servers"), self.tree.deeds.options)]


class GroupItem(Item):
    """Layers that belong together."""

    def __init__(
        self, parent: ServerItem, group: str, layers: list[LayerInfo], told: Told, order: int
    ) -> None:
        # Of another release the layers have other months: it is another item.
        path = f"{parent.path()}/{told.catalogue.release}/{group}"
        super().__init__(
            parent, say(f"tree.group.{group}"), path, parent.tree, icon(ICONS[group]), order=order
        )
        self.server, self._layers, self._told = parent.server, layers, told

    def createChildren(self) -> list[QgsDataItem]:
        """Return the layers."""
        return [LayerItem(self, layer, self._told, order) for order, layer in enumerate(self._layers)]


class SliceItem(Item):
    """A slice that can be added: by a double click, by the menu, by dragging it."""

    def __init__(
        self, parent: Item, name: str, layer: LayerInfo, choice: Choice, order: int, *, tip: str, leaf: bool
    ) -> None:
        path = (
            f"{parent.path()}/{choice.offence if leaf and choice.offence else choice.attribute or layer.id}"
        )
        super().__init__(
            parent, name, path, parent.tree, layer_icon(layer.id), order=order, tip=tip, leaf=leaf
        )
        self.layer, self.choice = layer, choice

    def deeds(self) -> list[tuple[str, Callable[[], None]]]:
        """Return the forms it can be added in, and the way to another month."""
        kinds = forms(self.layer)
        titles = [say(f"tree.add.{form}") for form in kinds] if len(kinds) > 1 else [say("tree.add")]
        adds = [(title, lambda form=form: self._add(form)) for title, form in zip(titles, kinds)]
        if self.layer.months and self.layer.geometry == "polygon" and not self.layer.own_shapes:
            adds.append((say("tree.choose"), lambda: self.tree.deeds.choose(self.choice)))
        return adds

    def handleDoubleClick(self) -> bool:
        """Add it in the form that is quickest to look at."""
        self._add("tiles")
        return True

    def hasDragEnabled(self) -> bool:
        """Return that it can be dragged."""
        return True

    def mimeUris(self) -> list[QgsMimeDataUtils.Uri]:
        """Return what is dragged."""
        return [uri_of(self.choice, self.name())]

    def _add(self, form: str) -> None:
        self.tree.deeds.add(self.choice, form)


class LayerItem(SliceItem):
    """A layer, beneath which are its offences or attributes, a page at a time."""

    def __init__(self, parent: GroupItem, layer: LayerInfo, told: Told, order: int) -> None:
        cuts = layer.offences or layer.attributes
        choice = first_choice(parent.server, layer)
        tip = of(layer.description)
        if choice.month:
            tip = f"{tip}\n{say('tree.newest', month=choice.month)}"
        super().__init__(parent, of(layer.title), layer, choice, order, tip=tip, leaf=len(cuts) < 2)
        self._told, self._shown = told, PAGE

    def createChildren(self) -> list[QgsDataItem]:
        """Return the offences or attributes up to the page that is open."""
        by_offence = bool(self.layer.offences)
        cuts = self.layer.offences if by_offence else self.layer.attributes
        made: list[QgsDataItem] = []
        for order, code in enumerate(cuts[: self._shown]):
            name = self._told.offences.get(code, code) if by_offence else attribute_name(code)
            choice = self.choice.but(offence=code) if by_offence else self.choice.but(attribute=code)
            made.append(SliceItem(self, name, self.layer, choice, order, tip=f"{name} ({code})", leaf=True))
        left = len(cuts) - self._shown
        if left > 0:
            made.append(Line(self, say("tree.more", count=left), "more", self._shown, "", self.show_more))
        return made

    def show_more(self) -> None:
        """Open the next page."""
        self._shown += PAGE
        self.refresh()
