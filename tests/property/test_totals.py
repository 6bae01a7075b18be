"""Every total is conserved, from the rows of the sources to every node of the panel, whatever the codebook."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
from hypothesis import HealthCheck, given
from hypothesis import settings as limits
from hypothesis import strategies as st
from sources import book, cards, long_counts, settings, squares

from gis_layers.codes import Codebook
from gis_layers.panel import build_panel, panel_codebook
from gis_layers.sources import read_sources

DISTRICTS = ("01", "02", "03")
MONTHS = pd.date_range("2022-01-01", periods=4, freq="MS")


@st.composite
def codebooks(draw: st.DrawFn) -> Codebook:
    """Draw a tree of up to ten nodes, some leaves with a severity, some nodes not summed."""
    size = draw(st.integers(1, 10))
    rows: list[dict[str, str]] = []
    for number in range(size):
        parent = draw(st.one_of(st.just(-1), st.integers(0, number - 1))) if number else -1
        additive = parent < 0 or rows[parent]["additive"] == "true"
        additive = additive and draw(st.integers(0, 5)) > 0
        rows.append(
            {
                "code": f"n{number}",
                "parent": "" if parent < 0 else f"n{parent}",
                "additive": str(additive).lower(),
                "severity": "",
            }
        )
    with_parts = {row["parent"] for row in rows if row["additive"] == "true"}
    for row in rows:
        if row["code"] not in with_parts:
            row["severity"] = draw(st.sampled_from(["", "minor", "grave"]))
    return book(rows)


@st.composite
def areas(draw: st.DrawFn) -> tuple[Codebook, pd.DataFrame]:
    """Draw a codebook and a table of counts of its leaves, some of unknown districts and offences."""
    codes = draw(codebooks())
    offences = [*codes.leaves, "unheard-of"]
    keys = st.tuples(
        st.sampled_from([*DISTRICTS, "Unknown"]), st.sampled_from(offences), st.integers(0, len(MONTHS) - 1)
    )
    cells = draw(st.dictionaries(keys, st.integers(0, 50), min_size=1, max_size=40))
    rows = [(d, o, f"{MONTHS[m]:%Y-%m}", count) for (d, o, m), count in cells.items()]
    return codes, pd.DataFrame(rows, columns=["district", "offence", "month", "count"])


SLOW = limits(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@SLOW
@given(areas())
def test_counts_are_conserved_from_the_rows_to_every_node(drawn: tuple[Codebook, pd.DataFrame]) -> None:
    codes, table = drawn
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table.to_csv(folder / "counts.csv", index=False)
        area = settings(folder, counts=[long_counts()], area={"absent_row": "zero"})
        intake = read_sources(area, squares(DISTRICTS), codes)
        ledger = intake.ledger.sources[0]
        assert ledger.balances
        assert ledger.read.offences == table["count"].sum()
        assert ledger.counted.offences == intake.counts["count"].sum()
        panel = build_panel(area, intake, squares(DISTRICTS), codes)
    good = table[table["district"].isin(DISTRICTS) & (table["offence"] != "unheard-of")]
    assert ledger.counted.offences == good["count"].sum()
    for node in codes.codes:
        # Absent rows are zero, so every node holds the whole sum of its members.
        expected = good[good["offence"].isin(codes.members(node))]["count"].sum()
        assert panel["count"].sel(offence=node).sum().item() == expected
    names, sums = codes.matrix(codes.leaves)
    leaves = panel["count"].sel(offence=codes.leaves).fillna(0).values
    nodes = panel["count"].sel(offence=names).values
    np.testing.assert_array_equal(
        np.einsum("nl,dlm->dnm", sums, leaves)[~np.isnan(nodes)], nodes[~np.isnan(nodes)]
    )


@SLOW
@given(areas(), st.data())
def test_delivered_totals_win_and_their_remainder_conserves_them(
    drawn: tuple[Codebook, pd.DataFrame], data: st.DataObject
) -> None:
    codes, table = drawn
    table = table[table["district"].isin(DISTRICTS) & (table["offence"] != "unheard-of")]
    categories = [
        code for code in codes.codes if codes.nodes["kind"][code] == "category" and code in codes.additive
    ]
    if not categories:
        return
    totals = data.draw(
        st.dictionaries(
            st.tuples(
                st.sampled_from(DISTRICTS), st.sampled_from(categories), st.integers(0, len(MONTHS) - 1)
            ),
            st.integers(0, 200),
            min_size=1,
        )
    )
    more = [(d, o, f"{MONTHS[m]:%Y-%m}", count) for (d, o, m), count in totals.items()]
    table = pd.concat([table, pd.DataFrame(more, columns=table.columns)])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        table.to_csv(folder / "counts.csv", index=False)
        area = settings(folder, counts=[long_counts()])
        # build_panel checks that every node is the sum of its parts, or that its remainder is reported.
        panel = build_panel(area, read_sources(area, squares(DISTRICTS), codes), squares(DISTRICTS), codes)
    for (district, offence, month), count in totals.items():
        cell = panel["count"].sel(district=district, month=MONTHS[month])
        assert cell.sel(offence=offence).item() == count
        assert not np.isnan(cell.sel(offence=f"{offence}-other").item())
    assert panel_codebook(panel, codes).codes == panel["offence"].values.tolist()


@SLOW
@given(
    st.lists(
        st.tuples(
            st.sampled_from([None, "a", "b", "c"]),
            st.sampled_from([*DISTRICTS, "Unknown"]),
            st.sampled_from(["bike", "shop", "theft", "arson", "unheard-of"]),
            st.sampled_from(["2022-01-05", "2022-02-28", "soon", None]),
        ),
        min_size=1,
        max_size=30,
    ),
    st.integers(1, 3),
)
def test_every_card_is_counted_quarantined_or_merged(
    rows: list[tuple[str | None, str, str, str | None]], files: int
) -> None:
    table = pd.DataFrame(rows, columns=["card", "district", "offence", "registered"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number in range(files):
            part = table.iloc[number::files].assign(committed=None)
            part.to_csv(folder / f"cards-{number}.csv", index=False)
        area = settings(folder, cards=[cards("cards-*.csv")])
        intake = read_sources(area, squares(DISTRICTS), book(), spool=folder / "spool")
        panel = build_panel(area, intake, squares(DISTRICTS), book())
    ledger = intake.ledger.sources[0]
    assert ledger.balances
    assert ledger.read.rows == len(table)
    assert panel["count"].sel(offence="all").sum().item() == ledger.counted.offences
    assert len(intake.quarantine) == sum(tally.rows for tally in ledger.quarantined.values())
