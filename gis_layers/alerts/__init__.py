"""What goes out after a build: new signals, once, to those who asked, by webhook, e-mail and feed."""

from .feeds import ATOM, GEOJSON, atom, geojson, points
from .find import find_signals
from .send import Outbox, Plan
from .settings import AlertSettings, Subscription, json_schema, read_alerts
from .signal import KINDS, Kind, Signal, Wanted
from .webhook import sign, verify
from .words import as_dict, heading, link, names_of, sentences

__all__ = [
    "ATOM",
    "GEOJSON",
    "KINDS",
    "AlertSettings",
    "Kind",
    "Outbox",
    "Plan",
    "Signal",
    "Subscription",
    "Wanted",
    "as_dict",
    "atom",
    "find_signals",
    "geojson",
    "heading",
    "json_schema",
    "link",
    "names_of",
    "points",
    "read_alerts",
    "sentences",
    "sign",
    "verify",
]
