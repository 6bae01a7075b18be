"""The attack that tests the rules: what can a reader of the public edition compute back?

It reads files as they are exported or stored, never the memory of the build.
"""

from .read import read_rows, read_totals, together
from .rounded import attack_rounded
from .solve import Finding, attack

__all__ = ["Finding", "attack", "attack_rounded", "read_rows", "read_totals", "together"]
