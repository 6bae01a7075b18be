"""The codebook: offences as a tree up to `all`, severities beside it, and what is summed from what."""

from .break_lines import break_lines, with_changes_of_codes
from .breaks import boundaries_changed, breaks_for, comparable_population
from .codebook import ROOT, Codebook
from .crosswalk import load_crosswalk
from .families import Families
from .load import load_codebook
from .translate import Translated, Translator

__all__ = [
    "ROOT",
    "Codebook",
    "Families",
    "Translated",
    "Translator",
    "boundaries_changed",
    "break_lines",
    "breaks_for",
    "comparable_population",
    "load_codebook",
    "load_crosswalk",
    "with_changes_of_codes",
]
