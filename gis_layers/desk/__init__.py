"""What people write beside the releases: tokens and the trace of who looked at what.

The desk is one SQLite file in the store, the only thing a server writes. No build, rollback or prune touches it.
"""

from .file import DESK, open_desk
from .scope import EVERYWHERE, Scope
from .tokens import Token, add_token, list_tokens, read_tokens, revoke_token, split_token
from .trace import Look, count_lost, keep_days, prune_looks, read_looks, set_keep_days, write_looks
from .trace_export import export_looks

__all__ = [
    "DESK",
    "EVERYWHERE",
    "Look",
    "Scope",
    "Token",
    "add_token",
    "count_lost",
    "export_looks",
    "keep_days",
    "list_tokens",
    "open_desk",
    "prune_looks",
    "read_looks",
    "read_tokens",
    "revoke_token",
    "set_keep_days",
    "split_token",
    "write_looks",
]
