"""Ready answers in memory, bounded by bytes; the least recently used go first."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Answer:
    """What a route answers: a body, its media type, and headers of its own."""

    body: bytes
    media_type: str
    headers: dict[str, str] = field(default_factory=dict)
    packed: bytes | None = None
    """The body as gzip, None where that does not pay."""

    @property
    def size(self) -> int:
        return len(self.body) + len(self.packed or b"")


class Cache:
    """A thread-safe LRU of answers.

    Parameters
    ----------
    limit
        Most bytes of bodies held; an answer larger than an eighth of it is not kept.
    """

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._size = 0
        self._held: OrderedDict[Hashable, Answer] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Answer | None:
        """Return an answer, None if it is not held."""
        with self._lock:
            found = self._held.get(key)
            if found is not None:
                self._held.move_to_end(key)
            return found

    def put(self, key: Hashable, answer: Answer) -> None:
        """Keep an answer."""
        cost = answer.size + 512
        if cost * 8 > self.limit:
            return
        with self._lock:
            if key in self._held:
                self._size -= self._held.pop(key).size + 512
            self._held[key] = answer
            self._size += cost
            while self._size > self.limit:
                _, gone = self._held.popitem(last=False)
                self._size -= gone.size + 512
