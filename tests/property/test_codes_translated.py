"""Old codes in sources: totals are conserved whatever the crosswalk, shares are kept, nothing is guessed."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest
from hypothesis import example, given
from hypothesis import settings as example_settings
from hypothesis import strategies as st
from sources import cards, long_counts, settings, squares

from gis_layers.codes import Codebook, Translator
from gis_layers.codes.load import codebook_from
from gis_layers.diagnostics.crosswalk import check_crosswalk
from gis_layers.errors import InputError
from gis_layers.panel import build_panel
from gis_layers.sources import read_sources

TODAY = ("50", "51", "52", "60", "61", "10")
BOOK = codebook_from(
    [
        {"code": "own"},
        {"code": "50", "parent": "own", "severity": "minor"},
        {"code": "51", "parent": "own", "severity": "minor"},
        {"code": "52", "parent": "own", "severity": "grave"},
        {"code": "60"},
        {"code": "61", "parent": "60", "severity": "grave"},
        {"code": "10", "severity": "minor"},
    ]
)
FORMER = ("1", "2", "3", "10", "50")
DAY = pd.Timestamp("2015-01-01").date()
LATER = pd.Timestamp("2015-03-01").date()


def changes(rows: list[tuple[str, str, object, float | None, str | None]]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["old", "new", "valid_from", "weight", "confidence"])
    return frame.astype({"weight": float})


@st.composite
def crosswalks(draw: st.DrawFn) -> pd.DataFrame:
    rows: list[tuple[str, str, object, float | None, str | None]] = []
    for old in draw(st.lists(st.sampled_from(FORMER), unique=True, min_size=1)):
        new = draw(st.lists(st.sampled_from(TODAY), unique=True, min_size=1, max_size=3))
        kind = draw(st.sampled_from(["known", "unknown", "part"]))
        parts = draw(st.lists(st.integers(1, 5), min_size=len(new), max_size=len(new)))
        day = (
            draw(st.sampled_from([DAY, LATER, None]))
            if old not in TODAY
            else draw(st.sampled_from([DAY, LATER]))
        )
        for code, part in zip(new, parts, strict=True):
            weight = (
                part / sum(parts)
                if kind == "known"
                else None
                if kind == "unknown"
                else 0.5 * part / sum(parts)
            )
            rows.append((old, code, day, weight, draw(st.sampled_from(["A", "B", "C", None]))))
    return changes(rows)


CELLS = st.dictionaries(
    st.tuples(
        st.sampled_from(["01", "02"]),
        st.sampled_from(sorted({*FORMER, *TODAY})),
        st.sampled_from(["2014-11", "2014-12", "2015-01", "2015-02", "2015-04"]),
    ),
    st.integers(0, 40),
    min_size=1,
)


# An article divided by shares, one of which was divided again into a category and its part: what the category has
# beyond the part is no node of today's codebook.
AGAIN = changes(
    [
        ("2", "50", DAY, 0.5, "A"),
        ("2", "10", DAY, 0.5, "A"),
        ("10", "60", LATER, 0.5, "A"),
        ("10", "61", LATER, 0.5, "A"),
    ]
)
# The same, but the second time by unknown shares: the share is a family, which the codebook must be given.
AGAIN_UNKNOWN = changes(
    [
        ("2", "50", DAY, 0.5, "A"),
        ("2", "10", DAY, 0.5, "A"),
        ("10", "51", LATER, None, "A"),
        ("10", "52", LATER, None, "A"),
    ]
)


# A category that holds all the others of its family: its remainder has a severity, and a delivered total changes it.
NESTED = changes([("1", "60", DAY, 0.5, "A"), ("1", "61", DAY, 0.5, "A")])


RENAMED_THEN_DIVIDED = changes(
    [("2", "50", None, None, "A"), ("50", "51", DAY, 0.5, "A"), ("50", "52", DAY, 0.5, "A")]
)


@example_settings(deadline=None, max_examples=60)
@given(crosswalks(), CELLS, st.booleans())
@example(NESTED, {("01", "1", "2014-11"): 0, ("01", "60", "2014-11"): 1}, True)
@example(AGAIN, {("01", "2", "2014-11"): 7, ("01", "10", "2015-02"): 3}, True)
@example(AGAIN_UNKNOWN, {("01", "2", "2014-11"): 7, ("01", "51", "2015-04"): 3}, True)
def test_totals_are_conserved_from_the_table_to_the_panel(
    crosswalk: pd.DataFrame, cells: dict[tuple[str, str, str], int], zeros: bool
) -> None:
    with TemporaryDirectory() as name:
        folder = Path(name)
        known = {str(old) for old in crosswalk["old"]} | set(TODAY)
        lines = [f"{d},{o},{m},{n}" for (d, o, m), n in cells.items()]
        (folder / "counts.csv").write_text("\n".join(["district,offence,month,count", *lines]) + "\n")
        area = settings(
            folder,
            area={"absent_row": "zero" if zeros else "not_collected"},
            counts=[long_counts(offence_match="code")],
        )
        intake = read_sources(area, squares(("01", "02")), BOOK, changes=crosswalk)
        read = {key: n for key, n in cells.items() if key[1] in known}
        assert intake.ledger.balances
        assert intake.ledger.sources[0].counted.offences == sum(read.values())
        assert int(intake.counts["count"].sum()) == sum(read.values())
        assert set(intake.counts["offence"]) <= set(intake.codebook.codes)
        of_cell = (
            pd.Series(read, dtype="int64").groupby(level=[0, 2]).sum() if read else pd.Series(dtype="int64")
        )
        now = intake.counts.groupby([intake.counts["district"], intake.counts["month"].dt.strftime("%Y-%m")])[
            "count"
        ].sum()
        assert now.to_dict() == of_cell.to_dict()
        if read and zeros:
            panel = build_panel(area, intake, squares(("01", "02")), intake.codebook)
            root = panel["count"].sel(offence="all")
            for (district, month), number in of_cell.items():
                if not delivered_above(intake.counts, intake.codebook):
                    assert root.sel(district=district, month=f"{month}-01").item() == number


def delivered_above(counts: pd.DataFrame, book: Codebook) -> bool:
    """Tell whether a total was delivered beside parts: then it wins, and no sum is to be expected."""
    return bool((book.nodes["kind"].reindex(counts["offence"].unique()) == "category").any())


@example_settings(deadline=None, max_examples=40)
@given(crosswalks())
@example(RENAMED_THEN_DIVIDED)
def test_an_article_is_never_guessed(crosswalk: pd.DataFrame) -> None:
    translator = Translator(BOOK, crosswalk)
    for old, rows in crosswalk.groupby("old"):
        found = translator.read(str(old), np.datetime64("2014-12"))
        assert found is not None
        assert sum(share for _, share in found.shares) == pytest.approx(1)
        if (
            found.how == "weight" and rows["new"].nunique() > 1
        ):  # a single successor may be divided in its turn
            assert rows["weight"].sum() == pytest.approx(1)
        if not np.isclose(rows["weight"].sum(), 1) and found.how == "whole":
            assert len(translator.families.members[found.shares[0][0]][1]) == 1
        assert found.confidence >= max((str(word) for word in rows["confidence"].dropna()), default="")


def test_shares_over_many_cells_are_the_weights_and_cells_are_their_own() -> None:
    translator = Translator(BOOK, changes([("1", "50", DAY, 0.7, "B"), ("1", "51", DAY, 0.3, "B")]))
    rng = np.random.default_rng(1)
    counts = pd.DataFrame(
        {"district": [f"d{n}" for n in range(400)], "offence": "1", "month": pd.Timestamp("2014-05-01")}
    ).assign(count=rng.poisson(3, 400))
    found, told = translator.translate(counts)
    share = found[found["offence"] == "50"]["count"].sum() / counts["count"].sum()
    assert share == pytest.approx(0.7, abs=0.03)
    assert told.how == {"weight": int(counts["count"].sum())}
    alone, _ = translator.translate(counts.iloc[7:8])
    both = found.merge(alone, on=["district", "offence", "month"], suffixes=("", "_alone"))
    assert (both["count"] == both["count_alone"]).all()


def test_every_renaming_is_followed() -> None:
    steps = [
        ("1", "2", DAY, 1.0, "A"),
        ("2", "10", LATER, 1.0, "C"),
        ("10", "50", pd.Timestamp("2016-01-01").date(), 1.0, "B"),
    ]
    crosswalk = changes(steps)
    book = codebook_from([{"code": code} for code in ("2", "10", "50", "51")])
    translator = Translator(book, crosswalk)
    for code, month in (("1", "2014-12"), ("2", "2015-02"), ("2", "2014-12"), ("10", "2015-12")):
        found = translator.read(code, np.datetime64(month))
        assert found is not None
        assert (found.how, found.shares) == ("whole", (("50", 1.0),)), (code, month)
    assert translator.read("1", np.datetime64("2014-12")).confidence == "C"  # type: ignore[union-attr]
    assert translator.read("10", np.datetime64("2016-01")) is None
    divided = changes([*steps[:2], ("10", "50", None, None, "B"), ("10", "51", None, None, "B")])
    divided["valid_from"] = divided["valid_from"].where(
        divided["old"] != "10", pd.Timestamp("2016-01-01").date()
    )
    assert Translator(book, divided).read("1", np.datetime64("2014-12")).family == "50_51-other"  # type: ignore[union-attr]


def test_a_number_that_begins_when_the_old_one_ends_is_another_article() -> None:
    crosswalk = changes([("1", "10", DAY, 1.0, "A"), ("10", "50", DAY, 1.0, "A")])
    found = Translator(BOOK, crosswalk).read("1", np.datetime64("2014-12"))
    assert found is not None
    assert found.shares == (("10", 1.0),)


def test_the_series_of_a_family_runs_through_the_reform(tmp_path: Path) -> None:
    crosswalk = changes(
        [("1", "50", DAY, None, "B"), ("1", "51", DAY, None, "C"), ("2", "60", DAY, 1.0, "A")]
    )
    rows = ["district,offence,month,count"]
    rows += [f"01,1,2014-{m:02d},{m}" for m in (10, 11, 12)] + [f"01,2,2014-{m:02d},9" for m in (10, 11, 12)]
    rows += [f"01,{code},2015-{m:02d},{m}" for m in (1, 2) for code in ("50", "51", "60")]
    (tmp_path / "counts.csv").write_text("\n".join(rows) + "\n")
    area = settings(tmp_path, area={"absent_row": "zero"}, counts=[long_counts(offence_match="code")])
    intake = read_sources(area, squares(("01",)), BOOK, changes=crosswalk)
    panel = build_panel(area, intake, squares(("01",)), intake.codebook)
    series = panel["count"].isel(district=0).to_pandas()
    assert series.loc["50_51"].tolist() == [10, 11, 12, 2, 4]
    assert np.isnan(series.loc["50"].tolist()[:3]).all()
    assert series.loc["50"].tolist()[3:] == [1, 2]
    assert series.loc["60"].tolist() == [9, 9, 9, 1, 2]
    assert series.loc["own"].tolist() == [10, 11, 12, 2, 4]
    assert series.loc["all"].tolist() == [19, 20, 21, 3, 6]
    ledger = intake.ledger.sources[0]
    assert ledger.balances
    assert ledger.translated == {"how": {"family": 33, "whole": 27}, "confidence": {"A": 27, "C": 33}}
    told = check_crosswalk(crosswalk, intake.ledger)[-1]
    assert told.text().startswith(
        "counts: 60 of 69 offences (87%) came under codes of before: 27 as one article of today, 0 divided"
    )
    assert told.text().endswith("Confidence of the crosswalk: A 45.0%, C 55.0%.")


def test_single_cards_are_called_by_the_codes_of_today(tmp_path: Path) -> None:
    crosswalk = changes(
        [("1", "50", DAY, None, "B"), ("1", "51", DAY, None, "C"), ("10", "52", DAY, 1.0, "A")]
    )
    rows = ["card,district,offence,committed,registered"]
    rows += [
        f"{n},01,{code},{day},{day}"
        for n, (code, day) in enumerate(
            [
                ("1", "2014-12-05"),
                ("10", "2014-12-06"),
                ("10", "2015-01-07"),
                ("51", "2015-01-08"),
                ("60", "2015-01-31"),
            ]
        )
    ]
    (tmp_path / "cards.csv").write_text("\n".join(rows) + "\n")
    area = settings(tmp_path, cards=[cards(offence_match="code")])
    spool = tmp_path / "spool"
    spool.mkdir()
    intake = read_sources(area, squares(("01",)), BOOK, changes=crosswalk, spool=spool)
    spooled = pd.concat(pq.read_table(file).to_pandas() for file in sorted(spool.rglob("*.parquet")))
    assert spooled["offence"].tolist() == ["50_51-other", "52", "10", "51", "60-other"]
    panel = build_panel(area, intake, squares(("01",)), intake.codebook)
    found = panel["count"].isel(district=0).to_pandas()
    assert found.loc["all"].tolist() == [2, 3]
    assert found.loc["50_51"].tolist() == [1, 1]
    assert found.loc["52"].tolist() == [1, 0]
    assert found.loc["10"].tolist() == [0, 1]
    assert found.loc["60"].tolist() == [0, 1]


def test_weights_of_more_than_one_are_refused() -> None:
    with pytest.raises(InputError, match="more than one"):
        Translator(BOOK, changes([("1", "50", DAY, 0.7, None), ("1", "51", DAY, 0.7, None)]))
