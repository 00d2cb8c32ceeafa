"""The names that other programs may import."""

from __future__ import annotations

import ast
import inspect
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import nixfetch_docker

PUBLIC = [
    "Client",
    "Digest",
    "Image",
    "Images",
    "Lock",
    "Login",
    "NixfetchError",
    "Platform",
    "Reference",
    "RegistrySettings",
    "__version__",
    "connect",
    "image_expression",
    "stream_archive",
    "write_archive",
    "write_directory",
]


def test_all_public_names_are_listed() -> None:
    assert nixfetch_docker.__all__ == PUBLIC
    assert set(PUBLIC) <= set(dir(nixfetch_docker))


@pytest.mark.parametrize("name", PUBLIC)
def test_a_public_name_exists_and_has_a_docstring(name: str) -> None:
    value = getattr(nixfetch_docker, name)
    assert isinstance(value, str) or value.__doc__


@pytest.mark.parametrize(
    ("function", "keywords"),
    [
        pytest.param(
            nixfetch_docker.connect,
            {"anonymous", "connections", "directory", "log", "logins", "registries", "say"},
            id="connect",
        ),
        pytest.param(nixfetch_docker.image_expression, {"settings"}, id="image_expression"),
        pytest.param(nixfetch_docker.stream_archive, {"jobs", "moved"}, id="stream_archive"),
        pytest.param(nixfetch_docker.write_archive, {"jobs", "moved"}, id="write_archive"),
        pytest.param(nixfetch_docker.write_directory, {"jobs", "moved"}, id="write_directory"),
    ],
)
def test_callers_can_rely_on_these_keyword_arguments(
    function: Callable[..., object], keywords: set[str]
) -> None:
    parameters = inspect.signature(function).parameters.values()
    assert keywords <= {one.name for one in parameters if one.kind is one.KEYWORD_ONLY}


def test_type_checkers_know_the_same_names() -> None:
    tree = ast.parse(Path(nixfetch_docker.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    names = {
        alias.name
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert names == {*PUBLIC} - {"__version__"}


def test_another_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'nixfetch_docker' has no attribute 'nothing'"):
        nixfetch_docker.nothing  # noqa: B018


def test_importing_the_package_imports_nothing_else() -> None:
    script = (
        "import sys, nixfetch_docker; "
        "print([name for name in sys.modules if name.startswith(('nixfetch_docker.', 'httpx'))])"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert done.stdout == b"[]\n"
