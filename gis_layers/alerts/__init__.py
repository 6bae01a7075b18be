"""What goes out after a build: new signals, once, to those who asked, by webhook, e-mail and feed."""

from .feeds import ATOM, GEOJSON, atom, geojson, points
from .find import Source, find_signals
from .send import Outbox, Plan, names_of
from .settings import AlertSettings, Subscription, json_schema, read_alerts
from .signal import KINDS, Kind, Signal, Wanted, as_dict, heading, sentences
from .webhook import sign, verify

__all__ = [
    "ATOM",
    "GEOJSON",
    "KINDS",
    "AlertSettings",
    "Kind",
    "Outbox",
    "Plan",
    "Signal",
    "Source",
    "Subscription",
    "Wanted",
    "as_dict",
    "atom",
    "find_signals",
    "geojson",
    "heading",
    "json_schema",
    "names_of",
    "points",
    "read_alerts",
    "sentences",
    "sign",
    "verify",
]
