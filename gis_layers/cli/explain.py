"""`audan explain`: the whole story of a cell."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import EditionName, Json, Language, Store, open_edition, print_json


def explain(
    store: Store,
    district: Annotated[
        str | None, typer.Argument(help="Code of the district, or its name where that is unique.")
    ] = None,
    month: Annotated[str | None, typer.Option(help="YYYY-MM. Default: the newest judged month.")] = None,
    offence: Annotated[str, typer.Option(help="Code of the offence.")] = "all",
    cluster: Annotated[str | None, typer.Option(help="A cluster instead of a district.")] = None,
    path: Annotated[str | None, typer.Option(help="A spread path instead of a district.")] = None,
    edition: EditionName = EditionName.analyst,
    lang: Language = Language.en,
    as_json: Json = False,
) -> None:
    """Tell why a district is coloured as it is, or why a cluster or a spread path is there.

    Example: `audan explain E09000033 --store store/ --month 2022-08 --offence robbery`
    """
    from ..errors import UsageError
    from ..explain import explain as tell
    from ..explain import explain_found, explain_text, found_text

    if sum(one is not None for one in (district, cluster, path)) != 1:
        raise UsageError("explain tells of one thing", remedy="name a district, --cluster or --path")
    if district is None:
        kind, name = ("cluster", cluster) if cluster is not None else ("path", path)
        found = explain_found(open_edition(store, edition), kind, str(name))
        print_json(found) if as_json else print(found_text(found, lang))
        return
    story = tell(open_edition(store, edition), district, offence, month)
    if as_json:
        print_json(story)
    else:
        print(explain_text(story, lang))
