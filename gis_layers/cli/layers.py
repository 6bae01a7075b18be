"""`audan layers`: what is in the current release."""

from __future__ import annotations

from .options import EditionName, Json, Store, open_edition, print_json


def layers(store: Store, edition: EditionName = EditionName.public, as_json: Json = False) -> None:
    """List the layers of the current release.

    Example: `audan layers --store store/ --edition analyst`
    """
    catalogue = open_edition(store, edition).catalogue
    if as_json:
        print_json(catalogue)
        return
    from rich.console import Console
    from rich.table import Table

    table = Table(
        "layer", "what it holds", "period", "months", "rows", title=f"{catalogue['area']['id']}, {edition}"
    )
    for layer in catalogue["layers"]:
        months = layer.get("months") or []
        span = f"{months[0]} to {months[-1]}" if months else ""
        table.add_row(
            layer["id"], layer["description"]["en"], layer["period"] or "", span, f"{layer['rows']:,}"
        )
    console = Console()
    console.print(table)
    for layer in catalogue["absent"]:
        console.print(f"[dim]{layer['id']}: absent. {layer['text']['en']}[/dim]")
