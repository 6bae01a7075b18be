"""Build an area in a process of its own; print what each stage took and the most memory it held, as JSON."""

from __future__ import annotations

import json
import resource
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.01
_STATUS = Path("/proc/self/status")


def held_mb(field: str) -> float:
    """Return `VmRSS` (memory held now) or `VmHWM` (most ever) in MB; elsewhere than on Linux the most ever."""
    if _STATUS.exists():
        line = next(line for line in _STATUS.read_text().splitlines() if line.startswith(field))
        return int(line.split()[1]) / 1024
    unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


@dataclass
class Stage:
    """One stage: when it began, and the memory seen during it."""

    name: str
    began: float
    most_before: float
    peak: float = 0.0


class Watch:
    """Takes the time and the peak memory of stage after stage."""

    def __init__(self) -> None:
        self.done: list[dict[str, object]] = []
        self._now: Stage | None = None
        self._lock = threading.Lock()
        threading.Thread(target=self._look, daemon=True).start()

    def _look(self) -> None:
        while True:
            held = held_mb("VmRSS")
            with self._lock:
                if self._now is not None:
                    self._now.peak = max(self._now.peak, held)
            time.sleep(_EVERY)

    def begin(self, text: str | None) -> None:
        """Begin a stage and end the one before; more news of the same stage changes nothing."""
        name = None if text is None else text.partition(": ")[0]
        with self._lock:
            last = self._now
            if last is not None and last.name == name:
                return
            if last is not None:
                # A library that holds the interpreter hides a peak from the thread, but not from the system.
                most = held_mb("VmHWM")
                peak = max(last.peak, most if most > last.most_before else held_mb("VmRSS"))
                seconds = time.perf_counter() - last.began
                self.done.append({"stage": last.name, "seconds": seconds, "peak_mb": peak})
            self._now = Stage(name, time.perf_counter(), held_mb("VmHWM")) if name else None


def main(area: str, store: str) -> None:
    """Build, and print the stages and what was built."""
    watch = Watch()
    watch.begin("imports")
    from gis_layers import pipeline
    from gis_layers.release import open_store

    built = pipeline.build(Path(area), Path(store), progress=watch.begin)
    watch.begin(None)
    rating = open_store(store).current().edition("analyst").entry("rating")
    read = sum(source.read.offences for source in built.inputs.intake.ledger.sources)
    cpu = time.process_time()
    print(json.dumps({"stages": watch.done, "cpu": cpu, "offences": read, "rating": rating["rows"]}))


if __name__ == "__main__":
    main(*sys.argv[1:])
