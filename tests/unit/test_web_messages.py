"""Every sentence that the web map asks for stands in every message file, and none is left over."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

# Codes put together at run time: months by number, the name of what a layer measures.
COMPOSED = re.compile(r"web\.(month|month_short)\.\d\d")


def asked_for(root: Path) -> set[str]:
    sources = (root / "tile_server" / "web" / "src").glob("*.ts")
    return {
        code
        for file in sources
        for code in re.findall(r'"(web\.[a-z_.]+)"', file.read_text(encoding="utf-8"))
    }


@pytest.mark.parametrize("language", ["en", "ru", "kk"])
def test_sentences_of_the_map_are_whole(root: Path, language: str) -> None:
    messages = json.loads((root / "gis_layers" / "messages" / f"{language}.json").read_text(encoding="utf-8"))
    held = {code for code in messages if code.startswith("web.") and not COMPOSED.fullmatch(code)}
    assert asked_for(root) - held == set()
    assert held - asked_for(root) == set()
    assert sum(1 for code in messages if COMPOSED.fullmatch(code)) == 24
    assert all(messages[code].strip() for code in held)
