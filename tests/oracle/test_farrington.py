"""R surveillance 1.20.3 on salmonella.agona, weeks 282–312, b 4, w 3, α 0.1: thresholds to 1e-3, alarms exactly."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest
from rating_panels import book, clean_counts, panel_of

from gis_layers.indicators.norm import judge_own, outbreaks, tails
from gis_layers.indicators.norm.farrington import Options, farrington

WEEKS = np.arange(281, 312)

NOUFAILY = [
    3.6526, 3.6922, 4.1211, 4.5488, 4.8792, 5.2078, 5.4317, 5.5877, 6.5031, 7.1913, 6.9458, 7.6037, 7.9409,
    7.9347, 8.5012, 8.4831, 8.6425, 8.6996, 8.4004, 8.0967, 7.5026, 7.4516, 7.0859, 6.1298, 5.9007, 5.6981,
    5.5489, 5.4694, 5.3429, 5.5855, 6.1922,
]  # fmt: skip
PLUG_IN = [
    3, 3, 4, 4, 5, 5, 5, 5, 6, 7, 7, 7, 8, 8, 8, 8, 8, 8, 8, 8, 7, 7, 7, 6, 6, 5, 5, 5, 5, 5, 6,
]  # fmt: skip
ORIGINAL = [
    3.0226, 2.9318, 3.2608, 3.3717, 2.8100, 3.3738, 3.0991, 2.4767, 2.7834, 3.1125, 4.0831, 5.8417, 6.9687,
    7.6666, 7.6282, 7.4775, 7.4224, 7.4851, 7.3115, 4.8925, 3.9356, 4.0252, 3.9519, 3.1730, 2.9605, 4.7165,
    4.5179, 4.6155, 4.0229, 7.4559, 11.2526,
]  # fmt: skip

OPTIONS = {
    "Noufaily, delta": (Options(), NOUFAILY, [283, 284, 285, 288, 294, 295]),
    "Noufaily, nbPlugin": (Options(method="nb"), PLUG_IN, [283, 284, 285, 288, 294]),
    "original Farrington": (
        Options(seasons=1, skipped=3, threshold=1, trend_p=0.05),
        ORIGINAL,
        [283, 284, 285, 287, 288, 289, 291, 292, 294, 295, 304],
    ),
}


@pytest.fixture
def salmonella(audan_data: Path) -> npt.NDArray[np.float64]:
    table = pd.read_csv(audan_data / "oracles" / "surveillance" / "salmonella.agona.csv")
    return table["observed1"].to_numpy(dtype=np.float64)


@pytest.mark.parametrize("name", OPTIONS)
def test_thresholds_and_alarms_are_those_of_surveillance(
    salmonella: npt.NDArray[np.float64], name: str
) -> None:
    options, thresholds, alarms = OPTIONS[name]
    found = farrington(salmonella, WEEKS.tolist(), options)
    assert found.upper == pytest.approx(thresholds, abs=1e-3)
    assert (WEEKS[found.alarm] + 1).tolist() == alarms


def test_a_week_without_its_years_is_refused(salmonella: npt.NDArray[np.float64]) -> None:
    with pytest.raises(ValueError, match="week 100 needs"):
        farrington(salmonella, [100])


def test_the_monthly_detector_goes_the_same_way(
    salmonella: npt.NDArray[np.float64], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression, residuals, weights, dispersion and tail: replace one, and both detectors follow."""
    codes = book(1, 2)
    counts = clean_counts(np.random.default_rng(1), np.array([20.0, 30]), 49, np.ones(9), heterogeneity=0.02)
    counts[0, 40, 2] = 300
    panel = panel_of(counts, codes, [0] * 9)

    def both() -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64]]:
        found = judge_own(panel, codes, months=[48])
        weekly = farrington(salmonella, WEEKS.tolist(), Options(method="nb"))
        return found[["expected", "upper"]].to_array().values, weekly.upper

    usual = both()
    shared = [
        (outbreaks, "fit_counts"), (outbreaks, "anscombe"), (outbreaks, "reweight"), (outbreaks, "leverage"),
        (tails, "_quantile"),
    ]  # fmt: skip
    for module, name in shared:
        with monkeypatch.context() as patch:
            part, calls = getattr(module, name), []

            def spy(*args, part=part, calls=calls, **kwargs):  # type: ignore[no-untyped-def]
                calls.append(1)
                return part(*args, **kwargs)

            patch.setattr(module, name, spy)
            judge_own(panel, codes, months=[48])
            monthly = len(calls)
            farrington(salmonella, WEEKS.tolist(), Options(method="nb"))
            assert 0 < monthly < len(calls), name
    with monkeypatch.context() as patch:
        patch.setattr(outbreaks, "reweight", lambda residual, **_: np.where(np.isnan(residual), 0.0, 1.0))
        changed = both()
    for before, after in zip(usual, changed, strict=True):
        assert not np.array_equal(before, after, equal_nan=True)
