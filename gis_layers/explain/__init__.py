"""The whole story of a cell: what was recorded, what was expected of whom, the year before, the parts, the reasons."""

from .facts import explain
from .text import explain_text

__all__ = ["explain", "explain_text"]
