"""Access on a running server: revoking, waiting, the trace, proxies, an identity provider, and what needs no token."""

from __future__ import annotations

import base64
import json
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import httpx
import jwt
import pyarrow.parquet as pq
import pyogrio
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from live import live
from marked import marked_release, search

from gis_layers.desk import DESK, Scope, add_token, list_tokens, open_desk, read_looks, revoke_token
from tile_server import ServerSettings
from tile_server.auth.settings import Claims, Oidc
from tile_server.bounds.settings import Bounds

ITEMS = "/collections/rating/items?limit=5&datetime=2022-06"


@pytest.fixture
def store(tmp_path: Path) -> Path:
    return Path(marked_release(tmp_path / "store").path)


def make(store: Path, **given: Any) -> str:
    with open_desk(store) as desk:
        return add_token(desk, **{"name": "Aigul", "edition": "analyst", **given})[1]


def basic(token: str) -> tuple[str, str]:
    return ("anyone", token)


def until(status: int, ask: Callable[[], httpx.Response]) -> float:
    """Ask until a status comes and return the seconds that took."""
    began = time.monotonic()
    while ask().status_code != status:
        assert time.monotonic() - began < 5, ask().text
        time.sleep(0.05)
    return time.monotonic() - began


def test_a_token_holds_and_ends_on_a_running_server(store: Path) -> None:
    with live(ServerSettings(store)) as address, httpx.Client(base_url=address) as client:
        # Before there is any token, the header is somebody else's business (a proxy's before us).
        assert client.get(ITEMS, auth=basic("secret")).status_code == 404
        assert client.get("/collections", auth=basic("secret")).status_code == 200
        assert not (store / DESK).exists()
        token = make(store)
        until(200, lambda: client.get(ITEMS, auth=basic(token)))
        with open_desk(store) as desk:
            revoke_token(desk, token)
        assert until(401, lambda: client.get(ITEMS, auth=basic(token))) < 1.5
        assert client.get("/collections").status_code == 200


def test_a_token_expires_on_a_running_server(store: Path) -> None:
    with live(ServerSettings(store)) as address, httpx.Client(base_url=address) as client:
        token = make(store, expires=datetime.now(UTC) + timedelta(seconds=4))
        until(200, lambda: client.get(ITEMS, auth=basic(token)))
        assert until(401, lambda: client.get(ITEMS, auth=basic(token))) < 10


def test_a_challenge_names_both_schemes(store: Path) -> None:
    make(store)
    with live(ServerSettings(store, edition="analyst")) as address:
        answer = httpx.get(address + "/collections")
        assert answer.status_code == 401
        challenges = answer.headers.get_list("www-authenticate")
        assert [challenge.split()[0] for challenge in challenges] == ["Basic", "Bearer"]
        assert answer.headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in answer.headers


def test_wrong_credentials_wait_and_others_do_not(store: Path) -> None:
    token, other = make(store), make(store, name="Bolat")
    wrong = token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB")
    with live(ServerSettings(store)) as address, httpx.Client(base_url=address) as client:
        statuses = [client.get(ITEMS, auth=basic(wrong)).status_code for _ in range(7)]
        assert statuses == [401] * 6 + [429]
        waiting = client.get(ITEMS, auth=basic(token))
        assert (waiting.status_code, waiting.headers["retry-after"]) == (429, "1")
        assert client.get(ITEMS, auth=basic(other)).status_code == 200
        time.sleep(1.1)
        assert client.get(ITEMS, auth=basic(token)).status_code == 200
        # Ids that do not exist share one account, so inventing them escapes nothing, and whoever holds a token goes on.
        invented = [f"audan_{number:012x}_{'x' * 43}" for number in range(8)]
        statuses = [client.get(ITEMS, auth=basic(one)).status_code for one in invented]
        assert statuses == [401] * 6 + [429] * 2
        assert client.get(ITEMS, auth=basic(other)).status_code == 200


def test_the_trace_tells_who_looked_at_what(store: Path) -> None:
    token = make(store, scope=Scope(parents=("A",)))
    wrong = token[:-3] + ("AAA" if token[-3:] != "AAA" else "BBB")
    with live(ServerSettings(store, trusted_proxies=("127.0.0.1",))) as address:
        client = httpx.Client(base_url=address, headers={"x-forwarded-for": "6.6.6.6, 192.0.2.7"})
        client.get(ITEMS + "&offence=theft", auth=basic(token))
        client.get("/collections/rating/tiles/WebMercatorQuad/4/5/10?datetime=2022-06", auth=basic(token))
        client.get("/collections/rating_latest/items/06000", auth=basic(token))
        client.get("/explain?district=02000", auth=basic(token))
        client.get(ITEMS, auth=basic(wrong))
        client.get(ITEMS)
        client.get("/collections/safety/items")
        client.close()
        # The server is told to end right away: what waits must be written first.
    with open_desk(store) as desk:
        looks = list(read_looks(desk))
        [held] = list_tokens(desk)
    assert [(one.status, one.layer, one.slice) for one in looks] == [
        (200, "rating", "limit=5&datetime=2022-06&offence=theft"),
        (200, "rating", "4/5/10?datetime=2022-06"),
        (404, "rating_latest", "06000"),
        (200, "", "district=02000"),
        (401, "", "limit=5&datetime=2022-06"),
    ]
    assert {one.who for one in looks} == {held.id}
    assert {one.address for one in looks} == {"192.0.2.7"}
    assert looks[0].route == "/collections/{layer}/items"
    assert looks[0].name == "Aigul"
    assert datetime.now(UTC) - datetime.fromisoformat(looks[0].at) < timedelta(minutes=2)
    held_bytes = (store / DESK).read_bytes()
    assert token[19:].encode() not in held_bytes


def test_the_trace_is_on_the_disk_within_a_second_and_holds_not_modified_too(store: Path) -> None:
    token = make(store)
    with live(ServerSettings(store), workers=2) as address, httpx.Client(base_url=address) as client:
        tag = client.get(ITEMS, auth=basic(token)).headers["etag"]
        for _ in range(200):
            assert client.get(ITEMS, auth=basic(token), headers={"if-none-match": tag}).status_code == 304
        time.sleep(1.5)
        with open_desk(store) as desk:
            assert [one.status for one in read_looks(desk)].count(304) == 200


def test_without_tokens_the_analyst_edition_answers_this_machine_alone(store: Path) -> None:
    with live(ServerSettings(store, edition="analyst")) as address, httpx.Client(base_url=address) as client:
        assert client.get(ITEMS).status_code == 200
        port = address.rsplit(":", 1)[1]
        assert client.get(ITEMS, headers={"host": f"localhost:{port}"}).status_code == 200
        # A page of another site whose name was turned to this machine sends its own name.
        assert client.get(ITEMS, headers={"host": f"evil.example:{port}"}).status_code == 421
        for name in ("x-forwarded-for", "forwarded", "via", "x-real-ip"):
            assert client.get(ITEMS, headers={name: "192.0.2.7"}).status_code == 421
        assert (
            "access-control-allow-origin"
            not in client.get(ITEMS, headers={"origin": "https://a.example"}).headers
        )
        # The first token closes it.
        token = make(store)
        until(401, lambda: client.get(ITEMS))
        assert client.get(ITEMS, auth=basic(token)).status_code == 200


def test_a_guarded_server_stays_guarded_when_its_desk_goes(store: Path) -> None:
    make(store)
    settings = ServerSettings(store, edition="analyst", require_token=True)
    with live(settings) as address, httpx.Client(base_url=address) as client:
        assert client.get(ITEMS).status_code == 401
        for name in (DESK, f"{DESK}-wal", f"{DESK}-shm"):
            (store / name).unlink(missing_ok=True)
        time.sleep(0.7)
        assert client.get(ITEMS).status_code == 401
        (store / DESK).write_bytes(b"not a database" * 500)
        time.sleep(0.7)
        assert client.get(ITEMS).status_code == 401
        assert client.get(ITEMS, auth=basic("audan_0123456789ab_" + "x" * 43)).status_code == 503


def test_a_damaged_desk_lets_nobody_in_and_leaves_the_public_edition(store: Path) -> None:
    token = make(store)
    with live(ServerSettings(store)) as address, httpx.Client(base_url=address) as client:
        (store / DESK).write_bytes(b"not a database" * 500)
        until(503, lambda: client.get(ITEMS, auth=basic(token)))
        assert client.get("/collections").status_code == 200


def test_a_token_for_what_the_server_does_not_hold_is_403(store: Path) -> None:
    token = make(store)
    gone = make(store, scope=Scope(("99999",)))
    with live(ServerSettings(store)) as address, httpx.Client(base_url=address) as client:
        assert client.get("/collections", auth=basic(gone)).status_code == 403
        assert client.get("/collections", auth=basic(gone)).status_code == 403
    for release in (store / "releases").iterdir():
        shutil.rmtree(release / "analyst")
    with live(ServerSettings(store)) as address, httpx.Client(base_url=address) as client:
        assert client.get("/collections", auth=basic(token)).status_code == 403
        assert client.get("/collections").status_code == 200


def test_one_scope_of_many_and_a_new_release(store: Path) -> None:
    """More scopes than are held at a time, and each sees its own district in the new release too."""
    codes = [f"0{number}000" for number in range(1, 10)]
    tokens = [(code, make(store, scope=Scope((code,)))) for code in codes]
    with live(ServerSettings(store, reload_seconds=0.1)) as address, httpx.Client(base_url=address) as client:
        first = client.get("/readyz").json()["release"]
        for _ in range(2):
            for code, token in tokens:
                answer = client.get("/collections/rating_latest/items", auth=basic(token))
                assert search(answer.content, "json").districts == {int(code[:2]) - 1}
                assert answer.json()["numberMatched"] == 1
            marked_release(store)
            for _ in range(100):
                if client.get("/readyz").json()["release"] != first:
                    break
                time.sleep(0.1)
            until_release = client.get("/readyz").json()["release"]
            assert until_release != first
            time.sleep(0.5)


def test_login_sends_the_browser_to_the_map(store: Path) -> None:
    token = make(store)
    with live(ServerSettings(store)) as address, httpx.Client(base_url=address) as client:
        assert client.get("/login").status_code == 401
        answer = client.get("/login", auth=basic(token))
        assert (answer.status_code, answer.headers["location"]) == (303, "./")


def test_gdal_reads_with_the_token_as_password(store: Path) -> None:
    token = make(store, scope=Scope(parents=("A",)))
    with live(ServerSettings(store)) as address:
        try:
            pyogrio.set_gdal_config_options(
                {"GDAL_HTTP_USERPWD": f"anyone:{token}", "GDAL_HTTP_AUTH": "BASIC"}
            )
            frame = pyogrio.read_dataframe(f"OAPIF:{address}", layer="rating_latest")
        finally:
            pyogrio.set_gdal_config_options({"GDAL_HTTP_USERPWD": None, "GDAL_HTTP_AUTH": None})
    assert sorted(frame["district"]) == ["01000", "02000", "03000", "04000"]


RSA = rsa.generate_private_key(65537, 2048)


@pytest.fixture
def keys_address() -> Iterator[str]:
    """Address of a provider's key set."""
    key = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(RSA.public_key()))
    body = json.dumps({"keys": [{**key, "kid": "one"}]}).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            return

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/keys"
    server.shutdown()
    server.server_close()


def test_an_identity_provider_opens_what_its_claims_say(store: Path, keys_address: str) -> None:
    oidc = Oidc(
        issuer="https://login.example",
        audience="audan",
        jwks_url=keys_address,
        claims=Claims(parents="regions"),
    )

    def signed(**other: Any) -> str:
        claims = {
            "iss": "https://login.example", "aud": "audan", "sub": "u1", "exp": int(time.time()) + 60,
            "roles": ["audan-analyst"], "regions": ["A"],
        } | other  # fmt: skip
        return jwt.encode(claims, RSA, "RS256", headers={"kid": "one"})

    with live(ServerSettings(store, edition="analyst", oidc=oidc), workers=2) as address:
        client = httpx.Client(base_url=address)
        assert client.get(ITEMS).status_code == 401
        good = client.get(ITEMS + "&sortby=-district", headers={"authorization": f"Bearer {signed()}"})
        assert good.status_code == 200
        assert search(good.content, "json").districts <= {0, 1, 2, 3}
        assert client.get(ITEMS, auth=basic(signed(regions=["*"]))).json()["numberMatched"] == 36
        assert client.get(ITEMS, auth=basic(signed(roles=[]))).status_code == 404
        assert client.get(ITEMS, auth=basic(signed(aud="other"))).status_code == 401
        head, body, _ = signed().split(".")
        none = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
        assert client.get(ITEMS, auth=basic(f"{none}.{body}.")).status_code == 401
        assert client.get(ITEMS, auth=basic(f"{head}.{body}.")).status_code == 401
        client.close()
    with open_desk(store) as desk:
        assert {one.who for one in read_looks(desk)} == {"oidc:u1"}


def test_settings_reach_every_worker(store: Path) -> None:
    settings = ServerSettings(
        store,
        bounds=Bounds(rate=3, burst=7),
        trusted_proxies=("10.0.0.0/8",),
        oidc=Oidc(issuer="https://a.example", audience="b", jwks_url="https://a.example/keys"),
    )
    assert ServerSettings.from_json(settings.to_json()) == settings


def test_no_file_of_the_public_edition_holds_a_figure_of_the_analysts(store: Path) -> None:
    [release] = (path for path in (store / "releases").iterdir() if path.is_dir())

    def figures(edition: str) -> set[int]:
        found: set[int] = set()
        for path in (path for path in (release / edition).rglob("*") if path.is_file()):
            if path.suffix == ".parquet":
                text = repr(pq.read_table(path).to_pylist()).encode()
            elif path.suffix == ".fgb":
                text = pyogrio.read_dataframe(path).to_csv().encode()
            else:
                text = path.read_bytes()
            found |= search(text, "text/plain").figures
        return found

    assert figures("analyst") == set(range(9))
    assert figures("public") == set()
