"""Hotspots as the public edition holds them: made of published figures alone, and empty where a count is withheld."""

from __future__ import annotations

import numpy as np
import xarray as xr

from .protect import Protection

_DIMS = ("offence", "month", "district")


def public_hotspots(hotspots: xr.Dataset, protection: Protection) -> xr.Dataset:
    """Empty the rows whose count is withheld.

    Parameters
    ----------
    hotspots
        Result of :func:`gis_layers.places.hotspots.judge_hotspots_kept` on ``protection.panel``: published counts and
        estimates made of them, so that neither a neighbourhood nor a pattern tells more than they do.
    protection
        Which counts are withheld.
    """
    hidden = xr.DataArray(
        protection.hidden.transpose(1, 2, 0),
        dims=_DIMS,
        coords={name: protection.panel[name] for name in _DIMS},
    )
    return hotspots.assign(
        {
            name: column.where(~hidden, -1 if "categories" in column.attrs else np.nan)
            .astype(column.dtype)
            .assign_attrs(column.attrs)
            for name, column in hotspots.data_vars.items()
        }
    )
