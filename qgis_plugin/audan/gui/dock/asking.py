"""One question to a server at a time: a busy bar while it lasts, a notice with *Try again* if it fails."""

from typing import Any, Callable

from ...core.client import Client
from ...core.fault import Fault
from ...core.servers import Server
from ...core.tasks import Tasks
from ...core.words import say
from .notices import Busy, Notice


class Asking:
    """Asks in a task; a new question takes the place of the one before.

    Parameters
    ----------
    busy, notice
        Where it is shown; *Cancel* of the busy bar is wired here.
    faulted
        Told of every fault beside the notice.
    """

    def __init__(self, busy: Busy, notice: Notice, faulted: Callable[[Fault], None]) -> None:
        self._tasks = Tasks()
        self._busy, self._notice, self._faulted = busy, notice, faulted
        self._again: Callable[[], None] = lambda: None
        busy.cancelled.connect(self._cancelled)

    @property
    def running(self) -> bool:
        """Whether an answer is still to come."""
        return bool(self._tasks.running)

    def ask(
        self, title: str, server: Server, work: Callable[[Client], Any], done: Callable[[Any], None]
    ) -> None:
        """Ask a server in a task.

        Parameters
        ----------
        title
            What QGIS's list of tasks shows.
        work
            Called in the task's thread.
        done
            Called in the window's thread with the answer.
        """
        self.drop()
        self._notice.hide()
        self._busy.begin(say("dock.loading", server=server.name))
        self._again = lambda: self.ask(title, server, work, done)

        def come(answer: Any) -> None:
            self._busy.end()
            done(answer)

        self._tasks.start(title, lambda task: work(Client(server, task)), come, self._failed)

    def drop(self) -> None:
        """Give up what is asked, silently."""
        self._tasks.cancel()
        self._busy.end()

    def close(self) -> None:
        """Give up what is asked for good."""
        self._tasks.close()

    def _failed(self, fault: Fault) -> None:
        self._busy.end()
        self._notice.tell_fault(fault, self._again)
        self._faulted(fault)

    def _cancelled(self) -> None:
        self.drop()
        self._notice.tell(say("dock.cancelled"), say("dock.again"), self._again)
