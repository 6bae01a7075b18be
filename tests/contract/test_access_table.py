"""Every route × every role: one table, and it is the test. A route without a row fails.

A cell is a status and what the body may hold:

    all     figures of the analysts' rating, of districts everywhere
    own     figures of the region's districts, and not a word about any other
    list    districts everywhere, no analyst-only figure
    own-    the region's districts, not a word about any other, no analyst-only figure
    none    neither districts nor analyst-only figures
    error   an exception document: the words of the caller, no figure
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import httpx
import pytest
from live import calling
from marked import INSIDE, Found, marked_release, search
from missing import need_web_map

from tile_server import ServerSettings, create_app
from tile_server.bounds.settings import Bounds
from tile_server.static import DIST

BOUNDS = Bounds(rate=0, wrong_credentials=10_000)
ROLES = ("none", "public", "analyst", "region", "expired", "revoked", "forged")
REFUSED = ("401 error",) * 3


class Row(NamedTuple):
    """An address of a route, and what each role gets there on a server whose anonymous callers see `public`."""

    route: str
    address: str
    none: str
    public: str
    analyst: str
    region: str
    expired: str = REFUSED[0]
    revoked: str = REFUSED[1]
    forged: str = REFUSED[2]


def same(route: str, address: str, cell: str) -> Row:
    """Return the row of an address that tells every valid caller the same."""
    return Row(route, address, cell, cell, cell, cell)


def figures(route: str, inside: str, outside: str = "") -> list[Row]:
    """Return the rows of addresses of the analysts' own figures; one may lie outside the region."""
    rows = [Row(route, inside, "404 error", "404 error", "200 all", "200 own")]
    if outside:
        rows.append(Row(route, outside, "404 error", "404 error", "200 all", "404 error"))
    return rows


def districts(route: str, address: str, outside: str = "") -> list[Row]:
    """Return the rows of addresses that both editions hold."""
    rows = [Row(route, address, "200 list", "200 list", "200 list", "200 own-")]
    if outside:
        rows.append(Row(route, outside, "200 list", "200 list", "200 list", "404 error"))
    return rows


R, S, D = "/collections/rating", "/collections/safety", "/collections/districts"
L = "/collections/{layer}"
TILES = L + "/tiles/WebMercatorQuad"

TABLE = [
    # Machines that watch the server ask without a token, and a wrong one does not matter there.
    Row("/healthz", "/healthz", *["200 none"] * 7),
    Row("/readyz", "/readyz", *["200 none"] * 7),
    Row("/login", "/login", "401 error", "303 none", "303 none", "303 none"),
    same("/", "/?f=json", "200 none"),
    same("/", "/?f=html", "200 none"),
    same("/conformance", "/conformance", "200 none"),
    same("/conformance", "/conformance?f=html", "200 none"),
    same("/api", "/api", "200 none"),
    same("/api", "/api?f=html", "200 none"),
    same("/catalogue", "/catalogue", "200 none"),
    same("/collections", "/collections", "200 none"),
    same("/collections", "/collections?f=html", "200 none"),
    same(L, D, "200 none"),
    Row(L, R, "404 error", "404 error", "200 none", "200 none"),
    Row(L, R + "_latest?f=html", "404 error", "404 error", "200 none", "200 none"),
    Row(L + "/queryables", R + "/queryables", "404 error", "404 error", "200 none", "200 none"),
    Row(L + "/schema", R + "/schema", "404 error", "404 error", "200 none", "200 none"),
    *figures(L + "/items", R + "/items?limit=10000"),
    *figures(L + "/items", R + "/items?limit=10000&f=csv"),
    *figures(L + "/items", R + "/items?limit=10000&f=html&offence=theft"),
    *figures(L + "/items", R + "_latest/items?lang=ru"),
    *figures(L + "/items", R + "/items?bbox=59,49,63,52&datetime=2022-06&sortby=-count&limit=50"),
    *figures(L + "/items", R + "/items?filter=count>0&limit=10000"),
    *districts(L + "/items", D + "/items"),
    *districts(L + "/items", S + "_latest/items?f=csv"),
    # The region's neighbours are a part of the world that is not there: no rows, rather than an error.
    Row(L + "/items", R + "/items?district=05000&f=csv", "404 error", "404 error", "200 all", "200 none"),
    same(L + "/items", "/collections/offences/items", "200 none"),
    same(L + "/items", "/collections/peer_groups/items", "200 none"),
    *figures(L + "/items/{item}", R + "/items/02000.theft.2022-06", R + "/items/06000.theft.2022-06"),
    *figures(L + "/items/{item}", R + "_latest/items/02000?f=html", R + "_latest/items/06000?f=html"),
    *districts(L + "/items/{item}", D + "/items/02000", D + "/items/06000"),
    *figures(L + "/values", R + "/values?columns=count,expected"),
    *districts(L + "/values", S + "/values"),
    same(L + "/coverage", D + "/coverage", "404 error"),
    Row(L + "/tiles", R + "/tiles", "404 error", "404 error", "200 none", "200 none"),
    same(L + "/tiles", D + "/tiles", "200 none"),
    Row(TILES, R + "/tiles/WebMercatorQuad", "404 error", "404 error", "200 none", "200 none"),
    Row(TILES, R + "/tiles/WebMercatorQuad?f=tilejson", "404 error", "404 error", "200 none", "200 none"),
    *figures(TILES + "/{z}/{row}/{col}", R + "/tiles/WebMercatorQuad/0/0/0"),
    *figures(TILES + "/{z}/{row}/{col}", R + "/tiles/WebMercatorQuad/4/5/10?datetime=2022-06&offence=theft"),
    *districts(TILES + "/{z}/{row}/{col}", D + "/tiles/WebMercatorQuad/0/0/0"),
    same("/styles", "/styles", "200 none"),
    Row("/styles/{style}", "/styles/rating", "404 error", "404 error", "200 none", "200 none"),
    Row("/styles/{style}", "/styles/rating?f=qml", "404 error", "404 error", "200 none", "200 none"),
    same("/styles/{style}", "/styles/safety?f=sld", "200 none"),
    *figures("/explain", "/explain?district=02000&offence=theft", "/explain?district=06000&offence=theft"),
    Row("/feeds/signals.atom", "/feeds/signals.atom?lang=ru", "200 none", "200 none", "200 all", "200 own"),
    Row("/feeds/signals.geojson", "/feeds/signals.geojson", "200 none", "200 none", "200 all", "200 own"),
    # The region asks for its neighbours by name, and for all of them by their own region.
    Row(
        "/feeds/signals.geojson",
        "/feeds/signals.geojson?parent=B",
        "200 none",
        "200 none",
        "200 all",
        "200 none",
    ),
    same("/messages/{language}.json", "/messages/kk.json", "200 none"),
]

BUILT = [
    same("/glyphs/{fontstack}/{range}.pbf", "/glyphs/{font}/0-255.pbf", "200 none"),
    same("/assets/{name:path}", "/assets/{asset}", "200 none"),
    same("/favicon.ico", "/favicon.ico", "404 error"),
    same("/favicon.svg", "/favicon.svg", "200 none"),
]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(marked_release(tmp_path_factory.mktemp("marked") / "store").path)


@pytest.fixture(scope="module")
def both(store: Path, tokens: dict[str, str]) -> Iterator[httpx.Client]:
    """A server whose anonymous callers see the public edition, and which has tokens."""
    with calling(ServerSettings(store, bounds=BOUNDS)) as made:
        yield made


@pytest.fixture(scope="module")
def closed(store: Path, tokens: dict[str, str]) -> Iterator[httpx.Client]:
    """A server of the analyst edition that has tokens: it answers nobody without one."""
    with calling(ServerSettings(store, edition="analyst", bounds=BOUNDS)) as made:
        yield made


def test_every_route_has_a_row(store: Path) -> None:
    served = {getattr(route, "path", None) for route in create_app(ServerSettings(store)).routes}
    assert served == {row.route for row in TABLE + BUILT}


def ask(client: httpx.Client, address: str, token: str | None) -> httpx.Response:
    """Ask as QGIS 3.22 does: Basic, the token as password, without waiting for a challenge."""
    return client.get(address, auth=("anyone", token) if token else None)


def fault(cell: str, answer: httpx.Response) -> str | None:
    """Return what an answer does otherwise than its cell of the table says, None if it does as it says."""
    status, rule = cell.split()
    if answer.status_code != int(status):
        return f"{answer.status_code}: {answer.text[:300]}"
    found = search(answer.content, answer.headers.get("content-type", ""))
    own = {int(code[:2]) - 1 for code in INSIDE}
    holds = {
        # without a figure of the analysts the row would test nothing
        "all": bool(found.figures),
        "own": bool(found.figures) and found.figures | found.districts <= own,
        "list": not found.figures and (bool(found.districts - own) or len(found.districts) == 1),
        "own-": not found.figures and bool(found.districts) and found.districts <= own,
        "none": found == Found(set(), set()),
        "error": not found.figures
        and (rule != "error" or set(answer.json()) == {"code", "type", "status", "description"}),
    }
    # every other rule says no more than that
    return None if holds.get(rule, not found.figures) else f"{rule}: {found}"


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.address)
def test_the_table(row: Row, role: str, both: httpx.Client, tokens: dict[str, str]) -> None:
    assert fault(getattr(row, role), ask(both, row.address, tokens.get(role))) is None


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.address)
def test_a_closed_server_differs_for_nobody_but_the_anonymous(
    row: Row, role: str, closed: httpx.Client, tokens: dict[str, str]
) -> None:
    open_to_all = row.route in ("/healthz", "/readyz")
    cell = "401 error" if role == "none" and not open_to_all else getattr(row, role)
    assert fault(cell, ask(closed, row.address, tokens.get(role))) is None


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("row", BUILT, ids=lambda row: row.address)
def test_the_files_of_the_map(row: Row, role: str, both: httpx.Client, tokens: dict[str, str]) -> None:
    need_web_map(DIST)
    font = next(path.name for path in sorted((DIST / "glyphs").iterdir()) if path.is_dir())
    asset = next(path.name for path in sorted((DIST / "assets").glob("*.css")))
    assert (
        fault(getattr(row, role), ask(both, row.address.format(font=font, asset=asset), tokens.get(role)))
        is None
    )


@pytest.mark.parametrize("role", ROLES)
def test_a_bearer_gets_what_a_password_gets(role: str, both: httpx.Client, tokens: dict[str, str]) -> None:
    for row in (row for row in TABLE if row.route.endswith(("/items", "/values", "/explain"))):
        headers = {"authorization": f"Bearer {tokens[role]}"} if role in tokens else {}
        assert fault(getattr(row, role), both.get(row.address, headers=headers)) is None


def test_what_is_outside_the_region_is_answered_as_what_is_nowhere(
    both: httpx.Client, tokens: dict[str, str]
) -> None:
    for template in (
        "/collections/districts/items/{}",
        "/collections/rating/items/{}.all.2022-06",
        "/collections/rating_latest/items/{}",
        "/explain?district={}",
    ):
        outside, nowhere = (
            ask(both, template.format(code), tokens["region"]) for code in ("06000", "nowhere")
        )
        assert outside.status_code == nowhere.status_code == 404
        assert outside.text.replace("06000", "nowhere") == nowhere.text
        assert set(outside.headers) == set(nowhere.headers)


def test_counts_and_extents_are_those_of_the_region(both: httpx.Client, tokens: dict[str, str]) -> None:
    def collection(role: str, name: str) -> dict[str, object]:
        return dict(ask(both, f"/collections/{name}", tokens[role]).json()["extent"]["spatial"])

    assert collection("analyst", "rating")["bbox"] == [[60.0, 50.0, 62.1, 51.5]]
    assert collection("region", "rating")["bbox"] == [[60.0, 50.0, 61.5, 51.0]]
    for name, everywhere, own in (("rating", 504, 224), ("rating_latest", 9, 4), ("districts", 9, 4)):
        for form in ("json", "csv"):
            path = f"/collections/{name}/items?limit=1&f={form}"
            for role, number in (("analyst", everywhere), ("region", own)):
                answer = ask(both, path, tokens[role])
                matched = (
                    answer.json()["numberMatched"] if form == "json" else answer.headers["ogc-numbermatched"]
                )
                assert int(matched) == number
    catalogue = ask(both, "/catalogue", tokens["region"]).json()
    assert {layer["id"]: layer["rows"] for layer in catalogue["layers"]}["rating"] == 224
    tilejson = ask(both, "/collections/rating/tiles/WebMercatorQuad?f=tilejson", tokens["region"]).json()
    assert tilejson["bounds"] == [60.0, 50.0, 61.5, 51.0]


def test_no_cache_mixes_callers(both: httpx.Client, tokens: dict[str, str]) -> None:
    path = "/collections/safety/items?limit=100"
    tags = {}
    for role in ("none", "public", "analyst", "region"):
        answer = ask(both, path, tokens.get(role))
        tags[role] = answer.headers["etag"]
        assert "Authorization" in answer.headers["vary"]
        private = role != "none"
        assert answer.headers["cache-control"].startswith("private" if private else "public")
        assert ("access-control-allow-origin" in answer.headers) is not private
        policy = answer.headers["cross-origin-resource-policy"]
        assert policy == ("same-origin" if private else "cross-origin")
    assert len({tags["none"], tags["analyst"], tags["region"]}) == 3
    for role, other in (("region", "analyst"), ("none", "analyst"), ("analyst", "region")):
        auth = ("anyone", tokens[role]) if role in tokens else None
        assert both.get(path, auth=auth, headers={"if-none-match": tags[other]}).status_code == 200
        assert both.get(path, auth=auth, headers={"if-none-match": tags[role]}).status_code == 304
