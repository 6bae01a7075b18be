"""Work beside the window: a cancellable task of QGIS with progress, whose end is told in the window's thread."""

from typing import Any, Callable, Optional

from qgis.core import QgsApplication, QgsTask

from .fault import Cancelled, Fault
from .network import open_desk

Done = Callable[[Any], None]
Failed = Callable[[Fault], None]


class Work(QgsTask):
    """A function in a thread of its own; it gets the task as the ear that says when to stop."""

    def __init__(
        self, title: str, work: Callable[[QgsTask], Any], done: Done, failed: Failed, owner: "Tasks"
    ) -> None:
        super().__init__(title, QgsTask.Flag.CanCancel)
        self._work, self._done, self._failed, self._owner = work, done, failed, owner
        self._result: Any = None
        self._fault: Optional[Fault] = None
        self._dropped = False

    def run(self) -> bool:
        """Do the work; QGIS calls it in a thread."""
        try:
            self._result = self._work(self)
        except Cancelled:
            return False
        except Fault as fault:
            self._fault = fault
            return False
        # a fault of ours is told like any other, and never a traceback in the face
        except Exception as error:
            import traceback

            self._fault = Fault(
                "own", error=f"{type(error).__name__}: {error}", detail=traceback.format_exc()
            )
            return False
        return not self.isCanceled()

    def drop(self) -> None:
        """Cancel it silently; cancelled in QGIS's list of tasks it says so, for somebody waits."""
        self._dropped = True
        self.cancel()

    def finished(self, fine: bool) -> None:
        """Tell the end; QGIS calls it in the window's thread."""
        self._owner.forget(self)
        if self._owner.closed or self._dropped:
            return
        if self.isCanceled():
            self._failed(Fault("cancelled"))
        elif fine:
            self._done(self._result)
        elif self._fault is not None:
            self._failed(self._fault)


class Tasks:
    """The tasks of one part of the window; closing it cancels them, and none speaks afterwards."""

    def __init__(self) -> None:
        self.closed = False
        self._running: list[Work] = []

    def start(self, title: str, work: Callable[[QgsTask], Any], done: Done, failed: Failed) -> Work:
        """Begin a task.

        Parameters
        ----------
        title
            What the person sees in QGIS's list of tasks.
        work
            Called in a thread with the task; it fetches and computes, and touches nothing of the window.
        done, failed
            Called in the window's thread with the result, or with the fault; neither after it was dropped.
        """
        open_desk()
        task = Work(title, work, done, failed, self)
        self._running.append(task)
        QgsApplication.taskManager().addTask(task)
        return task

    def forget(self, task: Work) -> None:
        """Let go of a task that has ended."""
        if task in self._running:
            self._running.remove(task)

    @property
    def running(self) -> list[Work]:
        """Tasks that have not ended."""
        return list(self._running)

    def cancel(self) -> None:
        """Cancel what runs, silently."""
        for task in self.running:
            task.drop()

    def close(self) -> None:
        """Cancel what runs; nothing is told any more."""
        self.closed = True
        self.cancel()
