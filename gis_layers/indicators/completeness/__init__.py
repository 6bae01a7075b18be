"""Completeness of cards: which fields are left empty where similar districts fill them."""

from .judge import completeness_frame, judge_completeness

__all__ = ["completeness_frame", "judge_completeness"]
