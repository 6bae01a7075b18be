"""What is normal of a count beside its own past: level, season, dispersion and both tails."""

from .own import Break, judge_own

__all__ = ["Break", "judge_own"]
