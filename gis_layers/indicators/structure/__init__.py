"""Indicator 3, structure: what the offences of a district are made of, beside its group and its own year."""

from .frozen import judge_structure_kept
from .judge import judge_structure

__all__ = ["judge_structure", "judge_structure_kept"]
