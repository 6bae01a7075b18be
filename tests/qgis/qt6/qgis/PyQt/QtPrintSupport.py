"""QtPrintSupport of Qt 6."""

from PyQt6.QtPrintSupport import *  # noqa: F403
