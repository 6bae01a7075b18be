"""`/feeds/signals`: valid Atom and GeoJSON, for each caller those of his edition, and never a fall for the public."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import pytest
from alerting import alerting_release
from live import calling

from tile_server import ServerSettings
from tile_server.bounds.settings import Bounds

ATOM = "{http://www.w3.org/2005/Atom}"
BOUNDS = Bounds(rate=0, wrong_credentials=10_000)
HIDDEN = ("fall", "structure", "completeness")
PUBLIC = {"rating.01000.theft.2022-12", "rating.05000.burglary.2022-12", "outbreak.03000.theft.2022-12"}
ANALYST = PUBLIC | {
    "fall.09000.theft.2022-12",
    "structure.04000.all.2022-12",
    "completeness.01000.method.2022-12",
}


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(alerting_release(tmp_path_factory.mktemp("feeds") / "store").path)


@pytest.fixture(scope="module")
def client(store: Path, tokens: dict[str, str]) -> Iterator[httpx.Client]:
    with calling(ServerSettings(store, bounds=BOUNDS)) as made:
        yield made


def bearer(token: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"} if token else {}


def keys(client: httpx.Client, token: str | None, query: str = "") -> set[str]:
    answer = client.get(f"/feeds/signals.geojson{query}", headers=bearer(token))
    assert answer.status_code == 200
    return {feature["id"] for feature in answer.json()["features"]}


def faults(text: bytes) -> list[str]:
    """Return what RFC 4287 would not have in a feed: parts, instants, addresses and kinds of text."""
    feed = ElementTree.fromstring(text)
    found = [] if feed.tag == f"{ATOM}feed" else [f"the root is {feed.tag}"]
    if not (feed.findtext(f"{ATOM}author/{ATOM}name") or "").strip():
        found.append("no author")
    entries = feed.findall(f"{ATOM}entry")
    for part in (feed, *entries):
        once = ("id", "title", "updated")
        found += [f"not one {name}" for name in once if len(part.findall(f"{ATOM}{name}")) != 1]
        if not urlsplit(part.findtext(f"{ATOM}id") or "").scheme:
            found.append("an id is no IRI")
        updated = part.findtext(f"{ATOM}updated") or ""
        if datetime.fromisoformat(updated).tzinfo is None:
            found.append(f"{updated} has no zone")
        links = part.findall(f"{ATOM}link")
        found += [
            f"a link without {name}" for link in links for name in ("rel", "href") if not link.get(name)
        ]
        kinds = [(link.get("rel"), link.get("type")) for link in links]
        if len(set(kinds)) != len(kinds):
            found.append("two links of a kind")
    if "self" not in {link.get("rel") for link in feed.findall(f"{ATOM}link")}:
        found.append("no link to itself")
    for entry in entries:
        content = entry.find(f"{ATOM}content")
        if (
            content is None
            or content.get("type") != "text"
            or len(content)
            or not (content.text or "").strip()
        ):
            found.append("no text")
        if not all(part.get("term") for part in entry.findall(f"{ATOM}category")):
            found.append("a category without a term")
    ids = [entry.findtext(f"{ATOM}id") for entry in entries]
    return found + ([] if len(set(ids)) == len(ids) else ["an id twice"])


@pytest.mark.parametrize("role", [None, "analyst", "region"])
@pytest.mark.parametrize("lang", ["en", "ru", "kk"])
def test_the_feed_is_atom(client: httpx.Client, tokens: dict[str, str], role: str | None, lang: str) -> None:
    answer = client.get(f"/feeds/signals.atom?lang={lang}", headers=bearer(tokens.get(role or "")))
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == "application/atom+xml"
    assert faults(answer.content) == []
    feed = ElementTree.fromstring(answer.content)
    assert feed.get("{http://www.w3.org/XML/1998/namespace}lang") == lang
    # The addresses lead somewhere: to the map, and to the story of the cell as its caller may have it.
    for entry in feed.findall(f"{ATOM}entry")[:2]:
        links = {link.get("rel"): str(link.get("href")) for link in entry.findall(f"{ATOM}link")}
        assert f"lang={lang}" in urlsplit(links["alternate"]).fragment
        story = client.get(links["related"], headers=bearer(tokens.get(role or "")))
        assert story.status_code == 200, story.text


def test_the_public_edition_tells_public_figures_alone(client: httpx.Client, tokens: dict[str, str]) -> None:
    assert keys(client, None) == keys(client, tokens["public"]) == PUBLIC
    for kind in HIDDEN:
        assert keys(client, None, f"?signal={kind}") == set()
    for ending in ("atom", "geojson"):
        text = client.get(f"/feeds/signals.{ending}").text
        for word in (*HIDDEN, "evidence", "needs a check", "Beside the records"):
            assert word not in text, word
    features = client.get("/feeds/signals.geojson").json()["features"]
    assert all(one["geometry"]["type"] == "Point" for one in features)
    held = {column for one in features for column in one["properties"]["values"]}
    assert held <= {"count", "expected", "lower", "upper", "fired", "standing", "provisional"}


def test_the_analysts_feed_needs_a_token(client: httpx.Client, tokens: dict[str, str]) -> None:
    assert keys(client, tokens["analyst"]) == ANALYST
    told = client.get("/feeds/signals.atom", headers=bearer(tokens["analyst"]))
    assert "needs a check of the records" in told.text
    assert "private" in told.headers["cache-control"]
    # Of a region, its own alone; and a token that is none opens not even the public feed.
    region = keys(client, tokens["region"])
    assert region
    assert region < ANALYST
    assert "fall.09000.theft.2022-12" not in region
    for role in ("expired", "revoked", "forged"):
        answer = client.get("/feeds/signals.geojson", headers=bearer(tokens[role]))
        assert answer.status_code == 401
        assert "features" not in answer.text


def test_a_closed_server_tells_the_anonymous_nothing(store: Path, tokens: dict[str, str]) -> None:
    with calling(ServerSettings(store, edition="analyst", bounds=BOUNDS)) as made:
        for ending in ("atom", "geojson"):
            assert made.get(f"/feeds/signals.{ending}").status_code == 401
        assert keys(made, tokens["analyst"]) == ANALYST
