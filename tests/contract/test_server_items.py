"""Items over HTTP: what is asked for is honoured, and what is not honoured is a 400."""

from __future__ import annotations

import csv
import io
import json

import httpx
import pytest
from tiny import DISTRICTS

from gis_layers.release import Store

CRS = "http://www.opengis.net/def/crs"
RATING = "/collections/rating/items"


def ids(client: httpx.Client, path: str, **params: str | int) -> list[str]:
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return [feature["id"] for feature in answer.json()["features"]]


def test_a_page_has_numbers_links_and_the_newest_month_first(client: httpx.Client) -> None:
    answer = client.get(RATING)
    made = answer.json()
    assert answer.headers["content-type"] == "application/geo+json"
    assert answer.headers["content-crs"] == f"<{CRS}/OGC/1.3/CRS84>"
    assert (made["numberMatched"], made["numberReturned"], len(made["features"])) == (9 * 4 * 14, 100, 100)
    first = made["features"][0]
    assert first["id"] == "01000.all.2022-12"
    assert first["properties"]["month"] == "2022-12-01"
    assert [feature["properties"]["offence"] for feature in made["features"][:9]] == ["all"] * 9
    assert isinstance(first["properties"]["reason"], list)


def test_following_next_reads_every_row_once_and_prev_leads_back(client: httpx.Client) -> None:
    seen: list[str] = []
    address: str | None = f"{RATING}?limit=90&offence=theft"
    while address:
        made = client.get(address).json()
        seen += [feature["id"] for feature in made["features"]]
        links = {link["rel"]: link["href"] for link in made["links"]}
        address = links.get("next")
    assert len(seen) == len(set(seen)) == 9 * 14
    assert [feature["id"] for feature in client.get(links["prev"]).json()["features"]] == seen[:90]


@pytest.mark.parametrize(
    ("datetime", "months"),
    [
        ("2022-03", {"2022-03"}),
        ("2022-03-15", {"2022-03"}),
        ("2022-03-31T23:59:59Z", {"2022-03"}),
        ("2021", {"2021-11", "2021-12"}),
        ("2022-10-31/2022-11-01", {"2022-10", "2022-11"}),
        ("../2021-12", {"2021-11", "2021-12"}),
        ("2022-11/..", {"2022-11", "2022-12"}),
        ("/2021-11-05", {"2021-11"}),
        ("2030-01/..", set()),
    ],
)
def test_datetime_chooses_the_months_it_meets(client: httpx.Client, datetime: str, months: set[str]) -> None:
    found = ids(client, RATING, datetime=datetime, limit=1000)
    assert {item.rsplit(".", 1)[1] for item in found} == months


@pytest.mark.parametrize(
    ("datetime", "count"), [("2022-12", 9), ("2022-06", 0), ("2022-10-05/2022-11-05", 18)]
)
def test_a_rolling_row_is_chosen_by_its_last_month_alone(
    client: httpx.Client, datetime: str, count: int
) -> None:
    assert len(ids(client, "/collections/safety/items", datetime=datetime)) == count


def test_offence_lists_and_star(client: httpx.Client) -> None:
    assert len(ids(client, RATING, offence="theft,burglary", datetime="2022-12")) == 18
    assert len(ids(client, RATING, offence="*", datetime="2022-12")) == 36
    assert ids(client, RATING, offence="unknown-code") == []


def test_the_latest_collection_has_one_row_per_district(client: httpx.Client) -> None:
    path = "/collections/rating_latest/items"
    assert ids(client, path) == list(DISTRICTS)
    made = client.get(path, params={"offence": "theft"}).json()["features"]
    assert {f["properties"]["offence"] for f in made} == {"theft"}
    assert {f["properties"]["month"] for f in made} == {"2022-12-01"}
    assert ids(client, path, datetime="2022-01") == []
    one = client.get(f"{path}/02000", params={"offence": "theft"}).json()
    assert (one["id"], one["properties"]["offence"]) == ("02000", "theft")
    assert client.get(f"{path}/02000").json()["properties"]["offence"] == "all"


def test_columns_filter_by_equality_whatever_their_type(client: httpx.Client) -> None:
    made = client.get(
        RATING, params={"level": 4, "standing": "false", "fired": "peers", "limit": 1000}
    ).json()
    assert made["numberMatched"] > 0
    for feature in made["features"]:
        values = feature["properties"]
        assert (values["level"], values["standing"], values["fired"]) == (4, False, "peers")
    assert len(ids(client, RATING, month="2022-08-01", offence="all")) == 9
    assert len(ids(client, "/collections/districts/items", district="01000,03000")) == 2
    assert ids(client, "/collections/districts/items", name="Ауданы 3") == ["03000"]


@pytest.mark.parametrize(
    ("condition", "holds"),
    [
        ("level >= 3 AND district = '04000'", lambda p: (p["level"] or 0) >= 3 and p["district"] == "04000"),
        ("NOT (level IN (0, 1, 2))", lambda p: p["level"] not in (None, 0, 1, 2)),
        ("count BETWEEN 10 AND 20", lambda p: p["count"] is not None and 10 <= p["count"] <= 20),
        ("count IS NULL", lambda p: p["count"] is None),
        ("fired LIKE 'p%'", lambda p: p["fired"].startswith("p")),
        ("CASEI(fired) = CASEI('PEERS')", lambda p: p["fired"] == "peers"),
        ("month > DATE('2022-11-01')", lambda p: p["month"] > "2022-11-01"),
        ("standing = TRUE OR points * 2 = 4", lambda p: p["standing"] or p["points"] == 2),
        ("S_INTERSECTS(geometry, POINT(60.1 50.1))", lambda p: p["district"] == "01000"),
        (
            "S_INTERSECTS(geometry, BBOX(60.1, 50.1, 60.6, 50.2))",
            lambda p: p["district"] in ("01000", "02000"),
        ),
        ("S_WITHIN(geometry, BBOX(59, 49, 60.6, 50.6))", lambda p: p["district"] == "01000"),
        ('{"op": ">=", "args": [{"property": "level"}, 5]}', lambda p: (p["level"] or 0) >= 5),
    ],
)
def test_cql2_filters(client: httpx.Client, condition: str, holds: object) -> None:
    every = client.get(RATING, params={"limit": 10000}).json()["features"]
    wanted = [feature["id"] for feature in every if holds(feature["properties"])]  # type: ignore[operator]
    assert 0 < len(wanted) < len(every)
    assert ids(client, RATING, filter=condition, limit=10000) == wanted


def test_filter_shapes_in_another_system(client: httpx.Client) -> None:
    condition = "S_INTERSECTS(geometry, POINT(50.1 60.1))"
    found = ids(
        client, "/collections/districts/items", filter=condition, **{"filter-crs": f"{CRS}/EPSG/0/4326"}
    )
    assert found == ["01000"]


def test_boxes_in_three_systems_and_over_the_antimeridian(client: httpx.Client) -> None:
    path = "/collections/districts/items"
    assert ids(client, path, bbox="60.1,50.1,60.2,50.2") == ["01000"]
    assert ids(client, path, bbox="60.1,50.1,0,60.2,50.2,9") == ["01000"]
    assert ids(client, path, bbox="50.1,60.1,50.2,60.2", **{"bbox-crs": f"{CRS}/EPSG/0/4326"}) == ["01000"]
    metres = "6690301,6463720,6701433,6481061"
    assert ids(client, path, bbox=metres, **{"bbox-crs": f"{CRS}/EPSG/0/3857"}) == ["01000"]
    assert ids(client, path, bbox="170,40,-170,60") == []
    assert len(ids(client, path, bbox="59,40,-170,60")) == 9


def test_answers_in_other_systems_keep_their_axis_order(client: httpx.Client) -> None:
    path = "/collections/districts/items/01000"
    assert [60.0, 50.0] in client.get(path).json()["geometry"]["coordinates"][0]
    turned = client.get(path, params={"crs": f"{CRS}/EPSG/0/4326"})
    assert [50.0, 60.0] in turned.json()["geometry"]["coordinates"][0]
    assert turned.headers["content-crs"] == f"<{CRS}/EPSG/0/4326>"
    metres = client.get(path, params={"crs": f"{CRS}/EPSG/0/3857"}).json()["geometry"]["coordinates"][0]
    assert [6679169.448, 6446275.841] in metres


def test_sorting_with_nulls_last(client: httpx.Client) -> None:
    made = client.get(RATING, params={"sortby": "-count,+district", "limit": 10000}).json()["features"]
    counts = [feature["properties"]["count"] for feature in made]
    known = [count for count in counts if count is not None]
    assert known == sorted(known, reverse=True)
    assert counts[len(known) :] == [None] * 4


def test_columns_chosen_keep_the_layers_order(client: httpx.Client) -> None:
    feature = client.get(RATING, params={"properties": "level,count", "limit": 1}).json()["features"][0]
    assert list(feature["properties"]) == ["count", "level"]
    assert client.get(RATING, params={"properties": "", "limit": 1}).json()["features"][0]["properties"] == {}


def test_csv_holds_the_same_rows(client: httpx.Client) -> None:
    answer = client.get(RATING, params={"f": "csv", "limit": 36, "datetime": "2021-11"})
    assert answer.headers["content-type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    made = client.get(RATING, params={"limit": 36, "datetime": "2021-11"}).json()["features"]
    assert [row["id"] for row in rows] == [feature["id"] for feature in made]
    assert [row["count"] for row in rows] == [
        "" if feature["properties"]["count"] is None else str(feature["properties"]["count"])
        for feature in made
    ]


def test_pages_for_people_need_no_other_host(client: httpx.Client) -> None:
    for path in (RATING, f"{RATING}/01000.all.2022-12", "/collections", "/collections/rating", "/api"):
        answer = client.get(path, params={"f": "html"})
        assert answer.headers["content-type"].startswith("text/html")
        for tag in ("src=", '<link rel="stylesheet"'):
            assert tag not in answer.text
    assert "01000.all.2022-12" in client.get(RATING, headers={"accept": "text/html"}).text


def test_one_item_by_its_id(client: httpx.Client, tiny_store: Store) -> None:
    made = client.get(f"{RATING}/03000.burglary.2022-05").json()
    rows = tiny_store.current().edition("analyst").read("rating", ("2022-05", "2022-05"), ["burglary"])
    row = rows.set_index("district").loc["03000"]
    assert made["properties"]["count"] == row["count"]
    assert made["properties"]["reason"] == json.loads(row["reason"])
    for wrong in (
        "03000.burglary.2022-5",
        "03000.burglary",
        "03000",
        "nobody.all.2022-05",
        "a.b.c.d",
        "..%2F..",
        "%00",
    ):
        assert client.get(f"{RATING}/{wrong}").status_code in (400, 404), wrong


@pytest.mark.parametrize(
    "query",
    [
        "nonsense=1", "limit=0", "limit=-1", "limit=ten", "limit=1&limit=2", "offset=-1", "offset=x", "bbox=1,2,3",
        "bbox=a,b,c,d", "bbox=1,9,2,3", "bbox=1,2,3,nan", "bbox=1,2,3,inf", "bbox-crs=EPSG:4326",
        "bbox=1,2,3,4&bbox-crs=EPSG:9999", "crs=EPSG:2154", "datetime=yesterday", "datetime=2022-13",
        "datetime=2022-02-30", "datetime=2022-05/2022-01", "datetime=1/2/3", "datetime=0000-01", "offence=../etc",
        "offence=", "sortby=nothing", "sortby=%2B-level", "sortby=reason", "properties=nothing", "level=high",
        "standing=maybe", "month=soon", "reason=x", "f=shp", "lang=xx", "filter=level", "filter=level%20%3E",
        "filter=nothing%3D1", "filter=level%3D'x'", "filter=DELETE(level)", "filter-lang=cql2-text",
        "filter=level%3D1&filter-lang=sql", "filter=%7B%7D", "filter=reason%20IS%20NULL",
        "filter=S_INTERSECTS(district,POINT(1%202))", "filter=" + "NOT(" * 800 + "level=1" + ")" * 800,
    ],
)  # fmt: skip
def test_what_is_unknown_or_not_honoured_is_a_400(client: httpx.Client, query: str) -> None:
    answer = client.get(f"{RATING}?{query}")
    assert answer.status_code == 400, answer.text[:300]
    made = answer.json()
    assert made["code"] == "InvalidParameterValue"
    assert made["description"]
    assert "Traceback" not in answer.text
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "query",
    [
        "datetime=2022-01",
        "offence=all",
        "bbox=1,2,3,4",
        "crs=EPSG:4326",
        "filter=S_INTERSECTS(geometry,POINT(1%202))",
    ],
)
def test_a_table_refuses_what_it_has_not(client: httpx.Client, query: str) -> None:
    assert client.get(f"/collections/peer_groups/items?{query}").status_code == 400


def test_a_limit_beyond_the_most_is_cut(client: httpx.Client) -> None:
    assert client.get(RATING, params={"limit": 99999}).json()["numberReturned"] == 504
