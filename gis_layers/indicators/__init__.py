"""Indicators: one folder or file per question that a layer answers."""

from .completeness import completeness_frame, judge_completeness
from .dynamics import Clues, gather_clues, judge_dynamics, judge_dynamics_kept, thresholds_of
from .norm import OwnPast
from .panel_verdicts import PanelVerdicts, judge_both
from .rating import Fingerprint, Verdicts, judge_frozen, judge_rating, rating_frame, require_known
from .safety import bears_on_safety, judge_safety, safety_frame
from .structure import judge_structure, judge_structure_kept

__all__ = [
    "Clues", "Fingerprint", "OwnPast", "PanelVerdicts", "Verdicts", "bears_on_safety", "completeness_frame",
    "gather_clues", "judge_both", "judge_completeness", "judge_dynamics", "judge_dynamics_kept", "judge_frozen",
    "judge_rating", "judge_safety", "judge_structure", "judge_structure_kept", "rating_frame", "require_known",
    "safety_frame", "thresholds_of",
]  # fmt: skip
