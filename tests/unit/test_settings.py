"""The area file: what it accepts, and errors that name the key and the line."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from gis_layers.errors import InputError, UsageError
from gis_layers.settings import json_schema, load_area, ready_area, ready_areas
from gis_layers.settings.load import line_of

GOOD = """\
[area]
id = "tiny"
name = { en = "Tiny" }
attribution = "nobody"
metric_crs = "EPSG:3857"

[districts]
path = "districts.geojson"
columns = { district = "code", name = "name", name_ru = "name_ru" }

[[counts]]
name = "a"
path = "a.csv"
columns = { district = "d", offence = "o", period = "p", count = "c" }

[[counts]]
name = "b"
path = ["b.csv", "c.csv"]
columns = { district = "d", offence = ["major", "minor"], period = "p", count = "c" }
"""


def write(folder: Path, text: str) -> Path:
    file = folder / "area.toml"
    file.write_text(text, encoding="utf-8")
    return file


def test_reads_an_area_and_resolves_paths_from_its_folder(tmp_path: Path) -> None:
    area = load_area(write(tmp_path, GOOD))
    assert area.area.rate_per == 10_000
    assert area.counts[0].path == ("a.csv",)
    assert area.counts[1].columns.offence == ("major", "minor")
    assert area.resolve("codes.csv") == tmp_path / "codes.csv"


def test_a_folder_stands_for_its_area_file(tmp_path: Path) -> None:
    write(tmp_path, GOOD)
    assert load_area(tmp_path).area.id == "tiny"


@pytest.mark.parametrize(
    ("old", "new", "key", "line"),
    [
        ('id = "tiny"', 'id = "ti ny"', "area.id", 2),
        ('metric_crs = "EPSG:3857"', 'metric_crs = "EPSG:3857"\nrate_pr = 5', "area.rate_pr", 6),
        ('attribution = "nobody"\n', "", "area.attribution", 1),
        ('path = ["b.csv", "c.csv"]', "path = 5", "counts[1].path", 18),
        ('name = "b"', 'name = "b"\nshape = "round"', "counts[1].shape", 18),
        ('path = "a.csv"', 'path = "${AUDAN_NO_SUCH}/a.csv"', "counts[0].path", 13),
    ],
)
def test_a_wrong_setting_names_key_and_line(tmp_path: Path, old: str, new: str, key: str, line: int) -> None:
    assert old in GOOD
    with pytest.raises(InputError) as caught:
        load_area(write(tmp_path, GOOD.replace(old, new)))
    assert caught.value.where.line == line
    assert str(caught.value.where.key).startswith(key)
    assert "area.toml" in str(caught.value)


def test_variables_are_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AUDAN_SOMEWHERE", "/data")
    area = load_area(write(tmp_path, GOOD.replace('"a.csv"', '"${AUDAN_SOMEWHERE}/a.csv"')))
    assert area.counts[0].path == ("/data/a.csv",)


@pytest.mark.parametrize("text", ["[area\n", "\xff\xfe"])
def test_what_is_not_toml_is_one_clear_error(tmp_path: Path, text: str) -> None:
    file = tmp_path / "area.toml"
    file.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=r"area\.toml"):
        load_area(file)


def test_a_missing_file_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="audan init"):
        load_area(tmp_path / "none.toml")


def test_two_sources_cannot_share_a_name(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="share a name"):
        load_area(write(tmp_path, GOOD.replace('name = "b"', 'name = "a"')))


def test_the_line_of_a_dotted_key_is_found() -> None:
    assert line_of("[a]\nb.c = 1\n", ("a", "b", "c")) == 2
    assert line_of("[a]\n", ("x",)) is None


def test_ready_areas_are_listed_when_a_name_is_wrong() -> None:
    assert {"demo", "london", "chicago", "kazakhstan"} <= set(ready_areas())
    with pytest.raises(UsageError, match="london"):
        ready_area("atlantis")


def test_every_ready_area_fits_the_published_schema(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import tomllib

    published = json.loads((root / "docs" / "reference" / "area.schema.json").read_text(encoding="utf-8"))
    assert published == json_schema(), "regenerate it with `make reference`"
    monkeypatch.setenv("AUDAN_DATA", "/data")
    monkeypatch.setenv("AUDAN_DEMO", "/demo")
    for folder in ready_areas().values():
        jsonschema.validate(tomllib.loads((folder / "area.toml").read_text(encoding="utf-8")), published)
        assert load_area(folder).area.id == folder.name
