"""Whether Python 3.9, the oldest that a supported QGIS brings, can read and run the code."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from .finding import Finding, Module, modules

OLDEST = (3, 9)
LATER = {
    "typing": {"Self", "TypeAlias", "ParamSpec", "Concatenate", "TypeGuard", "Never", "LiteralString", "override",
               "assert_never", "NotRequired", "Required", "Unpack"},
    "enum": {"StrEnum"}, "datetime": {"UTC"}, "itertools": {"pairwise", "batched"}, "types": {"NoneType"},
    "contextlib": {"chdir", "aclosing"},
}  # fmt: skip
LATER_MODULES = {"tomllib"}


def python39(plugin: Path) -> Iterator[Finding]:
    """Yield syntax and names that came after Python 3.9."""
    for path in sorted(plugin.rglob("*.py")):
        yield from _syntax(path, path.relative_to(plugin).as_posix())
    for module in modules(plugin):
        yield from _names(module)
        yield from _calls(module)
        if not _postponed(module):
            yield from _unions(module)


def _syntax(path: Path, name: str) -> Iterator[Finding]:
    try:
        ast.parse(path.read_text(encoding="utf-8"), feature_version=OLDEST)
    except SyntaxError as error:
        yield Finding(name, error.lineno or 0, f"Python 3.9 cannot read it: {error.msg}")


def _names(module: Module) -> Iterator[Finding]:
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ImportFrom):
            for one in node.names:
                if one.name in LATER.get(node.module or "", ()):
                    yield module.finding(node, f"{node.module}.{one.name} came after Python 3.9")
        names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            if name in LATER_MODULES:
                yield module.finding(node, f"{name} came after Python 3.9")


def _calls(module: Module) -> Iterator[Finding]:
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        given = {one.arg for one in node.keywords}
        if node.func.id == "zip" and "strict" in given:
            yield module.finding(node, "zip(strict=…) came after Python 3.9")
        if node.func.id == "dataclass" and given & {"slots", "kw_only"}:
            yield module.finding(node, "dataclass(slots=…, kw_only=…) came after Python 3.9")


def _postponed(module: Module) -> bool:
    imports = (one for one in module.tree.body if isinstance(one, ast.ImportFrom))
    return any(
        one.module == "__future__" and any(n.name == "annotations" for n in one.names) for one in imports
    )


def _unions(module: Module) -> Iterator[Finding]:
    for node in ast.walk(module.tree):
        for part in (getattr(node, "annotation", None), getattr(node, "returns", None)):
            if isinstance(part, ast.AST) and any(
                isinstance(one, ast.BinOp) and isinstance(one.op, ast.BitOr) for one in ast.walk(part)
            ):
                yield module.finding(
                    part, "X | Y in an annotation came after Python 3.9; write Optional or Union"
                )
