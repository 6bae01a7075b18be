"""The order of planning: what has least choice first."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .calendar import Calendar
from .decoys import plan_drift, plan_late, plan_lone, plan_shared_months, plan_together
from .falls import plan_falls, plan_genuine, plan_small_falls
from .mixes import plan_completeness, plan_mixes
from .model import Event
from .outbreaks import plan_outbreaks, plan_rare
from .paths import plan_paths
from .places import plan_clusters, plan_hotspots, plan_near_repeats, plan_profiles
from .reactions import plan_reactions

STEPS = (
    plan_drift, plan_reactions, plan_paths, plan_falls, plan_late, plan_clusters, plan_outbreaks, plan_genuine,
    plan_together, plan_lone, plan_shared_months, plan_hotspots, plan_mixes, plan_rare, plan_small_falls,
    plan_completeness, plan_near_repeats, plan_profiles,
)  # fmt: skip


def plan_events(expected: npt.NDArray[np.float64], seed: int) -> list[Event]:
    """Plan every event of every kind for a backdrop's expected counts, (district, leaf, month)."""
    calendar = Calendar(expected)
    return [event for step in STEPS for event in step(calendar, seed)]
