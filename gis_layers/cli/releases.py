"""`audan releases`: the store's releases: list, verify, roll back, prune, back up."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ..errors import SystemFault, UsageError
from .options import EditionName, Json, Store, print_json

app = typer.Typer(help="The releases of a store.", no_args_is_help=True)


@app.command("list")
def list_releases(store: Store, as_json: Json = False) -> None:
    """List the releases, the current one marked, with what each says otherwise than the one before it.

    Example: `audan releases list --store store/`
    """
    from ..release import open_store
    from .report import told_revisions

    opened = open_store(store)
    current = opened.named()
    revised = {release: opened.release(release).revisions for release in opened.releases()}
    if as_json:
        print_json({"current": current, "releases": opened.releases(), "revisions": revised})
        return
    for release, summary in revised.items():
        said = told_revisions(summary)
        print(f"{'*' if release == current else ' '} {release}{'  ' if said else ''}{said}")
    if current not in revised:
        print("audan: the store has no current release", file=sys.stderr)


@app.command()
def verify(
    store: Store,
    release: Annotated[str | None, typer.Argument(help="Id of a release. Default: the current one.")] = None,
    every: Annotated[bool, typer.Option("--all", help="Verify every release of the store.")] = False,
    edition: Annotated[
        EditionName | None, typer.Option(help="Only this edition's files, as where no other was copied to.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Compare every file of a release with its manifest; name every one that is missing, changed or added.

    Example: `audan releases verify --store store/`
    """
    from ..release import open_store
    from ..release.store import listed

    if every and release is not None:
        raise UsageError("either one release is verified or all", remedy="leave out --all or the id")
    opened = open_store(store)
    names = opened.releases() if every else [release or opened.current().id]
    found = {name: opened.verify(name, edition) for name in names}
    damaged = {name: problems for name, problems in found.items() if problems}
    if as_json:
        print_json({"current": opened.named(), "releases": found})
    if damaged:
        if not as_json:
            print("\n".join(f"{name}: {problem}" for name, all_ in damaged.items() for problem in all_))
        said = ". ".join(f"release {name} is damaged: {listed(all_)}" for name, all_ in damaged.items())
        raise SystemFault(said, remedy="roll back (`audan releases rollback`) or build again")
    if every:
        opened.current()
    if not as_json:
        print("\n".join(f"{name}: every file is as its manifest says." for name in names))


@app.command()
def rollback(
    store: Store,
    release: Annotated[
        str | None, typer.Argument(help="Id of a release. Default: the one before the current.")
    ] = None,
) -> None:
    """Make an earlier release current again.

    Example: `audan releases rollback --store store/`
    """
    from ..release import open_store

    print(f"Current is now {open_store(store).rollback(release)}.")


@app.command()
def prune(
    store: Store, keep: Annotated[int, typer.Option(min=1, help="How many of the newest to keep.")] = 12
) -> None:
    """Delete old releases; the current one always stays.

    Example: `audan releases prune --store store/ --keep 12`
    """
    from ..release import open_store

    gone = open_store(store).prune(keep)
    print(f"Deleted {len(gone)} of the releases{': ' + ', '.join(gone) if gone else ''}.")


@app.command()
def backup(
    store: Store,
    output: Annotated[
        Path, typer.Option("--output", "-o", metavar="DIR", help="Folder to write; must not exist.")
    ],
) -> None:
    """Copy the current release and the desk to another folder, as a store of its own.

    Example: `audan releases backup --store store/ --output backup/`
    """
    from ..release import open_store

    open_store(store).backup(output)
    print(f"Wrote a backup to {output}.")
