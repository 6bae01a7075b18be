"""`audan tokens`: who may see the analyst edition, and of which districts."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from .options import EditionName, Json, Store, open_edition, print_json

if TYPE_CHECKING:
    from ..desk import Scope, Token

app = typer.Typer(help="Tokens: who may see which edition, and of which districts.", no_args_is_help=True)


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="Whose it is, or what it is for.")],
    store: Store,
    edition: EditionName = EditionName.analyst,
    parent: Annotated[
        list[str] | None,
        typer.Option(help="Code of a parent: the token sees its districts alone. May be repeated."),
    ] = None,
    district: Annotated[
        list[str] | None, typer.Option(help="Code of a district that the token sees. May be repeated.")
    ] = None,
    expires: Annotated[
        str, typer.Option(help="Last day (YYYY-MM-DD), a number of days (90d), or never.")
    ] = "365d",
    as_json: Json = False,
) -> None:
    """Make a token and print it once; the store keeps only a hash of it.

    Example: `audan tokens add "Aigul, Akmola office" --store store/ --parent 110000000 --expires 90d`
    """
    from ..desk import Scope, add_token, open_desk
    from ..desk.tokens import read_expiry

    scope = Scope(tuple(district or ()), tuple(parent or ()))
    _check_codes(store, edition, scope)
    with open_desk(store) as desk:
        made, text = add_token(
            desk, name=name, edition=edition.value, scope=scope, expires=read_expiry(expires)
        )
    if as_json:
        print_json({"token": text, **_plain(made)})
        return
    print(text)
    until = f"until {made.expires:%Y-%m-%d %H:%M} UTC" if made.expires else "for ever"
    print(
        f"Token {made.id} opens the {made.edition} edition, {made.scope}, {until}. It is shown only now.",
        file=sys.stderr,
    )


@app.command("list")
def list_(store: Store, as_json: Json = False) -> None:
    """List the tokens; their secrets are not in the store.

    Example: `audan tokens list --store store/`
    """
    from ..desk import list_tokens, open_desk

    try:
        with open_desk(store, create=False) as desk:
            tokens = list_tokens(desk)
    except FileNotFoundError:
        tokens = []
    if as_json:
        print_json([_plain(token) for token in tokens])
        return
    for token in tokens:
        until = f"{token.expires:%Y-%m-%d}" if token.expires else "never"
        state = token.state(datetime.now(UTC))
        print(f"{token.id}  {state:7}  {token.edition:7}  {until:10}  {token.scope}  {token.name}")


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(help="Id of the token, or the token itself.")],
    store: Store,
    reason: Annotated[str, typer.Option(help="Why, for the record.")] = "",
) -> None:
    """Revoke a token for good; a running server refuses it within a second.

    Example: `audan tokens revoke 0123456789ab --store store/ --reason "left the office"`
    """
    from ..desk import open_desk, revoke_token

    with open_desk(store) as desk:
        gone = revoke_token(desk, token, reason=reason)
    print(f"Token {gone.id} ({gone.name}) is revoked.")


def _check_codes(store: Any, edition: EditionName, scope: Scope) -> None:
    """Refuse a code that the current release does not know: a token that sees nothing helps nobody."""
    from ..explain.find import by_name, unknown

    if scope.everywhere:
        from ..release import open_store

        open_store(store)
        return
    places = open_edition(store, edition).districts()
    parents = places["parent"] if "parent" in places.columns else places["district"].iloc[:0]
    for code in _strangers(scope.parents, parents.dropna()):
        named = places.drop_duplicates("parent") if len(parents) else places.iloc[:0]
        columns = [c for c in named.columns if c.startswith("parent_name")]
        renamed = named[["parent", *columns]] if len(parents) else named[["district"]]
        renamed = renamed.rename(columns={c: c.removeprefix("parent_") for c in columns})
        raise unknown("parent", code, by_name(renamed, renamed.columns[0]))
    for code in _strangers(scope.districts, places["district"]):
        raise unknown("district", code, by_name(places.drop(columns="geometry"), "district"))


def _strangers(codes: Sequence[str], known: Any) -> list[str]:
    return [code for code in codes if code not in set(known)]


def _plain(token: Token) -> dict[str, Any]:
    return {
        "id": token.id,
        "name": token.name,
        "edition": token.edition,
        "districts": list(token.scope.districts),
        "parents": list(token.scope.parents),
        "created": token.created,
        "expires": token.expires,
        "revoked": token.revoked,
        "state": token.state(datetime.now(UTC)),
    }
