from __future__ import annotations

import pytest

from nixfetch_docker.logins.auth_file import Login
from nixfetch_docker.logins.login import (
    InvalidLogin,
    from_credentials_file,
    from_password,
    from_token,
)

NO_LOGIN = "it holds no login; write USERNAME= and PASSWORD= into it, or BEARER_TOKEN="
NO_FIELD = "USERNAME=, PASSWORD= or BEARER_TOKEN= belongs here, each once; mend the file"


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
def test_a_password_ends_with_its_line(end: str) -> None:
    login = from_password("me", f" pa55 {end}")
    assert login == Login(username="me", password=" pa55 ", source="--username")  # noqa: S106 (of nobody)


def test_hockers_file_has_a_user_or_a_token() -> None:
    text = "# of mine\n\nUSERNAME=me\nPASSWORD=a=b \n"
    assert from_credentials_file(text, "f") == Login(username="me", password="a=b", source="f")  # noqa: S106 (of nobody)
    # As editors of Windows write it, and with what is the end of a line elsewhere alone.
    text = "\ufeffUSERNAME=me\r\nPASSWORD=a\fb\u2028\r\n"
    login = from_credentials_file(text, "f")
    assert login == Login(username="me", password="a\fb\u2028", source="f")  # noqa: S106 (of nobody)
    assert from_credentials_file("BEARER_TOKEN=t0k=\n", "f") == from_token("t0k=", "f")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", NO_LOGIN),
        ("USERNAME=me\n", NO_LOGIN),
        ("USERNAME=me\nPASSWORD=\n", NO_LOGIN),
        ("USERNAME=me\nPASSWORD=pa55\nBEARER_TOKEN=pa55\n", NO_LOGIN),
        ("pa55", f"line 1: {NO_FIELD}"),
        ("USERNAME=me\nUSERNAME=pa55\n", f"line 2: {NO_FIELD}"),
        ("\npa55=me\n", f"line 2: {NO_FIELD}"),
        ("BEARER_TOKEN=pa55 pa55", "this is no token; a token is one word of printable ASCII"),
    ],
)
def test_what_is_no_login_is_refused_without_it(text: str, message: str) -> None:
    with pytest.raises(InvalidLogin) as caught:
        from_credentials_file(text, "f")
    assert str(caught.value) == message


def test_no_password_is_none() -> None:
    with pytest.raises(InvalidLogin) as caught:
        from_password("me", "\n")
    assert str(caught.value) == "there is no password on stdin; pipe it in"
