"""Statistical forms: workbooks with merged headers, numbered graphs and numbered lines."""

from .layout import Form, Line, lay_out
from .read import ReadForm, read_forms

__all__ = ["Form", "Line", "ReadForm", "lay_out", "read_forms"]
