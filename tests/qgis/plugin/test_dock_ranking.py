"""What a month's list names, and in what order: known cases."""

import pytest
from audan.core.client import Values
from audan.core.models import Class, Column, LayerInfo
from audan.core.ranking import needed_columns, rank, ranks

MONTH = "2022-08"


def layer(name, default, columns, classes=(), keys=("district", "offence", "month")):
    made = tuple(Column(one, "number", "", "") for one in columns)
    legend = tuple(Class({"en": str(one)}, "#000000", value=one) for one in classes)
    return LayerInfo(
        name, {}, {}, "polygon", keys, made, months=(MONTH,), default_column=default, classes=legend
    )


def values(**columns):
    districts = [f"d{i}" for i in range(len(next(iter(columns.values()))))]
    return Values(
        "r", "x", "all", "month", [MONTH], districts, {name: [some] for name, some in columns.items()}
    )


def listed(sections):
    return [(one.key, [row.district for row in one.rows]) for one in sections]


RATING = layer("rating", "level", ["level", "magnitude", "standing", "count", "expected"])
DYNAMICS = layer(
    "dynamics", "signal", ["signal", "expected", "q_value"], ["too_few", "norm", "fall", "outbreak"]
)


def test_a_rating_lists_by_level_then_magnitude_and_standing_ones_apart():
    told = values(
        level=[3, 5, 2, 5, 4, None],
        magnitude=[9.0, 4.1, 1.5, 6.0, 3.2, None],
        standing=[False, False, False, False, True, None],
        count=[1, 2, 3, 92, 5, 6],
        expected=[1.0, 2.0, 3.0, 50.9, 5.0, 6.0],
    )
    sections = rank(RATING, told, MONTH)
    assert listed(sections) == [("unusual", ["d3", "d1", "d0"]), ("standing", ["d4"])]
    first = sections[0].rows[0]
    assert (first.measure, first.count, first.expected) == (6.0, 92, 50.9)


def test_outbreaks_come_before_falls_and_the_rarest_first():
    told = values(
        signal=["fall", "outbreak", "norm", "outbreak", "too_few"],
        q_value=[0.001, 0.04, 0.9, 0.002, None],
        expected=[40.0, 10.0, 5.0, 20.0, None],
    )
    counts = values(count=[20, 15, 5, 40, 0], expected=[1.0] * 5)
    sections = rank(DYNAMICS, told, MONTH, counts)
    assert listed(sections) == [("outbreak", ["d3", "d1"]), ("fall", ["d0"])]
    assert sections[0].rows[0].measure == pytest.approx(1.0), "against its own norm, not that of the rating"
    assert sections[1].rows[0].measure == pytest.approx(-0.5)


def test_fields_list_the_one_furthest_behind_first():
    fields = layer("completeness", "signal", ["signal", "share_filled", "expected_share"], ["norm", "low"])
    told = values(signal=["low", "low", "norm"], share_filled=[0.5, 0.2, 0.1], expected_share=[0.9, 0.9, 0.9])
    assert listed(rank(fields, told, MONTH)) == [("low", ["d1", "d0"])]


def test_a_mix_lists_from_an_imbalance_of_three():
    mix = layer("structure", "imbalance", ["imbalance"])
    assert listed(rank(mix, values(imbalance=[2.99, 3.0, 12.0, None]), MONTH)) == [
        ("imbalance", ["d2", "d1"])
    ]


def test_a_quiet_or_unknown_month_has_no_sections():
    assert rank(DYNAMICS, values(signal=["norm", None], q_value=[1.0, None]), MONTH) == ()
    assert rank(RATING, values(level=[5], magnitude=[9.0]), "1999-01") == ()


def test_only_layers_of_districts_with_verdicts_rank():
    assert ranks(RATING)
    assert ranks(DYNAMICS)
    assert not ranks(layer("rating", "count", ["count"])), "counts alone are no verdict"
    assert not ranks(layer("safety", "level", ["level", "rate"], keys=("district", "month")))
    assert not ranks(layer("hotspot_cells", "signal", ["signal"], keys=("place", "offence", "month")))
    assert needed_columns(DYNAMICS) == ["signal", "expected", "q_value"]
