"""Whether ``metadata.txt`` and the licence say what QGIS and its plugin repository ask for."""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from pathlib import Path

from .finding import Finding

FILE = "metadata.txt"
EXACTLY = {
    "qgisMinimumVersion": "3.22",
    "qgisMaximumVersion": "4.99",
    "hasProcessingProvider": "yes",
    "supportsQt6": "yes",
    "deprecated": "False",
}
PRESENT = (
    "name", "description", "about", "version", "author", "email", "tracker", "repository", "homepage", "tags",
    "icon", "category", "experimental", "changelog",
)  # fmt: skip
ADDRESSES = ("tracker", "repository", "homepage")


def metadata(plugin: Path, version: str) -> Iterator[Finding]:
    """Yield what is missing or wrong in the plugin's metadata.

    Parameters
    ----------
    plugin
        Folder of the plugin.
    version
        What the project calls itself now.
    """
    path = plugin / FILE
    if not path.is_file():
        yield Finding(FILE, 0, "is missing")
        return
    text = path.read_text(encoding="utf-8")
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment,method-assign]  # names have capitals
    try:
        parser.read_string(text)
        told = dict(parser["general"])
    except (configparser.Error, KeyError) as error:
        yield Finding(FILE, 0, f"cannot be read: {error}")
        return

    def at(name: str, said: str) -> Finding:
        lines = text.splitlines()
        return Finding(
            FILE, next((n for n, one in enumerate(lines, 1) if one.startswith(f"{name}=")), 0), said
        )

    for name in PRESENT:
        if not told.get(name, "").strip():
            yield at(name, f"“{name}” is missing or empty")
    for name, value in EXACTLY.items():
        if told.get(name) != value:
            yield at(name, f"“{name}” is to be {value}, not {told.get(name)!r}")
    if told.get("version") != version:
        yield at("version", f"version is {told.get('version')}, the project's is {version}")
    if version not in told.get("changelog", ""):
        yield at("changelog", f"the changelog says nothing of {version}")
    for name in ADDRESSES:
        if told.get(name) and not re.match(r"https://[\w.-]+(/|$)", told[name]):
            yield at(name, f"“{name}” is no https address: {told[name]}")
    if told.get("email") and not re.fullmatch(r"[\w.+-]+@[\w-]+(\.[\w-]+)+", told["email"]):
        yield at("email", f"“{told['email']}” is no address of mail")
    if told.get("icon") and not (plugin / told["icon"]).is_file():
        yield at("icon", f"{told['icon']} is not there")
    if told.get("name", "").lower().startswith("qgis") or "plugin" in told.get("name", "").lower():
        yield at("name", "a plugin's name has neither “QGIS” nor “plugin” in it")


def addresses_to_fill(plugin: Path) -> list[str]:
    """Return the names whose address is one reserved for examples: to be filled in before an upload."""
    parser = configparser.ConfigParser(interpolation=None)
    parser.read(plugin / FILE, encoding="utf-8")
    told = parser["general"]
    return [name for name in (*ADDRESSES, "email") if re.search(r"[.@]example(/|$)", told.get(name, ""))]


def licence(plugin: Path) -> Iterator[Finding]:
    """Yield what is wrong with the licence: the text of GPL 2 in the folder, its name in the first module."""
    path = plugin / "LICENSE"
    if not path.is_file():
        yield Finding("LICENSE", 0, "is missing: the text of the GNU General Public License, version 2")
        return
    head = path.read_text(encoding="utf-8")[:2000]
    if "GNU GENERAL PUBLIC LICENSE" not in head or "Version 2" not in head:
        yield Finding("LICENSE", 1, "is not the GNU General Public License, version 2")
    start = plugin / "__init__.py"
    if not start.is_file():
        yield Finding("__init__.py", 0, "is missing")
    elif "SPDX-License-Identifier: GPL-2.0-or-later" not in start.read_text(encoding="utf-8"):
        yield Finding(
            "__init__.py", 1, "says nothing of its licence (SPDX-License-Identifier: GPL-2.0-or-later)"
        )
