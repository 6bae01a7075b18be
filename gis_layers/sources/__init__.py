"""Sources: tables of counts, cards and population, read whole or not at all, with every row accounted for."""

from .coverage import Coverage
from .fields import Fields, Near, read_fields
from .fingerprints import fingerprints
from .intake import Intake, read_sources, unallocated
from .ledger import Ledger, SourceLedger, Tally
from .points import Points, read_points
from .quarantine import refuse_if_too_many
from .spool import read_spool

__all__ = [
    "Coverage",
    "Fields",
    "Intake",
    "Ledger",
    "Near",
    "Points",
    "SourceLedger",
    "Tally",
    "fingerprints",
    "read_fields",
    "read_points",
    "read_sources",
    "read_spool",
    "refuse_if_too_many",
    "unallocated",
]
