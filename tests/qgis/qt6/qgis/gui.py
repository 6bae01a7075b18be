"""Stand-ins for classes of qgis.gui: those that are drawn are plain widgets of Qt 6."""

from PyQt6.QtCore import pyqtSignal
from PyQt6.QtWidgets import QComboBox, QDockWidget, QLineEdit, QVBoxLayout, QWidget

from qgis.stand_in import StandIn, stand_in


class QgsOptionsPageWidget(QWidget):
    """A page of QGIS's options."""


class QgsDockWidget(QDockWidget):
    """A dock."""


class QgsFilterLineEdit(QLineEdit):
    """A line to filter by."""


class QgsAuthConfigSelect(QWidget):
    """A choice of authentication."""

    selectedConfigIdChanged = pyqtSignal(str)

    def __init__(self, parent=None, *_):
        super().__init__(parent)
        self._chosen = ""
        QVBoxLayout(self).addWidget(QComboBox(self))

    def setConfigId(self, name):
        self._chosen = name

    def configId(self):
        return self._chosen


class QgsMapCanvas(QWidget):
    """A map that shows nothing."""

    def __getattr__(self, name):
        return getattr(StandIn(), name)


def __getattr__(name):
    return stand_in(name)
