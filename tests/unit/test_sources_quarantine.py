"""How much may be quarantined before nothing is published."""

from __future__ import annotations

import pytest

from gis_layers.errors import InputError
from gis_layers.sources import Ledger, SourceLedger, Tally, refuse_if_too_many
from gis_layers.sources.quarantine import Expected


def account(offences: int, expected: int, unexpected: int, rows: int = 100) -> Ledger:
    ledger = SourceLedger("counts", read=Tally(rows, offences))
    ledger.quarantine("district is not known", expected, expected, expected=True)
    ledger.quarantine("offence is not in the codebook", unexpected, unexpected, expected=False)
    return Ledger((ledger,))


def refused(*counts: int, rows: int = 100) -> bool:
    """Tell whether a build with these counts is refused at a limit of two in a hundred."""
    try:
        refuse_if_too_many(account(*counts, rows=rows), 0.02)
    except InputError:
        return True
    return False


def test_the_share_itself_passes_and_one_more_does_not() -> None:
    assert not refused(100, 0, 2)
    assert refused(100, 0, 3)
    assert not refused(10_000, 0, 200, rows=10_000)
    assert refused(10_000, 0, 201, rows=10_000)


def test_half_of_a_source_may_be_expected_and_one_more_may_not() -> None:
    assert not refused(100, 50, 0)
    assert refused(100, 51, 0)


def test_expected_rows_do_not_count_against_the_limit() -> None:
    assert not refused(100, 40, 2)
    assert refused(100, 40, 3)


def test_unexpected_rows_beyond_the_limit_refuse_the_build() -> None:
    with pytest.raises(
        InputError, match=r"3.0% of the offences of 'counts' .*codebook \(3 rows\).*max_share"
    ):
        refuse_if_too_many(account(100, 0, 3), 0.02)


def test_a_source_without_offences_is_measured_by_its_rows() -> None:
    with pytest.raises(InputError, match=r"3\.0% of the rows"):
        refuse_if_too_many(account(0, 0, 3), 0.02)
    assert not refused(0, 0, 2)
    assert not refused(0, 0, 0, rows=0)


def test_a_pattern_that_swallows_most_of_a_source_is_wrong() -> None:
    with pytest.raises(InputError, match="60% of the offences of 'counts' are quarantined"):
        refuse_if_too_many(account(100, 60, 0), 0.02)


def test_patterns_name_a_role_or_a_column() -> None:
    expected = Expected.parse(["district=Unknown", "Borough = London *"])
    found = expected.matches(("district", "Borough"), ["Unknown", "London Heathrow", "unknown", None])
    assert found.tolist() == [True, True, False, False]
    assert expected.matches(("offence", "Minor"), ["Unknown"]).tolist() == [False]
    with pytest.raises(InputError, match=r"not a pattern \(key 'quarantine.expected', value 'Unknown'\)"):
        Expected.parse(["Unknown"])
