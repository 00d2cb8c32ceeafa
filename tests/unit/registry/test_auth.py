from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from nixfetch_docker.errors import RegistryError, TransientError
from nixfetch_docker.registry.auth import Answer, Authenticator, Handshake
from nixfetch_docker.registry.exchange import Headers, Request
from nixfetch_docker.registry.url import Url

URL = "https://a.b/v2/acme/app/manifests/1"
REALM = "https://auth.example.org/token"
REPOSITORY = "acme/app"
SCOPE = f"repository:{REPOSITORY}:pull"
TOKEN_URL = f"{REALM}?scope=repository%3Aacme%2Fapp%3Apull&service=a.b"
BEARER = f'Bearer realm="{REALM}",service="a.b",scope="{SCOPE}"'

# What a handshake sends: the URL and the Authorization header.
Sent = tuple[str, str | None]


class Clock:
    """Time that passes only where a test lets it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authenticator(clock: Clock) -> Authenticator:
    return Authenticator(lambda _: None, clock=clock, resolve=lambda _: [])


def wanted(url: str = URL) -> Request:
    return Request.of("GET", Url.parse(url))


def answer(status: int, body: bytes = b"", *, challenges: tuple[str, ...] = ()) -> Answer:
    headers = Headers([("WWW-Authenticate", challenge) for challenge in challenges])
    return Answer(status=status, headers=headers, body=body)


def challenged(*challenges: str) -> Answer:
    return answer(401, challenges=challenges or (BEARER,))


def said(fields: dict[str, object]) -> Answer:
    return answer(200, json.dumps(fields).encode())


def granted(token: object, **more: object) -> Answer:
    return said({"token": token, **more})


def sent(request: Request) -> Sent:
    return str(request.url), request.headers.get("authorization")


def converse(handshake: Handshake, *answers: Answer) -> list[Sent]:
    """All that the handshake sends, which ends with the last of the answers and no sooner."""
    requests = [sent(next(handshake))]
    requests += [sent(handshake.send(each)) for each in answers[:-1]]
    with pytest.raises(StopIteration):
        handshake.send(answers[-1])
    return requests


def test_a_registry_that_asks_for_nothing_is_told_nothing(authenticator: Authenticator) -> None:
    assert converse(authenticator.handshake(wanted(), REPOSITORY), answer(200)) == [(URL, None)]


def test_a_challenge_is_answered_with_the_token_servers_token(
    authenticator: Authenticator,
) -> None:
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    assert converse(handshake, challenged(), granted("T1"), answer(200)) == [
        (URL, None),
        (TOKEN_URL, None),
        (URL, "Bearer T1"),
    ]


def known(authenticator: Authenticator, **fields: object) -> None:
    """Let the registry be known, with the token `T1` for the scope."""
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    converse(handshake, challenged(), granted("T1", **fields), answer(200))


def test_a_token_serves_all_requests_of_its_scope(authenticator: Authenticator) -> None:
    known(authenticator)
    other = f"{URL}1"
    assert converse(authenticator.handshake(wanted(other), REPOSITORY), answer(404)) == [
        (other, "Bearer T1")
    ]


def test_another_scope_asks_for_its_token_before_it_is_challenged(
    authenticator: Authenticator,
) -> None:
    known(authenticator)
    handshake = authenticator.handshake(wanted(), "other")
    assert converse(handshake, granted("T2"), answer(200)) == [
        (f"{REALM}?scope=repository%3Aother%3Apull&service=a.b", None),
        (URL, "Bearer T2"),
    ]


@pytest.mark.parametrize(
    ("fields", "seconds"),
    [
        pytest.param({}, 60, id="a minute where the server does not say"),
        pytest.param({"expires_in": 300}, 300, id="as long as the server says"),
        pytest.param({"expires_in": 90.5}, 90.5, id="fraction"),
        pytest.param({"expires_in": 5}, 60, id="a minute at least"),
        pytest.param({"expires_in": -1}, 60, id="negative"),
        pytest.param({"expires_in": "300"}, 60, id="string"),
        pytest.param({"expires_in": None}, 60, id="null"),
        pytest.param({"expires_in": [1]}, 60, id="array"),
    ],
)
def test_a_token_is_renewed_once_it_has_expired(
    authenticator: Authenticator, clock: Clock, fields: dict[str, object], seconds: float
) -> None:
    known(authenticator, **fields)
    clock.now += seconds - 0.25
    assert converse(authenticator.handshake(wanted(), REPOSITORY), answer(200)) == [
        (URL, "Bearer T1")
    ]
    clock.now += 0.25
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    assert converse(handshake, granted("T2"), answer(200)) == [
        (TOKEN_URL, None),
        (URL, "Bearer T2"),
    ]


@pytest.mark.parametrize("seconds", ["NaN", "Infinity", "1e999", "1" * 400], ids=lambda s: s[:9])
def test_no_number_of_seconds_breaks_the_handshake(
    authenticator: Authenticator, seconds: str
) -> None:
    body = b'{"token": "T1", "expires_in": %s}' % seconds.encode()
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    assert converse(handshake, challenged(), answer(200, body), answer(200))[-1] == (
        URL,
        "Bearer T1",
    )


def test_a_refused_token_is_renewed_once_and_no_more(authenticator: Authenticator) -> None:
    known(authenticator)
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    assert converse(handshake, challenged(), granted("T2"), challenged()) == [
        (URL, "Bearer T1"),
        (TOKEN_URL, None),
        (URL, "Bearer T2"),
    ]


def test_a_token_that_another_has_renewed_is_not_asked_for_again(
    authenticator: Authenticator,
) -> None:
    known(authenticator)
    slow = authenticator.handshake(wanted(), REPOSITORY)
    assert sent(next(slow)) == (URL, "Bearer T1")
    quick = authenticator.handshake(wanted(), REPOSITORY)
    converse(quick, challenged(), granted("T2"), answer(200))
    assert sent(slow.send(challenged())) == (URL, "Bearer T2")


def test_threads_that_want_one_token_ask_for_it_once(authenticator: Authenticator) -> None:
    known(authenticator)
    other = "other"
    first = authenticator.handshake(wanted(), other)
    second = authenticator.handshake(wanted(), other)
    next(first)
    with ThreadPoolExecutor() as pool:
        waiting = pool.submit(next, second)
        assert sent(first.send(granted("T2"))) == (URL, "Bearer T2")
        assert sent(waiting.result(timeout=10)) == (URL, "Bearer T2")


def test_a_handshake_given_up_lets_others_ask(authenticator: Authenticator) -> None:
    known(authenticator)
    other = "other"
    given_up = authenticator.handshake(wanted(), other)
    next(given_up)
    given_up.close()
    handshake = authenticator.handshake(wanted(), other)
    assert converse(handshake, granted("T2"), answer(200))[-1] == (URL, "Bearer T2")


@pytest.mark.parametrize(
    "challenges",
    [
        pytest.param((), id="no challenge"),
        pytest.param(('Basic realm="x"',), id="Basic"),
        pytest.param(("Negotiate",), id="Negotiate"),
    ],
)
def test_a_registry_that_wants_no_token_has_refused(
    authenticator: Authenticator, challenges: tuple[str, ...]
) -> None:
    refused = answer(401, challenges=challenges)
    assert converse(authenticator.handshake(wanted(), REPOSITORY), refused) == [(URL, None)]


@pytest.mark.parametrize(
    ("challenges", "token_url"),
    [
        pytest.param(('Basic realm="x"', BEARER), TOKEN_URL, id="Bearer after Basic"),
        pytest.param((f'Basic realm="x", {BEARER}',), TOKEN_URL, id="both on one line"),
        pytest.param(
            (f'Bearer realm="{REALM}"',),
            f"{REALM}?scope=repository%3Aacme%2Fapp%3Apull",
            id="neither service nor scope",
        ),
        pytest.param(
            (f'Bearer realm="{REALM}",scope="repository:acme/app:pull,push"',),
            f"{REALM}?scope=repository%3Aacme%2Fapp%3Apull%2Cpush",
            id="the registry's own scope",
        ),
        pytest.param(
            (f'Bearer realm="{REALM}?a=1",service="a.b"',),
            f"{REALM}?a=1&scope=repository%3Aacme%2Fapp%3Apull&service=a.b",
            id="realm with a query",
        ),
        pytest.param(
            ('Bearer realm="/token"',),
            "https://a.b/token?scope=repository%3Aacme%2Fapp%3Apull",
            id="relative realm",
        ),
    ],
)
def test_the_token_is_asked_for_where_the_challenge_says(
    authenticator: Authenticator, challenges: tuple[str, ...], token_url: str
) -> None:
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    next(handshake)
    assert sent(handshake.send(challenged(*challenges))) == (token_url, None)


@pytest.mark.parametrize(
    ("fields", "token"),
    [
        pytest.param({"token": "T"}, "T", id="token"),
        pytest.param({"access_token": "T"}, "T", id="OAuth 2's name"),
        pytest.param({"token": "T", "access_token": "U"}, "T", id="both"),
        pytest.param({"token": "", "access_token": "U"}, "U", id="empty token"),
    ],
)
def test_the_token_has_either_name(
    authenticator: Authenticator, fields: dict[str, object], token: str
) -> None:
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    requests = converse(handshake, challenged(), said(fields), answer(200))
    assert requests[-1] == (URL, f"Bearer {token}")


def test_a_token_counts_where_the_answer_repeats_a_key(authenticator: Authenticator) -> None:
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    next(handshake)
    handshake.send(challenged())
    body = b'{"token": "T", "expires_in": 90, "expires_in": 90}'
    assert sent(handshake.send(answer(200, body)))[1] == "Bearer T"


@pytest.mark.parametrize(
    ("answered", "what"),
    [
        pytest.param(
            answer(200, b"<html>"), "the token server's answer is not a JSON object", id="HTML"
        ),
        pytest.param(
            answer(200, b"[]"), "the token server's answer is not a JSON object", id="array"
        ),
        pytest.param(
            answer(200, b"[" * 60_000),
            "the token server's answer is not a JSON object",
            id="nested deeply",
        ),
        pytest.param(
            answer(200, b"\xff"), "the token server's answer is not a JSON object", id="no text"
        ),
        pytest.param(said({}), "the token server's answer holds no token", id="no token"),
        pytest.param(
            said({"access_token": ""}), "the token server's answer holds no token", id="empty token"
        ),
        pytest.param(
            granted(7), "the token server's answer holds no token", id="token of another type"
        ),
        pytest.param(
            granted("a\r\nX: y"), "the token server's answer holds no token", id="newline"
        ),
        pytest.param(granted("é"), "the token server's answer holds no token", id="not ASCII"),
    ],
)
def test_a_token_server_that_fails_is_named_without_the_query(
    authenticator: Authenticator, answered: Answer, what: str
) -> None:
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    next(handshake)
    handshake.send(challenged())
    with pytest.raises(RegistryError) as caught:
        handshake.send(answered)
    assert str(caught.value) == f"GET {REALM}: {what}; tell the registry's operator"


@pytest.mark.parametrize(
    ("status", "kind", "what"),
    [
        pytest.param(
            401,
            RegistryError,
            "answered 401; does the image exist, and is its name right? If it is private, "
            "log in with docker login or podman login",
            id="refusal",
        ),
        pytest.param(
            503,
            TransientError,
            "answered 503; the registry is in trouble; try again later",
            id="trouble",
        ),
    ],
)
def test_a_token_server_that_refuses_is_named(
    authenticator: Authenticator, status: int, kind: type[RegistryError], what: str
) -> None:
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    next(handshake)
    handshake.send(challenged())
    with pytest.raises(kind) as caught:
        handshake.send(answer(status))
    assert str(caught.value) == f"the token server: GET {REALM} {what}"


@pytest.mark.parametrize(
    ("realm", "named"),
    [
        pytest.param("http://auth.b/token", "http://auth.b/token", id="down to HTTP"),
        pytest.param("ftp://auth.b/token", "ftp://auth.b/token", id="other scheme"),
        pytest.param("https://[::1/token", "https://[::1/token", id="malformed"),
        pytest.param("https://999.1.1.1/", "https://999.1.1.1/", id="address that is none"),
        pytest.param("https://xn--a/token", "https://xn--a/token", id="punycode that is none"),
    ],
)
def test_a_challenge_that_leads_nowhere_safe_is_not_followed(
    authenticator: Authenticator, realm: str, named: str
) -> None:
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    next(handshake)
    with pytest.raises(RegistryError) as caught:
        handshake.send(challenged(f'Bearer realm="{realm}"'))
    assert str(caught.value) == (
        f"GET {URL}: for a token: it sends us to {named}, which is not safe to follow; "
        "tell the registry's operator"
    )


def test_a_challenge_without_a_realm_is_not_followed(authenticator: Authenticator) -> None:
    handshake = authenticator.handshake(wanted(), REPOSITORY)
    next(handshake)
    with pytest.raises(RegistryError):
        handshake.send(challenged('Bearer service="a.b"'))


def test_plain_http_may_stay_plain_http(authenticator: Authenticator) -> None:
    handshake = authenticator.handshake(wanted("http://127.0.0.1:5000/v2/x"), REPOSITORY)
    next(handshake)
    url, _ = sent(handshake.send(challenged('Bearer realm="http://127.0.0.1:5001/token"')))
    assert url.startswith("http://127.0.0.1:5001/token?")


LATIN_1 = st.text(st.characters(codec="latin-1", exclude_characters='"\\'))
NEAR_URLS = st.builds(
    "{}{}{}".format, st.sampled_from(["https://", "http://", "//", "https:"]), LATIN_1, LATIN_1
)


@given(LATIN_1 | NEAR_URLS)
@example("https://xn--a/")
def test_any_realm_is_asked_over_https_or_refused(realm: str) -> None:
    handshake = Authenticator(lambda _: None, resolve=lambda _: []).handshake(wanted(), REPOSITORY)
    next(handshake)
    header = Headers.received([(b"WWW-Authenticate", f'Bearer realm="{realm}"'.encode("latin-1"))])
    try:
        request = handshake.send(Answer(status=401, headers=header, body=b""))
    except RegistryError:
        return
    assert request.url.scheme == "https"
    assert request.url.host
