from __future__ import annotations

import pytest

from nixfetch_docker.base.table import InvalidField
from nixfetch_docker.lockfile.image_name import parse_image_name


@pytest.mark.parametrize("name", ["redis", "Redis_7", "_x", "7", "a.b-c+d"])
def test_a_name_may_have_some_punctuation(name: str) -> None:
    assert parse_image_name(name) == name


@pytest.mark.parametrize("name", ["", "-x", ".x", "+x", "a/b", "a b", "é", "a\n", '"'])
def test_a_name_that_would_need_quoting_is_refused(name: str) -> None:
    with pytest.raises(InvalidField):
        parse_image_name(name)
