"""The panel: not collected is never zero, totals win, remainders and severities follow, invariants hold."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from sources import CODES, book, cards, long_counts, settings, squares

from gis_layers.codes import Codebook
from gis_layers.districts import Districts
from gis_layers.errors import SystemFault
from gis_layers.panel import build_panel, check_panel, panel_codebook
from gis_layers.sources import read_sources

HEADER = "district,offence,month,count\n"


def panel(
    folder: Path,
    text: str,
    *,
    codes: Codebook | None = None,
    districts: Districts | None = None,
    counts: dict[str, Any] | None = None,
    **more: Any,
) -> xr.Dataset:
    (folder / "counts.csv").write_text(HEADER + text, encoding="utf-8")
    area = settings(folder, counts=[long_counts() | (counts or {})], **more)
    where, what = districts or squares(), codes or book()
    return build_panel(area, read_sources(area, where, what), where, what)


def series(found: xr.Dataset, district: str, offence: str) -> list[float | None]:
    values = found["count"].sel(district=district, offence=offence).values
    return [None if np.isnan(value) else float(value) for value in values]


def test_what_was_not_delivered_is_not_zero(tmp_path: Path) -> None:
    found = panel(tmp_path, "01,bike,2022-01,1\n01,shop,2022-01,2\n01,bike,2022-03,0\n02,bike,2022-01,4\n")
    assert found["month"].dtype == "datetime64[s]"
    assert found["month"].dt.strftime("%Y-%m").values.tolist() == ["2022-01", "2022-02", "2022-03"]
    assert series(found, "01", "bike") == [1, None, 0]
    assert series(found, "01", "theft") == [
        3,
        None,
        None,
    ]  # shop was delivered before, so its sum is not known
    assert series(found, "02", "theft") == [None, None, None]
    assert series(found, "03", "all") == [None, None, None]
    assert series(found, "01", "arson") == [None, None, None]
    assert series(found, "01", "severity-minor") == [1, None, 0]
    assert "population" not in found


def test_absent_rows_are_zero_where_the_area_says_so(tmp_path: Path) -> None:
    text = "01,bike,2022-01,1\n02,shop,2022-01,4\n01,shop,2022-02,\n02,bike,2022-02,2\n"
    found = panel(tmp_path, text, area={"absent_row": "zero"})
    assert series(found, "01", "bike") == [1, 0]
    assert series(found, "01", "shop") == [0, None]  # delivered empty: not collected
    assert series(found, "01", "theft") == [1, None]
    assert series(found, "02", "all") == [4, 2]
    assert series(found, "03", "bike") == [None, None]  # never shown: not collected
    found = panel(tmp_path, text + "03,bike,2022-02,0\n", area={"absent_row": "zero"})
    assert series(found, "03", "shop") == [None, 0]  # joined in February
    assert series(found, "01", "arson") == [None, None]


def test_a_part_that_begins_later_leaves_the_sums_before_it_standing(tmp_path: Path) -> None:
    found = panel(tmp_path, "01,bike,2022-01,1\n01,bike,2022-02,2\n01,shop,2022-02,5\n")
    assert series(found, "01", "theft") == [1, 7]


def test_a_part_that_is_no_longer_in_force_is_not_missed(tmp_path: Path) -> None:
    codes = [dict(row) for row in CODES]
    text = "01,bike,2022-01,1\n01,shop,2022-01,2\n01,bike,2022-02,4\n"
    assert series(panel(tmp_path, text), "01", "theft") == [3, None]
    codes[2]["valid_to"] = "2022-01-31"
    assert series(panel(tmp_path, text, codes=book(codes)), "01", "theft") == [3, 4]


def test_zeros_are_not_filled_in_where_an_offence_is_not_in_force(tmp_path: Path) -> None:
    codes = [dict(row) for row in CODES]
    codes[2]["valid_from"] = "2022-02-01"
    text = "01,bike,2022-01,1\n02,bike,2022-02,1\n02,shop,2022-02,2\n"
    found = panel(tmp_path, text, codes=book(codes), area={"absent_row": "zero"})
    assert series(found, "01", "shop") == [None, 0]
    assert series(found, "01", "theft") == [1, 0]


def test_a_delivered_total_wins_and_the_rest_is_a_node(tmp_path: Path) -> None:
    text = "01,theft,2022-01,10\n01,bike,2022-01,3\n01,shop,2022-01,4\n01,arson,2022-01,1\n"
    text += (
        "01,bike,2022-02,3\n01,shop,2022-02,4\n01,arson,2022-02,0\n02,theft,2022-01,9\n02,arson,2022-01,0\n"
    )
    found = panel(tmp_path, text)
    assert series(found, "01", "theft") == [10, 7]
    assert series(found, "01", "theft-other") == [3, None]
    assert series(found, "01", "all") == [11, 7]
    assert series(found, "02", "theft") == [9, None]
    assert series(found, "02", "theft-other") == [9, None]
    assert json.loads(found.attrs["negative_remainders"]) == []
    codes = panel_codebook(found, book())
    assert codes.codes == found["offence"].values.tolist()
    assert found["kind"].sel(offence="theft-other").item() == "other"


def test_a_negative_remainder_is_reported(tmp_path: Path) -> None:
    found = panel(tmp_path, "01,theft,2022-01,5\n01,bike,2022-01,3\n01,shop,2022-01,4\n01,arson,2022-01,1\n")
    assert series(found, "01", "theft") == [5]
    assert series(found, "01", "theft-other") == [0]
    assert series(found, "01", "all") == [6]
    assert json.loads(found.attrs["negative_remainders"]) == [
        {"district": "01", "offence": "theft", "month": "2022-01", "remainder": -2}
    ]


def test_lines_that_are_not_summed_are_loaded_as_they_are(tmp_path: Path) -> None:
    found = panel(tmp_path, "01,bike,2022-01,3\n01,shop,2022-01,4\n01,night,2022-01,5\n")
    assert series(found, "01", "night") == [5]
    assert series(found, "01", "theft") == [7]


def test_incomplete_and_provisional_months(tmp_path: Path) -> None:
    text = "".join(f"01,bike,2022-{month:02},1\n" for month in range(1, 7))
    found = panel(tmp_path, text, area={"complete_until": "2022-05", "revision_months": 1})
    assert found["incomplete"].values.tolist() == [False] * 5 + [True]
    assert found["provisional"].values.tolist() == [False] * 4 + [True, True]
    assert found.attrs["complete_until"] == "2022-05"


def test_months_are_summed_to_quarters_only_if_all_were_collected(tmp_path: Path) -> None:
    text = "".join(f"01,bike,2022-{month:02},{month}\n" for month in (1, 2, 3, 4, 6, 7))
    found = panel(tmp_path, text, area={"period": "quarter", "complete_until": "2022-06"})
    assert found["month"].dt.strftime("%Y-%m").values.tolist() == ["2022-01", "2022-04", "2022-07"]
    assert series(found, "01", "bike") == [6, None, 7]
    assert found["incomplete"].values.tolist() == [False, False, True]


def test_figures_of_years(tmp_path: Path) -> None:
    people = {"path": "people.csv", "columns": {"district": "d", "period": "y", "population": "n"}}
    (tmp_path / "people.csv").write_text("d,y,n\n01,2021,1000\n02,2021,0\n", encoding="utf-8")
    found = panel(
        tmp_path,
        "01,bike,2021,5\n01,bike,2022,6\n",
        counts={"period_format": "%Y"},
        area={"period": "year"},
        population=[people],
    )
    assert series(found, "01", "all") == [5, 6]
    assert found["population"].sel(district="01").values.tolist() == [1000, 1000]
    assert np.isnan(found["population"].sel(district=["02", "03"]).values).all()
    assert found["incomplete"].values.tolist() == [False, False]


def test_divided_ground_has_no_data_before(tmp_path: Path) -> None:
    rows = [("01", "01", 0.6), ("01", "02", 0.4)]
    table = pd.DataFrame(rows, columns=["old", "new", "weight"]).assign(valid_from=dt.date(2022, 2, 1))
    text = "01,bike,2022-01,5\n01,bike,2022-02,3\n02,bike,2022-02,2\n03,bike,2022-01,1\n"
    found = panel(tmp_path, text, districts=squares(crosswalk=table), area={"absent_row": "zero"})
    assert series(found, "01", "bike") == [None, 3]
    assert series(found, "02", "bike") == [None, 2]
    assert series(found, "03", "bike") == [1, 0]


def test_cards_that_name_a_category_are_its_remainder(tmp_path: Path) -> None:
    text = "card,district,offence,committed,registered\na,01,theft,,2022-01-02\nb,01,bike,,2022-01-03\n"
    (tmp_path / "cards.csv").write_text(text + "c,01,bike,,2022-02-03\n", encoding="utf-8")
    area = settings(tmp_path, cards=[cards()])
    found = build_panel(area, read_sources(area, squares(), book()), squares(), book())
    assert series(found, "01", "theft") == [2, 1]
    assert series(found, "01", "theft-other") == [1, 0]


def test_an_area_without_figures_has_a_panel_of_its_population(tmp_path: Path) -> None:
    people = {"path": "people.csv", "columns": {"district": "d", "population": "n"}, "day": "2023-01-01"}
    (tmp_path / "people.csv").write_text("d,n\n01,1000\n", encoding="utf-8")
    area = settings(tmp_path, population=[people])
    found = build_panel(area, read_sources(area, squares(), book()), squares(), book())
    assert found["population"].sel(district="01").values.tolist() == [1000]
    assert np.isnan(found["count"].values).all()


@pytest.mark.parametrize(
    ("value", "message"),
    [(1.5, "fractional"), (-1, "negative"), (9, "not the sum of its parts"), (np.inf, "infinite")],
)
def test_a_broken_panel_is_found(tmp_path: Path, value: float, message: str) -> None:
    found = panel(tmp_path, "01,bike,2022-01,3\n01,shop,2022-01,4\n")
    check_panel(found, book())
    found["count"].values[:, found["offence"].values.tolist().index("bike"), :] = value
    with pytest.raises(SystemFault, match=message):
        check_panel(found, book())
