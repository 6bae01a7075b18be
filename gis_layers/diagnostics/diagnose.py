"""All diagnoses of an area, one after the other."""

from __future__ import annotations

from ..codes import Codebook
from ..districts import Districts
from ..settings import AreaSettings
from ..sources.intake import Intake
from ..sources.places import Places
from .controls import check_controls
from .model import Finding
from .sums import check_sums


def diagnose(
    settings: AreaSettings, districts: Districts, codebook: Codebook, intake: Intake
) -> list[Finding]:
    """Look at everything that was read and say what people should know before they trust it.

    Parameters
    ----------
    settings, districts, codebook, intake
        The area and what its sources delivered. The spool of cards must still be there.

    Returns
    -------
    findings
        In a fixed order: sums, published tables. Nothing here stops a build.
    """
    places = Places(districts)
    return [*check_sums(settings, codebook, intake), *check_controls(settings, places, intake)]
