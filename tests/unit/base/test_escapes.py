from __future__ import annotations

import pytest

from nixfetch_docker.base.escapes import readings


@pytest.mark.parametrize(
    ("text", "undone"),
    [
        pytest.param("a%41b", "aAb", id="percent"),
        pytest.param(r"\101\060", "A0", id="octal"),
        pytest.param(r"\x41", "A", id="hexadecimal"),
        pytest.param(r"\u0041", "A", id="JSON"),
        pytest.param("&#65;&#x41;", "AA", id="number of a character"),
        pytest.param("&amp;&lt;x", "&<x", id="name of a character"),
        pytest.param("&ltx", "<x", id="name of two letters without its end"),
        pytest.param("&notit;", "\u00acit;", id="the longest name that there is"),
        pytest.param("&zzz;%41", "&zzz;A", id="no name"),
        pytest.param(r"\n\q", "\nq", id="letters"),
    ],
)
def test_an_escape_is_undone(text: str, undone: str) -> None:
    assert [one.text for one in readings(text)][:2] == [text, undone]
