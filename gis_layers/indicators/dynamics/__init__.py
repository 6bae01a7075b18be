"""Indicator 2, dynamics: what changes in a district beside its own past, upward and downward."""

from .clues import Bunching, Clues
from .judge import judge_dynamics
from .signals import SIGNALS

__all__ = ["SIGNALS", "Bunching", "Clues", "judge_dynamics"]
