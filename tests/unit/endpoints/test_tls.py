"""Contexts for OpenSSL, tried by handshakes in memory."""

from __future__ import annotations

import ssl
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from support.certificates import Authority

from nixfetch_docker.endpoints.tls import Tls, load_context, no_tls
from nixfetch_docker.errors import RegistryError


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "ca")


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    """The usual CAs, of which the authority is none."""
    return Authority(tmp_path / "usual", "Usual CA").file


def handshake(client: ssl.SSLContext, server: ssl.SSLContext, host: str = "localhost") -> bool:
    """Connect both in memory; whether the client has shown a certificate. Raises `SSLError`."""
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = [
        client.wrap_bio(to_client, to_server, server_hostname=host),
        server.wrap_bio(to_server, to_client, server_side=True),
    ]
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                continue
    return ends[1].getpeercert() is not None


def test_only_the_usual_authorities_are_trusted_without_others(
    authority: Authority, bundle: Path
) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        handshake(load_context(Tls(), bundle), authority.server_context())
    handshake(load_context(Tls(), authority.file), authority.server_context())


def test_other_authorities_are_trusted_besides_the_usual_ones(
    authority: Authority, bundle: Path, tmp_path: Path
) -> None:
    usual = Authority(tmp_path / "usual again", "Usual CA again")
    context = load_context(Tls(ca_files=(bundle, authority.file)), usual.file)
    handshake(context, authority.server_context())
    handshake(context, usual.server_context())


def test_a_certificate_for_another_host_is_refused(authority: Authority) -> None:
    server = authority.server_context(authority.server("registry.example"))
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        handshake(load_context(Tls(), authority.file), server)


def test_an_insecure_host_may_have_any_certificate(authority: Authority, bundle: Path) -> None:
    server = authority.server_context(authority.server("registry.example", expired=True))
    handshake(load_context(Tls(verify=False), bundle), server)


def test_a_client_certificate_is_shown(authority: Authority) -> None:
    issued = authority.client()
    tls = Tls(client_certificate=issued.certificate, client_key=issued.key)
    server = authority.server_context(require_client=True)
    assert handshake(load_context(tls, authority.file), server)


def test_a_file_without_certificates_is_named(authority: Authority, tmp_path: Path) -> None:
    path = tmp_path / "none.pem"
    path.write_text("none")
    with pytest.raises(RegistryError) as caught:
        load_context(Tls(ca_files=(path,)), authority.file)
    assert str(caught.value).startswith(f"{path}: no CA certificates can be read from it (")
    assert caught.value.hint == (
        "name a file of PEM certificates; a build sees one beside images.toml alone"
    )
    with pytest.raises(RegistryError, match="No such file"):
        load_context(Tls(), tmp_path / "missing.pem")


def test_a_client_certificate_needs_a_key_of_its_own(authority: Authority) -> None:
    one, other = authority.client(), authority.client()
    tls = Tls(client_certificate=one.certificate, client_key=other.key)
    with pytest.raises(RegistryError) as caught:
        load_context(tls, authority.file)
    where = f"{one.certificate}: it cannot be used as a client certificate ("
    assert str(caught.value).startswith(where)
    assert caught.value.hint == "name a PEM certificate, and its key without a pass phrase"


def test_a_key_with_a_pass_phrase_is_an_error_and_asks_for_none(
    authority: Authority, tmp_path: Path
) -> None:
    issued = authority.client()
    key = serialization.load_pem_private_key(issued.key.read_bytes(), None)
    locked = tmp_path / "locked.key"
    locked.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(b"pass phrase"),
        )
    )
    tls = Tls(client_certificate=issued.certificate, client_key=issued.key)
    load_context(tls, authority.file)
    with pytest.raises(RegistryError, match="cannot be used as a client certificate"):
        load_context(replace(tls, client_key=locked), authority.file)


def test_plain_http_needs_no_authorities() -> None:
    assert no_tls().get_ca_certs() == []
