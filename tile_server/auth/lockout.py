"""Wrong credentials wait: longer each time, by client and token, in bounded memory.

A guess at 256 bits is hopeless anyway. What the waiting saves is work and log, and it makes a client that was left
with an old token notice. The key holds the client's address, so nobody can lock another's token from afar; unknown
ids share one key, so inventing ids neither escapes the waiting nor grows the memory.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

LONGEST = 900.0
"""Seconds of the longest wait."""


@dataclass
class _Failures:
    count: int
    until: float
    last: float


class Lockout:
    """Who waits for how long.

    Parameters
    ----------
    free
        Wrong credentials before the first wait.
    most
        Keys held; those that failed longest ago go first.
    clock
        Seconds that only grow.
    """

    def __init__(
        self, free: int = 5, *, most: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.free, self.most, self.clock = free, most, clock
        self._held: OrderedDict[tuple[str, str], _Failures] = OrderedDict()

    def wait(self, client: str, identity: str) -> float:
        """Return the seconds that a client must still wait with a token; 0 if it need not."""
        held = self._held.get((client, identity))
        return 0.0 if held is None else max(0.0, held.until - self.clock())

    def failed(self, client: str, identity: str) -> None:
        """Count wrong credentials; after the free ones each doubles the wait, from one second."""
        now, key = self.clock(), (client, identity)
        held = self._held.pop(key, None)
        if held is None or now - held.last > LONGEST:
            held = _Failures(0, 0.0, now)
        held.count, held.last = held.count + 1, now
        if held.count > self.free:
            held.until = now + min(2.0 ** min(held.count - self.free - 1, 20), LONGEST)
        self._held[key] = held
        while len(self._held) > self.most:
            self._held.popitem(last=False)

    def succeeded(self, client: str, identity: str) -> None:
        """Forget the failures of a client with a token that holds."""
        self._held.pop((client, identity), None)

    def __len__(self) -> int:
        return len(self._held)
