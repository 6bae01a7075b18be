"""Whatever is stored comes back, and a slice is what filtering the whole would give."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
from hypothesis import given, settings
from hypothesis import strategies as st

from gis_layers.layers.classify import classify, natural_breaks
from gis_layers.layers.describe import describe
from gis_layers.layers.model import Layer
from gis_layers.release.tables import read_figures, to_frame, write_figures

CODES = st.from_regex(r"[A-Za-z0-9_-]{1,12}", fullmatch=True)
COUNTS = st.one_of(st.none(), st.integers(0, 2**53))
NUMBERS = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))


@st.composite
def figures(draw: st.DrawFn) -> pd.DataFrame:
    """Draw a figure layer: any codes, months and nulls, every district per offence and month."""
    offences = sorted(draw(st.sets(CODES, min_size=1, max_size=4)))
    districts = sorted(draw(st.sets(CODES, min_size=1, max_size=4)))
    first = draw(st.integers(0, 12 * 80))
    months = np.arange(first, first + draw(st.integers(1, 5))).astype("datetime64[M]").astype("datetime64[s]")
    rows = [(district, offence, month) for offence in offences for month in months for district in districts]
    frame = pd.DataFrame(rows, columns=["district", "offence", "month"])
    size = len(frame)
    frame["count"] = pd.array(draw(st.lists(COUNTS, min_size=size, max_size=size)), dtype="Int64")
    frame["rate"] = pd.array(draw(st.lists(NUMBERS, min_size=size, max_size=size)), dtype="Float64")
    frame["reason"] = draw(st.lists(st.one_of(st.none(), st.text()), min_size=size, max_size=size))
    return frame


@settings(max_examples=60, deadline=None)
@given(frame=figures(), data=st.data())
def test_a_slice_is_the_filtered_whole(frame: pd.DataFrame, data: st.DataObject) -> None:
    layer = Layer(
        "rating", "polygon", ("district", "offence", "month"), describe("rating", frame.columns), frame
    )
    months = frame["month"].to_numpy().astype("datetime64[M]")
    first, last = sorted(data.draw(st.tuples(st.sampled_from(list(months)), st.sampled_from(list(months)))))
    offences = tuple(data.draw(st.sets(st.sampled_from([*frame["offence"].unique(), "nowhere"]))))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "rating.parquet"
        write_figures(layer, path)
        footer = pq.read_metadata(path)
        whole = to_frame(read_figures(path, metadata=footer))
        part = to_frame(read_figures(path, months=(first, last), offences=offences, metadata=footer))
    expected = frame.assign(rate=frame["rate"].astype(float))
    expected["reason"] = expected["reason"].astype("str")
    pd.testing.assert_frame_equal(whole, expected, check_dtype=False)
    assert whole.astype(object).isna().to_numpy().tolist() == frame.astype(object).isna().to_numpy().tolist()
    kept = expected[(months >= first) & (months <= last) & frame["offence"].isin(offences)]
    pd.testing.assert_frame_equal(part, kept.reset_index(drop=True), check_dtype=False)
    assert footer.num_row_groups == frame["offence"].nunique()


@settings(max_examples=200, deadline=None)
@given(
    values=st.lists(st.one_of(st.just(float("nan")), st.floats(-1e12, 1e12)), max_size=40),
    wanted=st.integers(2, 6),
)
def test_every_class_between_cuts_is_used(values: list[float], wanted: int) -> None:
    cuts = natural_breaks(values, wanted)
    assert len(cuts) < wanted
    assert (np.diff(cuts) > 0).all()
    known = np.asarray([value for value in values if value == value])
    if len(known):
        assert (np.bincount(classify(known, cuts), minlength=len(cuts) + 1) > 0).all()
