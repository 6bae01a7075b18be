"""What layers are read from, wherever it lies: an edition on disk, or a release in a server's memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd


class Readable(Protocol):
    """An edition of a release, as those need it who tell of it."""

    @property
    def catalogue(self) -> dict[str, Any]: ...

    @property
    def layer_ids(self) -> tuple[str, ...]: ...

    def districts(self) -> Any: ...

    def read(
        self,
        layer: str,
        months: tuple[np.datetime64 | str, np.datetime64 | str] | None = None,
        offences: Sequence[str] | None = None,
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame: ...
