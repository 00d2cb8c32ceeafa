from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.endpoints.endpoint import Endpoint, is_loopback
from nixfetch_docker.endpoints.settings import RegistrySettings
from nixfetch_docker.oci.reference import Reference


@pytest.mark.parametrize(
    ("registry", "plain_http", "url"),
    [
        pytest.param("docker.io", None, "https://registry-1.docker.io", id="Docker Hub"),
        pytest.param("ghcr.io", None, "https://ghcr.io", id="registry"),
        pytest.param("registry.lab:5000", None, "https://registry.lab:5000", id="port"),
        pytest.param("registry.lab:5000", True, "http://registry.lab:5000", id="plain HTTP"),
        pytest.param("registry.lab:5000", False, "https://registry.lab:5000", id="explicit TLS"),
        pytest.param("127.0.0.1:5000", None, "http://127.0.0.1:5000", id="loopback"),
        pytest.param("127.0.0.1:5000", False, "https://127.0.0.1:5000", id="loopback with TLS"),
        pytest.param("[::1]:5000", None, "http://[::1]:5000", id="IPv6 loopback"),
        pytest.param("[2001:db8::1]", None, "https://[2001:db8::1]", id="IPv6"),
    ],
)
def test_a_registry_answers_at_its_url(registry: str, plain_http: bool | None, url: str) -> None:
    assert Endpoint.of_registry(registry, "x", RegistrySettings(plain_http=plain_http)).url == url


@pytest.mark.parametrize(
    ("mirror", "expected"),
    [
        pytest.param("https://m.b", ("https://m.b", "m.b", "acme/x"), id="host"),
        pytest.param("http://m.b:5000/", ("http://m.b:5000", "m.b:5000", "acme/x"), id="port"),
        pytest.param("https://m.b/hub/", ("https://m.b", "m.b", "hub/acme/x"), id="path"),
    ],
)
def test_a_mirror_has_its_path_before_the_repository(
    mirror: str, expected: tuple[str, str, str]
) -> None:
    found = Endpoint.of_mirror(mirror, "acme/x")
    assert (found.url, found.registry, found.repository) == expected


def test_a_loopback_host_with_certificates_has_tls() -> None:
    settings = RegistrySettings(ca_file=Path("ca.pem"))
    assert Endpoint.of_registry("localhost:5000", "x", settings).url == "https://localhost:5000"


@pytest.mark.parametrize(
    ("registry", "expected"),
    [
        pytest.param("localhost", True, id="localhost"),
        pytest.param("LOCALHOST:5000", True, id="in upper case"),
        pytest.param("registry.localhost:5000", True, id="below localhost"),
        pytest.param("127.255.0.9", True, id="all of 127/8"),
        pytest.param("[::1]", True, id="IPv6"),
        pytest.param("[0:0:0:0:0:0:0:1]:80", True, id="IPv6 in full"),
        pytest.param("mylocalhost", False, id="ends alike"),
        pytest.param("localhost.example.org", False, id="begins alike"),
        pytest.param("127.example.org", False, id="begins like an address"),
        pytest.param("128.0.0.1", False, id="next network"),
        pytest.param("10.0.0.1", False, id="private network"),
        pytest.param("[2001:db8::1]", False, id="other IPv6"),
    ],
)
def test_loopback_is_this_machine_alone(registry: str, *, expected: bool) -> None:
    assert is_loopback(registry) is expected


LABELS = st.from_regex(r"[A-Za-z0-9]{1,3}(-[a-z0-9])?", fullmatch=True)
HOSTS = st.one_of(
    st.lists(LABELS, min_size=1, max_size=3).map(".".join),
    st.lists(st.integers(0, 300).map(str), min_size=4, max_size=4).map(".".join),
    st.from_regex(r"\[[a-f0-9:]{1,9}\]", fullmatch=True),
)
PORTS = st.just("") | st.integers(0, 99_999).map(lambda port: f":{port}")


def url_of(registry: str) -> str:
    image = Reference.parse(f"{registry}/x")
    return Endpoint.of_registry(image.registry, image.repository, RegistrySettings()).url


@given(st.builds(str.__add__, HOSTS, PORTS))
@example("[:::]")
@example("999.1.1.1")
@example("a.b:99999")
def test_every_registry_that_a_reference_names_has_a_url_or_is_refused(registry: str) -> None:
    text = read_or_refused(url_of, registry)
    if text is not None:
        url = httpx.URL(text)
        assert url.raw_host
        assert url.port is None or url.port <= 65_535
