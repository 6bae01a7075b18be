"""Whether the code runs with Qt 6 as with Qt 5: scoped enums, no names that Qt 6 has not."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from .finding import Finding, Module, modules

GONE_NAMES = {
    "QDesktopWidget", "QGLWidget", "QMatrix", "QRegExp", "QRegExpValidator", "QSound", "QTextCodec", "QWebPage",
    "QWebView",
}  # fmt: skip
GONE_METHODS = {"exec_", "print_", "setTabStopWidth", "tabStopWidth"}
MOVED = {"QAction", "QActionGroup", "QShortcut", "QUndoStack", "QUndoCommand", "QFileSystemModel"}
"""Classes that are in QtGui with Qt 6; `qgis.PyQt.QtWidgets` has them with both."""
_GUARDS = {"QGIS_VERSION_INT", "QT_VERSION_STR", "QT6"}

_TYPE_AT = {"getattr": 0, "hasattr": 0, "isinstance": 1, "issubclass": 1}
"""Where a function takes a type."""


def qt6(plugin: Path) -> Iterator[Finding]:
    """Yield what Qt 6 does not know; a branch that asks for the version first is left alone."""
    for module in modules(plugin):
        yield from _Look(module).findings()


class _Look(ast.NodeVisitor):
    def __init__(self, module: Module) -> None:
        self._module, self._found = module, list[Finding]()
        self._of_qt: set[str] = set()

    def findings(self) -> list[Finding]:
        for node in ast.walk(self._module.tree):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("qgis"):
                self._of_qt |= {one.asname or one.name for one in node.names}
        self.visit(self._module.tree)
        return self._found

    def _say(self, node: ast.AST, said: str) -> None:
        self._found.append(self._module.finding(node, said))

    def visit_If(self, node: ast.If) -> None:
        asked = {one.id for one in ast.walk(node.test) if isinstance(one, ast.Name)}
        asked |= {one.attr for one in ast.walk(node.test) if isinstance(one, ast.Attribute)}
        if not asked & _GUARDS:
            self.generic_visit(node)

    def visit_Import(self, node: ast.Import) -> None:
        for one in node.names:
            self._from(node, one.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        name = node.module or ""
        self._from(node, name)
        for one in node.names:
            if one.name in GONE_NAMES:
                self._say(node, f"{one.name} is gone in Qt 6")
            if name.endswith("PyQt.QtGui") and one.name in MOVED:
                self._say(node, f"take {one.name} from qgis.PyQt.QtWidgets, where it is with Qt 5 and 6")

    def _from(self, node: ast.AST, name: str) -> None:
        if name.split(".")[0] in {"PyQt5", "PyQt6", "PySide2", "PySide6", "sip"}:
            self._say(node, f"{name.split('.')[0]} is imported; write qgis.PyQt")

    def visit_Call(self, node: ast.Call) -> None:
        # Called, a name with a capital is a class within a class: `QgsVectorLayer.LayerOptions()`.
        self._of_type(node.func)
        of_type = _TYPE_AT.get(getattr(node.func, "id", ""))
        for at, part in enumerate(node.args):
            if at == of_type:
                self._of_type(part)
            else:
                self.visit(part)
        for named in node.keywords:
            self.visit(named)

    def visit_BoolOp(self, node: ast.BoolOp) -> None:
        # One version's name or another's: `getattr(Qgis, "LayerType", None) or QgsMapLayer.LayerType`.
        for part in node.values:
            self._of_type(part)

    def visit_Assign(self, node: ast.Assign) -> None:
        # A name like that of a class is one of an enum as a whole: `Role = Qt.ItemDataRole`.
        named = [one.id for one in node.targets if isinstance(one, ast.Name)]
        if named and all(re.fullmatch(r"_?[A-Z]\w*[a-z]\w*", one) for one in named):
            self._of_type(node.value)
        else:
            self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_arg(self, node: ast.arg) -> None:
        """Leave annotations alone: they name types."""

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        for part in (node.args, *node.decorator_list, *node.body):
            self.visit(part)

    def _of_type(self, node: ast.AST) -> None:
        """Visit what may name a type without being one of its values."""
        if isinstance(node, ast.Attribute):
            self._gone(node)
            self.visit(node.value)
        else:
            self.visit(node)

    def visit_Attribute(self, node: ast.Attribute) -> None:
        self._gone(node)
        if isinstance(node.value, ast.Attribute):
            # What stands before another dot is the enum or a class: `Qt.ItemDataRole.UserRole`.
            self.visit(node.value.value)
            return
        if isinstance(node.value, ast.Name) and self._unscoped(node.value.id, node.attr):
            self._say(node, f"{node.value.id}.{node.attr} is no scoped enum")
        self.visit(node.value)

    def _unscoped(self, owner: str, member: str) -> bool:
        if owner not in self._of_qt or not owner.startswith("Q") or not member[:1].isupper():
            return False
        if owner == "QVariant":
            return True
        return not (member.isupper() and "_" in member)

    def _gone(self, node: ast.Attribute) -> None:
        if node.attr in GONE_METHODS:
            self._say(node, f"{node.attr} is gone in Qt 6")
