from __future__ import annotations

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.registry.url import InvalidUrl, Url


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        pytest.param("HTTP://A.B:80/x", "http://a.b/x", id="usual port, capitals"),
        pytest.param("https://a.b:80/x", "https://a.b:80/x", id="other port"),
        pytest.param("https://a.b", "https://a.b", id="no path"),
        pytest.param("https://a.b?x=1", "https://a.b?x=1", id="query alone"),
        pytest.param("https://u:p@a.b/x#part", "https://a.b/x", id="login and fragment"),
        pytest.param("https://[2001:DB8::1]:5/x", "https://[2001:db8::1]:5/x", id="IPv6"),
        pytest.param("https://bücher.de/ä?ö", "https://xn--bcher-kva.de/%C3%A4?%C3%B6", id="IDNA"),
        pytest.param("https://a.b/a b", "https://a.b/a%20b", id="space"),
        pytest.param("https://a.b/%7e%zz?x=%", "https://a.b/%7e%zz?x=%", id="escapes stay"),
        pytest.param("https://a.b/x/./y/../z", "https://a.b/x/z", id="dots"),
        pytest.param("https://a.b/x//y/..", "https://a.b/x//", id="dots at the end"),
        pytest.param("https://a.b/y/../z", "https://a.b/z", id="dots up to the root"),
        pytest.param("https://a.b/x/.", "https://a.b/x/", id="a dot at the end"),
        pytest.param("https://a.b:65535/", "https://a.b:65535/", id="greatest port"),
        pytest.param("https://a.b/../../x", "https://a.b/x", id="dots beyond the root"),
        pytest.param("https://a.b/x?y=../z", "https://a.b/x?y=../z", id="dots in a query"),
        pytest.param("https://a_b/x", "https://a_b/x", id="underscore"),
    ],
)
def test_a_url_is_sent_in_one_form(text: str, sent: str) -> None:
    assert str(Url.parse(text)) == sent
    assert str(Url.parse(sent)) == sent


@pytest.mark.parametrize(
    "text",
    [
        *("", "a.b/x", "/x", "https:", "https://", "https:///x", "mailto:ann@a.b", "file:///x"),
        *("https://[::1", "https://[a.b]/", "https://a.b:port/", "https://a.b:65536/"),
        *("https://999.1.1.1/", "https://xn--a/", "https://a b/", "https://a.b/\x00"),
        *("https://a.b/\r\nx", "https://a{b/", "https://" + "a" * 70_000),
    ],
)
def test_what_names_no_host_is_none(text: str) -> None:
    with pytest.raises(InvalidUrl):
        Url.parse(text)


def test_a_long_url_is_one() -> None:
    assert len(str(Url.parse("https://a.b/".ljust(65_536, "a")))) == 65_536


def test_the_parts_of_a_url() -> None:
    url = Url.parse("https://a.b:5000/v2/x?n=1")
    assert url.origin == ("https", "a.b:5000")
    assert url.target == "/v2/x?n=1"
    assert Url.parse("https://a.b").target == "/"
    assert str(url.with_parameter("last", "a b")) == "https://a.b:5000/v2/x?n=1&last=a+b"
    assert str(Url.parse("http://c.d/y?z").at_host_of(url)) == "https://a.b:5000/y?z"


# Parts of URLs, together with any other text.
@given(st.lists(st.sampled_from(["http:", "https://", "a.b", "[::1]", ":80", "/", "..", "%4"])))
def test_httpx_sends_the_same_url(parts: list[str]) -> None:
    """Both ways of sending a request ask for the same."""
    text = "".join(["https://", *parts])
    try:
        url = Url.parse(text)
    except InvalidUrl:
        return
    sent = httpx.URL(str(url))
    assert (sent.scheme, sent.netloc.decode()) == (url.scheme, url.netloc)
    assert sent.raw_path.decode() == url.target


@given(st.text() | st.from_regex(r"https?://\S+"))
def test_any_text_is_a_url_or_none(text: str) -> None:
    try:
        url = Url.parse(text)
    except InvalidUrl:
        return
    assert str(url).isascii()
    assert str(url).isprintable()
    assert " " not in str(url)
    assert Url.parse(str(url)) == url


@pytest.mark.parametrize(
    ("location", "why"),
    [("mailto:ann", "it has no host"), ("http://a:99999/", "its port is not valid")],
)
def test_a_location_that_is_no_url_says_why(location: str, why: str) -> None:
    with pytest.raises(InvalidUrl, match=f"^{why}$"):
        Url.parse("http://a.b/c").join(location)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("https://a.b:x/", "its host or its port is not valid"),
        ("https://a.b:65536/", "its port is not valid"),
        ("https://a{b/", "its host is not valid"),
        ("https://999.1.1.1/", "its host is not valid ('999.1.1.1' does not appear to be "),
        ("https://xn--a/", "its host is not valid ("),
        ("https:///x", "it has no host"),
        ("/x", "it has no scheme"),
        ("https://a.b/\n", "it has the character '\\n'"),
        ("https://a.b/".ljust(65_537, "a"), "it is too long"),
    ],
)
def test_what_is_no_url_says_why(text: str, why: str) -> None:
    with pytest.raises(InvalidUrl) as caught:
        Url.parse(text)
    assert str(caught.value).startswith(why)
    assert str(caught.value) == why or "(" in why
