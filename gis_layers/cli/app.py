"""The typer application: the verbs, in the order in which a newcomer meets them."""

from __future__ import annotations

from typing import Annotated

import typer

from . import (
    alerts,
    bench,
    build,
    check,
    demo,
    evaluate,
    explain,
    export,
    init,
    layers,
    releases,
    serve,
    tokens,
    trace,
)

app = typer.Typer(
    name="audan",
    help="Watch recorded crime by district: what is normal, what is not, served as map layers.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    rich_markup_mode="markdown",
)


def _version(asked: bool) -> None:
    if asked:
        from .. import __version__

        print(f"audan {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


app.command("demo")(demo.demo)
app.command("init")(init.init)
app.command("check")(check.check)
app.command("build")(build.build)
app.add_typer(releases.app, name="releases")
app.command("layers")(layers.layers)
app.command("export")(export.export)
app.command("explain")(explain.explain)
app.command("serve")(serve.serve)
app.add_typer(tokens.app, name="tokens")
app.add_typer(trace.app, name="trace")
app.add_typer(alerts.app, name="alerts")
app.command("evaluate")(evaluate.evaluate)
app.command("bench")(bench.bench)
