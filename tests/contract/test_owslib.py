"""OWSLib's OGC API Features client walks the server."""

from __future__ import annotations

import pytest
from owslib.ogcapi.features import Features


@pytest.fixture(scope="module")
def features(server: str) -> Features:
    return Features(server)


def test_the_landing_page_leads_everywhere(features: Features) -> None:
    rels = {link["rel"] for link in features.links}
    assert {"self", "service-desc", "conformance", "data"} <= rels
    assert (
        "http://www.opengis.net/spec/ogcapi-features-1/1.0/conf/core" in features.conformance()["conformsTo"]
    )
    assert features.api()["openapi"].startswith("3.0")


def test_collections_are_features(features: Features) -> None:
    assert {"districts", "rating", "rating_latest"} <= set(features.feature_collections())
    assert features.collection("rating")["extent"]["temporal"]["interval"] == [
        ["2021-11-01", "2022-12-31"]
    ] or (features.collection("rating")["extent"]["temporal"]["interval"][0][0].startswith("2021-11-01"))


def test_items_by_box_time_and_property(features: Features) -> None:
    found = features.collection_items(
        "rating", bbox=[60.1, 50.1, 60.2, 50.2], datetime_="2022-03-01/2022-05-31", offence="theft", limit=50
    )
    assert found["numberMatched"] == found["numberReturned"] == 3
    assert {f["properties"]["month"] for f in found["features"]} == {"2022-03-01", "2022-04-01", "2022-05-01"}
    one = features.collection_item("rating", found["features"][0]["id"])
    assert one["properties"] == found["features"][0]["properties"]


def test_queryables_name_the_columns(features: Features) -> None:
    known = features.collection_queryables("rating")["properties"]
    assert {"district", "offence", "month", "level"} <= set(known)
    assert "reason" not in known
