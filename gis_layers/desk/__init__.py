"""What is kept beside the releases: tokens, the trace of who looked at what, and what went out.

The desk is one SQLite file in the store, the only thing a server writes. No build, rollback or prune touches it.
"""

from .deliveries import (
    LEAST_DAYS,
    Delivery,
    Outcome,
    note_attempt,
    plan_delivery,
    prune_deliveries,
    read_deliveries,
    signals_out,
)
from .file import DESK, open_desk
from .scope import EVERYWHERE, Scope
from .tokens import Token, add_token, list_tokens, read_tokens, revoke_token, split_token
from .trace import Look, count_lost, keep_days, prune_looks, read_looks, set_keep_days, write_looks
from .trace_export import export_looks

__all__ = [
    "DESK",
    "EVERYWHERE",
    "LEAST_DAYS",
    "Delivery",
    "Look",
    "Outcome",
    "Scope",
    "Token",
    "add_token",
    "count_lost",
    "export_looks",
    "keep_days",
    "list_tokens",
    "note_attempt",
    "open_desk",
    "plan_delivery",
    "prune_deliveries",
    "prune_looks",
    "read_deliveries",
    "read_looks",
    "read_tokens",
    "revoke_token",
    "set_keep_days",
    "signals_out",
    "split_token",
    "write_looks",
]
