"""Messages: the same keys and the same values in every language, and sentences that read."""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path

import pytest

from gis_layers.errors import SystemFault, UsageError
from gis_layers.messages import LANGUAGES, messages, placeholders, render, render_all, retold
from gis_layers.messages import _parsed as parsed

CODES = sorted(set().union(*(messages(lang) for lang in LANGUAGES)))
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")
ENDINGS = (".json", ".geojson", ".py", ".csv", ".parquet", ".toml", ".txt")
PLURALS = {"en": {"one", "other"}, "ru": {"one", "few", "many", "other"}, "kk": {"other"}}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_every_message(lang: str) -> None:
    assert sorted(messages(lang)) == CODES


@pytest.mark.parametrize("code", CODES)
def test_every_language_asks_for_the_same_values(code: str) -> None:
    asked = {lang: placeholders(lang, code) for lang in LANGUAGES}
    assert asked["ru"] == asked["en"]
    assert asked["kk"] == asked["en"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_files_are_sorted_and_have_no_blank_message(lang: str) -> None:
    assert list(messages(lang)) == CODES
    assert all(text.strip() for text in messages(lang).values())


def _plurals(parts: object) -> list[set[str]]:
    found: list[set[str]] = []
    for part in parts if isinstance(parts, list | tuple) else []:
        if isinstance(part, dict):
            if part.get("type") == "plural":
                found.append({option for option in part["options"] if not option.startswith("=")})
            for inside in part.get("options", {}).values():
                found += _plurals(inside)
    return found


@pytest.mark.parametrize("lang", LANGUAGES)
def test_plurals_have_every_form_of_the_language(lang: str) -> None:
    for code in CODES:
        for forms in _plurals(parsed(lang, code)):
            assert forms >= PLURALS[lang] or lang == "kk", (lang, code, forms)
            assert "other" in forms, (lang, code)


def test_selects_offer_the_same_choices() -> None:
    def choices(lang: str, code: str) -> list[tuple[str, tuple[str, ...]]]:
        found = []

        def walk(parts: object) -> None:
            for part in parts if isinstance(parts, list | tuple) else []:
                if isinstance(part, dict):
                    if part.get("type") == "select":
                        found.append((part["name"], tuple(sorted(part["options"]))))
                    for inside in part.get("options", {}).values():
                        walk(inside)

        walk(parsed(lang, code))
        return sorted(set(found))

    for code in CODES:
        names = {lang: {name for name, _ in choices(lang, code)} for lang in LANGUAGES}
        assert names["ru"] == names["en"] == names["kk"], code


@pytest.mark.parametrize(
    ("lang", "n", "text"),
    [
        ("en", 1, "1 offence"),
        ("en", 2, "2 offences"),
        ("ru", 1, "1 правонарушение"),
        ("ru", 3, "3 правонарушения"),
        ("ru", 11, "11 правонарушений"),
        ("ru", 21, "21 правонарушение"),
        ("ru", 1.5, "1,5 правонарушения"),
        ("kk", 7, "7 құқық бұзушылық"),
    ],
)
def test_plurals(lang: str, n: float, text: str) -> None:
    assert render(lang, "unit.offences", {"n": n}) == text


def test_numbers_and_months_are_the_languages_own() -> None:
    values = {"month": "2022-08", "count": 12345, "expected": 0.5, "lower": 0, "upper": 2}
    told = {lang: render(lang, "explain.history_row", values) for lang in LANGUAGES}
    told = {lang: re.sub(r"\s", " ", text) for lang, text in told.items()}
    assert told["en"].strip().startswith("August 2022: 12,345 recorded, 0.5 expected")
    assert "август 2022" in told["ru"]
    assert "12 345" in told["ru"]
    assert "0,5" in told["ru"]
    assert "2022 ж. тамыз" in told["kk"]


def test_codes_become_names() -> None:
    reasons = json.dumps(
        [
            {"code": "rating.usual", "values": {}},
            {"code": "rating.pooled_category", "values": {"period": "month", "offence": "theft"}},
        ]
    )
    assert "(Кража)" in render_all("ru", reasons, names={"theft": "Кража"}.__getitem__)
    assert "(theft)" in render_all("en", reasons)


def test_what_is_missing_is_named() -> None:
    with pytest.raises(SystemFault, match=r"rating\.nonsense"):
        render("en", "rating.nonsense")
    with pytest.raises(SystemFault, match="expected"):
        render("ru", "rating.high", {"count": 3})
    with pytest.raises(UsageError, match="'de'"):
        render("de", "rating.usual")


def test_a_fall_is_never_called_falsification() -> None:
    for lang in LANGUAGES:
        text = " ".join(messages(lang).values()).casefold()
        for word in ("falsif", "фальсиф", "подлог", "бұрмала", "жалған"):
            assert word not in text
    assert render("en", "signal.fall").endswith("needs a check of the records")


def test_every_code_that_the_library_names_is_worded(root: Path) -> None:
    """Every text in the code that looks like a key of the files is one."""
    families = {code.split(".")[0] for code in CODES}
    missing = []
    for file in [*(root / "gis_layers").rglob("*.py"), *(root / "tile_server").glob("*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) else None
            if not isinstance(text, str) or not KEY.fullmatch(text) or text.endswith(ENDINGS):
                continue
            if text.split(".")[0] in families and text not in CODES:
                missing.append((file.name, text))
    assert not missing


def test_every_column_has_a_title() -> None:
    from gis_layers.layers.describe import COLUMNS

    for columns in COLUMNS.values():
        assert {f"column.{name}" for name in columns} <= set(CODES)


def test_reasons_of_another_version_are_left_out_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    reasons = [
        {"code": "rating.usual", "values": {}},
        {"code": "rating.never_was", "values": {}},
        {"code": "cluster.chance", "values": {"p": 0.01}},
    ]
    assert retold("ru", json.dumps(reasons)) == [render("ru", "rating.usual")]
    assert retold("ru", reasons) == [render("ru", "rating.usual")]
    said = [record.message for record in caplog.records]
    assert len(said) == 2, "each is logged once"
    assert "rating.never_was" in said[0]
    assert "cluster.chance" in said[1]
    with pytest.raises(SystemFault):
        render_all("ru", reasons)
