"""Targets of the room endpoints/: registries.conf, hosts, certificates, proxies."""

from __future__ import annotations

import tempfile
from pathlib import Path

from fuzz.forms import files
from fuzz.text import of, said

from nixfetch_docker.endpoints.certs_d import Certificates, find_certificates
from nixfetch_docker.endpoints.endpoint import is_loopback
from nixfetch_docker.endpoints.proxy import proxy_for
from nixfetch_docker.endpoints.registries_conf import RegistriesConf
from nixfetch_docker.endpoints.registry_url import RegistryUrl, is_registry
from nixfetch_docker.endpoints.tls import Tls, load_context
from nixfetch_docker.oci.reference import Reference

_HIDDEN = "correct-horse-battery"
_IMAGES = (
    "redis:7",
    "quay.io/acme/web:1",
    "registry.lab:5000/a/b@sha256:" + "0" * 64,
    "a.example.org/deep/path:2",
)


def registries_conf(data: bytes) -> None:
    """Every image has locations or an error, and each location is a host and a repository."""
    conf = RegistriesConf.parse(data.decode(errors="replace"), "registries.conf")
    assert conf.updated(conf) == conf
    for text in _IMAGES:
        said(conf.check_short_name, text)
        found = said(conf.locations, Reference.parse(text))
        for location in (found.origin, *found.mirrors) if found is not None else ():
            assert Reference.parse(f"{location.host}/{location.repository}").registry


def host(data: bytes) -> None:
    """A text names a registry or none, with or without a scheme, and stays in its directory."""
    text = of(data)
    if is_registry(text):
        # Not what an earlier call found, whatever ran before.
        is_loopback.__wrapped__(text)
        said(find_certificates, text, {}, [Path("/nonexistent")])
        assert RegistryUrl.parse(f"https://{text}/v2/").host
    # The secret stands for a password alone where it is written as one.
    found = said(RegistryUrl.parse, text, hidden=f":{_HIDDEN}@")
    if found is None:
        return
    assert is_registry(found.host)
    assert RegistryUrl.parse(found.host).host == found.host


def certificates(data: bytes) -> None:
    """A directory of certificates is read or refused, and so is any file in it."""
    with tempfile.TemporaryDirectory() as name:
        directory = Path(name, "registry.lab")
        directory.mkdir()
        for path, content in files(data):
            if path.isprintable() and "/" not in path and path.strip(".") and len(path) < 100:
                (directory / path).write_bytes(content)
        found = Certificates.from_directory(directory)
        certificate, key = found.client_certificate, found.client_key
        for file in found.ca_files:
            tls = Tls(ca_files=(file,), client_certificate=certificate, client_key=key)
            load_context(tls, file)


def proxy(data: bytes) -> None:
    """Any environment gives a proxy's URL, none, or an error that does not show the value."""
    lines = [line.partition("=") for line in of(data).split("\n")]
    environment = {name: value for name, equals, value in lines if equals}
    for scheme, name, port in (
        ("https", "registry.lab", 5000),
        ("http", "127.0.0.1", None),
        ("https", environment.get("HOST", "[2001:db8::1]"), None),
    ):
        found = said(proxy_for, scheme, name, port, environment, hidden=_HIDDEN)
        assert found is None or found.isprintable() or not found.isascii()


TARGETS = {
    "registries-conf": registries_conf,
    "host": host,
    "certificates": certificates,
    "proxy": proxy,
}
