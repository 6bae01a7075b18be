"""How long a piece of work took in this process, and the most memory that the process held meanwhile."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

_PROC = Path("/proc/self")


def timed(work: Callable[[], Any]) -> tuple[Any, tuple[float, float]]:
    """Return what the work gives, and its seconds by the clock and of the processors."""
    clock, processor = time.perf_counter(), time.process_time()
    made = work()
    return made, (time.perf_counter() - clock, time.process_time() - processor)


def peak_mb() -> float:
    """Return the most memory held since `forget_peak`, or since the process began."""
    status = _PROC / "status"
    if status.exists():
        most = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(most.split()[1]) / 1024
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def forget_peak() -> None:
    """Begin anew with what `peak_mb` tells, where the system can (Linux)."""
    forget = _PROC / "clear_refs"
    if forget.exists():
        forget.write_text("5")  # proc(5): resets the peak of the resident set
