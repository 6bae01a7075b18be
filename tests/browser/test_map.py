"""The web map in a real browser: it draws, it asks for little, it speaks three languages, it fits a phone."""

from __future__ import annotations

import copy
from collections.abc import Callable

import pretend_area
from pictures import colours, rgb
from visits import PHONE, Visit

Open = Callable[..., Visit]
AREA = pretend_area.Area("analyst")


def legend(visit: Visit) -> dict[str, int]:
    """Return the legend's counts by class number (-1 is no data)."""
    rows = visit.page.locator(".legend li")
    return {
        row.get_attribute("data-class") or "": int(row.locator("b").inner_text() or 0) for row in rows.all()
    }


def levels(month: int) -> dict[str, int]:
    """Return what the legend must count: districts by level, by the figures themselves."""
    cells = [AREA.cell("all", month, i)["level"] for i in range(len(AREA.codes))]
    return {str(-1 if value is None else value): cells.count(value) for value in [*range(6), None]}


def press_month(visit: Visit, *keys: str) -> None:
    visit.page.focus("#month")
    for key in keys:
        visit.page.keyboard.press(key)
    visit.settle()


def test_districts_are_drawn_in_the_colours_of_their_levels(visit: Open) -> None:
    shown = visit()
    pixels = colours(shown)
    usual, extreme = (rgb(pretend_area.LEVELS[i][-1]) for i in (1, 5))
    assert pixels.get(usual, 0) > 50_000
    assert pixels.get(extreme, 0) > 1_000
    assert shown.troubles == []


def test_another_month_or_offence_changes_colours_and_asks_for_no_tile(visit: Open) -> None:
    shown = visit(hash="#month=2022-03")
    assert legend(shown) == levels(pretend_area.MONTHS.index("2022-03")), "every district counts once"
    before, tiles = colours(shown), len(shown.tiles)
    assert tiles > 0
    press_month(shown, "ArrowRight")
    assert legend(shown) == levels(pretend_area.MONTHS.index("2022-04"))
    after = colours(shown)
    assert after != before
    shown.page.click("#offence")
    shown.page.fill("#offence", "theft")
    shown.page.keyboard.press("Enter")
    shown.settle()
    assert "offence=theft" in shown.page.url
    assert colours(shown) != after
    assert len(shown.tiles) == tiles


def test_the_page_says_that_it_is_busy_until_figures_are_painted_and_the_address_is_written(
    visit: Open,
) -> None:
    shown = visit(hash="#month=2022-03")
    held = []
    shown.page.route("**/values*offence=theft*", lambda route: held.append(route))
    shown.page.click("#offence")
    shown.page.fill("#offence", "theft")
    shown.page.keyboard.press("Enter")
    shown.until("location.hash.includes('offence=theft')")
    assert shown.page.get_attribute("#map", "aria-busy") == "true", "the figures have not come"
    for route in held:
        route.continue_()
    shown.page.unroute("**/values*offence=theft*")
    shown.settle()
    month = pretend_area.MONTHS.index("2022-03")
    counted = [AREA.cell("theft", month, i)["level"] for i in range(len(AREA.codes))]
    assert legend(shown)["1"] == counted.count(1)


def test_play_walks_through_the_months(visit: Open) -> None:
    shown = visit(hash="#month=2022-03")
    tiles = len(shown.tiles)
    shown.page.click(".play")
    shown.until("document.querySelector('#month').valueAsNumber >= 17")
    shown.page.click(".play")
    held = shown.page.input_value("#month")
    # Longer than the step of 650 ms in which a month passes.
    shown.page.wait_for_timeout(1_000)
    assert shown.page.input_value("#month") == held
    assert len(shown.tiles) == tiles


def test_nothing_is_asked_of_another_host(visit: Open, sites: dict[str, str]) -> None:
    shown = visit()
    shown.page.select_option("#language", "kk")
    shown.settle()
    assert shown.hosts() == {sites["analyst"].split("/")[2]}
    fonts = [url for url in shown.requests if "/glyphs/" in url]
    assert any("1024-1279" in url for url in fonts), "Kazakh names need the Cyrillic range of our own glyphs"
    assert shown.troubles == []


def test_the_language_is_switched_wholly(visit: Open, messages: dict[str, dict[str, str]]) -> None:
    shown = visit(hash="#district=730013000&month=2022-03")
    assert shown.page.locator("html").get_attribute("lang") == "en"
    for language in ("ru", "kk"):
        switch(shown, messages, language)


def switch(shown: Visit, messages: dict[str, dict[str, str]], language: str) -> None:
    shown.page.select_option("#language", language)
    shown.settle()
    assert shown.page.locator("html").get_attribute("lang") == language
    said = shown.page.locator("body").inner_text()
    texts = messages[language]
    for code in (
        "web.layer",
        "web.offence",
        "web.legend",
        "web.invented",
        "web.expected",
        "web.back_to_list",
    ):
        assert texts[code] in said
    english = {
        text
        for code, text in messages["en"].items()
        if code.startswith("web.") and len(text) > 6 and "{" not in text
    }
    assert [text for text in english if text in said] == []
    assert f"lang={language}" in shown.page.url


def test_a_district_is_told_in_figures_words_and_a_picture(visit: Open) -> None:
    month = pretend_area.MONTHS.index("2022-03")
    shown = visit(hash="#month=2022-03")
    shown.page.mouse.click(380 + 400, 300)
    shown.settle()
    code = dict(part.split("=") for part in shown.page.url.split("#")[1].split("&"))["district"]
    cell = AREA.cell("all", month, AREA.codes.index(code))
    told = shown.page.locator(".detail").inner_text()
    assert str(cell["count"]) in told
    assert f"{code}, all, 2022-03" in told
    assert shown.page.locator(".series .dot").count() == 12
    assert shown.page.locator(".series .band").count() == 12


def test_breaks_of_the_series_are_drawn_and_named(visit: Open, messages: dict[str, dict[str, str]]) -> None:
    code = AREA.codes[40]
    shown = visit(hash=f"#month=2022-03&district={code}")
    for language in ("en", "ru", "kk"):
        shown.page.select_option("#language", language)
        shown.settle()
        shown.page.wait_for_selector(".series .break")
        assert [one.get_attribute("data-break") for one in shown.page.locator(".series .break").all()] == [
            "new-code",
            "strike",
        ]
        assert shown.page.locator(".series .break .span").count() == 1
        listed = shown.page.locator(".breaks li").all_inner_texts()
        named = [one["name"][language] for one in pretend_area.BREAKS[:2]]
        assert [text.endswith(name) for text, name in zip(listed, named, strict=True)] == [True, True]
        assert messages[language]["web.breaks"] in shown.page.locator(".breaks").inner_text()
        lines = shown.page.locator(".series .break line")
        dots = shown.page.locator(".series .dot")
        place = [
            float(lines.first.get_attribute("x1") or "nan"),
            float(lines.last.get_attribute("x1") or "nan"),
        ]
        at = [float(dots.nth(number).get_attribute("cx") or "nan") for number in (9, 10, 3, 4)]
        assert at[0] < place[0] < at[1]
        assert at[2] < place[1] < at[3]
    shown.page.fill("#month", str(pretend_area.MONTHS.index("2023-06")))
    shown.settle()
    assert shown.page.locator(".series .dot").count() == 12
    assert shown.page.locator(".series .break, .breaks").count() == 0


def test_the_pointer_is_told_what_it_is_over(visit: Open) -> None:
    shown = visit()
    shown.page.mouse.move(380 + 400, 300)
    shown.page.wait_for_selector(".tooltip:not([hidden]) dd")
    assert "District" in shown.page.locator(".tooltip strong").inner_text()
    shown.page.mouse.move(100, 600)
    shown.page.wait_for_selector(".tooltip", state="hidden")


def test_only_analysts_get_a_list_and_standing_districts_stand_apart(
    visit: Open, messages: dict[str, dict[str, str]]
) -> None:
    month = next(
        i
        for i in range(len(pretend_area.MONTHS))
        if any(AREA.cell("all", i, d)["standing"] for d in range(len(AREA.codes)))
    )
    shown = visit(hash=f"#month={pretend_area.MONTHS[month]}")
    shown.page.wait_for_selector(".ranking li")
    cells = {code: AREA.cell("all", month, i) for i, code in enumerate(AREA.codes)}
    listed = [
        row.get_attribute("data-district")
        for row in shown.page.locator(".ranking ol").first.locator("button").all()
    ]
    expected = sorted(
        (code for code, cell in cells.items() if (cell["level"] or 0) >= 3 and not cell["standing"]),
        key=lambda code: (-cells[code]["level"], -cells[code]["magnitude"]),
    )
    assert listed == expected[:12]
    assert messages["en"]["web.standing"] in shown.page.locator(".ranking").inner_text()
    public = visit("public")
    assert "layer=safety" in public.page.url
    assert public.page.locator(".ranking").count() == 0
    assert public.troubles == []


def test_an_address_brings_back_what_was_seen(visit: Open) -> None:
    shown = visit(hash="#layer=rating&offence=robbery&month=2023-05&district=730020000&view=6.5/47/66")
    assert shown.page.input_value("#offence") == "Robbery"
    assert shown.page.locator(".month").inner_text() == "May 2023"
    assert "District 21" in shown.page.locator(".detail h2").inner_text()
    assert "view=6.50%2F47.0000%2F66.0000" in shown.page.url or "view=6.5/47/66" in shown.page.url
    strange = visit(hash="#layer=nothing&offence=nothing&month=1900-01&view=x")
    assert strange.page.locator(".month").inner_text() == "July 2024"
    assert strange.troubles == []


def test_incomplete_and_invented_are_said(visit: Open, messages: dict[str, dict[str, str]]) -> None:
    shown = visit()
    assert shown.page.locator(".ribbon").inner_text() == messages["en"]["web.invented"]
    assert "Invented by the tests <not markup>" in shown.page.locator(".maplibregl-ctrl-attrib").inner_text()
    press_month(shown, "End")
    assert shown.page.locator(".month-note").inner_text() == messages["en"]["web.incomplete"]
    assert messages["en"]["web.incomplete"] in (shown.page.get_attribute("#month", "aria-valuetext") or "")


def test_a_phone_shows_the_map_and_scrolls_only_down(visit: Open) -> None:
    shown = visit(size=PHONE)
    wide = (
        "[document.documentElement, document.querySelector('#panel')].every(e => e.scrollWidth <= innerWidth)"
    )
    assert shown.page.evaluate(wide)
    assert colours(shown).get(rgb(pretend_area.LEVELS[1][-1]), 0) > 10_000
    shown.page.click(".sheet-handle")
    shown.page.wait_for_selector("#layer", state="visible")
    shown.until("document.querySelector('#panel').getBoundingClientRect().height > 300")
    assert shown.page.evaluate(wide)
    shown.page.mouse.click(200, 250)
    shown.page.wait_for_selector(".detail h2")
    assert shown.page.evaluate(wide)
    assert shown.troubles == []


def test_everything_is_reached_by_key(visit: Open) -> None:
    shown = visit()
    shown.page.focus("#search")
    shown.page.keyboard.type("district 42")
    shown.page.keyboard.press("Enter")
    shown.page.wait_for_selector(".detail h2")
    assert shown.page.locator(".detail h2").inner_text() == "District 42"
    reached = set()
    shown.page.evaluate("document.activeElement.blur()")
    for _ in range(40):
        shown.page.keyboard.press("Tab")
        reached.add(shown.page.evaluate("document.activeElement.id || document.activeElement.className"))
    assert {"language", "layer", "offence", "search", "month", "round play", "back"} <= reached
    unnamed = shown.page.evaluate(
        "[...document.querySelectorAll('button, select, input')].filter(e => e.offsetParent &&"
        " !e.textContent.trim() && !e.getAttribute('aria-label') && !e.labels?.length).map(e => e.outerHTML)"
    )
    assert unnamed == []


def test_figures_that_cannot_be_had_are_named_in_plain_words(
    visit: Open, messages: dict[str, dict[str, str]]
) -> None:
    shown = visit()
    shown.page.route("**/values*offence=assault*", lambda route: route.fulfill(status=503, body="no"))
    shown.page.click("#offence")
    shown.page.fill("#offence", "assault")
    shown.page.keyboard.press("Enter")
    shown.until(f"document.querySelector('.status').textContent === {messages['en']['web.error.figures']!r}")
    assert shown.page.locator(".status").inner_text() == messages["en"]["web.error.figures"]
    assert set(legend(shown).values()) == {0}, "old figures must not stand under a new name"


def test_counts_alone_are_shown_in_classes_and_not_ranked(
    visit: Open, messages: dict[str, dict[str, str]]
) -> None:
    catalogue = copy.deepcopy(AREA.catalogue)
    rating = catalogue["layers"][0]
    cuts = [(None, 10, "#edf8fb"), (10, 40, "#8c96c6"), (40, None, "#4d004b")]
    rating["default_column"] = "count"
    rating["classes"] = [
        {"min": low, "max": high, "label": {"en": f"{low}"}, "colour": c} for low, high, c in cuts
    ]
    catalogue["layers"] = [rating]
    shown = visit(hash="#month=2022-03", catalogue=catalogue)
    month = pretend_area.MONTHS.index("2022-03")
    counts = [AREA.cell("all", month, i)["count"] for i in range(len(AREA.codes))]
    known = [count for count in counts if count is not None]
    assert legend(shown) == {
        "0": sum(count < 10 for count in known),
        "1": sum(10 <= count < 40 for count in known),
        "2": sum(count >= 40 for count in known),
        "-1": counts.count(None),
    }
    assert colours(shown).get(rgb("#4d004b"), 0) > 1_000
    assert shown.page.locator(".ranking").count() == 0
    assert messages["en"]["web.hint"] in shown.page.locator("#panel").inner_text()


def test_an_area_without_figures_says_so_and_still_draws(
    visit: Open, messages: dict[str, dict[str, str]]
) -> None:
    shown = visit(catalogue=AREA.catalogue | {"layers": []})
    assert messages["en"]["web.no_layers"] in shown.page.locator("#panel").inner_text()
    assert AREA.catalogue["absent"][0]["text"]["en"] in shown.page.locator(".absent").text_content()
    assert colours(shown).get((0xDF, 0xE3, 0xE1), 0) > 50_000
    shown.page.focus("#search")
    shown.page.keyboard.type("district 42")
    shown.page.keyboard.press("Enter")
    shown.page.wait_for_selector(".detail h2")
    assert shown.page.locator(".detail h2").inner_text() == "District 42"
    assert shown.troubles == []
