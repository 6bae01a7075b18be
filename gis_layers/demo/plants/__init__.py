"""What is planted in the demo: one file per kind, planned together, each with its own switch."""

from .model import Cell, Event, Plants
from .plan import plan_events

__all__ = ["Cell", "Event", "Plants", "plan_events"]
