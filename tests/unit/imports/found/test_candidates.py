from __future__ import annotations

import pytest

from nixfetch_docker.imports.found.candidates import candidate


@pytest.mark.parametrize(
    ("text", "is_one", "is_one_if_named"),
    [
        ("ghcr.io/acme/web:1", True, True),
        ("ghcr.io/acme/web@sha256:" + "a" * 64, True, True),
        ("acme/web:1", False, True),
        ("redis", False, False),
        ("ghcr.io/acme/web", False, False),
        ("https://ghcr.io/acme/web:1", False, False),
        ("ghcr.io/acme/web:1 ", False, False),
        ("ghcr.io/" + "a" * 300 + ":1", False, False),
    ],
)
def test_a_text_may_be_an_image(text: str, is_one: bool, is_one_if_named: bool) -> None:
    assert (candidate(text, is_named=False) is not None) == is_one
    assert (candidate(text, is_named=True) is not None) == is_one_if_named
