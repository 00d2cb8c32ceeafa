from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.base.request_line import host_of, request_line, without_urls

URL = "https://registry.lab:5000/v2/acme/web/manifests/sha256:00"


@pytest.mark.parametrize(
    ("text", "short"),
    [
        pytest.param(f"GET {URL} answered 503", "registry.lab:5000 answered 503", id="refusal"),
        pytest.param(f"HEAD {URL}: no", "registry.lab:5000: no", id="place"),
        pytest.param(f"gone (GET {URL}); push", "gone (registry.lab:5000); push", id="in brackets"),
        pytest.param(f"POST {URL}", "registry.lab:5000", id="alone"),
        pytest.param("GET http://a.b: no", "a.b: no", id="without a path"),
        pytest.param("GET http://[::1]:5000/v2/: no", "[::1]:5000: no", id="IPv6"),
        pytest.param(f"GET {URL}… answered 503", "registry.lab:5000 answered 503", id="cut"),
        pytest.param(f"GET {URL}: GET http://a.b/c: x", "registry.lab:5000: a.b: x", id="two"),
        pytest.param(f"cannot connect by {URL}", f"cannot connect by {URL}", id="no request"),
        pytest.param("TARGET http://a.b/c", "TARGET http://a.b/c", id="no method"),
    ],
)
def test_the_host_stands_for_a_request(text: str, short: str) -> None:
    assert without_urls(text) == short


@given(st.text(), st.from_regex(r"https?://[a-z]{1,9}(/[!-9<-~]{0,9}){0,2}", fullmatch=True))
def test_any_request_has_its_host(behind: str, url: str) -> None:
    line = request_line("GET", url)
    assert host_of(f"{line} {behind}") == url.split("/")[2]
    assert host_of(without_urls(line)) == ""


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("GET http://a.b: no", "a.b"),
        ("no (GET http://a.b), no", "a.b"),
        ("GET http://[::1]:5000/v2/", "[::1]:5000"),
        ("GET http://a.b and GET http://c.d", "a.b"),
        ("no request", ""),
    ],
)
def test_a_message_has_the_host_of_its_first_request(text: str, host: str) -> None:
    assert host_of(text) == host
