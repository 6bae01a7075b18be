"""QtCore of Qt 6."""

from PyQt6.QtCore import *  # noqa: F403
