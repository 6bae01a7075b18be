"""Whether a server answers as it should: what a person sees behind *Test* in the options."""

from typing import Optional

from .client import Client
from .models import Catalogue
from .network import Ear
from .servers import Server

PATIENCE = 15.0


def probe(server: Server, ear: Optional[Ear] = None) -> Catalogue:
    """Ask a server what it offers.

    Raises
    ------
    Fault
        ``unreachable`` (dead network), ``slow``, ``no_audan`` (wrong address), ``token``, ``needs_token``,
        ``opens_nothing`` (wrong token), ``no_release``; see the messages ``fault.*``.
    Cancelled
        If the ear says so.
    """
    return Client(server, ear, patience=PATIENCE).catalogue()
