from __future__ import annotations

import pytest

from nixfetch_docker.versions.constraint import Constraint, InvalidConstraint, Range
from nixfetch_docker.versions.version import Version


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("1.2 - 1.4", 'write ">=1.2, <=1.4"'),
        ("==1.2", 'write "=1.2"'),
        ("===1.2", 'write "=1.2"'),
        ("~>1.2", 'write "^1.2"'),
        ("~= v1.2", 'write "^1.2"'),
        ("~> 1.2.3", 'write "~1.2.3"'),
        ("1 - \x85\x1b[31m", 'write ">=1, <=[31m"'),
    ],
)
def test_constraints_of_other_tools_have_a_translation(text: str, hint: str) -> None:
    with pytest.raises(InvalidConstraint) as caught:
        Constraint.parse(text)
    assert caught.value.hint == hint
    assert str(caught.value).isprintable()


def version(tag: str) -> Version:
    found = Version.parse(tag)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("constraint", "wanted", "unwanted"),
    [
        pytest.param("^0", "0 0.1 0.9.9", "1 1.0", id="caret of zero"),
        pytest.param("^0.0", "0.0 0.0.5", "0.1 1", id="caret of two zeros"),
        pytest.param("^0.3", "0.3 0.3.9", "0.2.9 0.4", id="caret below one"),
        pytest.param("~7.4.1", "7.4.1 7.4.9", "7.4.0 7.5 8", id="tilde of three"),
        pytest.param("~7", "7 7.9", "8", id="tilde of one"),
        pytest.param(
            ">=1.4-rc.2", "1.4-rc.2 1.4-rc.10 1.4 2-beta", "1.4-rc.1 1.4-beta.9 1.3", id="pre"
        ),
        pytest.param(
            "=1.4-rc.1", "1.4-rc.1 1.4.0-rc1", "1.4 1.4-rc.2 1.5-rc.1 1.3-rc.1", id="exact"
        ),
        pytest.param("1.4-rc.1", "1.4-rc.1", "1.4 1.5-rc.1 1.3-rc.1", id="exact without a sign"),
        pytest.param("<=1.4", "1.4 1.4.9 0", "1.5", id="at most"),
        pytest.param(">1.4", "1.5 2", "1.4 1.4.9", id="above"),
        pytest.param("!=1.8.3", "1.8.2 1.8.4 2", "1.8.3", id="excluded"),
    ],
)
def test_the_signs_of_a_constraint(constraint: str, wanted: str, unwanted: str) -> None:
    parsed = Constraint.parse(constraint)
    assert [tag for tag in wanted.split() if not parsed.allows(version(tag))] == []
    assert [tag for tag in unwanted.split() if parsed.allows(version(tag))] == []


@pytest.mark.parametrize(
    ("term", "pre", "expected"),
    [
        ("<1", "", Range(end=(1,))),
        ("!=1.2", "", Range(least=(1, 2), end=(1, 3), is_excluded=True)),
        ("1.2", "rc", Range(least=(1, 2), end=(1, 3), least_pre="rc", is_exact=True)),
        ("*", "", Range()),
        ("*", "rc", None),
        ("<1", "rc", None),
        ("1.2.", "", None),
    ],
)
def test_a_term_is_a_range(term: str, pre: str, expected: Range | None) -> None:
    assert Range.parse(term, pre) == expected
    if not pre:
        assert Range.parse(term) == expected


def test_a_constraint_says_whether_it_wants_pre_releases() -> None:
    assert Constraint.parse("^1").pre is False
    assert Constraint.parse("^1.4-rc").pre is True


def test_a_pre_release_without_a_suffix_stands_beside_a_suffix() -> None:
    constraint = Constraint.parse("^1.4-rc.1 || 3-alpine")
    assert (constraint.suffix, constraint.pre) == ("alpine", True)


def test_a_constraint_has_one_suffix() -> None:
    with pytest.raises(InvalidConstraint, match="asks for two suffixes, alpine and slim; an image"):
        Constraint.parse("^1-slim || 3-alpine")


def test_a_constraint_may_have_500_characters() -> None:
    text = "^1 || " * 83 + "^2"
    assert len(text) == 500
    assert Constraint.parse(text).text == text
    with pytest.raises(InvalidConstraint, match="it has more than 500 characters; shorten it"):
        Constraint.parse(f"{text}0")
