"""`safety`: levels by the interval beside the whole area, protected areas, sentences and caveats."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from rating_panels import book, panel_of

from gis_layers.errors import InputError
from gis_layers.indicators.safety import judge_safety, public_nodes, safety_frame, significant
from gis_layers.settings.area import RatingSection

BOOK = book()
LEAVES = BOOK.leaves
GROUPS = [0] * 10 + [1] * 12


def area(counts: str = "open", visitors: tuple[str, ...] = ()) -> SimpleNamespace:
    """What `judge_safety` reads of the area file."""
    return SimpleNamespace(
        area=SimpleNamespace(rate_per=10_000, languages=("en", "ru", "kk")),
        disclosure=SimpleNamespace(counts=counts),
        districts=SimpleNamespace(visitors=visitors),
        rating=RatingSection.model_validate({}),
    )


def counts(months: int = 14) -> np.ndarray:
    made = np.full((len(LEAVES), months, 22), 20.0)
    made[:, :, 3] = 60
    made[:, :, 4] = 26
    made[:, :, 5] = 16
    made[:, :, 6] = 3
    return made


def judged(made: np.ndarray, settings: SimpleNamespace | None = None, **options: object) -> pd.DataFrame:
    panel = panel_of(made, BOOK, GROUPS, **options)  # type: ignore[arg-type]
    return safety_frame(judge_safety(panel, BOOK, settings or area()))  # type: ignore[arg-type]


def test_levels_follow_the_interval() -> None:
    frame = judged(counts())
    last = frame[frame["month"] == pd.Timestamp("2016-02-01")].set_index("district")
    assert last["level"].reindex(["d003", "d004", "d005", "d006", "d010"]).tolist()[0] == 5
    assert last.loc["d004", "level"] == 4
    assert last.loc["d005", "level"] == 2
    assert last.loc["d006", "level"] == 1
    whole = 10_000 * counts()[:4, 0].sum() * 12 / (22 * 50_000)
    for _, row in last.iterrows():
        inside = row["lower"] <= whole <= row["upper"]
        assert (row["level"] == 3) == inside
    assert frame["month"].nunique() == 3


def test_only_public_safety_counts() -> None:
    assert public_nodes(BOOK.codes, BOOK) == ["c0"]
    changed = counts()
    changed[4:] *= 7
    assert judged(changed)["rate"].tolist() == judged(counts())["rate"].tolist()


def test_protected_areas_move_at_quarter_ends_and_are_rounded() -> None:
    frame = judged(counts(30), area("protected"))
    assert set(frame["month"].dt.month) <= {3, 6, 9, 12}
    for column in ("rate", "lower", "upper"):
        assert np.allclose(frame[column], significant(frame[column].to_numpy(), 2))
    assert judged(counts(30))["rate"].round(6).nunique() > frame["rate"].nunique()


def test_too_few_and_no_data() -> None:
    made = counts()
    people = np.full((22, 14), 50_000.0)
    people[7] = 300
    made[:, :, 7] = 0
    made[:, 6, 8] = np.nan
    frame = judged(made, population=people)
    last = frame[frame["month"] == pd.Timestamp("2016-02-01")].set_index("district")
    assert last.loc["d007", "level"] == 0
    assert "too little is expected" in last.loc["d007", "text_en"]
    assert pd.isna(last.loc["d008", "level"])
    assert np.isnan(last.loc["d008", "rate"])
    assert "no complete figures" in last.loc["d008", "text_en"]


def test_incomplete_months_are_not_in_it() -> None:
    assert judged(counts(), incomplete=1)["month"].max() == pd.Timestamp("2016-01-01")


def test_sentences_in_three_languages_with_their_caveats() -> None:
    frame = judged(counts(), area(visitors=("d003",)))
    last = frame[frame["month"] == pd.Timestamp("2016-02-01")].set_index("district")
    assert "far more offences against public safety" in last.loc["d003", "text_en"]
    assert "more than in similar districts" in last.loc["d003", "text_en"]
    assert "Many people who do not live here" in last.loc["d003", "text_en"]
    assert "Many people" not in last.loc["d004", "text_en"]
    assert "намного больше" in last.loc["d003", "text_ru"]
    assert "әлдеқайда көп" in last.loc["d003", "text_kk"]
    assert "Recorded is not the same as happened." in last.loc["d010", "text_en"]


def test_no_public_offence_is_an_error_with_a_remedy() -> None:
    from gis_layers.codes.load import codebook_from

    plain = codebook_from([{"code": "a"}, {"code": "b"}])
    panel = panel_of(np.full((2, 13, 9), 5.0), plain, [0] * 9)
    with pytest.raises(InputError, match="public_safety"):
        judge_safety(panel, plain, area())  # type: ignore[arg-type]
