"""How far the norm can be trusted: false alarms, outbreaks and falls found, and how well it foretells real counts."""

from .report import page
from .run import TABLES, evaluate, keep
from .walk_forward import Asked, walk_forward

__all__ = ["TABLES", "Asked", "evaluate", "keep", "page", "walk_forward"]
