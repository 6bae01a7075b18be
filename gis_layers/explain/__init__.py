"""The whole story of a cell: what was recorded, what was expected of whom, the year before, the parts, the reasons.

And that of a cluster and of a spread path.
"""

from .facts import explain
from .found import explain_found, found_text
from .text import explain_text

__all__ = ["explain", "explain_found", "explain_text", "found_text"]
