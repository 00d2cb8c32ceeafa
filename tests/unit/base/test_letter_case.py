from __future__ import annotations

import pytest

from nixfetch_docker.base.letter_case import fold, lowered


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("layers", "Layers", id="first letter"),
        pytest.param("mediaType", "mediatype", id="in the middle"),
        pytest.param("layers", "layer\u017f", id="long s"),
        pytest.param("LinKed", "lin\u212aed", id="Kelvin sign"),
        pytest.param("é", "É", id="beyond ASCII"),
        pytest.param("ß", "\u1e9e", id="sharp s"),
        pytest.param("σ", "ς", id="final sigma"),
    ],
)
def test_keys_that_go_takes_for_one_are_equal(one: str, other: str) -> None:
    assert fold(one) == fold(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        pytest.param("os", "os.version", id="another word"),
        pytest.param("ss", "ß", id="one letter and two"),
        pytest.param("fi", "\ufb01", id="ligature"),
        pytest.param("i", "\u0130", id="I with a dot"),
        pytest.param("i\u0307", "\u0130", id="i and a dot"),
        pytest.param("I", "\u0131", id="i without a dot"),
        pytest.param("k", "\uff4b", id="wide"),
        pytest.param("e\u0301", "é", id="composed"),
    ],
)
def test_keys_that_go_tells_apart_differ(one: str, other: str) -> None:
    assert fold(one) != fold(other)


@pytest.mark.parametrize(
    ("text", "lower"),
    [("aBC", "abc"), ("ÄΩ", "äω"), ("İX", "İx"), ("ΑΣ", "ασ"), ("", "")],
)
def test_lower_case_has_as_many_characters(text: str, lower: str) -> None:
    assert lowered(text) == lower
