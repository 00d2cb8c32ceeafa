from __future__ import annotations

import pytest

from nixfetch_docker.base.userinfo import (
    has_login,
    hide_logins,
    strike_typed,
    typed_logins,
    without_login,
)

DIGEST = f"sha256:{'0' * 64}"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("https://ann:PW@host", "https://…@host"),
        ("HTTPS://ann:PW@host:5000/x", "HTTPS://…@host:5000/x"),
        ("docker://ann:PW@host/x", "docker://…@host/x"),
        ("https:/ann:PW@host/x", "…@host/x"),
        ("//ann:PW@host/x", "…@host/x"),
        ("ann:PW@host/x", "…@host/x"),
        ("PW@host:5000", "…@host:5000"),
        ("https://PW@host", "https://…@host"),
        ("https://:PW@host", "https://…@host"),
        ("https://ann:P@PW@host", "https://…@host"),
        ("https://ann:P/PW@host", "https://…@host"),
        ("https://ann:PW%40host", "https://…@host"),
        ("https://ann:PW%2540host", "https://…@host"),
        ("ann%3APW%40host", "…@host"),
        (f"ann:PW@host/x@{DIGEST}", f"…@{DIGEST}"),
        ("https://host/PW@x", "https://…@x"),
    ],
)
def test_a_login_is_found_and_not_shown(text: str, shown: str) -> None:
    assert has_login(text)
    assert without_login(text) == shown


@pytest.mark.parametrize(
    "text",
    ["", "redis:7", "https://mirror.lab:5000/hub", f"redis@{DIGEST}", f"a.b:50/x:1@{DIGEST}"],
)
def test_a_text_without_a_login_stays(text: str) -> None:
    assert not has_login(text)
    assert without_login(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        pytest.param("'ann:PW@h' is wrong", "'…@h' is wrong", id="in quotation marks"),
        pytest.param("a/ann:PW@h/x:1", "a/…@h/x:1", id="behind a slash"),
        pytest.param("ann:P@W@h", "…@h", id="an at in the password"),
        pytest.param("ann:PW%40h ann:PW%2540h", "…@h …@h", id="encoded"),
        pytest.param("ann:PW@redis:7@sha256:ab", "…@redis:7@sha256:ab", id="before a digest"),
        pytest.param("redis:7@sha256:ab", "redis:7@sha256:ab", id="a digest"),
        pytest.param("HEAD@{1} a@b.c /x@y", "HEAD@{1} a@b.c /x@y", id="without a password"),
        pytest.param("https://h:5000/a@b", "https://h:5000/a@b", id="behind a port"),
    ],
)
def test_a_message_has_no_login(text: str, shown: str) -> None:
    assert hide_logins(text) == shown


@pytest.mark.parametrize(
    ("word", "message", "shown"),
    [
        pytest.param("ann:P/W@h", "'ann:P/W@h'", "'…@h'", id="a slash in the password"),
        pytest.param("ann:P/W@h", "W@h is wrong", "…@h is wrong", id="a part"),
        pytest.param("ann:PW@h", "'ANN:PW' is wrong", "'…' is wrong", id="alone, in another case"),
        pytest.param("--x=ann:PW@h", "x: ann:PW@h", "x: …@h", id="of an option"),
        pytest.param("TOKEN@h", "TOKEN@h", "…@h", id="a token"),
        pytest.param("https://TOKEN@h", "TOKEN@h", "…@h", id="a token in a URL"),
        pytest.param(r"a:\'@h", r"'a:\\'@h'", "'…@h'", id="escaped"),
        pytest.param(f"a:{'PW' * 50}@h", f"a:{'PW' * 20}…", "…@…", id="cut"),
        pytest.param("https://ann:PW@h", "'ann:PW' is wrong", "'…' is wrong", id="alone, of a URL"),
        pytest.param("https://to/ken@h", "to/ken@h", "…@h", id="a token with a slash in a URL"),
        pytest.param("TOKEN@h", "TOKEN@h, TOKEN@h", "…@h, …@h", id="twice"),
        pytest.param("a:PW@h", "İ a:PW@h", "İ …@h", id="beside a letter that is two in lower case"),
        pytest.param(f"a:{'PW' * 50}@h", f"a:{'PW' * 20}", "…@", id="cut at the end"),
        pytest.param("a/b@c", "a/b@c", "a/b@c", id="a path"),
        pytest.param("--flag@x", "--flag@x", "--flag@x", id="no value"),
        pytest.param("redis:7@sha256:ab", "redis:7@", "redis:7@", id="a digest"),
    ],
)
def test_a_login_that_was_typed_is_not_shown(word: str, message: str, shown: str) -> None:
    assert strike_typed(message, typed_logins([word])) == shown


def test_the_longest_login_comes_first() -> None:
    lengths = [len(login) for login in typed_logins(["zz:b@h", "aaa:bbbbb@h", "m:nn@h"])]
    assert lengths == sorted(lengths, reverse=True)
    assert len(set(lengths)) > 3
