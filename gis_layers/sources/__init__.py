"""Sources: tables of counts, cards and population, read whole or not at all, with every row accounted for."""

from .coverage import Coverage
from .fingerprints import fingerprints
from .intake import Intake, read_sources, unallocated
from .ledger import Ledger, SourceLedger, Tally
from .quarantine import refuse_if_too_many
from .spool import read_spool

__all__ = [
    "Coverage",
    "Intake",
    "Ledger",
    "SourceLedger",
    "Tally",
    "fingerprints",
    "read_sources",
    "read_spool",
    "refuse_if_too_many",
    "unallocated",
]
