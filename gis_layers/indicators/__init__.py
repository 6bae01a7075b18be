"""Indicators: one folder or file per question that a layer answers."""
