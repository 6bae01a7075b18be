"""QtWidgets of Qt 6, with what QGIS leaves where it was with Qt 5."""

from PyQt6.QtGui import QAction, QActionGroup, QFileSystemModel, QShortcut, QUndoCommand, QUndoStack  # noqa: F401
from PyQt6.QtWidgets import *  # noqa: F403
