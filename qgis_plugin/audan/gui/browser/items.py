"""What the tree holds: servers, groups of layers, layers, and their offences page by page."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Callable, Optional, Union
from urllib.parse import quote, unquote

from qgis.core import QgsDataItem, QgsMimeDataUtils, QgsTask
from qgis.PyQt.QtWidgets import QAction, QWidget

from ...core.choice import Choice
from ...core.client import Client
from ...core.compat import BrowserItemState
from ...core.fault import Fault
from ...core.models import Catalogue, LayerInfo
from ...core.servers import Server, find, servers
from ...core.tasks import Tasks
from ...core.words import of, say
from .folder import Folder, Leaf, Notice, action

KEY = "audan"
"""Provider key of what is dragged."""
PAGE = 50
GROUPS = (
    ("signals", ("rating", "dynamics", "structure", "completeness")),
    ("places", ("hotspots", "hotspot_cells", "clusters", "density")),
    ("spread", ("spread_paths", "near_repeat")),
    ("areas", ("safety", "districts", "profiles", "factors", "warnings")),
)
DRAWN = ("polygon", "line", "raster")


@dataclass(frozen=True)
class Deeds:
    """What items ask of the window.

    Parameters
    ----------
    add
        Add a choice's set, as ``tiles`` or ``features``.
    look
        Show a choice in the dock.
    options
        Open the options page.
    tasks
        Where requests run.
    """

    add: Callable[[Choice, str], None]
    look: Callable[[Choice], None]
    options: Callable[[], None]
    tasks: Tasks


@dataclass(frozen=True)
class Offered:
    """What a server offers: its catalogue, and the names of its offences."""

    catalogue: Catalogue
    offences: dict[str, str]


def offered(server: Server, ear: QgsTask) -> Offered:
    """Ask a server what it offers; in a task."""
    client = Client(server, ear)
    catalogue = client.catalogue()
    names: dict[str, str] = {}
    if catalogue.find("offences"):
        for row in client.rows("offences").rows:
            names[row["offence"]] = row.get(f"name_{client.lang}") or row.get("name") or row["offence"]
    return Offered(catalogue, names)


class RootItem(Folder):
    """Every known server."""

    def __init__(self, deeds: Deeds) -> None:
        super().__init__(None, "Audan", "/Audan", "audan")
        self._deeds = deeds

    def content(self) -> list[QgsDataItem]:
        """Return the servers, or how to get one."""
        known = servers()
        if not known:
            return [Notice(self, say("window.no_server"), "more", self._deeds.options)]
        return [ServerItem(self, one, self._deeds) for one in known]

    def actions(self, parent: QWidget) -> list[QAction]:
        """Return the entries of the context menu."""
        return [action(say("window.server_menu"), parent, self._deeds.options)]


class ServerItem(Folder):
    """A server: asked when it is opened."""

    def __init__(self, parent: QgsDataItem, server: Server, deeds: Deeds) -> None:
        super().__init__(parent, server.name, f"/Audan/{quote(server.key)}", "server")
        self.server, self._deeds = server, deeds
        self.answer: Optional[Union[Offered, Fault]] = None
        self._asked = False
        self.setToolTip(server.url)

    def content(self) -> list[QgsDataItem]:
        """Return the groups, or what is in their way."""
        if isinstance(self.answer, Fault):
            return [
                Notice(self, str(self.answer), "fault", self.ask),
                Notice(self, say("window.again"), "more", self.ask),
            ]
        if self.answer is None:
            if not self._asked:
                self.ask()
            return [Notice(self, say("window.asking"), "asking")]
        catalogue = self.answer.catalogue
        left = [one for one in catalogue.layers if one.geometry in DRAWN]
        made: list[QgsDataItem] = []
        for name, ids in GROUPS:
            mine = sorted((one for one in left if one.id in ids), key=lambda one: ids.index(one.id))
            if mine:
                made.append(GroupItem(self, name, mine))
        return made

    def ask(self) -> None:
        """Ask the server what it offers, and fill the tree with what it answers."""
        self._asked, self.answer = True, None
        title = say("window.testing", server=self.server.name)
        self._deeds.tasks.start(title, lambda ear: offered(self.server, ear), self._told, self._told)
        if self.state() == BrowserItemState.Populated:
            self.refresh()

    def _told(self, answer: Union[Offered, Fault]) -> None:
        self.answer = answer
        if isinstance(answer, Offered):
            catalogue = answer.catalogue
            edition = say(f"edition.{catalogue.edition}")
            self.setToolTip(
                say(
                    "window.answers",
                    area=of(catalogue.area["name"]),
                    edition=edition,
                    date=catalogue.released,
                )
            )
        self.refresh()

    @property
    def deeds(self) -> Deeds:
        """What the window does for the items within."""
        return self._deeds

    def actions(self, parent: QWidget) -> list[QAction]:
        """Return the entries of the context menu."""
        return [
            action(say("window.refresh"), parent, self.ask),
            action(say("window.server_menu"), parent, self._deeds.options),
        ]


class GroupItem(Folder):
    """Layers that belong together."""

    def __init__(self, server: ServerItem, name: str, layers: Sequence[LayerInfo]) -> None:
        super().__init__(server, say(f"group.{name}"), f"{server.path()}/{name}", "group")
        self._server, self._layers = server, layers

    def content(self) -> list[QgsDataItem]:
        """Return the layers."""
        return [LayerItem(self, self._server, one) for one in self._layers]


class Sliced:
    """What a layer and its offences have in common: they are added, looked at and dragged."""

    server_item: ServerItem
    layer: LayerInfo
    offence: Optional[str]

    @property
    def choice(self) -> Choice:
        """The newest month of the item."""
        month = self.layer.months[-1] if self.layer.months else None
        first = "all" if "all" in self.layer.offences else (self.layer.offences or (None,))[0]
        return Choice(self.server_item.server, self.layer.id, self.offence or first, month)

    def add(self, form: str = "tiles") -> None:
        """Add the item to the map."""
        self.server_item.deeds.add(self.choice, form)

    def entries(self, parent: QWidget) -> list[QAction]:
        """Return the entries of the context menu."""
        made = [action(say("window.add_tiles"), parent, lambda: self.add("tiles"))]
        if self.layer.geometry == "polygon":
            made.append(action(say("window.add_features"), parent, lambda: self.add("features")))
        if self.layer.is_judged or self.layer.is_signalled or self.layer.default_column == "imbalance":
            made.append(action(say("window.look"), parent, lambda: self.server_item.deeds.look(self.choice)))
        return made

    def dragged(self) -> list[QgsMimeDataUtils.Uri]:
        """Return what is dragged: the names of the server, the layer and the offence."""
        made = QgsMimeDataUtils.Uri()
        made.layerType, made.providerKey = "custom", KEY
        made.name = of(self.layer.title)
        made.uri = "/".join(
            quote(part, safe="") for part in (self.server_item.server.name, self.layer.id, self.offence or "")
        )
        return [made]


class LayerItem(Folder, Sliced):
    """A layer; its offences are within, page by page."""

    def __init__(self, parent: QgsDataItem, server: ServerItem, layer: LayerInfo) -> None:
        super().__init__(parent, of(layer.title), f"{parent.path()}/{layer.id}", layer.id)
        self.server_item, self.layer, self.offence = server, layer, None
        self._shown = PAGE
        self.setToolTip(of(layer.description))

    def content(self) -> list[QgsDataItem]:
        """Return the offences of the first pages."""
        codes = self.layer.offences if self.layer.geometry != "raster" else ()
        made: list[QgsDataItem] = [OffenceItem(self, code) for code in codes[: self._shown]]
        if len(codes) > self._shown:
            left = len(codes) - self._shown
            made.append(Notice(self, say("window.more", n=left), "more", self.more))
        return made

    def more(self) -> None:
        """Show a page more."""
        self._shown += PAGE
        self.refresh()

    def handleDoubleClick(self) -> bool:
        """Add the newest month."""
        self.add()
        return True

    def actions(self, parent: QWidget) -> list[QAction]:
        """Return the entries of the context menu."""
        return self.entries(parent)

    def hasDragEnabled(self) -> bool:
        """Layers may be dragged onto the map."""
        return True

    def mimeUris(self) -> list[QgsMimeDataUtils.Uri]:
        """Return what is dragged."""
        return self.dragged()


class OffenceItem(Leaf, Sliced):
    """An offence of a layer."""

    def __init__(self, parent: LayerItem, code: str) -> None:
        answer = parent.server_item.answer
        names = answer.offences if isinstance(answer, Offered) else {}
        super().__init__(parent, names.get(code, code), f"{parent.path()}/{code}", "offence")
        self.server_item, self.layer, self.offence = parent.server_item, parent.layer, code
        self.setToolTip(code)

    def handleDoubleClick(self) -> bool:
        """Add the newest month."""
        self.add()
        return True

    def actions(self, parent: QWidget) -> list[QAction]:
        """Return the entries of the context menu."""
        return self.entries(parent)

    def hasDragEnabled(self) -> bool:
        """Offences may be dragged onto the map."""
        return True

    def mimeUris(self) -> list[QgsMimeDataUtils.Uri]:
        """Return what is dragged."""
        return self.dragged()


def read_dragged(uri: str) -> Optional[tuple[Server, str, Optional[str]]]:
    """Return the server, layer and offence of what was dragged; None if the server is no longer known."""
    parts = [unquote(part) for part in uri.split("/")]
    server = find(parts[0]) if len(parts) == 3 else None
    return None if server is None else (server, parts[1], parts[2] or None)
