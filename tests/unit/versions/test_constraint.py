from __future__ import annotations

import pytest

from nixfetch_docker.versions.constraint import Constraint, InvalidConstraint


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
