"""`audan explain`: the whole story of a cell."""

from __future__ import annotations

from typing import Annotated

import typer

from .options import EditionName, Json, Language, Store, open_edition, print_json


def explain(
    district: Annotated[str, typer.Argument(help="Code of the district, or its name where that is unique.")],
    store: Store,
    month: Annotated[str | None, typer.Option(help="YYYY-MM. Default: the newest judged month.")] = None,
    offence: Annotated[str, typer.Option(help="Code of the offence.")] = "all",
    edition: EditionName = EditionName.analyst,
    lang: Language = Language.en,
    as_json: Json = False,
) -> None:
    """Tell why a district is coloured as it is.

    Example: `audan explain E09000033 --store store/ --month 2022-08 --offence robbery`
    """
    from ..explain import explain as tell
    from ..explain import explain_text

    story = tell(open_edition(store, edition), district, offence, month)
    if as_json:
        print_json(story)
    else:
        print(explain_text(story, lang))
