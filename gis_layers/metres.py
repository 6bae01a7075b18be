"""Which coordinates distances may be taken of: those of a projected CRS in metres, and no others."""

from __future__ import annotations

from pyproj import CRS

from .errors import UsageError, Where

_SAME = 1e-9


def in_metres(crs: CRS) -> bool:
    """Tell whether a CRS is projected, in metres.

    Examples
    --------
    >>> [in_metres(CRS.from_epsg(code)) for code in (32643, 4326, 2272)]
    [True, False, False]
    """
    return bool(crs.is_projected) and all(
        abs(axis.unit_conversion_factor - 1) < _SAME for axis in crs.axis_info[:2]
    )


def require_metres(crs: object) -> CRS:
    """Return a projected CRS in metres, or say that this is none.

    Parameters
    ----------
    crs
        A CRS, or what pyproj makes one of.

    Raises
    ------
    UsageError
        With a remedy, if the CRS is geographic or in another unit.

    Examples
    --------
    >>> require_metres("EPSG:32643").to_epsg()
    32643
    """
    known = CRS.from_user_input(crs)
    if not in_metres(known):
        raise UsageError(
            "distances need a projected CRS in metres",
            Where(key="crs", value=known.to_string()),
            remedy="project the points first, for instance to the UTM zone of the area",
        )
    return known
