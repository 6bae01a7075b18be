"""What a benchmark is given, and what it gives back."""

from __future__ import annotations

import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Figure:
    """One measured number, and that of a peer in the same run.

    Parameters
    ----------
    name
        What was measured, e.g. ``"tiles encoded, 200 districts, 20 columns, z0-10"``; the row of the page.
    value, unit
        The number and its unit: ``s``, ``MB``, ``tiles/s``, ``requests/s``, ``bytes``.
    higher
        Whether more is better.
    peer, peer_value
        Another software that did the same, and its number in the same unit; None where there is none.
    goal
        What the number should reach (at least if `higher`, else at most); None where nothing was promised.
    peak_mb
        Most memory that the process held meanwhile, in MB; None where it was not watched.
    note
        What a reader must know to judge it: what the peer leaves out, what was warm.

    Examples
    --------
    >>> round(Figure("tiles", 6_000, "tiles/s", higher=True, peer="GDAL", peer_value=500).ratio, 1)
    12.0
    >>> Figure("start", 0.2, "s", goal=0.5).reached
    True
    """

    name: str
    value: float
    unit: str
    higher: bool = False
    peer: str | None = None
    peer_value: float | None = None
    goal: float | None = None
    peak_mb: float | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """How many times better than the peer; None without one."""
        if not self.peer_value or not self.value:
            return None
        return self.value / self.peer_value if self.higher else self.peer_value / self.value

    @property
    def reached(self) -> bool | None:
        """Whether the goal was reached; None if nothing was promised."""
        if self.goal is None:
            return None
        return self.value >= self.goal if self.higher else self.value <= self.goal

    def as_dict(self) -> dict[str, Any]:
        """Return the figure for JSON, with its ratio."""
        return asdict(self) | {"ratio": self.ratio, "reached": self.reached}


@dataclass(frozen=True)
class Bench:
    """What every benchmark is given.

    Parameters
    ----------
    folder
        An empty folder of its own to write to; removed afterwards.
    shared
        A folder that all benchmarks of a run share, for what several need (`areas.py`).
    data
        The folder of real data (`AUDAN_DATA`), or None: then only the demo area is measured.
    everything
        Whether also what takes minutes is to be measured (`--all`).
    quick
        Whether the smallest run that measures everything once is wanted (`--quick`); its figures are no
        benchmark, but a test that the benchmark works.
    """

    folder: Path
    shared: Path
    data: Path | None = None
    everything: bool = False
    quick: bool = False

    def say(self, text: str) -> None:
        """Tell on stderr what is being measured."""
        print(f"bench: {text}", file=sys.stderr, flush=True)
