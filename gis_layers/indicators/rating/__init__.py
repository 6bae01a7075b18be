"""Indicator 1, the objective rating: how unusual a district is beside its peers."""

from .fingerprint import Fingerprint
from .frozen import Verdicts, judge_frozen
from .harm import require_known
from .judge import judge_rating
from .table import rating_frame

__all__ = ["Fingerprint", "Verdicts", "judge_frozen", "judge_rating", "rating_frame", "require_known"]
