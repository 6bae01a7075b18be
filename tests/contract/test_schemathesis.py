"""Thousands of requests made from our own OpenAPI document: no error of the server, every answer as documented."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from live import live
from schemathesis import GenerationMode
from schemathesis.checks import CHECKS
from schemathesis.schemas import APIOperation
from tiny import tiny_release

from gis_layers.desk import Scope, add_token, open_desk
from tile_server import ServerSettings
from tile_server.bounds.settings import Bounds

schemathesis.checks.load_all_checks()
HELD = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_headers_conformance",
        "response_schema_conformance",
        "unsupported_method",
    ]
)

CASES = 2_600
FEW = 150


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, str]]:
    """Address of a server, and a token of the analyst edition limited to a region."""
    store = Path(tiny_release(tmp_path_factory.mktemp("fuzzed") / "store").path)
    with open_desk(store) as desk:
        _, token = add_token(desk, name="fuzz", edition="analyst", scope=Scope(parents=("A",)))
    with live(ServerSettings(store, bounds=Bounds(rate=0))) as address:
        yield address, token


def attack(served: tuple[str, str], wanted: int) -> Counter[int]:
    """Ask until enough cases were made, spread over every operation; return the statuses."""
    address, token = served
    statuses: Counter[int] = Counter()
    bearer = {"Authorization": f"Bearer {token}"}
    for headers in (bearer,) if wanted == FEW else ({}, bearer):
        schema = schemathesis.openapi.from_url(f"{address}/api", headers=headers)
        schema.config.generation.update(modes=[GenerationMode.POSITIVE, GenerationMode.NEGATIVE])
        operations = [found.ok() for found in schema.get_all_operations()]
        each = max(1, round(wanted / (1 if wanted == FEW else 2) / len(operations)))
        for operation in operations:
            ask_often(operation, headers, each, statuses, repeatable=wanted == FEW)
    return statuses


def ask_often(
    operation: APIOperation, headers: dict[str, str], times: int, statuses: Counter[int], *, repeatable: bool
) -> None:
    @settings(
        max_examples=times,
        deadline=None,
        database=None,
        derandomize=repeatable,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy())
    def ask(case: schemathesis.Case) -> None:
        answer = case.call(headers=headers)
        case.validate_response(answer, checks=HELD)
        statuses[answer.status_code] += 1

    ask()


def test_a_few_hundred_requests_are_answered_as_documented(served: tuple[str, str]) -> None:
    statuses = attack(served, FEW)
    assert statuses[200] > 20
    assert not [status for status in statuses if status >= 500]


@pytest.mark.slow
@pytest.mark.timeout(3000)
def test_two_thousand_requests_are_answered_as_documented(served: tuple[str, str]) -> None:
    statuses = attack(served, int(os.environ.get("AUDAN_CASES", CASES)))
    sys.stdout.write(f"schemathesis: {statuses.total()} cases, {dict(statuses)}\n")
    assert statuses.total() >= 2_000
    assert statuses[200] > 300
    assert not [status for status in statuses if status >= 500]
    assert httpx.get(f"{served[0]}/readyz").status_code == 200
