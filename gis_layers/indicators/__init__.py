"""Indicators: one folder or file per question that a layer answers."""

from .rating import judge_rating, rating_frame
from .safety import bears_on_safety, judge_safety, safety_frame

__all__ = ["bears_on_safety", "judge_rating", "judge_safety", "rating_frame", "safety_frame"]
