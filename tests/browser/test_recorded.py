"""A recorded session: every byte that a browser gets of the public edition, searched for figures of the analysts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from live import live
from marked import Found, marked_release, search, tokens_for
from playwright.sync_api import Browser
from recorder import Recorder, recording
from visits import DESKTOP, Visit

from tile_server import ServerSettings

VIOLATIONS = """() => {
  window.violated = [];
  document.addEventListener("securitypolicyviolation", (event) => {
    window.violated.push(event.violatedDirective + " " + event.blockedURI);
  });
}"""


@pytest.fixture(scope="module")
def store(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(marked_release(tmp_path_factory.mktemp("recorded") / "store").path)


@pytest.fixture(scope="module")
def tokens(store: Path) -> dict[str, str]:
    return tokens_for(store)


@pytest.fixture(scope="module")
def both(store: Path, tokens: dict[str, str]) -> Iterator[str]:
    """Address of a server whose anonymous callers see the public edition."""
    with live(ServerSettings(store)) as address:
        yield address + "/"


@pytest.fixture
def recorder(both: str) -> Iterator[Recorder]:
    with recording(both) as made:
        yield made


@pytest.fixture
def enter(browser: Browser, recorder: Recorder) -> Iterator[Callable[..., Visit]]:
    """Open an address beyond the recorder, with a token or without."""
    contexts = []

    def start(path: str = "", token: str | None = None) -> Visit:
        given = {"username": "anyone", "password": token} if token else None
        size = {"width": DESKTOP[0], "height": DESKTOP[1]}
        context = browser.new_context(viewport=size, http_credentials=given, reduced_motion="reduce")  # type: ignore[arg-type]
        contexts.append(context)
        context.add_init_script(f"({VIOLATIONS})()")
        visit = Visit(context.new_page())
        visit.watch()
        visit.page.goto(recorder.address + path)
        visit.settle()
        return visit

    yield start
    for context in contexts:
        context.close()


def found(recorder: Recorder) -> list[tuple[str, Found]]:
    """Search everything that passed."""
    return [(path, search(body, kind)) for path, kind, body in recorder.passed]


def walk(visit: Visit) -> None:
    """Use the map as people do: another month, a district, another language, the whole area again."""
    page = visit.page
    page.focus("#month")
    for key in ("ArrowLeft", "ArrowLeft", "End"):
        page.keyboard.press(key)
        visit.settle()
    box = page.locator("#map").bounding_box()
    assert box is not None
    for x, y in ((0.6, 0.5), (0.4, 0.4), (0.5, 0.6)):
        page.mouse.click(box["x"] + box["width"] * x, box["y"] + box["height"] * y)
        visit.settle()
    for lang in ("ru", "kk"):
        page.goto(page.url.split("#")[0] + f"#lang={lang}&district=05000")
        page.reload()
        visit.settle()


def test_no_byte_of_a_public_session_is_a_figure_of_the_analysts(
    enter: Callable[..., Visit], recorder: Recorder
) -> None:
    visit = enter()
    walk(visit)
    seen = found(recorder)
    assert len(seen) > 10
    assert any("/tiles/" in path for path, _ in seen)
    assert any("/values" in path for path, _ in seen)
    assert set().union(*(one.districts for _, one in seen)) == set(range(9))
    assert [path for path, one in seen if one.figures] == []
    assert visit.troubles == []
    assert visit.page.evaluate("window.violated") == []


def test_the_same_session_with_a_token_does_hold_them(
    enter: Callable[..., Visit], recorder: Recorder, tokens: dict[str, str]
) -> None:
    visit = enter("login", tokens["analyst"])
    visit.page.goto(recorder.address + "#layer=rating&month=2022-06&district=06000")
    visit.settle()
    visit.page.wait_for_selector(".detail .words")
    assert set().union(*(one.figures for _, one in found(recorder))) >= {5}
    assert [text for text in visit.troubles if "401" not in text] == []
    assert visit.page.evaluate("window.violated") == []


def test_the_map_of_a_region_holds_no_word_about_the_others(
    enter: Callable[..., Visit], recorder: Recorder, tokens: dict[str, str]
) -> None:
    visit = enter("login", tokens["region"])
    visit.page.goto(recorder.address + "#layer=rating&month=2022-06&district=02000")
    visit.settle()
    visit.page.wait_for_selector(".detail .words")
    seen = [one for path, one in found(recorder) if not path.startswith("/assets/")]
    assert set().union(*(one.figures for one in seen)) <= {0, 1, 2, 3}
    assert set().union(*(one.districts for one in seen)) == {0, 1, 2, 3}
    assert sum(int(text) for text in visit.page.locator(".legend li b").all_inner_texts()) == 4
