"""The server as HTTP: tags, packing, methods, cross-origin reading, errors, documents, and a test for each route."""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import httpx
import pytest
from live import live
from missing import need_web_map
from tiny import tiny_release

from gis_layers.errors import UsageError
from gis_layers.release import Store
from tile_server import ServerSettings
from tile_server.app import HOT
from tile_server.static import DIST

# One working address for every route; a route without one fails the first test below.
EXAMPLES = {
    "/": "/?f=json",
    "/conformance": "/conformance",
    "/api": "/api",
    "/catalogue": "/catalogue",
    "/collections": "/collections",
    "/collections/{layer}": "/collections/rating_latest",
    "/collections/{layer}/queryables": "/collections/rating/queryables",
    "/collections/{layer}/schema": "/collections/rating/schema",
    "/collections/{layer}/items": "/collections/rating/items?limit=5&lang=kk",
    "/collections/{layer}/items/{item}": "/collections/districts/items/01000",
    "/collections/{layer}/values": "/collections/safety/values",
    "/collections/{layer}/tiles": "/collections/safety/tiles",
    "/collections/{layer}/tiles/WebMercatorQuad": "/collections/safety/tiles/WebMercatorQuad",
    "/collections/{layer}/tiles/WebMercatorQuad/{z}/{row}/{col}": "/collections/safety/tiles/WebMercatorQuad/0/0/0",
    "/styles": "/styles",
    "/styles/{style}": "/styles/rating",
    "/explain": "/explain?district=01000&offence=theft&datetime=2022-08&lang=ru",
    "/feeds/signals.atom": "/feeds/signals.atom?lang=kk&level=4",
    "/feeds/signals.geojson": "/feeds/signals.geojson?offence=theft",
    "/messages/{language}.json": "/messages/kk.json",
}
BUILT_FROM_NPM = {"/glyphs/{fontstack}/{range}.pbf", "/assets/{name:path}", "/favicon.ico", "/favicon.svg"}

OF_POINTS = {"/collections/{layer}/coverage"}
"""This area has none: `tests/unit/test_of_points.py` asks for them."""


def test_every_route_has_an_example_here() -> None:
    assert {hot.path for hot in HOT} == set(EXAMPLES) | BUILT_FROM_NPM | OF_POINTS


@pytest.mark.parametrize("path", EXAMPLES.values())
def test_every_route_answers_with_a_tag_and_confirms_it(client: httpx.Client, server: str, path: str) -> None:
    first = client.get(path)
    assert first.status_code == 200, first.text[:300]
    tag = first.headers["etag"]
    assert client.get("/readyz").json()["release"] in tag
    assert first.headers["cache-control"]
    again = client.get(path, headers={"if-none-match": tag})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag)
    assert client.get(path, headers={"if-none-match": f'"x", W/{tag}'}).status_code == 304
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200
    head = client.head(path)
    assert (head.status_code, head.content, head.headers["etag"]) == (200, b"", tag)
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert client.request(method, path).status_code == 405
    assert "audan.invalid" not in first.text


@pytest.mark.parametrize("path", [path for path in EXAMPLES.values() if "?f=" not in path])
def test_every_route_refuses_what_it_does_not_know(client: httpx.Client, path: str) -> None:
    joint = "&" if "?" in path else "?"
    for query in ("nonsense=1", "f=nonsense"):
        answer = client.get(f"{path}{joint}{query}")
        assert answer.status_code == 400
        assert set(answer.json()) >= {"code", "description"}


def test_bodies_come_packed_and_equal(server: str) -> None:
    path = f"{server}/collections/rating/items?limit=100"
    plain = httpx.get(path, headers={"accept-encoding": "identity"})
    assert "content-encoding" not in plain.headers
    with httpx.stream("GET", path, headers={"accept-encoding": "gzip"}) as packed:
        raw = b"".join(packed.iter_raw())
    assert packed.headers["content-encoding"] == "gzip"
    assert gzip.decompress(raw) == plain.content
    assert len(raw) < len(plain.content) / 4
    assert "Accept-Encoding" in plain.headers["vary"]


def test_any_page_may_read_the_public_edition_and_none_the_analysts(server: str, public_server: str) -> None:
    page = {"origin": "https://flats.example"}
    assert (
        httpx.get(f"{public_server}/collections", headers=page).headers["access-control-allow-origin"] == "*"
    )
    asking = page | {
        "access-control-request-method": "GET",
        "access-control-request-headers": "if-none-match",
    }
    assert httpx.options(f"{public_server}/collections", headers=asking).status_code == 200
    assert "access-control-allow-origin" not in httpx.get(f"{server}/collections", headers=page).headers
    assert httpx.get(f"{server}/collections").headers["cache-control"].startswith("private")
    assert httpx.get(f"{public_server}/collections").headers["cache-control"].startswith("public")


def test_a_layer_that_the_edition_lacks_is_nowhere(public_server: str) -> None:
    for path in ("", "/items", "/values", "/tiles", "/tiles/WebMercatorQuad/0/0/0", "/schema", "/queryables"):
        assert httpx.get(f"{public_server}/collections/rating{path}").status_code == 404
    assert httpx.get(f"{public_server}/styles/rating").status_code == 404
    assert httpx.get(f"{public_server}/explain?district=01000").status_code == 404
    assert "rating" not in {layer["id"] for layer in httpx.get(f"{public_server}/catalogue").json()["layers"]}
    for path in ("/collections", "/api", "/"):
        assert not re.findall(r"collections/rating", httpx.get(public_server + path).text)


@pytest.mark.parametrize(
    "path",
    [
        "/nothing", "/collections/nothing", "/collections/%2e%2e%2fetc", "/messages/xx.json", "/messages/..%2Fen.json",
        "/glyphs/Nothing/0-255.pbf", "/assets/../app.py", "/assets/..%2f..%2fapp.py", "/assets/%00", "/openapi",
        "/collections/rating/items/%2e%2e%2f%2e%2e%2fcurrent", "/static/x", "/processes",
    ],
)  # fmt: skip
def test_what_is_not_there_is_404_and_names_no_file(client: httpx.Client, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "/" not in answer.json()["description"].replace("/collections", "")


def test_bad_hosts_and_endless_queries_are_refused(server: str) -> None:
    assert httpx.get(f"{server}/collections", headers={"host": "a b<script>"}).status_code == 400
    assert httpx.get(f"{server}/collections/rating/items?name={'x' * 5000}").status_code == 414


def test_conformance_does_not_grow(client: httpx.Client) -> None:
    lengths = set()
    for number in range(5):
        client.get("/conformance", params={"f": "html"})
        made = client.get("/conformance", headers={"if-none-match": f'"{number}"'}).json()["conformsTo"]
        lengths.add(len(made))
        assert len(set(made)) == len(made)
    assert len(lengths) == 1
    assert not [name for name in made if "create-replace-delete" in name]
    assert "http://www.opengis.net/spec/ogcapi-tiles-1/1.0/conf/mvt" in made


def test_the_landing_page_is_a_map_for_people_and_links_for_machines(client: httpx.Client) -> None:
    people = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    assert client.get("/", headers=people).headers["content-type"].startswith("text/html")
    assert client.get("/", headers={"accept": "*/*"}).headers["content-type"] == "application/json"
    made = client.get("/").json()
    assert made["invented"] is True
    for link in made["links"]:
        assert client.get(link["href"]).status_code == 200, link


def test_every_link_of_every_collection_works(client: httpx.Client) -> None:
    collections = client.get("/collections").json()["collections"]
    assert [c["id"] for c in collections] == [
        "districts", "offences", "peer_groups", "rating_latest", "rating", "safety_latest", "safety",
    ]  # fmt: skip
    for collection in collections:
        one = client.get(f"/collections/{collection['id']}").json()
        assert one["extent"]["spatial"]["bbox"]
        for link in one["links"]:
            answer = client.get(link["href"])
            assert answer.status_code == 200, link
            if link["type"] == "text/html":
                assert answer.headers["content-type"].startswith("text/html")


def test_the_openapi_document_lists_the_parameters_we_take(client: httpx.Client) -> None:
    made = client.get("/api").json()
    assert client.get("/api").headers["content-type"].startswith("application/vnd.oai.openapi+json")
    methods = {method for calls in made["paths"].values() for method in calls}
    assert methods == {"get"}
    calls = made["paths"]["/collections/rating/items"]["get"]["parameters"]
    known = {parameter.get("name", parameter.get("$ref", "").rsplit("/", 1)[-1]) for parameter in calls}
    assert {"datetime", "offence", "bbox", "limit", "level", "filter", "f", "lang"} <= known
    limit = next(parameter for parameter in calls if parameter.get("name") == "limit")
    assert limit["schema"]["maximum"] == 10_000
    served = {re.sub(r"\{[^}]+\}", "{}", hot.path) for hot in HOT} | {"/healthz", "/readyz"}
    for path in made["paths"]:
        generic = re.sub(r"/collections/[a-z_]+", "/collections/{}", re.sub(r"\{[^}]+\}", "{}", path))
        assert generic in served, path


def test_every_parameter_of_the_openapi_document_is_known_to_its_route(client: httpx.Client) -> None:
    document = client.get("/api").json()
    values = {
        "f": "json", "lang": "en", "limit": "1", "offset": "0", "bbox": "60,50,61,51", "bbox-crs": "EPSG:4326",
        "crs": "EPSG:3857", "filter-crs": "EPSG:4326", "filter": "level=1", "filter-lang": "cql2-text",
        "datetime": "2022-12", "offence": "all", "sortby": "district", "properties": "level", "columns": "level",
        "district": "01000", "signal": "rating", "parent": "A", "level": "1",
    }  # fmt: skip
    needs = {"bbox-crs": "bbox", "filter-crs": "filter", "filter-lang": "filter"}
    path_values = {"tileMatrix": "0", "tileRow": "0", "tileCol": "0", "layer": "rating", "language": "en"}
    asked = 0
    for path, calls in document["paths"].items():
        if path.startswith("/collections/") and not path.startswith("/collections/rating/"):
            continue
        address = path.replace("{featureId}", "01000.all.2022-12")
        for name, value in path_values.items():
            address = address.replace(f"{{{name}}}", value)
        for entry in calls["get"]["parameters"]:
            reference = entry.get("$ref", "")
            name = entry.get("name") or reference.rsplit("/", 1)[-1]
            if entry.get("in") == "path" or name == "featureId" or name not in values:
                continue
            kinds = entry.get("schema", {}).get("enum") or []
            value = "maplibre" if path == "/styles/{layer}" else values[name]
            value = value if not kinds or value in kinds else kinds[0]
            params = {name: value} | ({needs[name]: values[needs[name]]} if name in needs else {})
            if path == "/explain":
                params["district"] = "01000"
            answer = client.get(address, params=params)
            assert answer.status_code == 200 or "unknown parameter" not in answer.text, (
                path,
                name,
                answer.text,
            )
            asked += 1
    assert asked > 40


def test_the_map_and_its_glyphs_are_ours(client: httpx.Client) -> None:
    need_web_map(DIST)
    page = client.get("/", headers={"accept": "text/html"}).text
    found = re.findall(r'(?:src|href)="\.?/?(assets/[^"]+)"', page)
    assert found
    for name in found:
        answer = client.get(f"/{name}")
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert answer.headers["content-type"].split(";")[0] in (
            "text/javascript",
            "text/css",
            "image/svg+xml",
        )
    fonts = sorted(path.name for path in (DIST / "glyphs").iterdir() if path.is_dir())
    glyphs = client.get(f"/glyphs/Nothing,{fonts[0]}/1024-1279.pbf")
    assert (glyphs.status_code, glyphs.headers["content-type"]) == (200, "application/x-protobuf")
    assert client.get(f"/glyphs/{fonts[0]}/1024-1280.pbf").status_code == 404
    assert client.get("/favicon.svg").status_code == 200


def test_schemas_describe_every_column(client: httpx.Client, tiny_store: Store) -> None:
    columns = [
        column["name"] for column in tiny_store.current().edition("analyst").entry("rating")["columns"]
    ]
    made = client.get("/collections/rating/schema").json()["properties"]
    assert set(columns) <= set(made)
    known = client.get("/collections/rating/queryables").json()
    assert known["additionalProperties"] is False
    assert known["properties"]["level"]["type"] == "integer"
    assert known["properties"]["rate"]["type"] == "number"


def test_the_catalogue_says_what_the_map_needs(client: httpx.Client, tiny_store: Store) -> None:
    made = client.get("/catalogue").json()
    held = tiny_store.current().edition("analyst").catalogue
    assert made["layers"] == json.loads(json.dumps(held["layers"]))
    assert made["release"] == tiny_store.current().id
    assert made["languages"] == ["en", "ru", "kk"]
    assert made["basemap"] is None


def test_languages_by_parameter_and_by_header(client: httpx.Client) -> None:
    english, russian = (client.get("/collections/rating", params={"lang": lang}) for lang in ("en", "ru"))
    assert english.headers["content-language"] == "en"
    assert english.json()["title"] != russian.json()["title"]
    header = {"accept-language": "de, ru;q=0.8, en;q=0.5"}
    assert client.get("/collections/rating", headers=header).json() == russian.json()
    assert client.get("/collections/rating", params={"lang": "de"}).status_code == 400


def test_reasons_become_text_in_the_language_asked(client: httpx.Client) -> None:
    texts = [
        client.get("/collections/rating_latest/items/01000", params={"lang": lang}).json()["properties"][
            "text"
        ]
        for lang in ("en", "ru", "kk")
    ]
    assert len(set(texts)) == 3
    assert "text" not in client.get("/collections/rating_latest/items/01000").json()["properties"]


def test_health_says_what_is_served(client: httpx.Client, tiny_store: Store) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    made = client.get("/readyz").json()
    assert made == {"status": "ready", "release": tiny_store.current().id, "edition": "analyst"}
    assert client.get("/readyz").headers["cache-control"] == "no-store"


def test_a_public_address_stands_in_every_link(tmp_path: Path) -> None:
    store = tiny_release(tmp_path / "store")
    settings = ServerSettings(
        store.path, base_url="https://maps.example/audan/", basemap="https://maps.example/style"
    )
    with live(settings) as address:
        for path in ("/", "/collections", "/collections/safety/items", "/styles", "/api"):
            text = httpx.get(address + path).text
            assert "https://maps.example/audan" in text
            assert address not in text
        assert httpx.get(f"{address}/catalogue").json()["basemap"] == "https://maps.example/style"


def test_settings_are_checked_and_survive_the_way_to_a_worker(tmp_path: Path) -> None:
    made = ServerSettings(tmp_path, "analyst", "https://maps.example/", reload_seconds=3)
    assert ServerSettings.from_json(made.to_json()) == made
    for wrong in ({"edition": "secret"}, {"base_url": "maps.example"}, {"reload_seconds": -1}):
        with pytest.raises(UsageError):
            ServerSettings(tmp_path, **wrong)  # type: ignore[arg-type]
