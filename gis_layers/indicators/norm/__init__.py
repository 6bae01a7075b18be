"""What is normal of a count beside its own past: level, season, dispersion and both tails."""

from .own import OwnHalf, OwnPast, judge_own
from .series import Break

__all__ = ["Break", "OwnHalf", "OwnPast", "judge_own"]
