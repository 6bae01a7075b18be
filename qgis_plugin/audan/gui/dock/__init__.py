"""The Situation dock: what was unusual in a month, and why."""

from .dock import SituationDock

__all__ = ["SituationDock"]
