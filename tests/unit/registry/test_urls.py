from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.errors import NixfetchError, RegistryError
from nixfetch_docker.registry.url import Url
from nixfetch_docker.registry.urls import display, follow, resolve

ADDRESSES = {
    "registry.example.org": ["192.0.2.1"],
    "cdn.example.org": ["192.0.2.2"],
    "sneaky.example.org": ["127.0.0.1"],
    "meta.example.org": ["192.0.2.3", "169.254.169.254"],
    "intranet.example.org": ["10.0.0.7"],
}


def lookup(host: str) -> list[str]:
    try:
        return [str(ipaddress.ip_address(host))]
    except ValueError:
        return ADDRESSES.get(host, [])


REGISTRY = "https://registry.example.org/v2/web/blobs/x"
LOCAL = "http://127.0.0.1:5000/v2/web/blobs/x"


@pytest.mark.parametrize(
    ("source", "location", "target"),
    [
        pytest.param(REGISTRY, "/v2/y", "https://registry.example.org/v2/y", id="relative"),
        pytest.param(
            REGISTRY, "y?a=b", "https://registry.example.org/v2/web/blobs/y?a=b", id="beside"
        ),
        pytest.param(
            REGISTRY, "https://cdn.example.org/b", "https://cdn.example.org/b", id="another host"
        ),
        pytest.param(
            REGISTRY, "https://u:p@cdn.example.org/b", "https://cdn.example.org/b", id="userinfo"
        ),
        pytest.param(
            REGISTRY,
            "https://intranet.example.org/b",
            "https://intranet.example.org/b",
            id="private",
        ),
        pytest.param(
            REGISTRY,
            "https://nowhere.example.org/b",
            "https://nowhere.example.org/b",
            id="unresolved",
        ),
        pytest.param(
            LOCAL, "http://127.0.0.1:5001/b", "http://127.0.0.1:5001/b", id="loopback from there"
        ),
        pytest.param(
            LOCAL, "https://cdn.example.org/b", "https://cdn.example.org/b", id="to HTTPS"
        ),
    ],
)
def test_a_safe_target_is_followed(source: str, location: str, target: str) -> None:
    assert str(follow(Url.parse(source), location, resolve=lookup)) == target


@pytest.mark.parametrize(
    ("source", "location", "named"),
    [
        pytest.param(
            REGISTRY, "http://cdn.example.org/b?sig=x", "http://cdn.example.org/b", id="no TLS"
        ),
        pytest.param(REGISTRY, "ftp://x/y", "ftp://x/y", id="another scheme"),
        pytest.param(REGISTRY, "https://127.0.0.1/b", "https://127.0.0.1/b", id="loopback"),
        pytest.param(REGISTRY, "https://[::1]/b", "https://[::1]/b", id="loopback, IPv6"),
        pytest.param(
            REGISTRY, "https://[::ffff:127.0.0.1]/b", "https://[::ffff:127.0.0.1]/b", id="mapped"
        ),
        pytest.param(REGISTRY, "https://0.0.0.0/b", "https://0.0.0.0/b", id="unspecified"),
        pytest.param(
            REGISTRY,
            "https://sneaky.example.org/b",
            "https://sneaky.example.org/b",
            id="by its name",
        ),
        pytest.param(
            REGISTRY,
            "https://meta.example.org/b",
            "https://meta.example.org/b",
            id="one of several",
        ),
        pytest.param(
            LOCAL,
            "http://169.254.169.254/latest",
            "http://169.254.169.254/latest",
            id="metadata service",
        ),
        pytest.param(REGISTRY, "https://[::1/", "https://[::1/", id="malformed"),
    ],
)
def test_an_unsafe_target_is_not(source: str, location: str, named: str) -> None:
    with pytest.raises(RegistryError) as caught:
        follow(Url.parse(source), location, resolve=lookup)
    assert str(caught.value) == (
        f"it sends us to {named}, which is not safe to follow; tell the registry's operator"
    )


@given(st.text() | st.from_regex(r"https?://\S+"))
def test_any_location_is_followed_or_refused(location: str) -> None:
    try:
        target = follow(Url.parse(REGISTRY), location, resolve=lookup)
    except NixfetchError:
        return
    assert target.scheme == "https"


def test_a_url_is_displayed_without_its_secrets() -> None:
    url = Url.parse("https://user:pass@cdn.example.org/blob?X-Amz-Signature=secret#part")
    assert display(url) == "https://cdn.example.org/blob"


def test_addresses_of_one_kind_do_not_allow_those_of_another() -> None:
    """A source on this machine may name this machine, and no host of its link."""
    addresses = {"here.lab": ["127.0.0.1"], "link.lab": ["fe80::1%eth0"], "own.lab": ["::1"]}
    source = Url.parse("https://here.lab/a")
    assert follow(source, "https://own.lab/b", resolve=addresses.__getitem__).host == "own.lab"
    with pytest.raises(RegistryError):
        follow(source, "https://link.lab/b", resolve=addresses.__getitem__)


@pytest.mark.parametrize("length", [699, 700, 701])
def test_a_url_is_displayed_up_to_700_characters(length: int) -> None:
    text = "https://a.b/" + "c" * (length - 12)
    assert display(Url.parse(text)) == (text if length <= 700 else f"{text[:700]}…")


def test_a_redirect_keeps_no_fragment() -> None:
    target = follow(Url.parse(REGISTRY), "https://cdn.example.org/b?x=1#part", resolve=lookup)
    assert str(target) == "https://cdn.example.org/b?x=1"


def test_a_host_has_each_of_its_addresses_once() -> None:
    assert resolve("127.0.0.1") == ["127.0.0.1"]
    assert resolve("::1") == ["::1"]
    assert resolve("a..b") == []


def test_a_location_that_is_none_is_shown_without_its_query() -> None:
    with pytest.raises(RegistryError) as caught:
        follow(Url.parse(REGISTRY), "https://[x/b?word", resolve=lookup)
    assert caught.value.what == "it sends us to https://[x/b, which is not safe to follow"
