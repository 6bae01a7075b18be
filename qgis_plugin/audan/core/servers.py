"""The servers that a person knows: a name, an address and the id of QGIS's authentication; never a secret."""

from dataclasses import dataclass
from typing import Optional
from urllib.parse import urlsplit

from qgis.core import QgsSettings

from .fault import Fault

_GROUP = "audan/servers"


@dataclass(frozen=True)
class Server:
    """An Audan server.

    Parameters
    ----------
    name
        What the person calls it; unique.
    url
        Root address without a slash at its end.
    authcfg
        Id of the authentication configuration that holds the token; empty where none is needed.
    """

    name: str
    url: str
    authcfg: str = ""

    @property
    def key(self) -> str:
        """What stands in addresses of items and in settings: the name without what would part them."""
        return self.name.replace("/", "_").replace("\\", "_")


def clean_url(text: str) -> str:
    """Return an address as it is kept.

    Raises
    ------
    Fault
        ``address`` if it is none of http or https, ``credentials`` if it carries a name or a password.

    Examples
    --------
    >>> clean_url(" https://crime.example/audan/ ")
    'https://crime.example/audan'
    """
    bare = text.strip()
    try:
        parts = urlsplit(bare)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Fault("address", address=bare) from None
    del port
    if parts.scheme not in ("http", "https") or not host or parts.query or parts.fragment:
        raise Fault("address", address=bare)
    if parts.username is not None or parts.password is not None:
        raise Fault("credentials")
    return bare.rstrip("/")


def servers() -> list[Server]:
    """Return the known servers by name."""
    settings = QgsSettings()
    settings.beginGroup(_GROUP)
    found = []
    for key in settings.childGroups():
        name, url = settings.value(f"{key}/name", key), settings.value(f"{key}/url", "")
        found.append(Server(str(name), str(url), str(settings.value(f"{key}/authcfg", "") or "")))
    settings.endGroup()
    return sorted(found, key=lambda one: one.name.casefold())


def find(name: str) -> Optional[Server]:
    """Return a known server by its name, None if there is none."""
    return next((one for one in servers() if one.name == name), None)


def save(server: Server) -> None:
    """Keep a server; one of the same name is replaced."""
    settings = QgsSettings()
    for part, value in (("name", server.name), ("url", server.url), ("authcfg", server.authcfg)):
        settings.setValue(f"{_GROUP}/{server.key}/{part}", value)


def remove(name: str) -> None:
    """Forget a server; its authentication stays with QGIS, which other things may use."""
    QgsSettings().remove(f"{_GROUP}/{Server(name, '').key}")
