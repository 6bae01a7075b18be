"""Dynamics, structure and completeness on the web map: signals, evidence, what a mix is made of, fields of cards."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import unquote

import pytest
import tiny
import tiny_changes
from live import live
from visits import PHONE, Visit

from tile_server import ServerSettings

Open = Callable[..., Visit]
Messages = dict[str, dict[str, str]]
ROWS = tiny_changes.changes()
MONTH, OFFENCE = "2022-10", "theft"


@pytest.fixture(scope="module")
def folder(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(tiny_changes.changes_release(tmp_path_factory.mktemp("changed") / "store").path)


@pytest.fixture(scope="module")
def analyst(folder: Path) -> Iterator[str]:
    with live(ServerSettings(folder, edition="analyst")) as address:
        yield address + "/"


@pytest.fixture(scope="module")
def public(folder: Path) -> Iterator[str]:
    with live(ServerSettings(folder)) as address:
        yield address + "/"


def of(signal: str) -> list[str]:
    """Return the districts that have a signal in the month looked at."""
    rows = ROWS[(ROWS["month"] == MONTH) & (ROWS["offence"] == OFFENCE) & (ROWS["signal"] == signal)]
    return sorted(rows["district"])


def here(layer: str, **more: str) -> str:
    asked = {"layer": layer, "month": MONTH, "offence": OFFENCE} | more
    return "#" + "&".join(f"{key}={value}" for key, value in asked.items())


def legend(shown: Visit) -> dict[str, int]:
    rows = shown.page.locator(".legend li").all()
    return {row.locator(".class-name").inner_text(): int(row.locator("b").inner_text()) for row in rows}


def test_rises_and_falls_are_counted_and_listed_apart(visit: Open, analyst: str, messages: Messages) -> None:
    shown = visit(analyst, here("dynamics"))
    shown.page.wait_for_selector(".ranking li")
    counted = legend(shown)
    for signal in tiny_changes.SIGNALS:
        assert counted[messages["en"][f"signal.{signal}"]] == len(of(signal)), signal
    headings = [one.split("\n")[0] for one in shown.page.locator(".ranking h2").all_inner_texts()]
    assert headings == [messages["en"]["web.listed_outbreak"], messages["en"]["web.listed_fall"]]
    lists = shown.page.locator(".ranking ol").all()
    listed = [
        sorted(b.get_attribute("data-district") or "" for b in one.locator("button").all()) for one in lists
    ]
    assert listed == [of("outbreak"), of("fall")]
    assert shown.troubles == []


def test_the_evidence_of_a_fall_is_read_test_by_test(visit: Open, analyst: str, messages: Messages) -> None:
    shown = visit(analyst, here("dynamics", district=of("fall")[0]))
    for language in ("en", "ru", "kk"):
        shown.page.select_option("#language", language)
        shown.settle()
        read_evidence(shown, messages[language])
    assert shown.troubles == []


def read_evidence(shown: Visit, texts: dict[str, str]) -> None:
    shown.page.wait_for_selector(".evidence li")
    tests = shown.page.locator(".evidence li").all()
    # What speaks for a check comes first, whatever the order it was tested in.
    assert [one.get_attribute("data-test") for one in tests] == [
        "evidence.completeness",
        "evidence.too_smooth",
    ]
    held, failed = (one.inner_text() for one in tests)
    assert texts["web.evidence_for"] in held
    assert texts["web.evidence_other"] in failed
    assert texts["attribute.method"] in held, "a field is named, not its code"
    assert "00002" in held, "a small p is not written as 0"
    assert "40" in held


def test_dynamics_shows_counts_within_the_usual_range_and_says_why_there_is_no_percentage(
    visit: Open, analyst: str, messages: Messages
) -> None:
    shown = visit(analyst, here("dynamics", district=of("outbreak")[0]))
    shown.page.wait_for_selector(".series .dot")
    assert shown.page.locator(".series .dot").count() == 12
    assert shown.page.locator(".series .band").count() == 12
    facts = {
        one.locator("dt").inner_text(): one.locator("dd").inner_text()
        for one in shown.page.locator(".facts div").all()
    }
    rows = tiny.rating()
    cell = rows[
        (rows["district"] == of("outbreak")[0]) & (rows["offence"] == OFFENCE) & (rows["month"] == MONTH)
    ]
    assert facts[messages["en"]["web.count"]] == str(int(cell["count"].item()))
    # Three were recorded in last year's part of the year: a base under ten.
    assert facts[messages["en"]["web.change_ytd"]] == messages["en"]["web.base_small"]
    assert facts[messages["en"]["web.change_year"]] == "+300%"


def test_the_parts_of_a_mix_stand_beside_those_of_similar_districts(
    visit: Open, analyst: str, messages: Messages
) -> None:
    shown = visit(analyst, here("structure", offence="property", district="05000"))
    shown.page.wait_for_selector(".parts li")
    rows = [" ".join(one.split()) for one in shown.page.locator(".parts li").all_inner_texts()]
    assert rows == ["Theft 50% 40%", "Burglary 25% 20%"]
    wide, narrow = (one.bounding_box() for one in shown.page.locator(".parts .own").all())
    assert wide is not None
    assert narrow is not None
    assert wide["width"] == pytest.approx(2 * narrow["width"], rel=0.02)
    assert messages["en"]["web.imbalance"] in shown.page.locator(".badge").inner_text()
    assert shown.troubles == []


def test_a_field_of_the_cards_is_chosen_and_coloured(visit: Open, analyst: str, messages: Messages) -> None:
    shown = visit(analyst, "#layer=completeness&month=2022-10&attribute=method")
    assert legend(shown)[messages["en"]["class.completeness.norm"]] == 9
    assert messages["en"]["web.none_low"] in shown.page.locator("#panel").inner_text()
    assert not shown.page.locator("#offence").is_visible()
    shown.page.select_option("#attribute", "place")
    shown.page.wait_for_selector(".ranking li")
    assert legend(shown)[messages["en"]["class.completeness.low"]] == 9
    assert "attribute=place" in shown.page.url or shown.page.input_value("#attribute") == "place"
    shown.page.locator(".ranking button").first.click()
    shown.page.wait_for_selector(".series .dot")
    assert "44%" in shown.page.locator(".facts").inner_text()
    assert "90%" in shown.page.locator(".facts").inner_text()
    assert shown.troubles == []


def test_the_public_map_knows_of_no_fall(visit: Open, public: str, messages: Messages) -> None:
    shown = visit(public, here("dynamics", district=of("fall")[0]))
    for language in ("en", "ru", "kk"):
        shown.page.select_option("#language", language)
        shown.settle()
        read_public(shown, messages[language])
    asked = " ".join(unquote(url) for url in shown.requests)
    assert "p_fall" not in asked
    assert "evidence" not in asked
    assert shown.troubles == []


def read_public(shown: Visit, texts: dict[str, str]) -> None:
    shown.page.wait_for_selector(".series .dot")
    said = shown.page.locator("body").inner_text().lower()
    assert legend(shown) == {
        texts["signal.outbreak"]: len(of("outbreak")),
        texts["web.no_outbreak"]: 9 - len(of("outbreak")),
    }
    for code in ("signal.fall", "web.listed_fall", "web.evidence", "layer.dynamics.description"):
        assert texts[code].lower() not in said, code
    assert shown.page.locator(".evidence, .ranking").count() == 0


def test_on_a_phone_nothing_is_wider_than_the_screen(visit: Open, analyst: str) -> None:
    for layer, waited in (("dynamics", ".evidence li"), ("structure", ".parts li")):
        shown = visit(analyst, here(layer, district=of("fall")[0], lang="kk"), size=PHONE)
        shown.page.wait_for_selector(waited, state="attached")
        shown.page.evaluate("document.querySelector('#panel').dataset.height = 'full'")
        wide = "[document.documentElement, ...document.querySelectorAll('#panel, .evidence li, .parts li, .facts')]"
        assert shown.page.evaluate(f"{wide}.every(e => e.getBoundingClientRect().right <= innerWidth + 0.5)")
        assert shown.page.evaluate("document.querySelector('#panel').scrollWidth <= innerWidth")
