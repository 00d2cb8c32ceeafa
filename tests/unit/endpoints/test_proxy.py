from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nixfetch_docker.endpoints.proxy import InvalidProxy, proxy_for

PROXY = "http://proxy.example:3128"
BOTH = {"HTTPS_PROXY": PROXY, "HTTP_PROXY": PROXY}
NO_PROXY = (
    "foobar.com, barbaz.net:80,*.wildcard.io .dotted.org 192.168.1.1, 192.168.1.2:81,"
    "192.168.1.3:80, 10.0.0.0/30, 2001:db8::52:0:1, [2001:db8::52:0:2]:443,"
    "[2001:db8::52:0:3]:80, [2001:db8::52:0:4], 2002:db8:a::45/64, Upper.Example., xn--fsq092h.com"
)


@pytest.mark.parametrize(
    ("scheme", "environment", "expected"),
    [
        pytest.param("https", {}, None, id="nothing set"),
        pytest.param("https", {"HTTPS_PROXY": PROXY}, PROXY, id="https"),
        pytest.param("http", {"HTTP_PROXY": PROXY}, PROXY, id="http"),
        pytest.param("https", {"https_proxy": PROXY}, PROXY, id="https, lower case"),
        pytest.param("http", {"http_proxy": PROXY}, PROXY, id="http, lower case"),
        pytest.param("HTTPS", {"HTTPS_PROXY": PROXY}, PROXY, id="the scheme in upper case"),
        pytest.param("https", {"HTTP_PROXY": PROXY}, None, id="http's is not https's"),
        pytest.param("http", {"HTTPS_PROXY": PROXY}, None, id="https's is not http's"),
        pytest.param("ftp", {"ALL_PROXY": PROXY}, None, id="another scheme"),
        pytest.param("https", {"ALL_PROXY": PROXY}, PROXY, id="all"),
        pytest.param("http", {"all_proxy": PROXY}, PROXY, id="all, lower case"),
        pytest.param(
            "https", {"https_proxy": PROXY, "HTTPS_PROXY": "http://b"}, PROXY, id="lower case first"
        ),
        pytest.param(
            "https", {"all_proxy": "http://b", "HTTPS_PROXY": PROXY}, PROXY, id="all comes last"
        ),
        pytest.param("https", {"HTTPS_PROXY": ""}, None, id="empty"),
        pytest.param("https", {"HTTPS_PROXY": "  "}, None, id="blank"),
        pytest.param(
            "https", {"https_proxy": "", "HTTPS_PROXY": PROXY}, PROXY, id="empty is not set"
        ),
        pytest.param(
            "http", {"HTTP_PROXY": PROXY, "REQUEST_METHOD": "GET"}, None, id="CGI, upper case"
        ),
        pytest.param(
            "http", {"http_proxy": PROXY, "REQUEST_METHOD": "GET"}, PROXY, id="CGI, lower case"
        ),
        pytest.param("http", {"HTTP_PROXY": PROXY, "REQUEST_METHOD": ""}, PROXY, id="no CGI"),
        pytest.param(
            "https", {"HTTPS_PROXY": PROXY, "REQUEST_METHOD": "GET"}, PROXY, id="CGI and https"
        ),
    ],
)
def test_the_scheme_decides_on_the_variable(
    scheme: str, environment: dict[str, str], expected: str | None
) -> None:
    assert proxy_for(scheme, "example.com", None, environment) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        pytest.param("127.0.0.1:8080", "http://127.0.0.1:8080", id="address and port"),
        pytest.param("proxy.example", "http://proxy.example", id="host"),
        pytest.param("localhost", "http://localhost", id="one label"),
        pytest.param("user:pw@proxy:3128", "http://user:pw@proxy:3128", id="login, no scheme"),
        pytest.param("http://user:p%40w@proxy:3128", "http://user:p%40w@proxy:3128", id="login"),
        pytest.param("https://proxy.example", "https://proxy.example", id="https"),
        pytest.param("HTTP://proxy", "HTTP://proxy", id="upper case"),
        pytest.param("http://[::1]:3128/", "http://[::1]:3128/", id="IPv6"),
        pytest.param("socks5://proxy:1080", "socks5://proxy:1080", id="socks5"),
        pytest.param("socks5h://proxy:1080", "socks5h://proxy:1080", id="socks5, names resolved"),
        pytest.param(" http://proxy:3128\n", "http://proxy:3128", id="spaces around"),
    ],
)
def test_a_proxy_without_a_scheme_is_an_http_proxy(value: str, expected: str) -> None:
    assert proxy_for("https", "example.com", 443, {"HTTPS_PROXY": value}) == expected


NO_URL = "HTTPS_PROXY: its value is not the URL of a proxy; write it as http://host:port"


@pytest.mark.parametrize(
    ("value", "message"),
    [
        pytest.param(
            "ftp://me:secret@proxy",
            "HTTPS_PROXY: a proxy cannot have the scheme ftp://; "
            "use one of http://, https://, socks5://, socks5h://",
            id="another scheme",
        ),
        pytest.param("http://", NO_URL, id="nothing behind the scheme"),
        *(
            pytest.param(f"http://me:1{mark}PW@proxy:3128", NO_URL, id=f"{mark} in a password")
            for mark in "/?#"
        ),
        pytest.param("http://me:secret@:3128", NO_URL, id="no host"),
        pytest.param("http://me:secret@proxy:port", NO_URL, id="port that is no number"),
        pytest.param("http://me:secret@proxy:99999", NO_URL, id="port too large"),
        pytest.param("http://me:secret@[::1", NO_URL, id="open bracket"),
        pytest.param("http://me:secret@pro xy", NO_URL, id="space inside"),
    ],
)
def test_a_proxy_that_cannot_be_used_is_an_error_without_its_password(
    value: str, message: str
) -> None:
    with pytest.raises(InvalidProxy) as error:
        proxy_for("https", "example.com", None, {"HTTPS_PROXY": value})
    assert str(error.value) == message


def test_the_error_names_the_variable_that_was_used() -> None:
    with pytest.raises(InvalidProxy, match=r"^all_proxy: "):
        proxy_for("https", "example.com", None, {"all_proxy": "gopher://proxy"})


def test_a_malformed_proxy_that_does_not_apply_is_no_error() -> None:
    environment = {"HTTPS_PROXY": "gopher://proxy", "NO_PROXY": "example.com"}
    assert proxy_for("https", "example.com", None, environment) is None


# The hosts are those of Go's own test, as far as the two agree.
@pytest.mark.parametrize(
    ("host", "proxied"),
    [
        pytest.param("192.168.1.1", False, id="IPv4"),
        pytest.param("192.168.1.2", True, id="IPv4, another port"),
        pytest.param("192.168.1.3", False, id="IPv4, the port"),
        pytest.param("192.168.1.4", True, id="IPv4, not listed"),
        pytest.param("10.0.0.2", False, id="IPv4 network"),
        pytest.param("10.0.0.4", True, id="outside the IPv4 network"),
        pytest.param("::ffff:10.0.0.2", False, id="IPv4 in IPv6"),
        pytest.param("[2001:db8::52:0:1]", False, id="IPv6"),
        pytest.param("2001:db8:0::52:0:1", False, id="IPv6, no brackets, other zeros"),
        pytest.param("[2001:db8::52:0:2]", True, id="IPv6, another port"),
        pytest.param("[2001:db8::52:0:3]", False, id="IPv6, the port"),
        pytest.param("[2001:db8::52:0:4]", False, id="IPv6, brackets without a port"),
        pytest.param("[2002:db8:a::123]", False, id="IPv6 network"),
        pytest.param("[fe80::424b:c8be:1643:a1b6]", True, id="IPv6, not listed"),
        pytest.param("[1000::%.foobar.com]", True, id="a zone is no domain"),
        pytest.param("foobar.com", False, id="domain"),
        pytest.param("FooBar.Com.", False, id="domain, upper case and a dot"),
        pytest.param("www.foobar.com", False, id="below a domain"),
        pytest.param("foofoobar.com", True, id="no dot before the domain"),
        pytest.param("bar.com", True, id="part of a domain"),
        pytest.param("www.barbaz.net", False, id="below a domain, the port"),
        pytest.param("dotted.org", False, id="dot first"),
        pytest.param("www.dotted.org", False, id="below dot first"),
        pytest.param("wildcard.io", True, id="wildcard alone"),
        pytest.param("nested.wildcard.io", False, id="below the wildcard"),
        pytest.param("awildcard.io", True, id="no dot for the wildcard"),
        pytest.param("upper.example", False, id="an entry in upper case with a dot"),
        pytest.param("www.示例.com", False, id="punycode"),
        pytest.param("localhost.net", True, id="localhost as a label"),
        pytest.param("local.localhost", True, id="localhost as a domain"),
    ],
)
def test_no_proxy_is_read_as_go_does(host: str, proxied: bool) -> None:
    environment = {**BOTH, "NO_PROXY": NO_PROXY}
    assert proxy_for("http", host, None, environment) == (PROXY if proxied else None)
    assert proxy_for("http", host, None, {**BOTH, "no_proxy": NO_PROXY, "NO_PROXY": "*"}) == (
        PROXY if proxied else None
    )
    assert proxy_for("http", host, 80, environment) == (PROXY if proxied else None)
    assert proxy_for("http", host, None, {**BOTH, "NO_PROXY": f"{NO_PROXY},*"}) is None


@pytest.mark.parametrize(
    ("entry", "scheme", "port", "proxied"),
    [
        pytest.param("example.com:443", "https", None, False, id="https, its own port"),
        pytest.param("example.com:443", "https", 5000, True, id="another port"),
        pytest.param("example.com:5000", "https", 5000, False, id="the port"),
        pytest.param("example.com:443", "http", None, True, id="http's own port is 80"),
        pytest.param("example.com:", "https", 5000, False, id="colon without a port"),
        pytest.param("示例.com:443,example.com", "https", None, False, id="beside another letter"),
    ],
)
def test_no_proxy_compares_ports(entry: str, scheme: str, port: int | None, proxied: bool) -> None:
    found = proxy_for(scheme, "example.com", port, {**BOTH, "NO_PROXY": entry})
    assert found == (PROXY if proxied else None)


@pytest.mark.parametrize(
    "host", ["localhost", "LOCALHOST.", "127.0.0.1", "127.255.0.9", "::1", "[::1]"]
)
def test_this_machine_is_never_reached_through_a_proxy(host: str) -> None:
    assert proxy_for("http", host, 5000, BOTH) is None


@pytest.mark.parametrize(
    "entry",
    [
        ":1",
        "[",
        "[]",
        "[::1",
        "[::1]x",
        "::1]",
        "/",
        "10.0.0.0/99",
        "/8",
        ".",
        "*.",
        "*:80",
        "a:b:c",
    ],
)
def test_an_entry_that_is_malformed_is_skipped(entry: str) -> None:
    for host in ("example.com", "10.0.0.1", "2001:db8::1"):
        assert proxy_for("https", host, None, {**BOTH, "NO_PROXY": entry}) == PROXY
        assert proxy_for("https", host, None, {**BOTH, "NO_PROXY": f"{entry},{host}"}) is None


@given(
    entries=st.text() | st.text("[]:/%.*,0123456789abcdef"),
    host=st.text() | st.ip_addresses().map(str),
)
@example(entries="fe80::%x/64", host="fe80::1%eth0")
@example(entries="\udcff.com", host="\udcff.com")
def test_no_proxy_may_be_any_text(entries: str, host: str) -> None:
    assert proxy_for("https", host, None, {**BOTH, "NO_PROXY": entries}) in {PROXY, None}


@given(st.text())
def test_any_value_is_a_proxy_or_an_error(value: str) -> None:
    try:
        found = proxy_for("https", "example.com", None, {"HTTPS_PROXY": value})
    except InvalidProxy:
        return
    assert found is None or "://" in found


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("a..b", id="an empty label"),
        pytest.param(".", id="labels alone"),
        pytest.param("a" * 64, id="a long label"),
        pytest.param("ä..ö", id="an empty label in other letters"),
        pytest.param("\udcff", id="a byte that is not UTF-8"),
        pytest.param("ä" * 70, id="a long label in other letters"),
    ],
)
@pytest.mark.parametrize("login", ["", "ann:secret@"])
def test_a_host_that_no_name_can_be_is_refused(login: str, host: str) -> None:
    with pytest.raises(InvalidProxy) as caught:
        proxy_for("https", "example.com", None, {"HTTPS_PROXY": f"http://{login}{host}:1"})
    assert str(caught.value) == (
        "HTTPS_PROXY: its value is not the URL of a proxy; write it as http://host:port"
    )


def test_a_host_in_other_letters_has_its_ascii_form() -> None:
    environment = {"HTTPS_PROXY": "http://ann:secret@☃.bücher.example:3128"}
    assert proxy_for("https", "example.com", None, environment) == (
        "http://ann:secret@xn--n3h.xn--bcher-kva.example:3128"
    )
