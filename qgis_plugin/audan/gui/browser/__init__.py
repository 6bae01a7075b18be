"""The browser tree: server, groups, layers, offences."""

from .items import Deeds
from .provider import BrowserProvider, DropHandler

__all__ = ["BrowserProvider", "Deeds", "DropHandler"]
