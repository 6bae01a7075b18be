"""QtGui of Qt 6."""

from PyQt6.QtGui import *  # noqa: F403
