"""A token server like those of Docker Hub and ghcr.io; docker-registry checks its JWTs.

https://distribution.github.io/distribution/spec/auth/token/ and jwt/
"""

from __future__ import annotations

import base64
import datetime
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

SERVICE = "registry.test"
ISSUER = "tokens.test"


@dataclass(kw_only=True)
class Tokens:
    """A running token server; `asked` has the query of each request."""

    url: str
    certificate: Path
    asked: list[dict[str, list[str]]] = field(default_factory=list)

    @property
    def registry_config(self) -> list[str]:
        """Lines of docker-registry's YAML that make it trust this server."""
        return [
            f"auth: {{token: {{realm: '{self.url}/token', service: {SERVICE}, issuer: {ISSUER}, "
            f"rootcertbundle: {self.certificate}}}}}"
        ]


@contextmanager
def tokens(directory: Path, password: tuple[str, str] | None = None) -> Iterator[Tokens]:
    """Run a token server that grants pulls to all, or only with `password`: a user and a password.

    It grants a push only with some credentials.
    """
    expected = password and "Basic " + base64.b64encode(":".join(password).encode()).decode()
    directory.mkdir()
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _certificate(key)
    file = directory / "certificate.pem"
    file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    chain = [base64.b64encode(certificate.public_bytes(serialization.Encoding.DER)).decode()]
    server = ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    made = Tokens(url=f"http://127.0.0.1:{server.server_address[1]}", certificate=file)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            query = parse_qs(urlsplit(self.path).query)
            made.asked.append(query)
            sent = self.headers.get("Authorization")
            if expected is not None and sent != expected:
                self.send_error(401)
                return
            pushing = sent is not None
            token = jwt.encode(
                _claims(query.get("scope", []), pushing=pushing), key, "ES256", {"x5c": chain}
            )
            body = json.dumps({"token": token, "expires_in": 300}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing; the requests are in `asked`."""

    server.RequestHandlerClass = Handler
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _claims(scopes: list[str], *, pushing: bool) -> dict[str, object]:
    now = int(time.time())
    access = []
    for scope in scopes:
        kind, name, actions = scope.split(":")
        granted = [action for action in actions.split(",") if action == "pull" or pushing]
        access.append({"type": kind, "name": name, "actions": granted})
    return {
        "iss": ISSUER,
        "sub": "",
        "aud": SERVICE,
        "jti": str(now),
        "access": access,
        "exp": now + 300,
        "nbf": now - 10,
        "iat": now,
    }


def _certificate(key: ec.EllipticCurvePrivateKey) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, ISSUER)])
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
