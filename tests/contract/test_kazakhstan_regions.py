"""Kazakhstan by region, from the Committee's own workbooks to the release: every figure and every refusal."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from gis_layers.cli import main
from gis_layers.release import Edition, open_store
from gis_layers.settings import load_area

pytestmark = pytest.mark.timeout(600)

DIVIDED = {"KZ10", "KZ19", "KZ33", "KZ35", "KZ62", "KZ63"}
CITIES = {"KZ71", "KZ75", "KZ79"}


def audan(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    run = subprocess.run(
        [sys.executable, "-m", "gis_layers.cli", *map(str, arguments)],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    return run


@cache
def explained(*arguments: str | Path) -> str:
    """What `audan explain` prints, asked in this process."""
    out = io.StringIO()
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(out):
        patch.setattr(sys, "argv", ["audan", "explain", *map(str, arguments)])
        try:
            main()
            code = 0
        except SystemExit as ended:
            code = int(ended.code or 0)
    assert code == 0
    return out.getvalue()


@pytest.fixture(scope="module")
def area(root: Path, audan_data: Path) -> Path:
    return root / "config" / "areas" / "kazakhstan-regions"


@pytest.fixture(scope="module")
def checked(area: Path) -> dict[str, Any]:
    return json.loads(audan("check", area, "--json").stdout)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def store(area: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("regions")
    audan("build", area, "--store", folder)
    return folder


@pytest.fixture(scope="module")
def analyst(store: Path) -> Edition:
    return open_store(store).current().edition("analyst")


@pytest.fixture(scope="module")
def rating(analyst: Edition) -> pd.DataFrame:
    return analyst.read("rating")


def of(rating: pd.DataFrame, offence: str) -> pd.DataFrame:
    return rating[rating["offence"] == offence].set_index("district")


def test_counts_are_those_of_every_line_that_is_listed(
    rating: pd.DataFrame, audan_data: Path, area: Path
) -> None:
    folder = audan_data / "kazakhstan" / "form_1m_2022"
    wide = pd.read_csv(folder / "form_1M_R1_2022_registered_wide.csv")
    wide["article"] = wide["article"].astype(str).str.replace(r"\.0$", "", regex=True)
    codes = pd.read_csv(area / "codes.csv", dtype=str)
    articles = codes[codes["labels"].fillna("").str.fullmatch(r"ст\.\d+(-\d+)?")]["code"]
    assert len(articles) == 120
    for code in articles:
        line = wide[wide["article"] == code].iloc[0]
        found = of(rating, code)["count"]
        assert found.to_dict() == {district: line[district] for district in found.index}, code
    for code, number in {
        "all": 1,
        "severity-misdemeanour": 2,
        "crimes": 3,
        "severity-minor": 4,
        "ch06": 107,
    }.items():
        line = wide[wide["line"] == number].iloc[0]
        assert of(rating, code)["count"].to_dict() == {d: line[d] for d in of(rating, code).index}
    assert of(rating, "all")["count"].sum() == 155_200


def test_misdemeanours_and_severities_stand_apart_and_are_not_summed(analyst: Edition) -> None:
    nodes = analyst.read("offences").set_index("offence")
    apart = [code for code in nodes.index if str(code).startswith("severity-") or code == "crimes"]
    assert len(apart) == 6
    assert not nodes.loc[apart, "additive"].any()


def test_eleven_regions_form_one_group_and_three_cities_are_too_few(
    analyst: Edition, rating: pd.DataFrame
) -> None:
    groups = analyst.read("peer_groups").set_index("peer_group")
    assert groups["size"].to_dict() == {"city-1": 3, "region-1": 11}
    cities = rating[rating["district"].isin(CITIES)]
    assert (cities["level"] == 0).all()
    said = '[{"code":"rating.no_peers","values":{}},{"code":"own.yearly","values":{}}]'
    assert (cities["reason"] == said).all()
    assert of(cities, "all")["rate"].notna().all()
    judged = of(rating, "all").drop(index=[*DIVIDED, *CITIES])
    assert len(judged) == 11
    assert judged["level"].between(1, 5).all()


def test_naive_rates_are_refused_where_regions_were_divided(rating: pd.DataFrame, analyst: Edition) -> None:
    divided = rating[rating["district"].isin(DIVIDED)]
    computed = [
        "rate",
        "rate_smoothed",
        "expected",
        "lower",
        "upper",
        "p_peers",
        "magnitude",
        "level",
        "points",
    ]
    assert divided[computed].isna().all().all()
    assert divided["count"].notna().all()
    assert divided["population"].notna().all()
    assert (divided["reason"] == '[{"code":"rating.boundaries","values":{}}]').all()
    safety = analyst.read("safety").set_index("district")
    assert safety.loc[sorted(DIVIDED), "rate"].isna().all()
    for language, word in {"en": "borders", "ru": "Границы", "kk": "шекарасы"}.items():
        assert safety.loc[sorted(DIVIDED), f"text_{language}"].str.contains(word).all()


def test_only_the_peer_half_is_there_and_says_why(rating: pd.DataFrame) -> None:
    assert rating["p_own"].isna().all()
    assert rating["points_12m"].isna().all()
    judged = rating[rating["level"] > 0]
    assert judged["reason"].str.contains("rating.yearly").all()
    assert set(judged["fired"]) <= {"none", "peers"}


def test_layers_of_change_on_a_year_are_there_or_say_why_not(analyst: Edition) -> None:
    dynamics = analyst.read("dynamics")
    assert len(dynamics) == 20 * 179
    assert (dynamics["signal"] == "too_few").all()
    assert (
        dynamics[["expected", "p_rise", "p_fall", "change_month", "change_year", "evidence"]]
        .isna()
        .all()
        .all()
    )
    structure = analyst.read("structure")
    mixes = structure[structure["offence"] == "all"].set_index("district")
    assert not set(mixes.index) & CITIES  # three are no group to hold a mix against
    assert mixes["p_value"].between(0, 1).all()
    assert structure["share_own_year"].isna().all()
    assert {one["id"]: one["reason"]["code"] for one in analyst.catalogue["absent"]} == {
        "completeness": "absent.no_cards",
        "clusters": "absent.not_by_month",
        "spread_paths": "absent.not_by_month",
        **dict.fromkeys(("hotspot_cells", "density", "near_repeat"), "absent.no_points"),
    }


@pytest.mark.parametrize(
    ("district", "said"),
    [
        ("KZ27", {
            "en": "Compared with similar districts alone", "ru": "Сравнение только с похожими районами",
            "kk": "Тек ұқсас аудандармен салыстырылды",
        }),
        ("KZ71", {
            "en": "Too few similar districts", "ru": "Слишком мало сопоставимых районов",
            "kk": "ұқсас аудандар тым аз",
        }),
        ("KZ71", {
            "en": "figures by the year are too few", "ru": "годовых данных для этого", "kk": "жылдық деректер бұған",
        }),
        ("KZ10", {"en": "The borders of this district changed", "ru": "Границы", "kk": "шекарасы"}),
        ("KZ10", {"en": "June 2022: Abay, Zhetysu", "ru": "июнь 2022", "kk": "2022 ж. маусым"}),
    ],
)  # fmt: skip
def test_explain_gives_the_reason_in_every_language(store: Path, district: str, said: dict[str, str]) -> None:
    for language, text in said.items():
        told = explained(district, "--store", store, "--lang", language)
        assert text in told.replace("\u202f", " "), told
    story = json.loads(explained(district, "--store", store, "--json"))
    assert story["cell"]["p_own"] is None
    assert (story["cell"]["rate"] is None) == (district in DIVIDED)


def test_explain_sets_misdemeanours_and_severities_apart(store: Path) -> None:
    story = json.loads(explained("KZ11", "--store", store, "--json"))
    counts = {one["offence"]: one["count"] for one in story["severities"]}
    assert counts["severity-misdemeanour"] + 4535 == story["cell"]["count"] == 5317
    assert [one["offence"] for one in story["parts"] if not one["additive"]] == ["crimes"]
    assert sum(one["count"] for one in story["parts"] if one["additive"]) == 5317


def test_the_ledger_names_the_cell_of_every_figure(store: Path, rating: pd.DataFrame) -> None:
    release = store / "releases" / (store / "current").read_text().strip()
    ledger = json.loads((release / "ledger.json").read_text())
    form = ledger["sources"][0]
    assert ledger["balances"]
    assert form["read"]["rows"] == 20 * 422
    assert form["unexpected"]["rows"] == 0
    files = {file["district"]: file for file in form["files"]}
    assert len(files) == 20
    assert files["KZ27"]["file"] == "West-Kazakhstan Region.XLSX"
    assert files["KZ27"]["sheet"] == "R1"
    assert files["KZ27"]["cells"]["all"] == "F7"
    assert files["KZ27"]["cells"]["188"] == "F115"
    assert "зарегистрированных в ЕРДР" in files["KZ27"]["graph"]
    named = sum(len(file["cells"]) for file in files.values())
    assert named == form["counted"]["rows"] == 3200


def test_check_finds_the_one_severity_that_does_not_add_up(checked: dict[str, Any]) -> None:
    wrong = [one for one in checked["findings"] if one["code"] == "check.sum"]
    (only,) = wrong
    said = only["values"]
    assert (said["district"], said["offence"]) == ("KZ11", "crimes")
    assert (said["whole"], said["sum"], said["difference"]) == (4535, 4534, -1)
    assert (said["file"], said["sheet"], said["cells"]) == (
        "Akmola Region.XLSX", "R1", ["F9", "F10", "F11", "F12", "F13"],
    )  # fmt: skip
    held = next(one["values"] for one in checked["findings"] if one["code"] == "check.sums_held")
    assert held == {"n": 420, "held": 419}


def test_check_shows_the_published_table_to_be_wrong(checked: dict[str, Any]) -> None:
    for table in ("published-counts", "published-clearance"):
        said = {
            one["code"]: one["values"] for one in checked["findings"] if one["values"].get("table") == table
        }
        graph = said["check.control_graph"]
        assert (graph["matching"], graph["n"], graph["their_graph"], graph["our_graph"]) == (19, 20, "1", "2")
        assert (graph["their_sum"], graph["our_sum"]) == (181_367, 155_200)
        other = said["check.control_other"]
        assert (other["district"], other["other"], other["published"], other["true"]) == (
            "KZ27",
            "KZ33",
            2306,
            6927,
        )
        assert (other["other_file"], other["other_cell"]) == ("Zhetysu Region.XLSX", "E7")
        assert other["own_file"] == "West-Kazakhstan Region.XLSX"
    assert said["check.control_part"]["part"] == 2416


def test_check_says_it_in_words(area: Path) -> None:
    told = audan("check", area).stderr
    assert "Akmola Region, 2022: Crimes (without misdemeanours) is 4,535, but its parts make 4,534" in told
    assert "that is the figure of Zhetysu Region" in told


def test_the_period_is_said_to_be_inferred(analyst: Edition, area: Path) -> None:
    catalogue = analyst.catalogue
    assert "2022 is inferred" in catalogue["area"]["attribution"]
    assert catalogue["area"]["complete_until"] == "2022-12"
    layer = next(one for one in catalogue["layers"] if one["id"] == "rating")
    assert (layer["period"], layer["months"]) == ("year", ["2022-01"])
    assert load_area(area).forms[0].period == "2022"


def test_explain_and_export_speak_of_the_year(store: Path, tmp_path: Path) -> None:
    told = audan("explain", "KZ27", "--store", store).stdout
    assert told.startswith("West Kazakhstan Region (KZ27), All offences, 2022\n")
    assert "Compared with 10 similar districts" in told
    output = tmp_path / "rating.csv"
    audan(
        "export",
        "rating",
        "--store",
        store,
        "--edition",
        "analyst",
        "--month",
        "2022-08",
        "--offence",
        "all",
        "--output",
        output,
    )
    opened = pd.read_csv(output).set_index("district")
    assert opened["count"].sum() == 155_200
    np.testing.assert_allclose(opened.loc["KZ27", "rate"], 86.1599, rtol=1e-4)
