"""Rates with their intervals: as counted, and smoothed by empirical Bayes."""

from .crude import Rates, crude
from .empirical_bayes import EmpiricalBayes, GlobalBayes, empirical_bayes, empirical_bayes_global

__all__ = ["EmpiricalBayes", "GlobalBayes", "Rates", "crude", "empirical_bayes", "empirical_bayes_global"]
