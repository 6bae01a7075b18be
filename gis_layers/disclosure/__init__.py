"""What leaves the house: the allow-list, the rules of disclosure, and the attack that tests them."""

from .allow import PUBLIC, editions
from .earlier import Earlier, read_earlier
from .hotspots import public_hotspots
from .partly import public_dynamics, public_structure
from .protect import Protection, protect
from .report import disclosure_report
from .rounding import round_counts
from .withhold import withhold, withhold_counts

__all__ = [
    "PUBLIC",
    "Earlier",
    "Protection",
    "disclosure_report",
    "editions",
    "protect",
    "public_dynamics",
    "public_hotspots",
    "public_structure",
    "read_earlier",
    "round_counts",
    "withhold",
    "withhold_counts",
]
