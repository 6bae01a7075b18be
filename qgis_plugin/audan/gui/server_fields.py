"""The fields of one server on the options page, and what is told beside each."""

from typing import Optional

from qgis.gui import QgsAuthConfigSelect
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import QLabel, QLineEdit, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ..core.fault import Fault
from ..core.servers import Server
from ..core.words import say

_FAULT, _FINE = ("#c62828", "#ff8a80"), ("#2e7d32", "#81c784")
"""Colours of text on a light and on a dark window."""


class ServerFields(QWidget):
    """Name, address and authentication of a server, and the button that tests it."""

    edited = pyqtSignal()
    """A person has changed a field."""

    def __init__(self, parent: Optional[QWidget] = None) -> None:
        super().__init__(parent)
        self._filling = False
        self.name, self.address = QLineEdit(), QLineEdit()
        self.address.setPlaceholderText("https://crime.example")
        self.name_fault, self.address_fault, self.result = note(), note(), note()
        self.authentication = QgsAuthConfigSelect()
        self.authentication.setMaximumHeight(130)
        hint = note(say("options.authentication.hint"))
        self.test = QPushButton(say("options.test"))
        self.test.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.test.setMinimumWidth(120)
        for field in (self.name, self.address):
            field.textEdited.connect(self._tell_edited)
        self.authentication.selectedConfigIdChanged.connect(self._tell_edited)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        for title, parts in (
            (say("options.name"), (self.name, self.name_fault)),
            (say("options.address"), (self.address, self.address_fault)),
            (say("options.authentication"), (self.authentication, hint)),
        ):
            label = QLabel(title)
            label.setBuddy(parts[0])
            column.addWidget(label)
            for part in parts:
                column.addWidget(part)
            column.addSpacing(8)
        column.addWidget(self.test)
        column.addWidget(self.result)

    def fill(self, server: Server) -> None:
        """Show a server."""
        self._filling = True
        self.name.setText(server.name)
        self.address.setText(server.url)
        self.authentication.setConfigId(server.authcfg)
        self._filling = False

    def read(self) -> Server:
        """Return what is written."""
        return Server(self.name.text().strip(), self.address.text().strip(), self.authentication.configId())

    def tell(self, fault: Optional[Fault], quiet: bool = False) -> None:
        """Tell beside its field what is wrong, if anything is.

        Parameters
        ----------
        fault
            What is wrong with the fields; such a server cannot be tested.
        quiet
            Say nothing of an address that nobody has begun to write.
        """
        self.test.setEnabled(fault is None)
        of_name = fault is not None and fault.code.startswith("name")
        for place, told in ((self.name_fault, of_name), (self.address_fault, not of_name and not quiet)):
            self._say(place, str(fault) if fault is not None and told else "", _FAULT)

    def tell_asking(self, asking: bool) -> None:
        """Show that the server is being asked, or no longer."""
        self.test.setText(say("options.stop" if asking else "options.test"))
        self._say(self.result, say("options.asking") if asking else "")

    def tell_result(self, text: str, fine: bool) -> None:
        """Show how the test went."""
        self._say(self.result, text, _FINE if fine else _FAULT)

    def _say(self, place: QLabel, text: str, colours: tuple[str, str] = ("", "")) -> None:
        colour = colours[self.palette().window().color().lightness() < 128]
        place.setText(text)
        place.setStyleSheet(f"color: {colour}" if colour else "")
        place.setVisible(bool(text))

    def _tell_edited(self, *_: str) -> None:
        if not self._filling:
            self.edited.emit()


def note(text: str = "") -> QLabel:
    """Return a line of text that wraps and can be copied; one without text is hidden until it has some."""
    made = QLabel(text)
    made.setWordWrap(True)
    made.setTextFormat(Qt.TextFormat.PlainText)
    made.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if not text:
        made.hide()
    return made
