"""Indicator 2, dynamics: what changes in a district beside its own past, upward and downward."""

from .clues import Bunching, Clues
from .frozen import judge_dynamics_kept
from .gather import gather_clues, thresholds_of
from .judge import judge_dynamics
from .signals import SIGNALS

__all__ = [
    "SIGNALS", "Bunching", "Clues", "gather_clues", "judge_dynamics", "judge_dynamics_kept", "thresholds_of",
]  # fmt: skip
