"""A bucket of requests per client: filled steadily, emptied by asking."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable


class Buckets:
    """How often each client may ask.

    Parameters
    ----------
    rate
        Requests per second; 0 is without bound.
    burst
        Requests that a full bucket holds.
    most
        Clients remembered; one that was forgotten has a full bucket, as one that did not ask for long.
    clock
        Seconds that only grow.

    Examples
    --------
    >>> buckets = Buckets(2.0, 1, clock=lambda: 0.0)
    >>> buckets.take("a"), buckets.take("a"), buckets.take("b")
    (0.0, 0.5, 0.0)
    """

    def __init__(
        self, rate: float, burst: int, *, most: int = 50_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.rate, self.burst, self.most, self.clock = rate, float(burst), most, clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, client: str) -> float:
        """Take a request from a client's bucket; return 0, or the seconds until there is one."""
        if not self.rate:
            return 0.0
        now = self.clock()
        left, when = self._held.pop(client, (self.burst, now))
        left = min(self.burst, left + (now - when) * self.rate)
        wait = 0.0 if left >= 1.0 else (1.0 - left) / self.rate
        self._held[client] = (left if wait else left - 1.0, now)
        while len(self._held) > self.most:
            self._held.popitem(last=False)
        return wait

    def __len__(self) -> int:
        return len(self._held)
