"""The plugin's package: every check finds a fault that was planted, and the plugin as it is has none."""

from __future__ import annotations

import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from gis_layers import __version__

sys.path.append(str(Path(__file__).parents[2]))

from qgis_plugin.checks.contents import contents
from qgis_plugin.checks.finding import Finding
from qgis_plugin.checks.metadata import addresses_to_fill, licence, metadata
from qgis_plugin.checks.python39 import python39
from qgis_plugin.checks.qt6 import qt6
from qgis_plugin.checks.scanners import bandit, detect_secrets, flake8
from qgis_plugin.checks.texts import pages, texts
from qgis_plugin.package import PLUGIN, findings, pack

CODE = "from .core.words import say\n\nNAME = say('part.name')\n"
MESSAGES = {"en": '{\n "part.name": "Full name of {what}"\n}\n', "ru": '{\n "part.name": "Имя: {what}"\n}\n',
            "kk": '{\n "part.name": "Атауы: {what}"\n}\n'}  # fmt: skip


@pytest.fixture
def plugin(tmp_path: Path) -> Path:
    """A small plugin without findings, to plant faults in."""
    made = tmp_path / "audan"
    (made / "icons").mkdir(parents=True)
    for name in ("metadata.txt", "LICENSE"):
        shutil.copy(PLUGIN / name, made)
    (made / "icons" / "audan.svg").write_text("<svg/>")
    (made / "__init__.py").write_text('# SPDX-License-Identifier: GPL-2.0-or-later\n"""A plugin."""\n')
    write(
        made,
        "words.py",
        '"""Words."""\n\nfrom .core.words import say\n\nNAME = say("part.name", what="it")\n',
    )
    for language, body in MESSAGES.items():
        write(made, f"i18n/{language}/part.json", body)
        write(made, f"help/{language}/start.md", f"# {'Start' if language == 'en' else 'Бастау'}\n")
    return made


def write(plugin: Path, name: str, body: str) -> None:
    path = plugin / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(body, encoding="utf-8")


def change(plugin: Path, name: str, old: str, new: str) -> None:
    body = (plugin / name).read_text(encoding="utf-8")
    assert old in body
    write(plugin, name, body.replace(old, new))


def test_the_plugin_has_no_findings() -> None:
    assert [str(one) for one in findings(PLUGIN)] == []


def test_the_small_plugin_has_no_findings(plugin: Path, tmp_path: Path) -> None:
    assert [str(one) for one in findings(plugin)] == []
    assert list(contents(pack(plugin, tmp_path / "audan.zip"))) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("supportsQt6=yes\n", "", "supportsQt6"),
        ("qgisMinimumVersion=3.22", "qgisMinimumVersion=3.4", "3.22"),
        ("hasProcessingProvider=yes", "hasProcessingProvider=no", "hasProcessingProvider"),
        ("author=The Audan developers", "author=", "author"),
        (f"version={__version__}", "version=0.0.9", __version__),
        ("tracker=https:", "tracker=http:", "https"),
        ("icon=icons/audan.svg", "icon=icons/gone.svg", "gone.svg"),
        ("[general]", "[particular]", "cannot be read"),
    ],
)
def test_metadata_that_lack_something(plugin: Path, old: str, new: str, said: str) -> None:
    change(plugin, "metadata.txt", old, new)
    assert any(said in str(one) for one in metadata(plugin, __version__))


def test_addresses_that_are_examples_are_named(plugin: Path) -> None:
    change(plugin, "metadata.txt", "homepage=https://audan.example", "homepage=https://audan.gov.kz")
    assert addresses_to_fill(plugin) == ["tracker", "repository", "email"]


def test_another_licence(plugin: Path) -> None:
    write(plugin, "LICENSE", "Do as you like.\n")
    assert [one.file for one in licence(plugin)] == ["LICENSE"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("import PyQt5.QtCore", "PyQt5"),
        ("from qgis.PyQt.QtCore import Qt\nROLE = Qt.UserRole", "Qt.UserRole"),
        ("from qgis.core import QgsTask\nFLAG = QgsTask.CanCancel", "QgsTask.CanCancel"),
        (
            "from qgis.PyQt.QtCore import Qt\nBOTH = Qt.AlignmentFlag.AlignLeft | Qt.AlignTop",
            "Qt.AlignTop",
        ),
        ("from qgis.PyQt.QtWidgets import QDialog\nQDialog().exec_()", "exec_"),
        ("from qgis.PyQt.QtCore import QVariant\nKIND = QVariant.String", "QVariant.String"),
        ("from qgis.PyQt.QtCore import QRegExp", "QRegExp"),
        ("from qgis.PyQt.QtGui import QAction", "QAction"),
    ],
)
def test_what_qt_6_does_not_know(plugin: Path, line: str, said: str) -> None:
    write(plugin, "odd.py", line + "\n")
    found = list(qt6(plugin))
    assert len(found) == 1
    assert said in found[0].said
    assert (found[0].file, found[0].line) == ("odd.py", line.count("\n") + 1)


@pytest.mark.parametrize(
    "line",
    [
        "from qgis.PyQt.QtCore import Qt\nROLE = Qt.ItemDataRole.UserRole\nRole = Qt.ItemDataRole",
        "from qgis.core import QgsVectorLayer\nMADE = QgsVectorLayer.LayerOptions()",
        "from qgis.PyQt.QtCore import QT_VERSION_STR, QVariant\nif QT_VERSION_STR < '6':\n    A = QVariant.String",
        "from qgis.core import Qgis, QgsMapLayer\nKind = getattr(Qgis, 'LayerType', None) or QgsMapLayer.LayerType",
        "from qgis.PyQt.QtCore import Qt\nLEFT = isinstance(1, Qt.ArrowType)",
        "from qgis.core import QgsMimeDataUtils\ndef drop(uri: QgsMimeDataUtils.Uri) -> QgsMimeDataUtils.Uri: ...",
    ],
)
def test_what_both_qt_know(plugin: Path, line: str) -> None:
    write(plugin, "fine.py", line + "\n")
    assert list(qt6(plugin)) == []


@pytest.mark.parametrize(
    "line",
    [
        "match 1:\n    case 1:\n        pass",
        "for a in zip([1], [2], strict=True):\n    pass",
        "def f(a: int | None) -> None: ...",
        "from enum import StrEnum",
        "import tomllib",
        "from dataclasses import dataclass\n@dataclass(slots=True)\nclass A: ...",
    ],
)
def test_what_python_39_does_not_know(plugin: Path, line: str) -> None:
    write(plugin, "late.py", line + "\n")
    assert [one.file for one in python39(plugin)] == ["late.py"]


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("i18n/ru/part.json", '"part.name"', '"part.other"', "“part.name” is missing in ru"),
        ("i18n/kk/part.json", "{what}", "{that}", "has the gaps ['that'], in English ['what']"),
        ("i18n/ru/part.json", "Имя: {what}", "Full name of {what}", "is not translated"),
        ("words.py", '"part.name"', '"part.neme"', "“part.neme” has no text"),
        ("words.py", '"part.name"', '"part.neme"', "nothing uses “part.name”"),
        ("words.py", ', what="it"', "", "is not given what"),
        ("i18n/en/part.json", '"part.name"', '"part.name": "",\n "part.name"', "is there twice"),
        ("i18n/kk/part.json", '"\n}', '",\n}', "is no JSON"),
        ("i18n/kk/part.json", "Атауы: {what}", "Атауы: {what", "a brace that is not closed"),
    ],
)
def test_texts_that_do_not_fit(plugin: Path, file: str, old: str, new: str, said: str) -> None:
    change(plugin, file, old, new)
    assert any(said in str(one) for one in texts(plugin))


@pytest.mark.parametrize("code", ['say(f"part.{kind}", what=1)', 'say("part." + kind, what=1)'])
def test_a_key_that_is_put_together_is_used(plugin: Path, code: str) -> None:
    write(plugin, "words.py", f"{CODE.splitlines()[0]}\n\n\ndef name(kind):\n    return {code}\n")
    assert list(texts(plugin)) == []


def test_a_thing_has_one_name(plugin: Path) -> None:
    for language, word in (("en", "Full name"), ("ru", "Название"), ("kk", "Атауы")):
        change(plugin, f"i18n/{language}/part.json", "{\n", f'{{\n "list.name": "{word} of {{what}}",\n')
    write(plugin, "lists.py", 'KEY = "list.name"\n')
    assert [(one.file, one.line) for one in texts(plugin)] == [
        ("i18n/ru/part.json", 3),
        ("i18n/kk/part.json", 3),
    ]


def test_help_that_is_missing(plugin: Path) -> None:
    (plugin / "help/kk/start.md").unlink()
    write(plugin, "help/en/start.md", "# Start\n\nSee [servers](servers.md).\n")
    write(plugin, "opens.py", 'show_help("gone")\n')
    assert {(one.file, one.line) for one in pages(plugin)} == {
        ("help/kk/start.md", 0), ("help/en/start.md", 3), ("opens.py", 1),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("check", "line", "said"),
    [
        (bandit, 'import subprocess\nsubprocess.run("ls", shell=True)', "B602"),
        (detect_secrets, 'password = "hunter2-and-more"', "Secret"),
        (flake8, "import os", "F401"),
    ],
)
def test_what_the_repositorys_scanners_find(
    plugin: Path, check: Callable[[Path], Iterator[Finding]], line: str, said: str
) -> None:
    write(plugin, "bad.py", line + "\n")
    found = list(check(plugin))
    assert any(said in one.said and one.file == "bad.py" for one in found)


@pytest.mark.parametrize(
    ("name", "body", "said"),
    [
        (".hidden", "a", "hidden"),
        ("core/lib.so", "a", "kind"),
        ("gui/ui_dialog.py", "a = 1", "compiler"),
        ("data.json", "\0", "binary"),
        ("tests/test_a.py", "a = 1", "test"),
    ],
)
def test_what_does_not_belong_in_a_package(
    plugin: Path, tmp_path: Path, name: str, body: str, said: str
) -> None:
    write(plugin, name, body)
    found = list(contents(pack(plugin, tmp_path / "audan.zip")))
    assert [one.file for one in found] == [f"audan/{name}"]
    assert said in found[0].said


def test_a_package_that_is_too_large(plugin: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("qgis_plugin.checks.contents.LARGEST", 1000)
    assert any("MB" in one.said for one in contents(pack(plugin, tmp_path / "audan.zip")))


def test_a_package_is_the_same_bytes_each_time(plugin: Path, tmp_path: Path) -> None:
    write(plugin, "__pycache__/words.cpython-311.pyc", "compiled")
    first = pack(plugin, tmp_path / "first.zip").read_bytes()
    again = tmp_path / "again" / "audan"
    shutil.copytree(plugin, again)
    for path in again.rglob("*"):
        path.touch()
    assert pack(again, tmp_path / "second.zip").read_bytes() == first
    with zipfile.ZipFile(tmp_path / "first.zip") as packed:
        names = packed.namelist()
    assert names == sorted(names)
    assert "audan/metadata.txt" in names
    assert not any("__pycache__" in one for one in names)
