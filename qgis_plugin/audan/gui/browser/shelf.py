"""What servers have told of themselves, asked for beside the window."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Callable, Union

from ...core.client import Client
from ...core.fault import Fault
from ...core.models import Catalogue
from ...core.names import offence_names
from ...core.network import Ear
from ...core.servers import Server
from ...core.tasks import Tasks
from ...core.words import say

PATIENCE = 20.0


@dataclass(frozen=True)
class Told:
    """A catalogue, and the names of its offences by code in the language of the window."""

    catalogue: Catalogue
    offences: Mapping[str, str] = field(default_factory=dict)


def ask(server: Server, ear: Ear) -> Told:
    """Ask a server what the tree shows of it."""
    client = Client(server, ear, patience=PATIENCE)
    catalogue = client.catalogue()
    return Told(catalogue, offence_names(client, catalogue))


class Shelf:
    """Keeps the newest answer of every server.

    Parameters
    ----------
    tasks
        Where the asking runs.
    heard
        Called in the window's thread when a server has told something, or failed to.
    """

    def __init__(self, tasks: Tasks, heard: Callable[[Server], None]) -> None:
        self._tasks, self._heard = tasks, heard
        self._told: dict[Server, Union[Told, Fault]] = {}
        self._asking: set[Server] = set()

    def told(self, server: Server) -> Union[Told, Fault, None]:
        """Return the newest answer, None before the first."""
        return self._told.get(server)

    def ask(self, server: Server) -> None:
        """Ask a server anew, unless it is being asked."""
        if server in self._asking:
            return
        self._asking.add(server)

        def keep(answer: Union[Told, Fault]) -> None:
            self._asking.discard(server)
            self._told[server] = answer
            self._heard(server)

        title = say("task.asking", server=server.name)
        self._tasks.start(title, lambda task: ask(server, task), keep, keep)
