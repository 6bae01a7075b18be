"""The colour that charts are written in, legible in every theme of QGIS."""

from qgis.PyQt.QtGui import QColor, QPalette
from qgis.PyQt.QtWidgets import QWidget

_APART = 90
"""Lightness, of 255, that text and its ground differ by at least."""


def ink(widget: QWidget, alpha: int, role: QPalette.ColorRole = QPalette.ColorRole.WindowText) -> QColor:
    """Return a colour of a widget's palette, as opaque as told.

    Dark themes of QGIS colour texts by style sheets and leave a palette whose text is as dark as its ground.
    """
    colour = QColor(widget.palette().color(role))
    ground = widget.palette().color(QPalette.ColorRole.Window).lightness()
    if role == QPalette.ColorRole.WindowText and abs(colour.lightness() - ground) < _APART:
        colour = QColor("#ffffff" if ground < 128 else "#000000")
    colour.setAlpha(alpha)
    return colour
