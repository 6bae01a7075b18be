"""Kinds of single settings: codes, paths, formats of dates, names of encodings; each checked when it is read."""

from __future__ import annotations

import datetime as dt
import os
import re
import zoneinfo
from pathlib import PurePath
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import AfterValidator, BeforeValidator, Field

CODE = r"[A-Za-z0-9_-]{1,64}"
_LONGEST_PATH = 1024
_YEAR = re.compile(r"%(?:-?y|Y|G|c|x|D)")


def _a_code(text: str) -> str:
    if not re.fullmatch(CODE, text):
        raise ValueError(f"{text!r} is not a code: use 1 to 64 of the characters A-Z a-z 0-9 _ -")
    return text


def _as_list(value: Any) -> Any:
    return value if isinstance(value, list | tuple) else [value]


def _a_path(text: str) -> str:
    """Take an absolute path, or a relative one that stays in the folder of the area file."""
    if not text:
        raise ValueError("the path is empty")
    if "\0" in text or len(text) > _LONGEST_PATH:
        raise ValueError(f"no path has a NUL byte, or more than {_LONGEST_PATH} letters")
    if not PurePath(text).is_absolute() and PurePath(os.path.normpath(text)).parts[:1] == (os.pardir,):
        raise ValueError(
            "the path leaves the folder of the area file: write it from the root, or with ${NAME}"
        )
    return text


def _a_strptime(text: str) -> str:
    """Take a format of dates that has a year."""
    try:
        dt.datetime.strptime("", text)
    except re.error as error:
        raise ValueError(f"the format repeats a part: {error}") from None
    except ValueError as error:
        if "does not match" not in str(error):
            raise ValueError(f"not a strptime format: {error}") from None
    if not _YEAR.search(text):
        raise ValueError("the format has no year, %Y or %y")
    return text


def _a_time_format(text: str) -> str:
    return text if text == "ISO8601" else _a_strptime(text)


def _a_zone(text: str) -> str:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError("not an IANA time zone, as Asia/Almaty is") from None
    return text


def _an_encoding(text: str) -> str:
    try:
        "a".encode(text if text != "auto" else "utf-8")
    except (LookupError, ValueError):
        raise ValueError("not an encoding of text, as utf-8 or cp1251 is") from None
    return text


def _a_delimiter(text: str) -> str:
    if text != "auto" and (len(text) != 1 or not text.isascii() or text in '"\r\n\0'):
        raise ValueError("a delimiter is one character, but no quote and no line end; or `auto`")
    return text


def _a_day(text: str) -> str:
    try:
        dt.date.fromisoformat(text)
    except ValueError:
        raise ValueError("no such day: write it as YYYY-MM-DD") from None
    return text


def _a_day_of_the_year(text: str) -> str:
    try:
        dt.date.fromisoformat(f"2001-{text}")
    except ValueError:
        raise ValueError("not a day of every year: write it as MM-DD") from None
    return text


Code: TypeAlias = Annotated[str, AfterValidator(_a_code)]
OneOrMore: TypeAlias = Annotated[
    tuple[str, ...], BeforeValidator(_as_list, json_schema_input_type=str | list[str]), Field(min_length=1)
]
LocalPath: TypeAlias = Annotated[str, AfterValidator(_a_path)]
LocalPaths: TypeAlias = Annotated[
    tuple[LocalPath, ...],
    BeforeValidator(_as_list, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]
Names: TypeAlias = Annotated[dict[Literal["en", "ru", "kk"], str], Field(min_length=1)]
MonthText: TypeAlias = Annotated[str, Field(pattern=r"^(1[89]|2[01])\d\d-(0[1-9]|1[0-2])$")]
DayText: TypeAlias = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$"), AfterValidator(_a_day)]
DayOfYear: TypeAlias = Annotated[str, Field(pattern=r"^\d\d-\d\d$"), AfterValidator(_a_day_of_the_year)]
PeriodFormat: TypeAlias = Annotated[str, AfterValidator(_a_strptime)]
TimeFormat: TypeAlias = Annotated[str, AfterValidator(_a_time_format)]
Zone: TypeAlias = Annotated[str, AfterValidator(_a_zone)]
Encoding: TypeAlias = Annotated[str, AfterValidator(_an_encoding)]
Delimiter: TypeAlias = Annotated[str, AfterValidator(_a_delimiter)]
Pattern: TypeAlias = Annotated[str, Field(pattern=r"=", description="`column=value`, * and ? allowed")]
