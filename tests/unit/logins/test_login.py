"""The logins of the command line's options, and how a login is shown."""

from __future__ import annotations

import pytest

from nixfetch_docker.logins.login import (
    InvalidLogin,
    Login,
    from_credentials_file,
    from_password,
    from_token,
)

NO_LOGIN = (
    "there is no complete login in it; "
    "write USERNAME= and PASSWORD= into it, or BEARER_TOKEN= alone"
)
NO_FIELD = "expected USERNAME=, PASSWORD= or BEARER_TOKEN=, each once; correct the line"
NO_TOKEN = "this is not a token; a token is one word of printable ASCII"  # noqa: S105 - a message


def login(username: str, password: str, source: str) -> Login:
    return Login(username=username, password=password, source=source)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_password_is_its_line_without_the_end(end: str) -> None:
    assert from_password("me", f" pa55 {end}") == login("me", " pa55 ", "--username")


@pytest.mark.parametrize("text", ["", "\n", "\r\n"])
def test_an_empty_password_is_refused(text: str) -> None:
    with pytest.raises(InvalidLogin) as caught:
        from_password("me", text)
    assert str(caught.value) == "there is no password on stdin; pipe it in"


def test_a_token_is_its_text_without_the_space_around() -> None:
    assert from_token(" t0k=\n", "f") == Login(registry_token="t0k=", source="f")  # noqa: S106


@pytest.mark.parametrize("text", ["", "\n", "pa55 pa55", "pä55", "pa55\r\nX: y"])
def test_a_text_that_no_header_can_carry_is_not_a_token(text: str) -> None:
    with pytest.raises(InvalidLogin) as caught:
        from_token(text, "f")
    assert str(caught.value) == NO_TOKEN


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "# of mine\n\nUSERNAME=me\nPASSWORD=a=b \n", login("me", "a=b", "f"), id="password"
        ),
        pytest.param(
            "\ufeffUSERNAME=me\r\nPASSWORD=pa55\r\n", login("me", "pa55", "f"), id="of Windows"
        ),
        pytest.param(
            "USERNAME=me\nPASSWORD=a\fb\u2028\n",
            login("me", "a\fb\u2028", "f"),
            id="other line separators are part of the password",
        ),
        pytest.param("BEARER_TOKEN=t0k=\n", from_token("t0k=", "f"), id="token"),
    ],
)
def test_a_credentials_file_has_a_password_or_a_token(text: str, expected: Login) -> None:
    assert from_credentials_file(text, "f") == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param("", NO_LOGIN, id="empty"),
        pytest.param("USERNAME=me\n", NO_LOGIN, id="no password"),
        pytest.param("USERNAME=me\nPASSWORD=\n", NO_LOGIN, id="empty password"),
        pytest.param("USERNAME=me\nPASSWORD=pa55\nBEARER_TOKEN=pa55\n", NO_LOGIN, id="both"),
        pytest.param("pa55", f"line 1: {NO_FIELD}", id="no field"),
        pytest.param("USERNAME=me\nUSERNAME=pa55\n", f"line 2: {NO_FIELD}", id="twice"),
        pytest.param("\npa55=me\n", f"line 2: {NO_FIELD}", id="unknown field"),
        pytest.param("BEARER_TOKEN=pa55 pa55", NO_TOKEN, id="two words"),
    ],
)
def test_a_malformed_credentials_file_is_refused_and_not_shown(text: str, message: str) -> None:
    with pytest.raises(InvalidLogin) as caught:
        from_credentials_file(text, "f")
    assert str(caught.value) == message


def test_a_login_shows_its_source_alone() -> None:
    secretive = Login(
        username="hunter1",
        password="hunter2",  # noqa: S106 - a test's
        identity_token="hunter3",  # noqa: S106 - a test's
        registry_token="hunter4",  # noqa: S106 - a test's
        source="/h/config.json",
    )
    assert repr(secretive) == str(secretive) == "Login(source='/h/config.json')"
