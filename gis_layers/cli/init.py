"""`audan init`: a commented area folder to start from."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def init(
    name: Annotated[
        str,
        typer.Argument(
            help="The ready area to start from: demo, london, chicago, kazakhstan or kazakhstan-regions."
        ),
    ],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to write; it must not exist, or be empty.")
    ],
) -> None:
    """Write a commented area folder to start from.

    Example: `audan init kazakhstan my-area/`
    """
    import shutil

    from ..errors import UsageError, Where
    from ..settings import ready_area

    source = ready_area(name)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError("the folder is in use", Where(file=folder), remedy="name a new or an empty one")
    shutil.copytree(source, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
    print(f"Wrote {folder}: edit {folder / 'area.toml'}, then run `audan check {folder / 'area.toml'}`.")
