"""Whatever the seed and scale: counts are counts, and every event keeps its distance."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gis_layers.demo import Plants, demo_counts
from gis_layers.demo.backdrop import draw_backdrop


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 10_000), scale=st.sampled_from([0.03, 0.3, 1.0, 5.0]))
def test_any_world_is_sound(seed: int, scale: float) -> None:
    demo = demo_counts(seed, scale)
    assert (demo.counts >= 0).all()
    assert (demo.sown.late <= demo.counts).all()
    assert (demo.sown.bunched <= demo.counts).all()
    clean = draw_backdrop(seed, scale).counts
    assert np.array_equal(demo.counts[~demo.touched], clean[~demo.touched])
    assert demo.touched.mean() < 0.05
    series: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for event in demo.events:
        if event.kind in ("outbreak", "fall", "path") and event.decoy != "group_drift":
            months: dict[tuple[int, int], list[int]] = {}
            for cell in event.cells:
                months.setdefault((cell.district, cell.offence), []).append(cell.month)
            for key, found in months.items():
                series.setdefault(key, []).append((min(found), max(found)))
    for spans in series.values():
        spans.sort()
        assert all(later[0] - earlier[1] > 12 for earlier, later in pairwise(spans))


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 10_000))
def test_the_same_seed_is_the_same_world_and_another_is_not(seed: int) -> None:
    one, same = (demo_counts(seed, 0.2, Plants.none()) for _ in range(2))
    other = demo_counts(seed + 1, 0.2, Plants.none())
    assert np.array_equal(one.counts, same.counts)
    assert not np.array_equal(one.counts, other.counts)
