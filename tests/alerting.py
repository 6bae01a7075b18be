"""A tiny release with signals of every kind, and receivers that listen on loopback: a webhook and a mail server."""

from __future__ import annotations

import contextlib
import json
import socket
import socketserver
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import tiny

from gis_layers.alerts import Outbox, read_alerts
from gis_layers.release import Store, open_store, publish
from gis_layers.sources.ledger import Ledger, SourceLedger, Tally

SECRET = "a secret of the tests, long enough"


def duty(url: str, more: str = "") -> str:
    """Write the subscription of the duty officer, whose webhook is on loopback."""
    return f"""
[[subscriptions]]
id = "duty"
channel = "webhook"
url = "{url}"
secret = {{ env = "HOOK" }}
edition = "analyst"
{more}
"""


def outbox(store: Store, text: str, **options: Any) -> Outbox:
    """Return what goes out of a store by an alerts file of this text."""
    path = Path(store.path).parent / "alerts.toml"
    path.write_text(text, encoding="utf-8")
    return Outbox(Path(store.path), read_alerts(path), **options)


def layers(shift: int = 0) -> list[Any]:
    """Return the tiny layers with one signal or two of every kind in the last months.

    Parameters
    ----------
    shift
        Another outbreak of as many districts further, so that a second release has something new.
    """
    made = {layer.id: layer for layer in tiny.layers()}
    rating = made["rating"].frame
    last, earlier = tiny.MONTHS[-1], tiny.MONTHS[-2]
    rating["fired"], rating["standing"] = "none", False

    def mark(district: str, month: pd.Timestamp, offence: str, **values: Any) -> None:
        at = (rating["district"] == district) & (rating["month"] == month) & (rating["offence"] == offence)
        for name, value in values.items():
            rating.loc[at, name] = value

    mark("01000", last, "theft", fired="both", level=5.0)
    # High for months: old news. And one that only now came to stand.
    mark("02000", last, "theft", fired="peers", level=5.0, standing=True)
    mark("02000", earlier, "theft", fired="peers", level=5.0, standing=True)
    mark("05000", last, "burglary", fired="peers", level=3.0, standing=True)
    mark("06000", last, "burglary", fired="peers", level=4.0, suppressed=True)
    month, district = (axis.ravel() for axis in np.meshgrid(range(12, 14), range(9), indexing="ij"))
    keys = {"district": np.array(tiny.DISTRICTS)[district], "month": tiny.MONTHS.to_numpy()[month]}
    newest = month == 13
    signal = np.full(18, "norm", dtype=object)
    signal[newest & (district == 2 + shift)] = "outbreak"
    signal[newest & (district == 8)] = "fall"
    dynamics = pd.DataFrame({**keys, "offence": "theft", "expected": 9.25, "lower": 4.0, "upper": 16.0})
    told = json.dumps([{"code": "evidence.proxy", "values": _proxy()}])
    dynamics["signal"], dynamics["evidence"] = signal, [told if one == "fall" else None for one in signal]
    structure = pd.DataFrame({**keys, "offence": "all", "imbalance": 1.0, "p_value": 0.5})
    out = (newest & (district == 3)) | (district == 4)
    structure.loc[out, ["imbalance", "p_value"]] = 6.5, 1e-5
    completeness = pd.DataFrame(
        {**keys, "attribute": "method", "cards": 40, "filled": 10, "share_filled": 0.25}
    )
    completeness["expected_share"] = 0.9
    completeness["signal"] = np.where((newest & (district == 0)) | (district == 1), "low", "norm")
    extra = {
        "dynamics": (("district", "offence", "month"), dynamics),
        "structure": (("district", "month", "offence"), structure),
        "completeness": (("district", "attribute", "month"), completeness),
    }
    for name, (by, frame) in extra.items():
        made[name] = tiny._layer(name, "polygon", by, frame, "month", None)
    return list(made.values())


def _proxy() -> dict[str, Any]:
    from gis_layers.messages import placeholders

    known: dict[str, Any] = {"p": 0.01, "holds": "yes"}
    return {name: known.get(name, 5) for name in placeholders("en", "evidence.proxy")}


def alerting_release(folder: Path, shift: int = 0) -> Store:
    """Publish the release; the public edition holds rating and outbreaks, as the real ones do."""
    made = layers(shift)
    public = []
    for layer in made:
        if layer.id in ("structure", "completeness"):
            continue
        if layer.id == "dynamics":
            frame = layer.frame[layer.frame["signal"] == "outbreak"].reset_index(drop=True)
            layer = tiny._layer(layer.id, "polygon", layer.keys, frame, "month", None)
        public.append(layer)
    publish(
        folder,
        area=tiny.AREA,
        editions={"public": public, "analyst": made},
        ledger=Ledger((SourceLedger("cards", read=Tally(1, 1), counted=Tally(1, 1)),)),
        quarantine=tiny.quarantine(),
        inputs={},
        settings={"area": {"id": "tiny"}},
        parents=tiny.parents(made[0].frame),
    )
    return open_store(folder)


@dataclass
class Received:
    """What a webhook's receiver got, in order; `answers` says what it answers, the last one for ever."""

    url: str = ""
    answers: list[int] = field(default_factory=lambda: [200])
    headers: dict[str, str] = field(default_factory=dict)
    """Said with every answer that is no 2xx."""
    calls: list[tuple[dict[str, str], bytes]] = field(default_factory=list)
    before: Callable[[], None] | None = None
    """Done when a call has come and before it is answered."""


@contextlib.contextmanager
def receiver(keys: ssl.SSLContext | None = None) -> Iterator[Received]:
    """Run a real receiver of webhooks on loopback, over TLS where it has keys."""
    got = Received()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            got.calls.append(({name.lower(): value for name, value in self.headers.items()}, body))
            if got.before is not None:
                got.before()
            status = got.answers.pop(0) if len(got.answers) > 1 else got.answers[0]
            with contextlib.suppress(OSError):
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", got.url)
                for name, value in got.headers.items() if status >= 300 else ():
                    self.send_header(name, value)
                self.send_header("Content-Length", "0")
                self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """Who goes away while keys are shown is what is tested."""

    with Server(("127.0.0.1", 0), Handler) as server:
        if keys is not None:
            server.socket = keys.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        scheme = "http" if keys is None else "https"
        got.url = f"{scheme}://127.0.0.1:{server.server_port}/hook?key=1"
        yield got
        server.shutdown()


@dataclass
class Mailbox:
    """What a mail server got: sender, receivers and the message.

    `refuse` is its answer to receivers (those that begin with `only`), `farewell` to the parting, `pause` what it
    waits for before every letter it says; `logins` are commands of a log-in, and whether the line was secret.
    """

    port: int = 0
    mails: list[tuple[str, list[str], bytes]] = field(default_factory=list)
    refuse: int = 0
    only: str = ""
    farewell: int = 221
    pause: float = 0
    logins: list[tuple[str, bool]] = field(default_factory=list)


@contextlib.contextmanager
def mail_server(keys: ssl.SSLContext | None = None) -> Iterator[Mailbox]:
    """Run a mail server on loopback that knows as much of SMTP as smtplib asks for; STARTTLS where it has keys."""
    box = Mailbox()

    class Handler(socketserver.StreamRequestHandler):
        def say(self, text: str) -> None:
            for letter in text.encode() if box.pause else ():
                time.sleep(box.pause)
                self.wfile.write(bytes([letter]))
            self.wfile.write(b"\r\n" if box.pause else text.encode() + b"\r\n")

        def handle(self) -> None:
            self.say("220 mail.example ESMTP")
            sender, to, secret = "", [], False
            while line := self.rfile.readline():
                word = line.decode().strip()
                verb = word[:4].upper()
                if verb == "EHLO":
                    self.say("250-mail.example")
                    if keys is not None:
                        self.say("250-AUTH PLAIN" if secret else "250-STARTTLS")
                    self.say("250 8BITMIME")
                elif verb == "STAR" and keys is not None:
                    self.say("220 go on")
                    self.request = keys.wrap_socket(self.request, server_side=True)
                    self.setup()
                    secret = True
                elif verb == "AUTH":
                    box.logins.append((word, secret))
                    self.say("235 welcome")
                elif verb == "MAIL":
                    sender, to = word.partition(":")[2].split()[0], []
                    self.say("250 ok")
                elif verb == "RCPT":
                    if box.refuse and word.partition(":")[2].startswith(f"<{box.only}"):
                        self.say(f"{box.refuse} no")
                        continue
                    to.append(word.partition(":")[2].split()[0])
                    self.say("250 ok")
                elif verb == "DATA":
                    self.say("354 go on")
                    held = b""
                    while (part := self.rfile.readline()) not in (b".\r\n", b""):
                        held += part[1:] if part.startswith(b"..") else part
                    box.mails.append((sender, to, held))
                    self.say("250 taken")
                elif verb == "QUIT":
                    self.say(f"{box.farewell} bye")
                    return
                else:
                    self.say("250 ok")

    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

        def handle_error(self, *_: Any) -> None:
            """Who goes away while keys are shown is what is tested."""

    with Server(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        box.port = server.server_address[1]
        yield box
        server.shutdown()


@contextlib.contextmanager
def dribbler(first: bytes, pause: float = 0.1) -> Iterator[int]:
    """Listen on loopback, say something, then a letter now and then while anybody is there; give the port."""
    over = threading.Event()

    def talk(line: socket.socket) -> None:
        with line, contextlib.suppress(OSError):
            line.sendall(first)
            while not over.wait(pause):
                line.sendall(b"x")

    def serve(door: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(door.accept()[0],), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as door:
        threading.Thread(target=serve, args=(door,), daemon=True).start()
        yield door.getsockname()[1]
        over.set()
        door.shutdown(socket.SHUT_RDWR)


def keys_for(folder: Path, address: str = "127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """Make a key pair that names an address: the certificate to trust, and the server's side of TLS."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "receiver of the tests")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))]), critical=False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    shown, hidden = folder / "certificate.pem", folder / "key.pem"
    shown.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    hidden.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, hidden)
    return shown, context
