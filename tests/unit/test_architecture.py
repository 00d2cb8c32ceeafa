"""Imports make no cycle, and few modules open sockets, start processes or print."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path

import pytest

import nixfetch_docker

PACKAGE = nixfetch_docker.__name__
ROOT = Path(nixfetch_docker.__file__).parent
TOP = ROOT.parent
# What lies directly in the package, but for the module that starts it.
ROOMS = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"errors"}


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TREES = {module_name(path): ast.parse(path.read_bytes()) for path in ROOT.rglob("*.py")}
PACKAGES = {module_name(path) for path in ROOT.rglob("__init__.py")}


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def runtime_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """All nodes below this one except imports for type checkers; also those in functions."""
    for child in ast.iter_child_nodes(node):
        # No module has an `else` here, which would run.
        if not is_type_checking(child):
            yield child
            yield from runtime_nodes(child)


def imports(module: str, tree: ast.AST) -> Iterator[str]:
    """The full names that a module imports when it runs, also in functions."""
    package = module if module in PACKAGES else module.rpartition(".")[0]
    for node in runtime_nodes(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join([*(above if node.level else []), *filter(None, [node.module])])
            for alias in node.names:
                name = f"{base}.{alias.name}"
                yield name if name in TREES else base


IMPORTS = {module: set(imports(module, tree)) for module, tree in TREES.items()}
INTERNAL = {module: names & TREES.keys() for module, names in IMPORTS.items()}


def importers(name: str) -> set[str]:
    """The modules that import `name` or a name below it, by their names in the package."""
    return {
        module.removeprefix(f"{PACKAGE}.")
        for module, names in IMPORTS.items()
        if any(imported == name or imported.startswith(f"{name}.") for imported in names)
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("import httpx", {"httpx"}, id="absolute"),
        pytest.param("import os.path", {"os.path"}, id="dotted"),
        pytest.param("from httpx import URL", {"httpx"}, id="from"),
        pytest.param(
            "from ..main import main", {f"{PACKAGE}.cli.main"}, id="from the package above"
        ),
        pytest.param(
            "from .. import main", {f"{PACKAGE}.cli.main"}, id="module of the package above"
        ),
        pytest.param("from ... import __version__", {PACKAGE}, id="value of the package above"),
        pytest.param("from . import show", {f"{PACKAGE}.cli.commands.show"}, id="sibling"),
        pytest.param("def f():\n  import httpx", {"httpx"}, id="in a function"),
        pytest.param("if TYPE_CHECKING:\n  import httpx", set(), id="for types alone"),
    ],
)
def test_the_imports_of_a_module_are_read(source: str, expected: set[str]) -> None:
    assert set(imports(f"{PACKAGE}.cli.commands.show", ast.parse(source))) == expected


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_the_page_on_the_architecture_names_the_room(room: str) -> None:
    name = "errors.py" if room == "errors" else f"{room}/"
    assert f"| `{name}` |" in (TOP / "ARCHITECTURE.md").read_text("utf-8")


def face(room: str) -> set[str]:
    """The modules of a room that other rooms import."""
    inside = f"{PACKAGE}.{room}."
    used = {
        name
        for module, names in INTERNAL.items()
        if not f"{module}.".startswith(inside)
        for name in names
    }
    return {name.removeprefix(inside) for name in used if name.startswith(inside)}


@pytest.mark.parametrize("room", sorted(ROOMS - {"errors"}))
def test_the_pages_name_the_modules_that_other_rooms_import(room: str) -> None:
    page = ast.get_docstring(TREES[f"{PACKAGE}.{room}"]) or ""
    (row,) = re.findall(
        rf"^\| `{room}/` \|.*$", (TOP / "ARCHITECTURE.md").read_text(), re.MULTILINE
    )
    assert face(room)
    assert face(room) <= set(re.findall(r"`([\w.]+)`", page))
    assert face(room) <= set(re.findall(r"`([\w.]+)`", row))


def test_the_page_on_the_architecture_names_modules_and_objects_that_exist() -> None:
    page = (TOP / "ARCHITECTURE.md").read_text("utf-8")
    directories = ROOMS | {path.name for path in TOP.iterdir() if path.is_dir()}
    names = {
        name for name in re.findall(r"`([\w./-]+)`", page) if name.split("/")[0] in directories
    }
    assert {"registry/manifests.fetch_manifest", "nix/checks.nix"} <= names
    assert {name for name in names if not exists(name)} == set()


def exists(name: str) -> bool:
    """Whether there is a file, a module, or an object in one: `room/module.Class.method`."""
    path, _, attributes = name.partition(".")
    module = f"{PACKAGE}.{path.rstrip('/').replace('/', '.')}"
    if module not in TREES or (TOP / name).exists():
        return (TOP / name).exists()
    found: object = import_module(module)
    for attribute in filter(None, attributes.split(".")):
        found = getattr(found, attribute, None)
    return found is not None


def test_the_contract_on_imports_has_every_room_once() -> None:
    settings = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
    contract, *_ = settings["tool"]["importlinter"]["contracts"]
    layers = [name.strip() for layer in contract["layers"] for name in layer.split("|")]
    assert sorted(layers) == sorted(f"{PACKAGE}.{room}" for room in ROOMS)


@pytest.mark.parametrize(
    "package",
    sorted({name for name in PACKAGES if name.count(".") == 2} - {f"{PACKAGE}.cli.commands"}),
)
def test_a_contract_has_every_part_of_a_room_with_rooms(package: str) -> None:
    room = package.rpartition(".")[0]
    settings = tomllib.loads((TOP / "pyproject.toml").read_text("utf-8"))
    (contract,) = (
        one
        for one in settings["tool"]["importlinter"]["contracts"]
        if one.get("containers") == [room]
    )
    # `make lint` refuses a part that no layer names.
    assert contract["exhaustive"] is True
    assert package in {
        f"{room}.{name.strip()}" for layer in contract["layers"] for name in layer.split("|")
    }


def test_there_is_no_cycle() -> None:
    # Raises CycleError, which names the cycle.
    order = list(TopologicalSorter(INTERNAL).static_order())
    assert order.index(f"{PACKAGE}.errors") < order.index(f"{PACKAGE}.cli")


@pytest.mark.parametrize(
    ("library", "users"),
    [
        pytest.param("httpx", {"registry.httpx_alone"}, id="httpx"),
        pytest.param(f"{PACKAGE}.registry.httpx_alone", {"registry.pooled"}, id="httpx_alone"),
        pytest.param("h11", {"registry.lean"}, id="h11"),
        pytest.param(
            "cryptography",
            {"signatures.certificate", "signatures.promised_bundle", "signatures.public_key"},
            id="cryptography",
        ),
        pytest.param("nacl", {"signatures.public_key"}, id="nacl"),
        pytest.param(
            "sigstore", {"signatures.keyless", "signatures.promised_bundle"}, id="sigstore"
        ),
        pytest.param("dataclasses", {"base.values"}, id="dataclasses"),
        pytest.param("socket", {"registry.urls", "registry.wire"}, id="socket"),
        pytest.param("httpcore", set(), id="httpcore"),
        pytest.param(
            "subprocess",
            {
                "logins.helper",
                "archives.decompress",
                "lockfile.git",
                "nix.program",
                "lockfile.tag_matching",
            },
            id="subprocess",
        ),
        pytest.param("http", set(), id="http"),
        pytest.param("urllib.request", set(), id="urllib.request"),
    ],
)
def test_only_some_modules_may_import(library: str, users: set[str]) -> None:
    assert importers(library) == users


CONNECTING = {
    f"httpx.{name}"
    for name in ("Client", "HTTPTransport", "get", "head", "post", "request", "stream")
}


def test_httpx_connects_in_one_module() -> None:
    connecting = {
        module.removeprefix(f"{PACKAGE}.")
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and ast.unparse(node) in CONNECTING
    }
    assert connecting == {"registry.pooled"}


def test_only_the_console_prints() -> None:
    printing = {
        module.removeprefix(f"{PACKAGE}.")
        for module, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "print"
    }
    assert printing == {"cli.console"}


def test_no_command_writes_json_in_which_a_ci_may_find_a_command() -> None:
    # `printable.json_text` writes it.
    users = {
        module
        for module, tree in TREES.items()
        if module.startswith(f"{PACKAGE}.cli") and re.search(r"json\.dumps?\b", ast.unparse(tree))
    }
    assert users == set()


def test_no_temporary_file_is_made_where_python_looks_for_a_directory() -> None:
    # It would write a file to try the directory, which a kill leaves: `parts.temporary_parent`.
    calls = [
        node
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("tempfile.")
    ]
    assert calls
    assert all("dir" in {keyword.arg for keyword in call.keywords} for call in calls)


def test_no_other_room_imports_the_command_line() -> None:
    outside = {name for name in importers(f"{PACKAGE}.cli") if name.partition(".")[0] != "cli"}
    assert outside == {"__main__"}
