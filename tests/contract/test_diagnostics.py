"""The diagnoses on real data: what is known of London and Chicago is found, and said in words and JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gis_layers import pipeline
from gis_layers.codes import breaks_for
from gis_layers.diagnostics import Finding
from gis_layers.messages import LANGUAGES

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def london(root: Path, audan_data: Path) -> pipeline.Inputs:
    return pipeline.check(root / "config" / "areas" / "london")


def said(inputs: pipeline.Inputs, code: str) -> list[dict[str, Any]]:
    return [dict(one.values) for one in inputs.findings if one.code == code]


def test_every_declared_break_of_london_is_seen(london: pipeline.Inputs) -> None:
    assert said(london, "check.break_unseen") == []
    found = {(one["break"], one["offence"]): one for one in said(london, "check.break_declared")}
    assert set(found) == {
        ("action-fraud", "fraud"), ("race-aggravated", "hate-public-fear"), ("recording-2014", "violence"),
        ("recording-2014", "public-order"), ("burglary-2017", "burglary-dwelling"),
        ("burglary-2017", "burglary-business"),
    }  # fmt: skip
    assert found["action-fraud", "fraud"]["ratio"] < 0.01
    assert found["race-aggravated", "hate-public-fear"]["ratio"] > 3
    assert 1.2 < found["recording-2014", "violence"]["ratio"] < 1.4
    assert 1.3 < found["burglary-2017", "burglary-dwelling"]["ratio"] < 1.5
    assert found["recording-2014", "violence"]["n"] >= 28


def test_the_dates_are_found_without_being_told(root: Path, audan_data: Path, tmp_path: Path) -> None:
    folder = tmp_path / "london"
    folder.mkdir()
    for file in (root / "config" / "areas" / "london").glob("*"):
        (folder / file.name).write_bytes(file.read_bytes())
    text = (folder / "area.toml").read_text(encoding="utf-8")
    start, end = text.index("[[breaks]]"), text.index("[[population]]")
    (folder / "area.toml").write_text(text[:start] + text[end:], encoding="utf-8")
    found = {(one["offence"], one["month"]): one for one in said(pipeline.check(folder), "check.break_found")}
    for offence, months in {
        "fraud-and-forgery": ["2013-02", "2013-03"],
        "hate-public-fear": ["2012-03", "2012-04", "2012-05"],
        "public-fear": ["2014-04", "2014-05", "2014-06"],
        "violence-without-injury": ["2014-04", "2014-05", "2014-06", "2014-07"],
        "burglary-dwelling": ["2017-04"],
        "burglary-business": ["2017-04"],
    }.items():
        assert any((offence, month) in found for month in months), offence


def test_breaks_beyond_the_declared_ones_are_listed(london: pipeline.Inputs) -> None:
    found = {(one["offence"], one["month"]) for one in said(london, "check.break_found")}
    assert ("theft-person", "2013-12") in found
    assert not {one for one in found if one[0] in ("fraud", "fraud-and-forgery", "hate-public-fear")}
    assert said(london, "check.break_after_span")


def test_no_month_of_london_learns_from_the_other_side(london: pipeline.Inputs) -> None:
    months = np.arange("2010-04", "2023-03", dtype="datetime64[M]")
    found = breaks_for(london.settings, london.codebook, months)
    row = london.codebook.row_of
    covid = (months >= np.datetime64("2020-03")) & (months <= np.datetime64("2021-06"))
    assert (found[:, covid] == -1).all()
    fraud = found[row["fraud-and-forgery"]]
    assert fraud[months < np.datetime64("2013-02")].tolist() == [0] * 34
    assert set(fraud[(months > np.datetime64("2013-02")) & ~covid]) == {1}
    assert set(found[row["robbery"]][~covid]) == {0}
    assert set(found[row["homicide"]]) == {-1, 0, 1}


def test_every_finding_can_be_said_in_every_language(london: pipeline.Inputs) -> None:
    for one in london.findings:
        for language in LANGUAGES:
            assert one.text(language)
    plain = london.findings[0].as_dict()
    assert set(plain) == {"kind", "code", "alarm", "values", "text"}


def test_chicago_heaps_at_full_hours_and_midnight(root: Path, audan_data: Path) -> None:
    inputs = pipeline.check(root / "config" / "areas" / "chicago")
    heaps = {one["kind"]: one for one in said(inputs, "check.heaping")}
    assert heaps["full_hour"]["percent"] == pytest.approx(32, abs=0.5)
    assert heaps["midnight"]["times"] > 10
    assert heaps["first_of_month"]["percent"] < 4.5
    alarms = {one.values["kind"] for one in inputs.findings if one.kind == "heaping" and one.alarm}
    assert alarms == {"full_hour", "midnight"}
    (twins,) = said(inputs, "check.duplicates")
    assert twins["n"] == 161
    assert not [one for one in inputs.findings if one.kind == "place"]


def test_the_kazakh_crosswalk_says_what_was_not_read(root: Path, audan_data: Path) -> None:
    inputs = pipeline.check(root / "config" / "areas" / "kazakhstan")
    (unread,) = said(inputs, "check.unread")
    assert (unread["n"], unread["of"]) == (47, 50)
    assert "105→108 (C)" in unread["codes"]
    (turned,) = said(inputs, "check.two_articles")
    assert turned["codes"] == "100, 101, 103, 104, 106, 107, 255, 296, 99"
    families: list[Finding] = [one for one in inputs.findings if one.code == "check.family"]
    assert [one.values["family"] for one in families] == ["188_188-1", "296_297", "345_345-1"]
