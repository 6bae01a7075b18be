"""Hotspots of districts and of incident cells: Gi*, local Moran's I, and the patterns that emerge over time."""

from .cells import Cells, cell_counts, cell_links, grid_cells
from .cube import cube_states, trailing_patterns
from .frozen import SIGNALS, judge_hotspots_kept, signalled
from .getis_ord import GiStar, gi_star
from .judge import judge_hotspots
from .links import join_islands, links_of
from .moran import QUADRANTS, LocalMoran, local_moran
from .patterns import PATTERNS, emerging_patterns, mann_kendall
from .permute import permutation_p
from .standardise import standardised_rates

__all__ = [
    "PATTERNS", "QUADRANTS", "SIGNALS", "Cells", "GiStar", "LocalMoran", "cell_counts", "cell_links", "cube_states",
    "emerging_patterns", "gi_star", "grid_cells", "join_islands", "judge_hotspots", "judge_hotspots_kept", "links_of",
    "local_moran", "mann_kendall", "permutation_p", "signalled", "standardised_rates",
    "trailing_patterns",
]  # fmt: skip
