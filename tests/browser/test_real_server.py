"""The web map on the project's own server: what the one asks for is what the other answers."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from visits import Visit


def test_the_map_reads_our_server(visit: Callable[..., Visit], real_server: str) -> None:
    shown = visit(real_server, "#layer=rating&offence=all&month=2022-06")
    rows = shown.page.locator(".legend li b").all_inner_texts()
    assert sum(int(text) for text in rows) == 9
    assert shown.page.locator(".month").inner_text() == "June 2022"
    assert shown.tiles
    assert shown.hosts() == {urlsplit(real_server).netloc}
    tiles = len(shown.tiles)
    shown.page.focus("#month")
    shown.page.keyboard.press("ArrowRight")
    shown.settle()
    assert shown.page.locator(".month").inner_text() == "July 2022"
    assert len(shown.tiles) == tiles
    assert shown.troubles == []


def test_a_district_is_explained_by_our_server(visit: Callable[..., Visit], real_server: str) -> None:
    shown = visit(real_server, "#layer=rating&offence=theft&month=2022-06&district=05000&lang=kk")
    shown.page.wait_for_selector(".detail .words")
    assert "Аудан Әғқңөұүһі 5" in shown.page.locator(".detail h2").inner_text()
    assert shown.page.locator(".series .dot").count() > 0
    assert shown.troubles == []
