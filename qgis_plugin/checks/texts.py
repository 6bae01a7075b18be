"""Whether every text that a person sees is there in every language, with the same gaps to fill."""

from __future__ import annotations

import ast
import json
import re
import string
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from .finding import Finding, Module, modules

LANGUAGES = ("en", "ru", "kk")
_LETTERS = re.compile(r"[А-Яа-яЁёӘәҒғҚқҢңӨөҰұҮүҺһІі]")
_WORDS = re.compile(r"[A-Za-z]{3,}")


@dataclass(frozen=True)
class Text:
    """A message of a language: where it stands, and its gaps."""

    key: str
    text: str
    file: str
    line: int

    @property
    def gaps(self) -> frozenset[str]:
        """Names in braces."""
        try:
            return frozenset(
                name for _, name, _, _ in string.Formatter().parse(self.text) if name is not None
            )
        except ValueError:
            return frozenset({"a brace that is not closed"})

    @property
    def bare(self) -> str:
        """The words alone, without gaps."""
        return re.sub(r"\{.*?\}", "", self.text)


def texts(plugin: Path) -> Iterator[Finding]:
    """Yield keys that a language lacks, that nothing uses, and texts that do not fit together."""
    spoken: dict[str, dict[str, Text]] = {language: {} for language in LANGUAGES}
    if broken := list(_broken(plugin)):
        yield from broken
        return
    for language in LANGUAGES:
        for text in _read(plugin, language):
            if text.key in spoken[language]:
                yield Finding(text.file, text.line, f"“{text.key}” is there twice")
            spoken[language][text.key] = text
    yield from _alike(spoken)
    yield from _one_word(spoken)
    yield from _used(plugin, spoken["en"])


def _broken(plugin: Path) -> Iterator[Finding]:
    for path in sorted((plugin / "i18n").glob("*/*.json")):
        if error := _fault_of(path.read_text(encoding="utf-8")):
            yield Finding(path.relative_to(plugin).as_posix(), error.lineno, f"is no JSON: {error.msg}")


def _fault_of(body: str) -> json.JSONDecodeError | None:
    try:
        json.loads(body)
    except json.JSONDecodeError as error:
        return error
    return None


def _read(plugin: Path, language: str) -> Iterator[Text]:
    for path in sorted((plugin / "i18n" / language).glob("*.json")):
        body = path.read_text(encoding="utf-8")
        lines = {}
        for number, line in enumerate(body.splitlines(), 1):
            if found := re.match(r'\s*"((?:[^"\\]|\\.)*)"\s*:', line):
                lines[found[1]] = number
        for key, text in json.loads(body, object_pairs_hook=list):
            yield Text(key, text, path.relative_to(plugin).as_posix(), lines.get(key, 0))


def _alike(spoken: dict[str, dict[str, Text]]) -> Iterator[Finding]:
    english = spoken["en"]
    for language in LANGUAGES[1:]:
        own = spoken[language]
        for key, text in english.items():
            if key not in own:
                yield Finding(text.file, text.line, f"“{key}” is missing in {language}")
            elif own[key].gaps != text.gaps:
                yield Finding(
                    own[key].file,
                    own[key].line,
                    f"“{key}” has the gaps {sorted(own[key].gaps)}, in English {sorted(text.gaps)}",
                )
            elif own[key].text == text.text and len(_WORDS.findall(text.bare)) > 1:
                yield Finding(own[key].file, own[key].line, f"“{key}” is not translated")
        for key, text in own.items():
            if key not in english:
                yield Finding(text.file, text.line, f"“{key}” is missing in en")


def _one_word(spoken: dict[str, dict[str, Text]]) -> Iterator[Finding]:
    """Yield texts that are the same in English and not in another language: a thing has one name."""
    for language in LANGUAGES[1:]:
        first: dict[str, Text] = {}
        for key, english in spoken["en"].items():
            if key in spoken[language] and _WORDS.search(english.bare):
                own = spoken[language][key]
                other = first.setdefault(_spoken(english), own)
                if not _spoken(own).startswith(_spoken(other)) and not _spoken(other).startswith(
                    _spoken(own)
                ):
                    said = f"“{key}” is called “{own.text}”, and “{other.text}” as “{other.key}”"
                    yield Finding(own.file, own.line, said)


def _spoken(text: Text) -> str:
    return " ".join(text.text.casefold().split()).rstrip(".…")


def _used(plugin: Path, english: dict[str, Text]) -> Iterator[Finding]:
    words, forms = set[str](), set[str]()
    for module in modules(plugin):
        words |= _constants(module)
        forms |= _forms(module)
        yield from _said(module, english)
    pattern = re.compile("|".join(sorted(forms)) or r"(?!)")
    for key, text in english.items():
        if key.startswith("fault."):
            used = key.split(".")[1] in words
        else:
            used = key in words or pattern.fullmatch(key) is not None
        if not used:
            yield Finding(text.file, text.line, f"nothing uses “{key}”")


def _said(module: Module, english: dict[str, Text]) -> Iterator[Finding]:
    """Yield calls of ``say`` and ``Fault`` whose key or whose values are not there."""
    for node in ast.walk(module.tree):
        if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        key = node.args[0].value
        if not isinstance(key, str) or name not in {"say", "Fault"}:
            continue
        wanted = [key] if name == "say" else [f"fault.{key}", f"fault.{key}.remedy"]
        given = {one.arg for one in node.keywords}
        for one in wanted:
            if one not in english:
                yield module.finding(node, f"“{one}” has no text")
            elif None not in given and (lacking := english[one].gaps - given):
                yield module.finding(node, f"“{one}” is not given {', '.join(sorted(lacking))}")


def _constants(module: Module) -> set[str]:
    return {
        node.value
        for node in ast.walk(module.tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def _forms(module: Module) -> set[str]:
    """Return patterns of keys that are put together: ``f"signal.{name}"``, ``"signal." + name``."""
    found = set()
    for node in ast.walk(module.tree):
        if isinstance(node, ast.JoinedStr):
            form = "".join(
                re.escape(str(one.value)) if isinstance(one, ast.Constant) else r"[\w.-]+"
                for one in node.values
            )
        elif (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Add)
            and isinstance(node.left, ast.Constant)
        ):
            form = re.escape(str(node.left.value)) + r"[\w.-]+"
        else:
            continue
        if re.match(r"[\w-]+\\?[._]", form):
            found.add(form)
    return found


def pages(plugin: Path) -> Iterator[Finding]:
    """Yield pages of help that a language lacks or the code asks for in vain, and links that lead nowhere."""
    folder = plugin / "help"
    names = {one.name for one in folder.glob("*/*.md")}
    for name in sorted(names):
        for language in LANGUAGES:
            path = folder / language / name
            where = path.relative_to(plugin).as_posix()
            if not path.is_file():
                yield Finding(where, 0, "is missing")
                continue
            body = path.read_text(encoding="utf-8")
            if not body.startswith("# "):
                yield Finding(where, 1, "does not begin with a heading")
            if language != "en" and not _LETTERS.search(body):
                yield Finding(where, 1, "is not translated")
            for number, line in enumerate(body.splitlines(), 1):
                for link in re.findall(r"\]\(([^)#]+)", line):
                    if "://" not in link and not (path.parent / link).is_file():
                        yield Finding(where, number, f"{link} leads nowhere")
    for module in modules(plugin):
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "show_help" and node.args:
                page = node.args[0]
                if isinstance(page, ast.Constant) and f"{page.value}.md" not in names:
                    yield module.finding(node, f"there is no page “{page.value}”")
