"""Indicator 1, the objective rating: how unusual a district is beside its peers."""

from .judge import judge_rating
from .table import rating_frame

__all__ = ["judge_rating", "rating_frame"]
