"""What is normal of a count beside its own past: level, season, dispersion and both tails."""

from .own import OwnHalf, judge_own, own_halves
from .series import Break

__all__ = ["Break", "OwnHalf", "judge_own", "own_halves"]
