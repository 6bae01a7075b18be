"""Clusters and spread paths over the map: toggled, played, read by their arrows, and told."""

from __future__ import annotations

from collections.abc import Callable

import pretend_area
import pytest
from pictures import colours, on_screen, rgb
from pretend_findings import CHAIN, CLUSTERS, COLOURS, EDGES
from visits import PHONE, Visit

from gis_layers.spread.lines import bent

Open = Callable[..., Visit]
Messages = dict[str, dict[str, str]]
AREA = pretend_area.Area("analyst")
HIGH, CHAINED, AGAIN = rgb("#8b1e2d"), rgb(COLOURS["chain"]), rgb(COLOURS["edge"])
THEFT = "#layer=rating&offence=theft&overlays=spread_paths"
FOUND = ".findings .found button"


def items(shown: Visit) -> list[str]:
    return [url for url in shown.requests if "clusters/items" in url or "spread_paths/items" in url]


def go(shown: Visit, month: str) -> None:
    """Move the slider at once, as a pointer does."""
    shown.page.fill("#month", str(pretend_area.MONTHS.index(month)))
    shown.settle()


def test_clusters_are_laid_over_the_map_and_taken_away_by_key(visit: Open, messages: Messages) -> None:
    shown = visit(hash="#layer=rating&offence=all&month=2022-04")
    assert items(shown) == [], "what is not looked at is not fetched"
    assert colours(shown).get(HIGH, 0) == 0
    shown.page.focus("#over-clusters")
    shown.page.keyboard.press("Space")
    shown.settle()
    assert "overlays=clusters" in shown.page.url
    assert len(items(shown)) == 1
    assert colours(shown)[HIGH] > 500
    assert shown.page.locator(FOUND).count() == 2, "one with more, one with fewer"
    go(shown, "2022-06")
    assert shown.page.locator("[data-empty=clusters]").inner_text() == messages["en"]["web.no_cluster"]
    assert colours(shown).get(HIGH, 0) == 0
    go(shown, "2022-04")
    shown.page.select_option("#layer", "safety")
    shown.settle()
    assert colours(shown)[HIGH] > 500, "they lie over any layer"
    shown.page.focus("#over-clusters")
    shown.page.keyboard.press("Space")
    shown.settle()
    assert "overlays" not in shown.page.url
    assert colours(shown).get(HIGH, 0) == 0
    assert shown.troubles == []


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_a_step_is_seen_in_the_month_it_arrives_and_fades(
    visit: Open, messages: Messages, motion: str
) -> None:
    shown = visit(hash=f"{THEFT}&month={CHAIN[0][1]}", motion=motion)
    asked = len(items(shown))
    clear: dict[str, int] = {}
    for month in ("2022-03", "2022-04", "2022-05", "2022-06", "2022-07", "2022-11"):
        go(shown, month)
        clear[month] = colours(shown).get(CHAINED, 0)
    assert clear["2022-03"] == clear["2022-06"] == clear["2022-11"] == 0
    # Each step is stronger than the one before, so it is wider.
    assert 0 < clear["2022-04"] < clear["2022-05"]
    assert clear["2022-07"] > 0
    assert [one.get_attribute("data-found") for one in shown.page.locator(FOUND).all()] == [
        f"spread_paths/theft.{of}.{to}" for of, to in EDGES
    ], "edges stay, the chain has faded"
    assert len(items(shown)) == asked
    go(shown, pretend_area.MONTHS[0])
    shown.page.select_option("#layer", "safety")
    shown.settle()
    assert shown.troubles == []


def test_playing_the_spread_asks_for_nothing_by_month(visit: Open) -> None:
    shown = visit(hash=f"{THEFT}&month=2022-03")
    asked, tiles = items(shown), len(shown.tiles)
    assert len(asked) == 1
    shown.page.click(".play")
    shown.until(f"document.querySelectorAll('{FOUND}').length === 3")
    shown.until("document.querySelector('#month').valueAsNumber >= 24")
    shown.page.click(".play")
    shown.settle()
    assert items(shown) == asked
    assert len(shown.tiles) == tiles
    assert shown.troubles == []


def test_arrows_tell_there_from_back(visit: Open) -> None:
    middles = [AREA.shapes[one].centroid.coords[0] for one in EDGES[0]]
    view = (8.0, *(sum(axis) / 2 for axis in reversed(list(zip(*middles, strict=True)))))
    shown = visit(hash=f"{THEFT}&month=2022-06&view={'/'.join(map(str, view))}")
    for (first, last), (begin, end) in zip(EDGES, (middles, middles[::-1]), strict=True):
        line = bent(begin, end)
        tail, middle, head = (on_screen(shown, *line[place], view) for place in (0, len(line) // 2, -1))
        shown.page.mouse.move(*middle)
        told = f"District {first + 1} → District {last + 1}"
        shown.until(f"document.querySelector('.tooltip strong')?.textContent.startsWith({told!r})")
        shown.page.mouse.move(5, 5)
        inked = [colours(shown, around=point).get(AGAIN, 0) for point in (tail, head)]
        assert inked[1] > 1.5 * inked[0], f"the arrow of {told} has its head at its end"
    assert shown.troubles == []


def test_a_chain_is_told_step_by_step(visit: Open, messages: Messages) -> None:
    shown = visit(hash=f"{THEFT}&month=2022-05")
    shown.page.click(f"{FOUND}[data-found='spread_paths/theft.2022-03']")
    shown.settle()
    assert "found=spread_paths/theft.2022-03" in shown.page.url
    told = shown.page.locator(".finding")
    for language in ("en", "ru", "kk"):
        shown.page.select_option("#language", language)
        shown.settle()
        assert told.locator(".way li").count() == len(CHAIN) - 1
        assert messages[language]["web.why_found"] in told.inner_text()
        assert told.locator("[data-test='path.chance']").count() == 1
        assert "path." not in told.inner_text(), "a code is no sentence"
    again = visit(hash=shown.page.url.split("/", 3)[3].removeprefix("#").join(["#", ""]))
    assert again.page.locator(".finding h2").inner_text() == told.locator("h2").inner_text()
    again.page.click(".finding .back")
    again.settle()
    assert "found=" not in again.page.url
    assert shown.troubles == again.troubles == []


def focused(shown: Visit) -> str:
    return str(shown.page.evaluate("document.activeElement.id || document.activeElement.dataset.found || ''"))


def test_the_keyboard_keeps_its_place(visit: Open) -> None:
    shown = visit(hash="#layer=rating&offence=theft&month=2022-05")
    page = shown.page
    page.focus("#over-spread_paths")
    page.keyboard.press("Space")
    shown.settle()
    assert focused(shown) == "over-spread_paths"
    chain = "spread_paths/theft.2022-03"
    while focused(shown) != chain:
        assert focused(shown) != "month", "the list comes before the months"
        page.keyboard.press("Tab")
    go_on = "document.querySelector('.round.step:last-of-type').click()"
    page.evaluate(go_on)
    shown.settle()
    assert page.locator(".month").inner_text() == "June 2022"
    assert focused(shown) == chain, "a month that passes takes nothing away"
    page.keyboard.press("Enter")
    shown.settle()
    assert focused(shown) == "finding-name"
    page.evaluate(go_on)
    shown.settle()
    assert focused(shown) == "finding-name"
    page.focus(".finding .back")
    page.keyboard.press("Enter")
    shown.settle()
    assert "found=" not in page.url
    assert focused(shown) == chain
    go(shown, "2022-10")
    assert focused(shown) == "month", "who is elsewhere stays there"
    page.focus(f"{FOUND}[data-found='{chain}']")
    page.evaluate(go_on)
    shown.settle()
    assert focused(shown) == "over-spread_paths", "the month has it not"
    page.focus("#language")
    page.keyboard.press("ArrowDown")
    shown.settle()
    assert page.locator("html").get_attribute("lang") != "en"
    assert focused(shown) == "language"
    assert shown.troubles == []


def test_all_of_a_long_list_is_reached_by_key(visit: Open) -> None:
    few = AREA.found("clusters", "all")["features"]
    many = [
        one | {"properties": one["properties"] | {"cluster": f"all-{number}", "p_value": number / 1000}}
        for number, one in enumerate(few * 5)
    ]
    shown = visit(hash="#offence=all&month=2022-04")
    page = shown.page
    page.route(
        "**/clusters/items*",
        lambda route: route.fulfill(json={"type": "FeatureCollection", "features": many}),
    )
    page.check("#over-clusters")
    shown.settle()
    assert page.locator(FOUND).count() == 6
    rest = page.locator("#more-clusters")
    assert rest.inner_text() == "and 4 more"
    rest.focus()
    page.keyboard.press("Enter")
    shown.until(f"document.querySelectorAll('{FOUND}').length === {len(many)}")
    page.evaluate("document.querySelector('.round.step').click()")
    shown.settle()
    assert page.locator(".month").inner_text() == "March 2022"
    assert focused(shown) == "more-clusters"
    assert page.locator(FOUND).count() == len(many), "what is unfolded stays so"
    for _ in range(4):
        page.keyboard.press("Tab")
    assert focused(shown) == "clusters/all-9"
    page.keyboard.press("Enter")
    shown.settle()
    assert page.locator(".finding").get_attribute("data-found") == "clusters/all-9"
    assert shown.troubles == []


def test_a_click_on_an_outline_tells_the_cluster(visit: Open, messages: Messages) -> None:
    name, _, places, *_, count, _, _ = CLUSTERS[0]
    corner = AREA.shapes[places[0]].exterior.coords[0]
    view = (7.0, corner[1], corner[0])
    shown = visit(hash=f"#offence=all&month=2022-04&overlays=clusters&view={'/'.join(map(str, view))}")
    shown.page.mouse.click(*on_screen(shown, *corner, view))
    shown.settle()
    told = shown.page.locator(".finding")
    assert told.get_attribute("data-found") == f"clusters/{name}"
    assert str(count) in told.locator(".facts").inner_text()
    assert told.locator(".members li").count() == len(places)
    told.locator(".members button").first.click()
    shown.settle()
    assert shown.page.locator(".detail h2").inner_text() == f"District {places[0] + 1}"
    assert "found=" not in shown.page.url
    assert shown.troubles == []


def test_what_was_not_looked_for_is_not_called_empty(visit: Open, messages: Messages) -> None:
    shown = visit(hash="#offence=robbery&month=2022-04&overlays=clusters,spread_paths")
    assert shown.page.locator("[data-empty=clusters]").inner_text() == messages["en"]["web.unsought_offence"]
    assert shown.page.locator("[data-empty=spread_paths]").inner_text() == messages["en"]["web.no_path"]
    whole = visit(hash="#offence=property&month=2022-04&overlays=spread_paths")
    assert whole.page.locator(FOUND).count() == 3, "a node shows the paths of its leaves"


def test_findings_that_cannot_be_had_are_named(visit: Open, messages: Messages) -> None:
    shown = visit(hash="#offence=all&month=2022-04")
    shown.page.route("**/clusters/items*", lambda route: route.fulfill(status=503, body="no"))
    shown.page.check("#over-clusters")
    shown.settle()
    assert shown.page.locator(".status").inner_text() == messages["en"]["web.error.findings"]


def test_the_public_edition_offers_none_of_it(visit: Open, messages: Messages) -> None:
    shown = visit("public", "#overlays=clusters,spread_paths&found=clusters/all-1&month=2022-04")
    assert shown.page.locator(".findings").count() == 0
    assert messages["en"]["web.overlays"] not in shown.page.locator("body").inner_text()
    assert items(shown) == []
    assert "overlays" not in shown.page.url
    assert "found" not in shown.page.url
    assert shown.troubles == []


def test_on_a_phone_the_path_is_told_without_scrolling_aside(visit: Open) -> None:
    hash = f"{THEFT}&month=2022-05&found=spread_paths/theft.2022-03"  # noqa: A001
    shown = visit(hash=hash, size=PHONE)
    shown.page.click(".sheet-handle")
    shown.until("document.querySelector('#panel').getBoundingClientRect().height > 300")
    assert shown.page.locator(".finding h2").is_visible()
    parts = "[document.documentElement, ...document.querySelectorAll('#panel, .finding *, .findings *')]"
    assert shown.page.evaluate(f"{parts}.every(e => e.getBoundingClientRect().right <= innerWidth + 0.5)")
