"""The attack at full scale: every month of London taken as protected, and of the demo, from the files of a release."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from gis_layers import pipeline
from gis_layers.codes import load_codebook
from gis_layers.demo import write_demo
from gis_layers.disclosure import disclosure_report
from gis_layers.disclosure.attack import Finding, attack, read_rows, read_totals
from gis_layers.disclosure.relations import tree_of
from gis_layers.pipeline import Built
from gis_layers.release import open_store
from gis_layers.settings import ready_area

pytestmark = [pytest.mark.slow, pytest.mark.timeout(7200)]


def _attack(built: Built, store: Path) -> Finding:
    release = open_store(store).current()
    edition = release.edition("public")
    settings = built.inputs.settings
    codes = list(dict.fromkeys(edition.read("offences")["offence"]))
    book = built.inputs.codebook if codes == built.inputs.codebook.codes else load_codebook(
        settings.resolve(settings.codebook.path)
    )  # fmt: skip
    tree = tree_of(codes, book)
    places = edition.districts()
    parents = places["parent"] if "parent" in places else pd.Series("", index=places.index)
    began = time.monotonic()
    found = attack(
        [read_rows(edition.path("rating"), rate_per=settings.area.rate_per)],
        tree,
        dict(zip(places["district"], parents.fillna("").astype(str), strict=True)),
        totals=[read_totals(release.folder / "disclosure.parquet")],
        rng=np.random.default_rng(11),
    )
    assert built.protection is not None
    told = disclosure_report(built.protection)
    print(f"\n{settings.area.id}: {len(found.cells):,} withheld cells attacked in {time.monotonic() - began:.0f} s, "
          f"{found.exact:,} by programs of their own, {len(found.recovered)} recovered")  # fmt: skip
    for kind, tally in [("all", told), *told["kinds"].items()]:
        parts = ", ".join(f"{name} {100 * one['share']:.1f} %" for name, one in tally["reasons"].items())
        print(f"{kind:>10}: withheld {100 * tally['share']:.1f} % ({parts})")
    assert len(found.cells) == told["withheld"] > 10_000
    return found


def test_london_as_if_it_were_protected(audan_data: Path, tmp_path: Path) -> None:
    area = ready_area("london")
    text = (
        area.read_text(encoding="utf-8")
        if area.is_file()
        else (area / "area.toml").read_text(encoding="utf-8")
    )
    folder = area.parent if area.is_file() else area
    (tmp_path / "codes.csv").write_bytes((folder / "codes.csv").read_bytes())
    (tmp_path / "area.toml").write_text(
        text.replace('counts = "open"', 'counts = "protected"'), encoding="utf-8"
    )
    found = _attack(pipeline.build(tmp_path / "area.toml", tmp_path / "store"), tmp_path / "store")
    assert found.recovered.empty


def test_the_demo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_demo(tmp_path / "input", seed=1)
    monkeypatch.setenv("AUDAN_DEMO", str(tmp_path / "input"))
    found = _attack(pipeline.build(ready_area("demo"), tmp_path / "store"), tmp_path / "store")
    assert found.recovered.empty
