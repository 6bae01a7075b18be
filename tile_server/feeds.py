"""`/feeds/signals`: the signals of the release as Atom and GeoJSON, of what the caller may see.

They are found in the caller's own view of the release: for a region's token the narrowed one, so that a signal of
another district cannot be in it.
"""

from __future__ import annotations

from gis_layers.alerts import ATOM, GEOJSON, KINDS, Kind, Signal, Wanted, atom, find_signals, geojson, points
from gis_layers.desk import Scope

from .answers import Call
from .cache import Answer
from .errors import bad_request
from .query import CODE

FILTERS = ("signal", "offence", "district", "parent", "level")


def signals_atom(call: Call) -> Answer:
    """Answer the signals as an Atom feed."""
    edition = call.snapshot.catalogue
    body = atom(
        _signals(call),
        edition,
        call.lang,
        call.snapshot.names.name,
        base=call.base,
        address=call.base + call.route,
    )
    return Answer(body, ATOM)


def signals_geojson(call: Call) -> Answer:
    """Answer the signals as points within their districts."""
    snapshot = call.snapshot
    places = points(snapshot.edition.districts())
    body = geojson(_signals(call), snapshot.catalogue, call.lang, snapshot.names.name, places, base=call.base)
    return Answer(body, GEOJSON)


def _signals(call: Call) -> list[Signal]:
    wanted = _wanted(call.params)
    found = find_signals(call.snapshot.edition, call.settings.edition)
    return [signal for signal in found if wanted.covers(signal)]


def _wanted(params: dict[str, str]) -> Wanted:
    kinds: tuple[Kind, ...] = ()
    if "signal" in params:
        kinds = tuple(kind for kind in KINDS if kind == params["signal"])
        if not kinds:
            raise bad_request(f"signal is one of {', '.join(KINDS)}")
    for name in ("offence", "district", "parent"):
        if name in params and not CODE.fullmatch(params[name]):
            raise bad_request(f"{name} is a code of [A-Za-z0-9_-]")
    level = params.get("level", "0")
    if level not in ("0", "1", "2", "3", "4", "5"):
        raise bad_request("level is a number from 0 to 5")
    return Wanted(
        kinds,
        _codes(params, "offence"),
        Scope(_codes(params, "district"), _codes(params, "parent")),
        int(level),
    )


def _codes(params: dict[str, str], name: str) -> tuple[str, ...]:
    return (params[name],) if name in params else ()
