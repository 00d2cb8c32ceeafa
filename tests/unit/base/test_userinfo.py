from __future__ import annotations

import pytest

from nixfetch_docker.base.userinfo import has_login, without_login

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
