"""What counts as the same output of a command on a page."""

from __future__ import annotations

import pytest
from support.documents.printed import matches, may_fail, normal


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        pytest.param("a\n", "a\n", id="the same"),
        pytest.param(
            "web: added 2.1 sha256:8b81dd37ff02\n",
            f"web: added 2.1 sha256:{'0' * 12}\n",
            id="another digest",
        ),
        pytest.param("sha256:…\n", f"sha256:{'ab' * 32}\n", id="a digest that is left out"),
        pytest.param("8 layers, 17.2 MB\n", "8 layers, 900 B\n", id="another size"),
        pytest.param("… requests, … kB\n", "5 requests, 900 B\n", id="numbers that are left out"),
        pytest.param("a   b\n", "a b\n", id="another width of a column"),
        pytest.param("a … d\n", "a b c d\n", id="words that are left out"),
        pytest.param("a\n…\nd\n", "a\nb\nc\nd\n", id="lines that are left out"),
        pytest.param("a\n…\n", "a\n", id="no line that is left out"),
        pytest.param("/nix/store/…-web\n", f"/x/store/{'0' * 32}-web\n", id="a store path"),
        pytest.param(
            "a\n",
            "these 2 derivations will be built:\n  /nix/store/x.drv\n  /nix/store/y.drv\na\n",
            id="what Nix will build",
        ),
        pytest.param(
            "a\n",
            "warning: creating lock file \"/x/flake.lock\": \n• Added input 'y':\n    path:/z\na\n",
            id="what Nix locks",
        ),
        pytest.param(
            "a\n", "warning: Git tree '/x' is dirty\na\n", id="what Nix says of the repository"
        ),
    ],
)
def test_the_same_output(shown: str, found: str) -> None:
    assert matches(shown, found)


@pytest.mark.parametrize(
    ("shown", "found"),
    [
        pytest.param("a\n", "b\n", id="another line"),
        pytest.param("a\n", "a\nb\n", id="a line more"),
        pytest.param("a\nb\n", "a\n", id="a line less"),
        pytest.param("8 layers, 17.2 MB\n", "7 layers, 17.2 MB\n", id="another number"),
        pytest.param("web: added 2.1\n", "web: added 2.2\n", id="another tag"),
        pytest.param("a.c\n", "abc\n", id="a full stop is one"),
        pytest.param("a … d\n", "a b\nc d\n", id="words of several lines"),
        pytest.param("decade\n", "facade\n", id="a word of hexadecimal digits"),
    ],
)
def test_another_output(shown: str, found: str) -> None:
    assert not matches(shown, found)


@pytest.mark.parametrize(
    ("shown", "allowed"),
    [
        pytest.param(None, False, id="no output"),
        pytest.param("redis: added\n", False, id="an output"),
        pytest.param("nixfetch-docker: redis:9: there is no tag\n", True, id="an error"),
        pytest.param("error: file 'x' was not found\n", True, id="an error of Nix"),
    ],
)
def test_an_error_on_the_page_is_expected(shown: str | None, allowed: bool) -> None:
    assert may_fail(shown) is allowed


def test_what_varies_is_left_out() -> None:
    assert normal("took 1.5 s on 2026-11-27, 12 bytes") == "took TIME on DATE, SIZE"
