from __future__ import annotations

from pathlib import Path

import pytest
from support.surroundings import reading

from nixfetch_docker.errors import NixfetchError


def test_the_environment_goes_before_the_file_beside_it() -> None:
    surroundings = reading({"a/.env": "A=1\nB=$C"}, environment={"A": "0", "C": "2"})
    assert surroundings.at(Path("a")).variables() == {"A": "0", "B": "2", "C": "2"}
    assert surroundings.at(Path("b")).variables() == {"A": "0", "C": "2"}


def test_a_file_that_is_named_is_read_instead_and_the_last_goes_first() -> None:
    files = {".env": "A=1", "x": "A=2\nB=b", "y": "A=3\nC=$B"}
    surroundings = reading(files, env_files=[Path("x"), Path("y")])
    assert surroundings.variables() == {"A": "3", "B": "b", "C": "b"}


def test_the_variables_of_a_project_go_before_those_of_one_that_it_includes() -> None:
    surroundings = reading({".env": "A=1", "b/.env": "A=2\nB=2"})
    variables = surroundings.variables()
    assert surroundings.included(Path("b"), None, variables).variables() == {"A": "1", "B": "2"}


@pytest.mark.parametrize(
    ("files", "message"),
    [
        pytest.param({}, "x: there is no such file; check its name", id="absent"),
        pytest.param({"x": "?"}, "x: line 1: this is no NAME=VALUE", id="wrong"),
    ],
)
def test_a_file_that_is_named_must_be_right(files: dict[str, str], message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        reading(files, env_files=[Path("x")]).variables()
    assert str(caught.value).startswith(message)
