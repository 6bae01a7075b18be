"""The demo area: an invented republic, its cards from a seed, and the truth of what is planted in them."""

from .counts import DemoCounts, demo_counts
from .plants import Plants
from .truth import Truth, read_truth
from .write import DemoFiles, write_demo

__all__ = ["DemoCounts", "DemoFiles", "Plants", "Truth", "demo_counts", "read_truth", "write_demo"]
