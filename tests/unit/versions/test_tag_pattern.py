from __future__ import annotations

import pytest

from nixfetch_docker.versions.tag_pattern import InvalidPattern, TagPattern


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "(?P<version>a" + "b" * 500, "it has more than 500 characters; shorten it", id="long"
        ),
        pytest.param(
            "[a-\r](?P<version>.)",
            "'[a-\\r](?P<version>.)' is not a regular expression (bad character range a- "
            "at position 1)",
            id="error with a control character",
        ),
        pytest.param(
            "[[a](?P<version>.)",
            "'[[a](?P<version>.)' is not a regular expression (Possible nested set at position 1)",
            id="set that later Pythons read in another way",
        ),
        pytest.param(
            "(?P<version>.)" + "(" * 400, "is not a regular expression", id="nested too deeply"
        ),
        pytest.param("v(.*)", "'v(.*)' has no group named 'version'", id="no group"),
    ],
)
def test_a_wrong_pattern_is_an_error_on_one_line(text: str, message: str) -> None:
    with pytest.raises(InvalidPattern) as caught:
        TagPattern.parse(text)
    assert message in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_pattern_may_have_500_characters() -> None:
    text = "(?P<version>.)" + "a" * 486
    assert TagPattern.parse(text).text == text
