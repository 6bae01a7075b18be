"""The health of the data: what does not add up, what changed that is not crime, what is recorded late or twice."""

from .diagnose import diagnose
from .model import Finding

__all__ = ["Finding", "diagnose"]
