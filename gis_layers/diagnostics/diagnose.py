"""All diagnoses of an area, one after the other."""

from __future__ import annotations

import xarray as xr

from ..codes import Codebook, load_crosswalk
from ..districts import Districts
from ..settings import AreaSettings
from ..sources.intake import Intake
from ..sources.places import Places
from .breaks import check_breaks
from .cards import check_cards
from .controls import check_controls
from .crosswalk import check_crosswalk
from .model import Finding
from .outcome import check_outcomes
from .sums import check_sums


def diagnose(
    settings: AreaSettings,
    districts: Districts,
    codebook: Codebook,
    intake: Intake,
    panel: xr.Dataset | None = None,
) -> list[Finding]:
    """Look at everything that was read and say what people should know before they trust it.

    Parameters
    ----------
    settings, districts, codebook, intake
        The area and what its sources delivered. The spool of cards must still be there.
    panel
        Its panel; None where there are no counts.

    Returns
    -------
    findings
        In a fixed order: sums, published tables, the crosswalk, breaks, single cards, empty fields by outcome. Nothing
        here stops a build.
    """
    places = Places(districts)
    file = settings.codebook.crosswalk
    changes = None if file is None else load_crosswalk(settings.resolve(file), codebook)
    by_point = frozenset(cards.name for cards in settings.cards if cards.columns.district is None)
    outcomes = {cards.name: cards.columns.outcome for cards in settings.cards if cards.columns.outcome}
    return [
        *check_sums(settings, codebook, intake),
        *check_controls(settings, places, intake),
        *(check_crosswalk(changes, intake.ledger) if changes is not None else []),
        *(check_breaks(settings, codebook, panel) if panel is not None else []),
        *(check_cards(intake.cards, districts, by_point=by_point) if intake.cards is not None else []),
        *(check_outcomes(intake.cards, outcomes) if intake.cards is not None else []),
    ]
