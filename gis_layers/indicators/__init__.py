"""Indicators: one folder or file per question that a layer answers."""

from .rating import Fingerprint, Verdicts, judge_frozen, judge_rating, rating_frame, require_known
from .safety import bears_on_safety, judge_safety, safety_frame

__all__ = [
    "Fingerprint", "Verdicts", "bears_on_safety", "judge_frozen", "judge_rating", "judge_safety",
    "rating_frame", "require_known", "safety_frame",
]  # fmt: skip
