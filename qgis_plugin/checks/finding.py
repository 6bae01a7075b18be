"""A finding, and the files that checks read."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Finding:
    """Something to mend: a file of the plugin, a line (0 where there is none), and what is wrong."""

    file: str
    line: int
    said: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.said}" if self.line else f"{self.file}: {self.said}"


@dataclass(frozen=True)
class Module:
    """A Python file of the plugin, parsed."""

    file: str
    tree: ast.Module

    def finding(self, node: ast.AST, said: str) -> Finding:
        """Return a finding at a node of the tree."""
        return Finding(self.file, getattr(node, "lineno", 0), said)


def modules(plugin: Path) -> Iterator[Module]:
    """Yield the plugin's Python files that Python can read."""
    for path in sorted(plugin.rglob("*.py")):
        tree = _parsed(path, path.stat().st_mtime_ns)
        if tree is not None:
            yield Module(path.relative_to(plugin).as_posix(), tree)


@cache
def _parsed(path: Path, changed: int) -> ast.Module | None:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except SyntaxError:
        return None  # `python39.syntax` tells it
