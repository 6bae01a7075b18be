"""Harm: the weighted excess, by severity or by offence, and what it is where something is missing."""

from __future__ import annotations

import numpy as np
import pytest
from pydantic import ValidationError

from gis_layers.codes.load import codebook_from
from gis_layers.errors import InputError
from gis_layers.indicators.rating import require_known
from gis_layers.indicators.rating.harm import harm_of, weights_of
from gis_layers.settings import load_area, ready_area
from gis_layers.settings.area import HarmSection

BOOK = codebook_from(
    [
        {"code": "property"},
        {"code": "theft", "parent": "property", "severity": "minor"},
        {"code": "arson", "parent": "property", "severity": "grave"},
        {"code": "litter", "parent": "property"},
    ]
)
SOURCE = {"en": "invented"}


def test_an_offence_goes_before_its_severity() -> None:
    harm = HarmSection(weights={"minor": 2, "grave": 12}, offences={"arson": 5}, source=SOURCE)
    weights = weights_of(["all", "theft", "arson", "litter"], BOOK, harm)
    np.testing.assert_array_equal(weights, [np.nan, 2, 5, np.nan])
    assert np.isnan(weights_of(["theft"], BOOK, None)).all()


@pytest.mark.parametrize(
    "wrong",
    [{"weights": {"severe": 1}}, {"offences": {"theft": 1, "fraud": 2}}, {"offences": {"property": 3}}],
)
def test_a_weight_of_nothing_is_refused(wrong: dict[str, dict[str, float]]) -> None:
    with pytest.raises(InputError, match="no such") as refused:
        require_known(HarmSection.model_validate({**wrong, "source": SOURCE}), BOOK)
    assert "rating.harm." in str(refused.value)
    require_known(None, BOOK)


def test_a_weight_is_not_negative_and_has_a_source() -> None:
    for wrong in ({"weights": {"minor": -1}, "source": SOURCE}, {"weights": {"minor": 1}}):
        with pytest.raises(ValidationError):
            HarmSection.model_validate(wrong)


def test_a_node_sums_what_is_weighed_and_known() -> None:
    count = np.array([[[30.0, 30, 30]], [[12, 12, np.nan]], [[5, 5, 5]], [[9, 9, 9]]])
    expected = np.array([[[20.0, 20, 20]], [[10, 10, 10]], [[np.nan] * 3], [[4, 4, 4]]])
    weight = np.array([np.nan, 2.0, 10.0, np.nan])
    harm = harm_of(count, expected, weight, {0: np.array([1, 2, 3])})[:, 0]
    np.testing.assert_array_equal(harm[0], [4, 4, np.nan])
    np.testing.assert_array_equal(harm[1], [4, 4, np.nan])
    assert np.isnan(harm[2:]).all()


def test_below_the_expected_is_below_zero() -> None:
    harm = harm_of(np.array([[[3.0]]]), np.array([[[10.0]]]), np.array([5.0]), {})
    assert harm.ravel().tolist() == [-35.0]


@pytest.mark.parametrize("area", ["demo", "kazakhstan", "london"])
def test_ready_areas_weigh_and_say_whose_weights(area: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from gis_layers.codes import load_codebook

    for name in ("AUDAN_DATA", "AUDAN_DEMO"):
        monkeypatch.setenv(name, "nowhere")
    settings = load_area(ready_area(area))
    harm = settings.rating.harm
    assert harm is not None
    codebook = load_codebook(settings.resolve(settings.codebook.path))
    require_known(harm, codebook)
    assert set(harm.source) == {"en", "ru", "kk"}
    weights = weights_of(codebook.leaves, codebook, harm)
    if area != "kazakhstan":
        assert not np.isnan(weights).any()
