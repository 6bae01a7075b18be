"""Districts: a clean coverage with names, neighbours, peer groups; from a point to its district."""

from .borders import parent_borders
from .coverage import Coverage, clean_coverage
from .locate import Locator
from .model import Districts
from .neighbours import islands, neighbours, queen
from .peers import PeerGroups, PeerRule, peer_groups
from .peers_of import newest_population, peer_groups_by_year, peer_groups_of
from .read import load_districts
from .stability import Stability, stability

__all__ = [
    "Coverage",
    "Districts",
    "Locator",
    "PeerGroups",
    "PeerRule",
    "Stability",
    "clean_coverage",
    "islands",
    "load_districts",
    "neighbours",
    "newest_population",
    "parent_borders",
    "peer_groups",
    "peer_groups_by_year",
    "peer_groups_of",
    "queen",
    "stability",
]
