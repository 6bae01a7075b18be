"""Clusters in space and time: the scan, by circles or by connected shapes, with what chance alone would give."""

from .expected import margin_expected, pearson_dispersion, standardised_expected
from .inference import Null
from .judge import ScanRules, judge_clusters
from .likelihood import log_likelihood_ratio
from .scan import Cluster, Scan, scan
from .zones import Zones, circular_zones, distances_km, flexible_zones

__all__ = [
    "Cluster", "Null", "Scan", "ScanRules", "Zones", "circular_zones", "distances_km", "flexible_zones",
    "judge_clusters", "log_likelihood_ratio", "margin_expected", "pearson_dispersion", "scan",
    "standardised_expected",
]  # fmt: skip
