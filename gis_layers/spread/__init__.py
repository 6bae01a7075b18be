"""Where crime goes: spread paths between districts, near repeats and chains of incidents."""

from .graph import write_edges, write_graphml
from .incident_paths import incident_paths
from .incidents import Incidents
from .judge import SpreadPaths, judge_spread
from .knox import near_repeat
from .lines import bent_lines
from .tracks import link_incidents, tracks

__all__ = [
    "Incidents",
    "SpreadPaths",
    "bent_lines",
    "incident_paths",
    "judge_spread",
    "link_incidents",
    "near_repeat",
    "tracks",
    "write_edges",
    "write_graphml",
]
