"""Cards are placed, counted and spooled; each is counted once or quarantined for one reason."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from sources import book, cards, settings, squares

from gis_layers.errors import InputError
from gis_layers.sources import Intake, Tally, read_sources, read_spool

HEADER = "card,district,offence,committed,registered\n"
POINTS = {"x": "x", "y": "y", "offence": "offence", "committed": "committed"}


def intake(folder: Path, *tables: str, section: dict[str, Any] | None = None, **more: Any) -> Intake:
    for number, text in enumerate(tables):
        (folder / f"cards-{number}.csv").write_text(text, encoding="utf-8")
    area = settings(folder, cards=[cards("cards-*.csv") | (section or {})], **more)
    return read_sources(area, squares(), book(), spool=folder / "spool")


def spooled(found: Intake) -> list[dict[str, Any]]:
    assert found.cards is not None
    return [card for batch in read_spool(found.cards) for card in batch.to_pylist()]


def reasons(found: Intake) -> dict[int, str]:
    return dict(zip(found.quarantine["row"], found.quarantine["reason"], strict=True))


def test_cards_are_counted_by_the_date_that_the_area_names(tmp_path: Path) -> None:
    text = HEADER + "a,01,bike,2022-01-31,2022-02-01\nb,01,bike,2022-01-05 23:10,2022-01-31T08:00:00\n"
    registered = intake(tmp_path, text).counts
    committed = intake(tmp_path, text, area={"count_by": "committed"}).counts
    assert registered["month"].dt.month.tolist() == [1, 2]
    assert committed["month"].dt.month.tolist() == [1]
    assert committed["count"].tolist() == [2]


@pytest.mark.parametrize(
    ("newest", "complete"), [("2022-03-30", "2022-02"), ("2022-03-31", "2022-03"), ("2022-02-28", "2022-02")]
)
def test_the_last_complete_month_follows_the_newest_card(tmp_path: Path, newest: str, complete: str) -> None:
    text = HEADER + f"a,01,bike,2022-01-01,2022-01-01\nb,01,bike,2022-01-01,{newest} 10:00\n"
    assert intake(tmp_path, text).complete_until == complete


def test_every_card_is_counted_or_quarantined_for_one_reason(tmp_path: Path) -> None:
    lines = [
        "a,01,bike,2022-01-01,2022-01-02",
        "b,01,bike,yesterday,2022-01-02",
        "c,01,bike,2022-01-01,",
        "d,01,bike,2022-01-01,2222-01-02",
        "e,77,fraud,2022-01-01,2022-01-02",
        "f,01,fraud,2022-01-01,2022-01-02",
        "g,01,,2022-01-01,2022-01-02",
        "h,,bike,2022-01-01,2022-01-02",
        "i,01,severity-grave,2022-01-01,2022-01-02",
        "j,01,bike,,2022-01-02",
    ]
    found = intake(tmp_path, HEADER + "\n".join(lines) + "\n")
    assert reasons(found) == {
        3: "a date cannot be read",
        4: "no date",
        5: "a date is before 1900 or in the future",
        6: "district is not known",
        7: "offence is not in the codebook",
        8: "no offence",
        9: "no district",
        10: "a severity is no offence",
    }
    ledger = found.ledger.sources[0]
    assert (ledger.read, ledger.counted, ledger.balances) == (Tally(10, 10), Tally(2, 2), True)
    assert [card["card"] for card in spooled(found)] == ["a", "j"]


def test_a_category_is_counted_in_its_remainder(tmp_path: Path) -> None:
    found = intake(tmp_path, HEADER + "a,01,theft,2022-01-01,2022-01-02\nb,01,night,2022-01-01,2022-01-02\n")
    assert found.counts["offence"].tolist() == ["night", "theft-other"]
    assert "theft-other" in found.codebook.codes


def test_article_and_part_are_joined_and_a_missing_part_is_left_out(tmp_path: Path) -> None:
    codes = [{"code": "188"}, {"code": "188-1", "parent": "188"}]
    (tmp_path / "cards.csv").write_text("d,article,part,date\n01,188,1,2022-01-01\n01,188,,2022-01-01\n")
    columns = {"district": "d", "offence": ["article", "part"], "registered": "date"}
    area = settings(tmp_path, cards=[cards() | {"columns": columns}])
    found = read_sources(area, squares(), book(codes))
    assert found.counts["offence"].tolist() == ["188-1", "188-other"]


def test_duplicates_within_a_file_and_between_files(tmp_path: Path) -> None:
    first = HEADER + "a,01,bike,2022-01-01,2022-01-02\na,02,bike,2022-01-01,2022-01-02\n"
    first += (
        "b,01,shop,2022-01-01,2022-01-02\n,01,shop,2022-01-01,2022-01-02\n,01,shop,2022-01-01,2022-01-02\n"
    )
    second = HEADER + "b,01,bike,2022-01-01,2022-01-02\n"
    found = intake(tmp_path, first, second)
    ledger = found.ledger.sources[0]
    assert ledger.merged == {"duplicate_card": Tally(1, 1), "superseded": Tally(1, 1)}
    assert ledger.balances
    # Cards without an id are never taken for one another.
    assert found.counts[["district", "offence", "count"]].to_numpy().tolist() == [
        ["01", "bike", 1],
        ["01", "shop", 2],
        ["02", "bike", 1],
    ]
    assert found.revised[["file", "offence", "was", "now"]].to_numpy().tolist() == [
        ["cards-1.csv", "bike", 0, 1],
        ["cards-1.csv", "shop", 1, 0],
    ]
    assert [(card["card"], card["district"], card["offence"]) for card in spooled(found)] == [
        ("a", "02", "bike"),
        (None, "01", "shop"),
        (None, "01", "shop"),
        ("b", "01", "bike"),
    ]


def test_points_decide_where_no_district_is_named(tmp_path: Path) -> None:
    text = "district,x,y,offence,committed\n,61.5,50.5,bike,2022-01-01\n03,61.5,50.5,bike,2022-01-01\n"
    text += ",10,10,bike,2022-01-01\n,here,50.5,bike,2022-01-01\n,,50,bike,2022-01-01\n"
    section = {"columns": POINTS | {"district": "district"}}
    found = intake(
        tmp_path, text, section=section, area={"count_by": "committed"}, quarantine={"expected": ["point=*"]}
    )
    assert found.counts["district"].tolist() == ["02", "03"]
    assert reasons(found) == {4: "outside every district", 5: "a coordinate cannot be read", 6: "no district"}
    assert found.ledger.sources[0].unexpected == Tally(1, 1)
    assert found.unplaced["count"].sum() == 2


def test_points_in_metres_are_spooled_in_degrees(tmp_path: Path) -> None:
    x, y = gpd.GeoSeries([shapely.Point(60.5, 50.5)], crs=4326).to_crs(3857).get_coordinates().iloc[0]
    text = f"x,y,offence,committed\n{x},{y},bike,2022-01-01\n"
    found = intake(
        tmp_path, text, section={"columns": POINTS, "crs": "EPSG:3857"}, area={"count_by": "committed"}
    )
    (card,) = spooled(found)
    assert (card["district"], round(card["x"], 6), round(card["y"], 6)) == ("01", 60.5, 50.5)


@pytest.mark.parametrize("ending", ["csv", "parquet", "ndjson", "gpkg"])
def test_every_format_gives_the_same_cards(tmp_path: Path, ending: str) -> None:
    rng = np.random.default_rng(5)
    size = 5000
    days = pd.Timestamp("2022-01-01") + pd.to_timedelta(rng.integers(0, 300, size), "D")
    frame = pd.DataFrame(
        {
            "card": [f"c{number}" for number in range(size)],
            "district": rng.choice(["01", "02", "03"], size),
            "offence": rng.choice(["bike", "shop", "arson"], size),
            "committed": days.strftime("%Y-%m-%d"),
            "registered": days.strftime("%Y-%m-%dT12:00:00"),
        }
    )
    file = tmp_path / f"cards.{ending}"
    if ending == "csv":
        frame.to_csv(file, index=False)
    elif ending == "parquet":
        frame.assign(registered=days).to_parquet(file)
    elif ending == "ndjson":
        file.write_text("".join(json.dumps(row) + "\n" for row in frame.to_dict("records")), encoding="utf-8")
    else:
        points = gpd.GeoDataFrame(frame, geometry=[shapely.Point(60.5, 50.5)] * size, crs=4326)
        points.to_file(file)
    calls: list[tuple[int, int, str]] = []
    area = settings(tmp_path, cards=[cards(file.name, chunk_rows=1000)])
    found = read_sources(area, squares(), book(), lambda *call: calls.append(call), spool=tmp_path / "spool")
    expected = frame.groupby(["district", "offence", days.month]).size()
    assert found.counts["count"].tolist() == expected.tolist()
    assert calls[-1] == (size, 0, file.name)
    assert sum(batch.num_rows for batch in read_spool(tmp_path / "spool")) == size


def test_attributes_are_spooled_as_text(tmp_path: Path) -> None:
    text = "district,offence,registered,ward,place\n01,bike,2022-01-01,24,street\n01,bike,2022-01-01,,\n"
    columns = {"district": "district", "offence": "offence", "registered": "registered"}
    found = intake(
        tmp_path, text, section={"columns": columns | {"attributes": {"ward": "ward", "place_type": "place"}}}
    )
    assert [card["attributes"] for card in spooled(found)] == [
        {"ward": "24", "place_type": "street"},
        {"ward": None, "place_type": None},
    ]
    assert spooled(found)[0]["month"].isoformat() == "2022-01-01"


def test_the_date_that_counts_must_have_a_column(tmp_path: Path) -> None:
    columns = {"district": "district", "offence": "offence", "committed": "committed"}
    with pytest.raises(
        InputError, match=r"no column .*cards\[0\].columns.registered.*area.count_by from 'registered'"
    ):
        intake(tmp_path, HEADER, section={"columns": columns})


def test_a_failed_reading_leaves_no_spool(tmp_path: Path) -> None:
    text = HEADER + "a,1.0,bike,2022-01-01,2022-01-02\n"
    with pytest.raises(InputError, match="number with decimals"):
        intake(tmp_path, text)
    assert list((tmp_path / "spool").iterdir()) == []


def test_a_file_of_no_cards_is_an_empty_intake(tmp_path: Path) -> None:
    found = intake(tmp_path, HEADER)
    assert found.counts.empty
    assert found.ledger.balances
    assert spooled(found) == []
