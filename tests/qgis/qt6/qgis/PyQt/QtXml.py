"""QtXml of Qt 6."""

from PyQt6.QtXml import *  # noqa: F403
