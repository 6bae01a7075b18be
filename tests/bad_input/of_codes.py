"""Faults of the codebook and of the crosswalk between criminal codes."""

from __future__ import annotations

from .good_area import CODES
from .model import Broken, appended, cut, replaced, swap

_CHAIN = "".join(f"n{at},n{at + 1}\n" for at in range(3000))

CODEBOOK = [
    Broken("an empty codebook", replaced("codes.csv", ""), ("codes.csv", "column 'code'", "missing")),
    Broken("a codebook of a header only", replaced("codes.csv", CODES.splitlines()[0] + "\n"), ("codes.csv", "no offence")),
    Broken("a codebook without codes", swap("codes.csv", "code,", "kode,"), ("codes.csv", "column 'code'")),
    Broken("a codebook with semicolons", replaced("codes.csv", CODES.replace(",", ";")), ("codes.csv", "commas")),
    Broken("a codebook in UTF-16", replaced("codes.csv", CODES.encode("utf-16")), ("codes.csv", "UTF-8")),
    Broken("a codebook that is a workbook", replaced("codes.csv", b"PK\x03\x04" + bytes(range(200))), ("codes.csv",)),
    Broken("an unknown column", swap("codes.csv", "severity", "gravity"), ("codes.csv", "column 'gravity'")),
    Broken("one header twice", swap("codes.csv", "severity", "parent"), ("codes.csv", "column 'parent'", "twice")),
    Broken("a code with a slash", swap("codes.csv", "bike,", "bi/ke,"), ("codes.csv", "row 3", "'bi/ke'")),
    Broken("a code of 65 letters", swap("codes.csv", "bike,", "b" * 65 + ","), ("codes.csv", "row 3")),
    Broken("a code that stands twice", swap("codes.csv", "shop,", "bike,"), ("codes.csv", "row 4", "'bike'", "row 3")),
    Broken("a code made for remainders", swap("codes.csv", "shop,", "theft-other,"), ("row 4", "'theft-other'")),
    Broken("a row without a code", swap("codes.csv", "shop,", ","), ("codes.csv", "row 4", "column 'code'")),
    Broken("a parent that is not there", swap("codes.csv", "bike,theft", "bike,fraud"), ("row 3", "'fraud'")),
    Broken("a code that is its own parent", swap("codes.csv", "theft,,", "theft,theft,"), ("codes.csv", "row 2", "theft > theft")),
    Broken("a circle of parents", swap("codes.csv", "theft,,", "theft,bike,"), ("codes.csv", "bike > theft")),
    Broken("a chain of 3,000 parents", appended("codes.csv", "".join(
        f"{line},,,,,,,\n" for line in _CHAIN.splitlines()) + "n3000,,,,,,,,\n"), ("codes.csv", "levels")),
    Broken("a codebook of 30,000 codes", appended("codes.csv", "".join(
        f"n{at},,,,,,,,\n" for at in range(30_000))), ("codes.csv", "10,000 offences")),
    Broken("a severity on a category", swap("codes.csv", "theft,,,", "theft,,grave,"), ("codes.csv", "row 2", "'grave'")),
    Broken("a severity with a blank", swap("codes.csv", "minor", "very minor"), ("codes.csv", "row 3", "'very minor'")),
    Broken("a sum below what is not summed", swap("codes.csv", "theft,,,,", "theft,,,false,"), ("codes.csv", "row 3")),
    Broken("a flag that is neither", swap("codes.csv", ",true,", ",perhaps,"), ("row 2", "'perhaps'", "public_safety")),
    Broken("a label of two codes", swap("codes.csv", "SHOPS", "Bikes"), ("codes.csv", "row 4", "'Bikes'", "'bike'")),
    Broken("month 13", swap("codes.csv", "minor,,,,,BIKES", "minor,,,2022-13-01,,BIKES"),
           ("row 3", "valid_from", "'2022-13-01'")),
    Broken("a date beyond all calendars", swap("codes.csv", "minor,,,,,BIKES", "minor,,,99999-01-01,,BIKES"), ("row 3", "99999")),
    Broken("a date that is a word", swap("codes.csv", "minor,,,,,BIKES", "minor,,,today,,BIKES"), ("row 3", "'today'")),
    Broken("an end before the beginning", swap("codes.csv", "minor,,,,,BIKES", "minor,,,2022-02-01,2021-01-01,BIKES"),
           ("codes.csv", "row 3", "valid_to")),
    Broken("a row with a comma too many", swap("codes.csv", "Arson\n", "Arson, wilful\n"), ("codes.csv", "row 5", "double quotes")),
    Broken("a quote that is never closed", swap("codes.csv", "Arson\n", '"Arson\n'), ("codes.csv", "cannot be read")),
    Broken("a NUL byte in a code", swap("codes.csv", "bike,", "bi\0ke,"), ("codes.csv", "row 3")),
    Broken("a codebook cut in a row", cut("codes.csv", 0.6), ("codes.csv", "row 4")),
]  # fmt: skip

CROSSWALK = [
    Broken("a crosswalk without its columns", swap("articles.csv", "old,", "alt,"), ("articles.csv", "'old'")),
    Broken("a crosswalk to a code that is not there", swap("articles.csv", ",bike,", ",moped,"),
           ("articles.csv", "row 2", "'moped'")),
    Broken("a weight above one", swap("articles.csv", ",,1", ",,1.5"), ("articles.csv", "row 2", "1.5")),
    Broken("shares of an article above one", swap("articles.csv", ",,1", ",,0.9\nx1,bike,2021-01-01,,0.9\nx1,theft,2021-01-01,,0.2"),
           ("articles.csv", "row 4", "'x1'")),
    Broken("a crosswalk with an impossible date", swap("articles.csv", "2021-01-01", "2021-31-01"),
           ("articles.csv", "row 2", "2021-31-01")),
]  # fmt: skip

CODES_FAULTS = [*CODEBOOK, *CROSSWALK]
