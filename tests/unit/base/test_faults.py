from __future__ import annotations

import pytest

from nixfetch_docker.base.faults import brief, listed, told_once
from nixfetch_docker.errors import LocalNetworkError, NixfetchError, RegistryError


def down(image: str, host: str = "lab:5000") -> RegistryError:
    """The error for an image of a registry that is down."""
    place = f"GET https://{host}/v2/{image}/manifests/1"
    error = RegistryError("cannot connect", hint="is it up?").at(place)
    error.of(f"{host}/{image}:1").of(image)
    return error


def test_an_error_in_short_has_no_url() -> None:
    error = down("web")
    assert str(error) == (
        "web: lab:5000/web:1: GET https://lab:5000/v2/web/manifests/1: cannot connect; is it up?"
    )
    assert brief(error) == "web: lab:5000/web:1: cannot connect; is it up?"


def test_the_host_is_named_where_the_image_does_not_name_it() -> None:
    error = RegistryError(
        "GET https://registry-1.docker.io/v2/library/redis/manifests/7 answered 1"
    )
    assert brief(error.of("redis:7")) == "redis:7: registry-1.docker.io answered 1"


def test_a_fault_of_several_images_is_told_once() -> None:
    names = ["b", "a", "d", "c"]
    failures = [([name], down(name)) for name in names]
    other = NixfetchError("no").of("other:1").of("x")
    assert list(told_once([*failures[:2], (["x"], other), *failures[2:]])) == [
        "b, a, d, c: lab:5000: cannot connect; is it up?",
        "x: other:1: no",
    ]


def test_two_registries_that_are_down_are_two_faults() -> None:
    hosts = {"a": "one:1", "b": "two:1", "c": "one:1"}
    assert list(told_once(([name], down(name, host)) for name, host in hosts.items())) == [
        "a, c: one:1: cannot connect; is it up?",
        "b: two:1/b:1: cannot connect; is it up?",
    ]


@pytest.mark.parametrize(("hosts", "named"), [(["a.b", "c.d"], ""), (["a.b", "a.b"], "a.b: ")])
def test_a_fault_of_this_machines_network_is_one_for_all_registries(
    hosts: list[str], named: str
) -> None:
    failures = [
        (
            [host],
            LocalNetworkError("the proxy refuses").at(f"GET https://{host}/v2/web/manifests/1"),
        )
        for host in hosts
    ]
    subjects = ", ".join(dict.fromkeys(hosts))
    assert list(told_once(failures)) == [f"{subjects}: {named}the proxy refuses"]


def test_errors_that_differ_in_their_hint_are_two_faults() -> None:
    failures = [([name], NixfetchError("no", hint=f"write {name}")) for name in "ab"]
    assert list(told_once(failures)) == ["a: no; write a", "b: no; write b"]


def test_an_image_with_several_blobs_is_named_once() -> None:
    assert list(told_once([(["web"], down("web"))] * 3)) == [
        "web: lab:5000: cannot connect; is it up?"
    ]


@pytest.mark.parametrize(
    ("names", "text"), [("a", "a"), ("abcd", "a, b, c, d"), ("abcdefghijk", "a, b, c and 8 more")]
)
def test_of_many_names_some_are_shown(names: str, text: str) -> None:
    assert listed(names) == text


@pytest.mark.parametrize(
    ("place", "text"),
    [
        ("images.toml", "images.toml: no"),
        ("GET https://a.b/v2/web/manifests/1", "a.b: no"),
        ("GET https://a.b/v2/web/manifests/1 answered 404", "a.b: no"),
        ("the answer to GET https://a.b/v2/", "the answer to a.b: no"),
    ],
)
def test_the_place_of_an_error_is_a_host_or_what_it_is(place: str, text: str) -> None:
    assert brief(NixfetchError("no").at(place)) == text


def test_errors_of_one_place_that_differ_are_two_faults() -> None:
    failures = [([name], NixfetchError(f"no {name}").at("here")) for name in "ab"]
    assert list(told_once(failures)) == ["a: here: no a", "b: here: no b"]
