"""The options page: servers, their addresses and authentication, and whether they answer."""

import contextlib
from dataclasses import replace
from typing import Callable, Optional

from qgis.core import QgsTask
from qgis.gui import QgsAuthConfigSelect, QgsOptionsPageWidget, QgsOptionsWidgetFactory
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import (
    QFormLayout,
    QGroupBox,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ..core import servers
from ..core.fault import Fault
from ..core.models import Catalogue
from ..core.probe import probe
from ..core.servers import Server, clean_url
from ..core.tasks import Tasks
from ..core.words import of, say
from .icons import icon

DEMO = Server("Demo", "http://127.0.0.1:8000")
_GOOD, _BAD = "#2e7d32", "#c62828"


class OptionsPage(QgsOptionsPageWidget):
    """Edits the known servers; they are kept when QGIS applies the options.

    Parameters
    ----------
    parent
        The options window.
    applied
        Called after the servers were kept.
    """

    def __init__(self, parent: Optional[QWidget], applied: Callable[[], None] = lambda: None) -> None:
        super().__init__(parent)
        self._applied = applied
        self._tasks = Tasks()
        self._servers: list[Server] = list(servers.servers())
        self._filling = False
        self._build()
        self._list_servers()
        self.list.setCurrentRow(0 if self._servers else -1)
        self._show()

    def _build(self) -> None:
        self.list = QListWidget(self)
        self.list.setMaximumHeight(150)
        self.list.setAccessibleName(say("window.servers"))
        self.list.currentRowChanged.connect(lambda _row: self._show())
        self.add_button = QPushButton(say("window.add"), self)
        self.demo_button = QPushButton(say("window.add_demo"), self)
        self.remove_button = QPushButton(say("window.remove"), self)
        self.add_button.clicked.connect(
            lambda: self.add(Server(self._free_name(say("window.new_server")), "https://"))
        )
        self.demo_button.clicked.connect(lambda: self.add(DEMO))
        self.remove_button.clicked.connect(self.remove)
        buttons = QHBoxLayout()
        for button in (self.add_button, self.demo_button, self.remove_button):
            buttons.addWidget(button)
        buttons.addStretch(1)

        self.name, self.url = QLineEdit(self), QLineEdit(self)
        self.url.setPlaceholderText("https://crime.example")
        self.fault = _line(self)
        self.auth = QgsAuthConfigSelect(self)
        # Left alone it takes all the height there is.
        self.auth.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Maximum)
        self.auth.setMaximumHeight(110)
        self.test_button = QPushButton(say("window.test"), self)
        self.test_button.clicked.connect(self.test)
        self.result = _line(self)
        for edit in (self.name, self.url):
            edit.textEdited.connect(lambda _text: self._edited())
        self.auth.selectedConfigIdChanged.connect(lambda _id: self._edited())
        self.form = QGroupBox(say("window.server"), self)
        rows = QFormLayout(self.form)
        rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        rows.addRow(say("window.name"), self.name)
        rows.addRow(say("window.address"), self.url)
        rows.addRow("", self.fault)
        rows.addRow(say("window.authentication"), self.auth)
        rows.addRow("", _line(self, say("window.authentication_hint")))
        tested = QHBoxLayout()
        tested.addWidget(self.test_button)
        tested.addWidget(self.result, 1)
        rows.addRow("", tested)

        layout = QVBoxLayout(self)
        layout.addWidget(QLabel(say("window.servers"), self))
        layout.addWidget(self.list)
        layout.addLayout(buttons)
        layout.addWidget(self.form)
        layout.addStretch(1)

    @property
    def _row(self) -> int:
        return int(self.list.currentRow())

    def _free_name(self, name: str) -> str:
        taken = {one.name for one in self._servers}
        number = 2
        free = name
        while free in taken:
            free, number = f"{name} {number}", number + 1
        return free

    def _list_servers(self) -> None:
        self._filling = True
        row = self._row
        self.list.clear()
        self.list.addItems([one.name for one in self._servers])
        self.list.setCurrentRow(min(row, len(self._servers) - 1))
        self._filling = False

    def _show(self) -> None:
        if self._filling:
            return
        known = 0 <= self._row < len(self._servers)
        self.form.setEnabled(known)
        self.remove_button.setEnabled(known)
        one = self._servers[self._row] if known else Server("", "")
        self._filling = True
        self.name.setText(one.name)
        self.url.setText(one.url)
        self.auth.setConfigId(one.authcfg)
        self._filling = False
        _tell(self.result, "")
        self._check()

    def _edited(self) -> None:
        if self._filling or not 0 <= self._row < len(self._servers):
            return
        one = Server(self.name.text().strip(), self.url.text(), self.auth.configId())
        self._servers[self._row] = one
        self.list.item(self._row).setText(one.name)
        _tell(self.result, "")
        self._check()

    def _check(self) -> bool:
        """Tell beside the address what is wrong with it."""
        if not 0 <= self._row < len(self._servers):
            _tell(self.fault, "")
            return False
        one = self._servers[self._row]
        try:
            clean_url(one.url)
            _named(one)
            if [other.key for other in self._servers].count(one.key) > 1:
                raise Fault("name", name=one.name)
        except Fault as fault:
            _tell(self.fault, str(fault), _BAD)
            self.test_button.setEnabled(False)
            return False
        _tell(self.fault, "")
        self.test_button.setEnabled(True)
        return True

    def add(self, server: Server) -> None:
        """Add a server to the list and show it; one of the same name is shown."""
        names = [one.name for one in self._servers]
        if server.name not in names:
            self._servers.append(server)
            self._list_servers()
            names.append(server.name)
        self.list.setCurrentRow(names.index(server.name))
        self._show()
        self.name.setFocus()

    def remove(self) -> None:
        """Take the chosen server from the list."""
        if 0 <= self._row < len(self._servers):
            del self._servers[self._row]
            self._list_servers()
            self._show()

    def test(self) -> None:
        """Ask the chosen server whether it answers as it should."""
        if not self._check():
            return
        one = self._servers[self._row]
        asked = replace(one, url=clean_url(one.url))
        self._tasks.cancel()
        _tell(self.result, say("window.asking"))

        def work(ear: QgsTask) -> Catalogue:
            return probe(asked, ear)

        self._tasks.start(say("window.testing", server=one.name), work, self._answered, self._failed)

    def _answered(self, found: Catalogue) -> None:
        area, edition = of(found.area["name"]), say(f"edition.{found.edition}")
        text = say("window.answers", area=area, edition=edition, date=found.released)
        _tell(self.result, text, _GOOD)

    def _failed(self, fault: Fault) -> None:
        _tell(self.result, str(fault), _BAD)

    def apply(self) -> None:
        """Keep the servers whose address and name are fine."""
        for old in servers.servers():
            servers.remove(old.name)
        for one in self._servers:
            with contextlib.suppress(Fault):
                servers.save(replace(one, name=_named(one), url=clean_url(one.url)))
        self._tasks.close()
        self._applied()

    def cancel(self) -> None:
        """Give up a test that still runs."""
        self._tasks.close()


class OptionsFactory(QgsOptionsWidgetFactory):
    """Makes the page when the options are opened."""

    def __init__(self, applied: Callable[[], None]) -> None:
        super().__init__("Audan", icon("audan"))
        self._applied = applied

    def icon(self) -> QIcon:
        """Return the icon of the page."""
        return icon("audan")

    def createWidget(self, parent: Optional[QWidget]) -> OptionsPage:
        """Return the page."""
        return OptionsPage(parent, self._applied)


def _named(server: Server) -> str:
    if not server.name:
        raise Fault("name", name="")
    return server.name


def _line(parent: QWidget, text: str = "") -> QLabel:
    made = QLabel(text, parent)
    made.setWordWrap(True)
    if text:
        made.setEnabled(False)
    else:
        made.hide()
    return made


def _tell(label: QLabel, text: str, colour: str = "") -> None:
    label.setText(text)
    label.setStyleSheet(f"color: {colour}" if colour else "")
    label.setVisible(bool(text))
