"""Write the parts of the documentation that come from the code; `--check` fails where they have drifted."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

DOCS = Path(__file__).resolve().parent


def pages() -> Iterator[tuple[Path, str]]:
    """Yield every generated page with its text."""
    from gis_layers.settings import json_schema

    yield (
        DOCS / "reference" / "area.schema.json",
        json.dumps(json_schema(), indent=1, ensure_ascii=False) + "\n",
    )
    from tile_server.settings_file import json_schema as server_schema

    yield (
        DOCS / "reference" / "server.schema.json",
        json.dumps(server_schema(), indent=1, ensure_ascii=False) + "\n",
    )
    from gis_layers.alerts import json_schema as alerts_schema

    yield (
        DOCS / "reference" / "alerts.schema.json",
        json.dumps(alerts_schema(), indent=1, ensure_ascii=False) + "\n",
    )
    yield DOCS / "reference" / "commands.md", commands()
    yield DOCS / "reference" / "qgis.md", algorithms()
    yield DOCS / "benchmarks.md", benchmarks()


def benchmarks() -> str:
    """Return the page of the figures that `audan bench --output benchmarks/results.json` kept."""
    sys.path.append(str(DOCS.parent))
    from benchmarks.page import page
    from benchmarks.run import RESULTS

    return page(json.loads(RESULTS.read_text(encoding="utf-8")))


PLUGIN = DOCS.parent / "qgis_plugin" / "audan"
SHARED = {
    "SERVER": "ask_server",
    "AUTH": "ask_server",
    "LAYER": "ask_layer",
    "OFFENCE": "ask_offence",
    "MONTH": "ask_month",
}
"""Parameters that algorithms of the QGIS plugin have in common, and what asks for them."""


def algorithms() -> str:
    """Return the reference of the QGIS plugin's algorithms, in the words that QGIS shows."""
    words: dict[str, str] = {}
    for file in sorted((PLUGIN / "i18n" / "en").glob("*.json")):
        words |= json.loads(file.read_text(encoding="utf-8"))
    parts = [
        "# Algorithms of the QGIS plugin\n",
        "Made by `make reference` from the plugin. They stand in the toolbox under *Audan*.\n",
    ]
    parts += [
        "In a terminal: `qgis_process.bin run audan:<name> --SERVER=… --<PARAMETER>=<value>`; `qgis_process.bin help audan:<name>` tells more.\n"
    ]
    for file in sorted((PLUGIN / "processing").glob("*.py")):
        start = f"processing.{file.stem}."
        if start + "name" not in words:
            continue
        source = file.read_text(encoding="utf-8")
        told = {
            name: words[f"processing.{name}"] for name, asked in SHARED.items() if f"self.{asked}(" in source
        }
        told |= {
            key.removeprefix(start): text
            for key, text in words.items()
            if key.startswith(start)
            and key.removeprefix(start).isupper()
            and "." not in key.removeprefix(start)
        }
        rows = [f"| `{name}` | {text} |" for name, text in told.items()]
        parts += [f"## `audan:{file.stem}`: {words[start + 'name']}\n", words[start + "help"] + "\n"]
        parts += ["| parameter or result | meaning |", "|---|---|", *rows, ""]
    return "\n".join(parts)


def commands() -> str:
    """Return the reference of the command line."""
    import typer
    from typer.main import get_command

    from gis_layers.cli.app import app

    root = get_command(app)
    context = typer.Context(root, info_name="audan")
    parts = ["# Commands\n", "Made by `make reference` from the code.\n"]
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        parts += _describe(command, typer.Context(command, info_name=name, parent=context), f"audan {name}")
    return "\n".join(parts)


def _describe(command, context, path: str) -> list[str]:  # type: ignore[no-untyped-def]
    parts = [f"## `{path}`\n", (command.help or "").strip() + "\n"]
    if children := getattr(command, "commands", None):
        for name, child in children.items():
            parts += _describe(child, type(context)(child, info_name=name, parent=context), f"{path} {name}")
        return parts
    rows = []
    for parameter in command.params:
        if parameter.name == "help":
            continue
        names = ", ".join(
            f"`{opt}`" for opt in [*parameter.opts, *parameter.secondary_opts] if opt.startswith("-")
        )
        default = parameter.default
        shown = "" if default is None or default is ... or callable(default) else f" Default: `{default}`."
        rows.append(
            f"| {names or f'`{parameter.metavar or parameter.name.upper()}`'} | {getattr(parameter, 'help', None) or ''}{shown} |"
        )
    return [*parts, "| option | meaning |", "|---|---|", *rows, ""]


def main() -> int:
    """Write the pages, or compare them."""
    drifted = []
    for path, text in pages():
        if "--check" in sys.argv:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                drifted.append(path.name)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if drifted:
        print(f"out of date: {', '.join(drifted)}; run `make reference`", file=sys.stderr)
    return bool(drifted)


if __name__ == "__main__":
    sys.exit(main())
