"""The evaluation: draws are what they claim, scores are right, tables add up, and the page stands alone."""

from __future__ import annotations

import json
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from rating_panels import book, clean_counts, panel_of
from scipy import stats

from gis_layers.errors import UsageError
from gis_layers.evaluate import Asked, evaluate, keep, page, walk_forward
from gis_layers.evaluate.detectors import Forecast, farrington_ahead, ours, seasonal_naive, truth
from gis_layers.evaluate.scenarios import MONTHS, WEEKS, draw, mean_of, scenarios
from gis_layers.evaluate.scores import coverage, crps, ranks
from gis_layers.indicators.norm.farrington import farrington

BOOK = book(2, 2)


@pytest.fixture(scope="module")
def monthly() -> dict:
    return evaluate(tables=["monthly"], runs=1)


def test_means_and_variances_of_the_series_are_those_of_the_scenario() -> None:
    many = draw(WEEKS, range(60))
    clean = many.clean.reshape(60, 42, 624)
    for place, one in enumerate(scenarios()):
        mean = mean_of(one, WEEKS)
        assert clean[:, place].mean() == pytest.approx(mean.mean(), rel=0.06)
        spread = ((clean[:, place] - mean) ** 2 / mean).mean()
        assert spread == pytest.approx(one.phi, rel=0.08)


def test_a_month_is_52_twelfths_of_a_week() -> None:
    for one in scenarios():
        if not one.harmonics:
            assert mean_of(one, MONTHS).sum() == pytest.approx(mean_of(one, WEEKS).sum(), rel=0.015)


def test_outbreaks_are_where_they_are_said_to_be() -> None:
    some = draw(WEEKS, range(20))
    count, inside = some.with_outbreaks(10)
    added = count - some.clean
    assert (added >= 0).all()
    assert not added[:, :312].any()
    assert ((added[:, 575:] > 0) == inside).all()
    assert added[:, 575:].sum(axis=1).mean() == pytest.approx((10 * some.spread).mean(), rel=0.1)
    again, _ = draw(WEEKS, [7]).with_outbreaks(10)
    assert (again == count[42 * 7 : 42 * 8]).all()
    fewer, lost = draw(MONTHS, range(5)).with_falls(0.25)
    clean = draw(MONTHS, range(5)).clean
    assert (lost.sum(axis=1) == 3).all()
    assert fewer[:, 132:][lost].sum() / clean[:, 132:][lost].sum() == pytest.approx(0.25, abs=0.01)
    assert (fewer[:, 132:][~lost] == clean[:, 132:][~lost]).all()


def test_the_detector_learns_nothing_from_the_runs_beside_it() -> None:
    two = draw(MONTHS, [0, 1])
    alone, together = ours(draw(MONTHS, [1]).clean, MONTHS), ours(two.clean, MONTHS)
    np.testing.assert_allclose(alone.expected, together.expected[42:], rtol=1e-9)
    np.testing.assert_allclose(alone.phi, together.phi[42:], rtol=1e-9)


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_by_month_20_runs_are_as_good_as_they_have_to_be() -> None:
    found = evaluate(tables=["monthly"], runs=20)["monthly"]["detectors"]["ours"]
    assert found["runs"] == 20
    assert 0.003 <= found["false_rises"] <= 0.011
    assert found["false_falls"] <= 0.008
    for size, least in zip(("3", "5", "7", "10"), (0.41, 0.83, 0.94, 0.97), strict=True):
        assert found["found_outbreaks"][size] >= least
    for kept, least in zip(("0.75", "0.5", "0.25"), (0.35, 0.54, 0.68), strict=True):
        assert found["found_falls"][kept] >= least


@pytest.mark.slow
@pytest.mark.timeout(3600)
def test_by_week_20_runs_are_as_good_as_they_have_to_be() -> None:
    found = evaluate(tables=["weekly"], runs=20)["weekly"]["detectors"]["ours"]
    assert 0.003 <= found["false_rises"] <= 0.009
    for size, least in zip(("3", "5", "7", "10"), (0.2, 0.46, 0.66, 0.84), strict=True):
        assert found["found_outbreaks"][size] >= least


def test_the_truth_passes_as_often_as_it_should(monthly: dict) -> None:
    bound = monthly["monthly"]["detectors"]["truth"]
    some = draw(MONTHS, [0])
    rise, _ = truth(some.mean, some.phi, MONTHS).tails(some.clean[:, 132:])
    assert bound["false_rises"] == pytest.approx(float((rise <= 0.005).mean()), abs=1e-6)
    assert bound["false_rises"] == pytest.approx(0.005, abs=0.004)
    rates = [(rise[some.scenario == one.number] <= 0.005).mean() for one in scenarios()]
    assert bound["false_rises_worst"] == pytest.approx(max(rates), abs=1e-6)


@pytest.mark.parametrize(
    ("count", "mean", "phi"), [(3, 5.0, 2.0), (0, 0.2, 1.0), (300, 250.0, 4.0), (5000, 4000.0, 9.0)]
)
def test_crps_is_the_sum_over_all_counts(count: int, mean: float, phi: float) -> None:
    x = np.arange(20_000)
    below = stats.nbinom.cdf(x, mean / (phi - 1), 1 / phi) if phi > 1 else stats.poisson.cdf(x, mean)
    exact = ((below - (x >= count)) ** 2).sum()
    assert crps(np.array([float(count)]), np.array([mean]), np.array([phi])) == pytest.approx(exact, rel=3e-4)


def test_a_right_forecast_covers_what_it_says_and_a_narrow_one_less() -> None:
    rng = np.random.default_rng(4)
    mean = rng.uniform(0.2, 60, 10_000)
    count = rng.negative_binomial(mean / 1.5, 1 / 2.5).astype(float)
    right = coverage(ranks(count, mean, np.full(10_000, 2.5), rng))
    narrow = coverage(ranks(count, mean, np.ones(10_000), rng))
    for share in ("50", "80", "95"):
        assert right[share] == pytest.approx(int(share) / 100, abs=0.015)
        assert narrow[share] < right[share] - 0.05
    better = crps(count, mean, np.full(10_000, 2.5)).mean()
    assert better < crps(count, mean, np.ones(10_000)).mean()
    assert better < crps(count, mean * 1.3, np.full(10_000, 2.5)).mean()


def test_the_batched_farrington_is_the_single_one() -> None:
    from gis_layers.evaluate.detectors import MONTHLY

    counts = draw(MONTHS, [0]).clean[[0, 25, 30]]
    batch = farrington_ahead(counts, np.arange(132, 144))
    for row, one in enumerate(counts):
        single = farrington(one, list(range(132, 144)), MONTHLY)
        np.testing.assert_allclose(batch.expected[row], single.expected, rtol=1e-8)


def test_seasonal_naive_is_last_years_count() -> None:
    counts = draw(MONTHS, [0]).clean
    found = seasonal_naive(counts, np.array([20, 140]))
    assert np.isnan(found.expected[:, 0]).all()
    np.testing.assert_array_equal(found.expected[:, 1], np.maximum(counts[:, 128], 0.5))


@pytest.fixture(scope="module")
def walked() -> dict:
    counts = clean_counts(
        np.random.default_rng(3), np.array([40.0, 20, 8, 2]), 96, np.ones(16), heterogeneity=0.02
    )
    panel = panel_of(counts, BOOK, [n // 8 for n in range(16)])
    month = np.datetime64
    asked = Asked(month("2020-01"), ((month("2021-03"), month("2021-06")),), ("c1",))
    return walk_forward(panel, BOOK, asked)


def test_a_walk_leaves_out_what_it_is_told_to(walked: dict) -> None:
    assert walked["months"][0] == "2020-01"
    assert not {"2021-03", "2021-06"} & set(walked["months"])
    months = len(walked["months"])
    assert months == 96 - 60 - 4
    assert walked["kinds"]["categories"]["ours"]["all"]["cells"] == 16 * months  # c0 alone
    assert walked["kinds"]["articles"]["ours"]["all"]["cells"] == 2 * 16 * months


def test_a_walk_adds_up_and_ours_is_the_best_on_clean_counts(walked: dict) -> None:
    for forecasts in walked["kinds"].values():
        for found in forecasts.values():
            for key in ("by_year", "by_size"):
                assert sum(part["cells"] for part in found[key].values()) == found["all"]["cells"]
            assert sum(found["ranks"]) == found["all"]["cells"]
        score = {name: found["all"]["crps"] for name, found in forecasts.items()}
        assert score["ours"] == min(score.values())
        assert forecasts["ours"]["all"]["coverage"]["80"] == pytest.approx(0.8, abs=0.05)


def test_an_unknown_offence_or_table_is_refused() -> None:
    counts = np.ones((4, 30, 4))
    with pytest.raises(UsageError, match="leave out"):
        walk_forward(panel_of(counts, BOOK, [0] * 4), BOOK, Asked(left_out=("c9",)))
    with pytest.raises(UsageError, match="no such table"):
        evaluate(tables=["yearly"])


class _Outside(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "xlink:href")]
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found += [f"{tag} {name}" for name, _ in attrs if name in ("src", "href", "xlink:href")]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_the_page_stands_alone_and_holds_the_figures(monthly: dict, walked: dict, tmp_path: Path) -> None:
    results = {
        **monthly,
        **evaluate(tables=["calibration"], runs=1),
        "walk_forward": {**walked, "area": "<a&b>"},
    }
    text = page(results)
    reader = _Outside()
    reader.feed(text)
    assert reader.open == []
    assert reader.found == []
    assert "<script" not in text
    assert "url(" not in text
    assert "&lt;a&amp;b&gt;" in text
    assert text.count("<svg") >= 6
    assert f"{results['monthly']['detectors']['ours']['false_rises']:.4f}" in text
    kept, drawn = keep(results, tmp_path / "report")
    assert json.loads(kept.read_text("utf-8")) == json.loads(json.dumps(results))
    assert drawn.read_text("utf-8") == text
    assert sorted(path.name for path in (tmp_path / "report").iterdir()) == [
        "evaluation.html",
        "evaluation.json",
    ]


CALL = [sys.executable, "-m", "gis_layers.cli", "evaluate"]


@pytest.mark.slow
def test_the_command_says_the_same(tmp_path: Path) -> None:
    call = [*CALL, "--table", "monthly", "--runs", "1", "--json", "--output", str(tmp_path)]
    done = subprocess.run(call, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["monthly"] == evaluate(tables=["monthly"], runs=1)["monthly"]
    assert (tmp_path / "evaluation.html").exists()


def test_a_wrong_call_is_refused_and_the_help_has_an_example() -> None:
    wrong = subprocess.run([*CALL, "--table", "walk-forward"], capture_output=True, text=True)
    assert wrong.returncode == 2
    assert "needs an area" in wrong.stderr
    assert "Example" in subprocess.run([*CALL, "--help"], capture_output=True, text=True).stdout


def test_a_forecast_without_spread_is_a_poisson() -> None:
    rise, fall = Forecast(np.array([[10.0]]), np.array([[1.0]])).tails(np.array([[12.0]]))
    mass = stats.poisson.pmf(12, 10)
    assert float(rise[0, 0]) == pytest.approx(stats.poisson.sf(12, 10) + mass / 2)
    assert float(rise[0, 0] + fall[0, 0]) == pytest.approx(1.0)
