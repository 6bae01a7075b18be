"""What people call the codes of a server, in the language of a client."""

from collections.abc import Mapping
from typing import Any

from .client import Client
from .models import Catalogue
from .words import say


def named(row: Mapping[str, Any], lang: str, name: str = "name") -> str:
    """Return a name of a row in a language, else as it is in the records; empty if there is none.

    Examples
    --------
    >>> named({"name": "Head office", "name_ru": "Управление"}, "ru")
    'Управление'
    """
    return str(row.get(f"{name}_{lang}") or row.get(name) or row.get(f"{name}_en") or "")


def offence_names(client: Client, catalogue: Catalogue) -> dict[str, str]:
    """Ask for the names of the offences by code; empty if the edition tells none."""
    if catalogue.find("offences") is None:
        return {}
    rows = client.rows("offences").rows
    return {row["offence"]: named(row, client.lang) or row["offence"] for row in rows}


def attribute_name(code: str) -> str:
    """Return what people call a field of the cards; its code as words if it is not a common one."""
    key = f"attribute.{code}"
    told = say(key)
    return code.replace("_", " ") if told == key else told
