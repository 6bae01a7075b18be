"""Adding layers to the project: fetched beside the window, put into it when they are there."""

from typing import Any, Callable, Optional

from ..core.choice import Choice
from ..core.client import Client
from ..core.fault import Fault
from ..core.tasks import Tasks
from ..core.words import say
from .messages import Messages


class Adder:
    """Adds what is chosen anywhere in the window.

    Parameters
    ----------
    tasks
        Where the fetching runs.
    messages
        Tells how it went.
    iface
        The window's interface.
    go
        Called with the month that was asked for, when its layers are there.
    """

    def __init__(self, tasks: Tasks, messages: Messages, iface: Any, go: Callable[[str], None]) -> None:
        self._tasks, self._messages, self._iface, self._go = tasks, messages, iface, go

    def add(self, choice: Choice, form: str = "tiles") -> None:
        """Add a slice of one layer."""
        from ..layers.prepare import Wanted

        one = (choice.layer,)
        self.add_set(choice.server, Wanted(one, choice.offence, choice.month, choice.attribute, form))

    def add_set(self, server: Any, wanted: Any) -> None:
        """Add layers of a server: a `Wanted`, or a tuple of its fields."""
        from ..layers.prepare import Wanted, prepare

        if not isinstance(wanted, Wanted):
            wanted = Wanted(*wanted)
        self._tasks.start(
            say("task.adding", server=server.name),
            lambda task: prepare(Client(server, task), wanted, task),
            lambda prepared: self._put(prepared, wanted.month),
            self._messages.fault,
        )

    def _put(self, prepared: Any, month: Optional[str]) -> None:
        from ..layers.layer_set import add_to_window

        try:
            layers = add_to_window(prepared, self._iface)
        except Fault as fault:
            self._messages.fault(fault)
            return
        if layers:
            names = ", ".join(layer.name() for layer in layers[:3])
            if len(layers) > 3:
                names = say("message.and_more", names=names, count=len(layers) - 3)
            self._messages.told(say("message.added", names=names))
        if prepared.left_out:
            self._messages.left_out(prepared.left_out)
        month = month or next((part.mark.month for part in prepared.parts if part.mark.moves), None)
        if layers and month is not None:
            self._go(month)
