"""The page "Audan" of QGIS's options: the servers that a person knows."""

from dataclasses import replace
from typing import Any, Callable, Optional

from qgis.gui import QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QListWidget,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ..core.fault import Fault
from ..core.models import Catalogue
from ..core.probe import probe
from ..core.servers import Server, clean_url, remove, save, servers
from ..core.tasks import Tasks
from ..core.words import edition_name, of, say
from .icons import icon
from .server_fields import ServerFields, note

DEMO = Server("Demo", "http://127.0.0.1:8000")


class OptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page whenever the options are opened.

    Parameters
    ----------
    changed
        Called after servers were saved.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        super().__init__()
        self.setTitle("Audan")
        self.setIcon(icon("audan"))
        self._changed = changed

    def createWidget(self, parent: Optional[QWidget] = None) -> "ServersPage":
        """Return a page."""
        return ServersPage(self._changed, parent)


class ServersPage(QgsOptionsPageWidget):
    """A list of servers, and the chosen one's fields; kept when the options are accepted.

    Parameters
    ----------
    changed
        Called after servers were saved.
    """

    def __init__(
        self, changed: Optional[Callable[[], None]] = None, parent: Optional[QWidget] = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("AudanOptions")
        self._changed = changed or (lambda: None)
        self._before = servers()
        self._drafts = list(self._before)
        self._tasks = Tasks()
        self._probing: Any = None
        self._filling = False
        self.destroyed.connect(self._tasks.close)
        self._build()
        self._list_anew(0)

    # What a person does.

    def add(self, server: Optional[Server] = None) -> None:
        """Add a server to the list: an empty one, or a known one."""
        self._drafts.append(server or Server(self._free_name(say("options.new")), ""))
        self._list_anew(len(self._drafts) - 1)
        (self.fields.address if server is None else self.fields.test).setFocus()

    def drop(self) -> None:
        """Remove the chosen server."""
        row = self.list.currentRow()
        if row >= 0:
            del self._drafts[row]
            self._list_anew(min(row, len(self._drafts) - 1))

    def run_test(self) -> None:
        """Ask the chosen server what it offers, or stop asking."""
        if self._probing is not None:
            self._stop_test()
            return
        server = self._drafts[self.list.currentRow()]
        self.fields.tell_asking(True)
        self._probing = self._tasks.start(
            say("task.asking", server=server.name),
            lambda task: probe(server, task),
            self._tell_fine,
            self._tell_fault,
        )

    def apply(self) -> None:
        """Keep the servers; QGIS calls it when the options are accepted. One with a fault is kept as it was."""
        before = {one.name: one for one in self._before}
        fine = {one.name: one for one in self._drafts if fault_of(one, self._drafts) is None}
        faulty = {one.name for one in self._drafts} - set(fine)
        for name in set(before) - set(fine) - faulty:
            remove(name)
        for server in fine.values():
            if before.get(server.name) != server:
                save(replace(server, url=clean_url(server.url)))
        self._before = servers()
        self._changed()

    def isValid(self) -> bool:
        """Tell whether the options may be accepted; newer QGIS ask."""
        return all(fault_of(one, self._drafts) is None for one in self._drafts)

    def helpKey(self) -> str:
        """Return no page of QGIS's own manual."""
        return ""

    # How it is built and filled.

    def _build(self) -> None:
        self.list = QListWidget()
        self.list.setAccessibleName(say("options.servers"))
        self.list.setMinimumWidth(170)
        self.list.currentRowChanged.connect(self._fill)
        self.plus = QPushButton(say("options.add"))
        self.minus = QPushButton(say("options.remove"))
        self.demo = QPushButton(say("options.demo"))
        self.demo.setToolTip(say("options.demo.tip", url=DEMO.url))
        self.plus.clicked.connect(lambda: self.add())
        self.minus.clicked.connect(self.drop)
        self.demo.clicked.connect(lambda: self.add(DEMO))
        buttons = QHBoxLayout()
        buttons.addWidget(self.plus)
        buttons.addWidget(self.minus)
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(6, 6, 6, 0)
        column.addWidget(QLabel(say("options.servers")))
        column.addWidget(self.list)
        column.addLayout(buttons)
        column.addWidget(self.demo)

        self.fields = ServerFields()
        self.fields.edited.connect(self._edited)
        self.fields.test.clicked.connect(self.run_test)
        self.empty = note(say("options.empty"))
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        right = QWidget()
        beside = QVBoxLayout(right)
        beside.setContentsMargins(6, 6, 6, 0)
        beside.addWidget(self.empty)
        beside.addWidget(self.fields)
        beside.addStretch(1)
        both = QSplitter()
        both.setChildrenCollapsible(False)
        both.addWidget(left)
        both.addWidget(right)
        both.setStretchFactor(1, 1)
        both.setSizes([220, 460])
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(both)

    def _list_anew(self, row: int) -> None:
        self._filling = True
        self.list.clear()
        for server in self._drafts:
            self.list.addItem(server.name)
            self.list.item(self.list.count() - 1).setIcon(icon("server"))
        self._filling = False
        self.list.setCurrentRow(row)
        self.demo.setVisible(all(one.url != DEMO.url for one in self._drafts))
        self._fill()

    def _fill(self, *_: int) -> None:
        if self._filling:
            return
        self._stop_test()
        row = self.list.currentRow()
        self.fields.setVisible(row >= 0)
        self.empty.setVisible(row < 0)
        self.minus.setEnabled(row >= 0)
        if row >= 0:
            server = self._drafts[row]
            self.fields.fill(server)
            self.fields.tell(fault_of(server, self._drafts), quiet=not server.url)

    def _edited(self) -> None:
        row = self.list.currentRow()
        self._stop_test()
        self._drafts[row] = made = self.fields.read()
        self.list.item(row).setText(made.name)
        self.fields.tell(fault_of(made, self._drafts))

    def _stop_test(self) -> None:
        if self._probing is not None:
            self._probing.drop()
        self._probing = None
        self.fields.tell_asking(False)

    def _tell_fine(self, catalogue: Catalogue) -> None:
        self._stop_test()
        told = say(
            "options.fine",
            area=of(catalogue.area["name"]),
            edition=edition_name(catalogue.edition),
            date=catalogue.released,
        )
        self.fields.tell_result(told, fine=True)

    def _tell_fault(self, fault: Fault) -> None:
        self._stop_test()
        self.fields.tell_result(str(fault), fine=False)

    def _free_name(self, wish: str) -> str:
        taken = {one.name for one in self._drafts}
        numbered = (f"{wish} {number}" for number in range(2, len(taken) + 3))
        return wish if wish not in taken else next(name for name in numbered if name not in taken)


def fault_of(server: Server, others: list[Server]) -> Optional[Fault]:
    """Return what is wrong with a server's fields, None if nothing is."""
    if not server.name:
        return Fault("name_empty")
    if sum(other.key == server.key for other in others) > 1:
        return Fault("name_taken", name=server.name)
    try:
        clean_url(server.url)
    except Fault as fault:
        return fault
    return None
