from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.errors import RegistryError, TransientError
from nixfetch_docker.registry.exchange import (
    BrokenOff,
    ConnectFailed,
    ConnectTimedOut,
    EndlessHead,
    ExchangeError,
    Headers,
    OtherProtocol,
    ProxyRefused,
    Request,
    TimedOut,
)
from nixfetch_docker.registry.failures import conceal, explain, refusal
from nixfetch_docker.registry.url import Url

URL = "https://a.b/v2/acme/app/manifests/1"
REQUEST = Request.of("GET", Url.parse(f"{URL}?X-Signature=secret"))
MAYBE_PRIVATE = (
    "does the image exist, and is its name right? If it is private, log in with docker login "
    "or podman login"
)


def said(code: object, message: object) -> bytes:
    return json.dumps({"errors": [{"code": code, "message": message}]}).encode()


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        pytest.param(401, b"", f"answered 401; {MAYBE_PRIVATE}", id="401"),
        pytest.param(403, b"", f"answered 403; {MAYBE_PRIVATE}", id="403"),
        pytest.param(
            404,
            said("MANIFEST_UNKNOWN", "manifest unknown"),
            "answered 404 (MANIFEST_UNKNOWN: manifest unknown); check the name and the tag",
            id="404 with the registry's words",
        ),
        pytest.param(
            429,
            said("TOOMANYREQUESTS", ""),
            "answered 429 (TOOMANYREQUESTS); "
            "the registry limits how often it is asked; log in for a higher limit, "
            "or try again later",
            id="429 with a code alone",
        ),
        pytest.param(
            500,
            said(None, "oh no"),
            "answered 500 (oh no); the registry is in trouble; try again later",
            id="500 with a message alone",
        ),
        pytest.param(
            503, b"", "answered 503; the registry is in trouble; try again later", id="503"
        ),
        pytest.param(418, b"", "answered 418", id="status that needs no hint"),
    ],
)
def test_a_refusal_says_who_answered_what_and_what_to_try(
    status: int, body: bytes, expected: str
) -> None:
    assert str(refusal(REQUEST, status, Headers(), body)) == f"GET {URL} {expected}"


def test_content_that_is_missing_is_no_wrong_tag() -> None:
    request = Request.of("GET", Url.parse(f"https://a.b/v2/acme/app/blobs/sha256:{'0' * 64}"))
    assert refusal(request, 404, Headers(), b"").hint != refusal(REQUEST, 404, Headers(), b"").hint


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(b"<html><title>Sign &amp; in</title>...", " (Sign & in)", id="HTML"),
        pytest.param(b"<p>no title</p>", " (no title)", id="HTML without a title"),
        pytest.param(b"upstream\nis down", " (upstream is down)", id="text"),
        pytest.param(
            b'{"details": "incorrect username"}', " (incorrect username)", id="Docker Hub"
        ),
        pytest.param(b'{"error": "invalid_grant"}', " (invalid_grant)", id="OAuth"),
        pytest.param(b"[]", "", id="array"),
        pytest.param(b'{"errors": null}', "", id="null"),
        pytest.param(b'{"errors": []}', "", id="no error"),
        pytest.param(b'{"errors": ["x"]}', "", id="error that is a string"),
        pytest.param(said(1, ["x"]), "", id="words of another type"),
        pytest.param(
            said("X", "GET https://s3/x?X-Amz-Signature=abc was denied"),
            " (X: GET https://s3/x?… was denied)",
            id="a presigned URL",
        ),
        pytest.param(
            said("X", "bad header Bearer eyJhbGciOi.eyJpc3Mi.c2ln"),
            " (X: bad header Bearer …)",
            id="a token",
        ),
    ],
)
def test_a_registrys_words_are_found_in_any_form(body: bytes, words: str) -> None:
    assert str(refusal(REQUEST, 418, Headers(), body)) == f"GET {URL} answered 418{words}"


def test_a_registrys_words_cannot_drive_the_terminal() -> None:
    error = refusal(REQUEST, 418, Headers(), said("X", "\x1b[2J\r\nnixfetch-docker: all is well"))
    assert str(error) == f"GET {URL} answered 418 (X: [2J nixfetch-docker: all is well)"


def test_a_registrys_words_are_cut_off() -> None:
    error = refusal(REQUEST, 418, Headers(), said("", "x" * 1000))
    assert str(error) == f"GET {URL} answered 418 ({'x' * 200}…)"


JSON = st.recursive(
    st.none() | st.integers() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.just("errors") | st.just("code"), inner),
    max_leaves=5,
)


@given(st.binary() | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_body_gives_one_line(body: bytes) -> None:
    text = str(refusal(REQUEST, 418, Headers(), body))
    assert text.isprintable()
    assert text.startswith(f"GET {URL} answered 418")


PROXY = Url.parse("http://proxy.lab:3128")


@pytest.mark.parametrize(
    ("error", "proxy", "message"),
    [
        pytest.param(
            ConnectTimedOut("no connection within 10 s"),
            None,
            "no connection within 10 s; is the registry up?",
            id="no connection",
        ),
        pytest.param(
            ConnectFailed("[Errno -2] Name or service not known"),
            None,
            "its name does not resolve; is the registry's name right?",
            id="unknown name",
        ),
        pytest.param(
            UnicodeError("label too long"),
            None,
            "its name does not resolve; is the registry's name right?",
            id="no name",
        ),
        pytest.param(
            ConnectFailed("[Errno -3] Temporary failure in name resolution"),
            None,
            "its name cannot be resolved now ([Errno -3] Temporary failure in name resolution); "
            "is there a network, and does DNS work?",
            id="no resolver",
        ),
        pytest.param(
            ConnectFailed("Connection refused"),
            None,
            "cannot connect (Connection refused); is the registry's name right, and is it up?",
            id="refused",
        ),
        pytest.param(
            ConnectFailed(""),
            None,
            "cannot connect (ConnectFailed); is the registry's name right, and is it up?",
            id="no text",
        ),
        pytest.param(
            ProxyRefused("407 Proxy Authentication Required"),
            PROXY,
            "the proxy refuses (407 Proxy Authentication Required); "
            "check HTTPS_PROXY and HTTP_PROXY",
            id="proxy",
        ),
        *(
            pytest.param(
                kind("gone"),
                PROXY,
                "cannot connect by the proxy http://proxy.lab:3128 (gone); "
                "check HTTPS_PROXY and HTTP_PROXY",
                id=f"no proxy, {kind.__name__}",
            )
            for kind in (ConnectFailed, ConnectTimedOut)
        ),
        pytest.param(
            ConnectFailed("[SSL: WRONG_VERSION_NUMBER] wrong version number"),
            None,
            "it does not speak TLS; if plain HTTP is meant, set plain-http = true under "
            '[registries."a.b"]',
            id="no TLS",
        ),
    ],
)
def test_a_request_without_an_answer_says_why(
    error: ExchangeError | UnicodeError, proxy: Url | None, message: str
) -> None:
    assert str(explain(error, REQUEST, proxy)) == f"GET {URL}: {message}"


def test_plain_http_where_tls_is_spoken_names_the_setting() -> None:
    request = Request.of("GET", Url.parse("http://a.b:5000/v2/"))
    body = b"Client sent an HTTP request to an HTTPS server."
    error = refusal(request, 400, Headers(), body)
    assert error.hint == 'it speaks TLS; set plain-http = false under [registries."a.b:5000"]'


SECRET = "correct-horse-battery"  # noqa: S105 - an example


@pytest.mark.parametrize(
    ("error", "kind", "message"),
    [
        pytest.param(
            EndlessHead("its head has no end"),
            RegistryError,
            "its head has no end; tell the registry's operator",
            id="a head without end",
        ),
        pytest.param(
            TimedOut("silent for 30 s"),
            TransientError,
            "silent for 30 s; try again later",
            id="silence",
        ),
        pytest.param(
            BrokenOff(f"reset by {SECRET}"),
            TransientError,
            "the connection broke off (reset by …); try again",
            id="a break",
        ),
        pytest.param(
            OtherProtocol(f"SSH {SECRET}\r\n\0\xff".encode("latin-1")),
            TransientError,
            r"it does not answer in HTTP/1.1, but begins with 'SSH …\r\n\x00ÿ'; is the registry's "
            "name right, and its port?",
            id="another protocol",
        ),
        pytest.param(
            OtherProtocol(b"\x15\x02" + b"x" * 100),
            TransientError,
            rf"it does not answer in HTTP/1.1, but begins with '\x15\x02{'x' * 62}'; is the "
            "registry's name right, and its port?",
            id="another protocol, at length",
        ),
        pytest.param(
            OtherProtocol(b"\x15\x03\x01\0\2\2\x16"),
            RegistryError,
            'it speaks TLS; set plain-http = false under [registries."a.b"]',
            id="an alert of TLS",
        ),
        pytest.param(
            ConnectFailed("[SSL: CERTIFICATE_VERIFY_FAILED] self-signed certificate"),
            RegistryError,
            "its certificate is not trusted ([SSL: CERTIFICATE_VERIFY_FAILED] self-signed "
            'certificate); set ca-file under [registries."a.b"], or name its CA in SSL_CERT_FILE',
            id="a certificate",
        ),
    ],
)
def test_a_connection_that_fails_is_explained(
    error: ExchangeError, kind: type[RegistryError], message: str
) -> None:
    explained = explain(error, REQUEST, None, secrets=[SECRET])
    assert type(explained) is kind
    assert str(explained) == f"GET {URL}: {message}"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        pytest.param(said("X", f"{SECRET} is wrong"), " (X: … is wrong)", id="JSON"),
        pytest.param(f"<title>{SECRET} is wrong</title>".encode(), " (… is wrong)", id="a title"),
        pytest.param(f"wrong: {SECRET[:-3]}".encode(), " (wrong: …)", id="cut within the secret"),
        pytest.param(b"</title><title>a</title>b", " (a)", id="an end before the beginning"),
        pytest.param(b"<title>without end", " (without end)", id="a title without end"),
    ],
)
def test_a_refusal_shows_no_secret(body: bytes, words: str) -> None:
    error = refusal(REQUEST, 418, Headers(), body, [SECRET])
    assert str(error) == f"GET {URL} answered 418{words}"


def test_the_causes_of_an_error_show_no_secret() -> None:
    inner, middle, outer = (
        ValueError(SECRET, 7),
        KeyError(ValueError(SECRET)),
        OSError(f"a {SECRET}"),
    )
    middle.__context__ = inner
    outer.__cause__ = middle
    conceal(outer, [SECRET])
    assert outer.args == ("a …",)
    assert middle.args == ("…",)
    assert inner.args == ("…", 7)
