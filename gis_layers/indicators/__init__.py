"""Indicators: one folder or file per question that a layer answers."""

from .rating import judge_rating, rating_frame
from .safety import judge_safety, safety_frame

__all__ = ["judge_rating", "judge_safety", "rating_frame", "safety_frame"]
