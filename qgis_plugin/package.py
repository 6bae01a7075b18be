"""Checks the plugin as its repository does and packs it: ``python -m qgis_plugin.package``; see ``make plugin``."""

from __future__ import annotations

import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

from gis_layers import __version__

from .checks.contents import contents
from .checks.finding import Finding
from .checks.metadata import addresses_to_fill, licence, metadata
from .checks.python39 import python39
from .checks.qt6 import qt6
from .checks.scanners import bandit, detect_secrets, flake8
from .checks.texts import pages, texts

PLUGIN = Path(__file__).resolve().parent / "audan"
DIST = PLUGIN.parent.parent / "dist"
_LONG_AGO = (1980, 1, 1, 0, 0, 0)


def findings(plugin: Path, version: str = __version__) -> Iterator[Finding]:
    """Yield what every check of the sources finds."""
    yield from metadata(plugin, version)
    for check in (licence, python39, qt6, texts, pages, bandit, detect_secrets, flake8):
        yield from check(plugin)


def pack(plugin: Path, package: Path) -> Path:
    """Write the package: the same bytes for the same files, whenever and wherever it is done.

    Parameters
    ----------
    plugin
        Folder of the plugin; it is called ``audan`` in the package.
    package
        The zip to write.
    """
    package.parent.mkdir(parents=True, exist_ok=True)
    files = (one for one in plugin.rglob("*") if one.is_file() and "__pycache__" not in one.parts)
    named = sorted((f"audan/{one.relative_to(plugin).as_posix()}", one) for one in files)
    with zipfile.ZipFile(package, "w") as packed:
        for name, path in named:
            entry = zipfile.ZipInfo(name, _LONG_AGO)
            entry.create_system, entry.external_attr = 3, 0o100644 << 16
            packed.writestr(entry, path.read_bytes(), zipfile.ZIP_DEFLATED, 9)
    return package


def main() -> int:
    """Check, pack, and say what came of it."""
    found = list(findings(PLUGIN))
    package = pack(PLUGIN, DIST / f"audan-{__version__}.zip")
    found += contents(package)
    if found:
        package.unlink()
        print(*found, f"{len(found)} findings; nothing was packed", sep="\n", file=sys.stderr)
        return 1
    print(f"{package.relative_to(DIST.parent)}: {package.stat().st_size / 1e6:.2f} MB, no findings")
    if fill := addresses_to_fill(PLUGIN):
        print(f"before it is uploaded, metadata.txt needs real addresses: {', '.join(fill)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
