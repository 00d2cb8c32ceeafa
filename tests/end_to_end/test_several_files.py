"""Several services of a machine or a user, each with its own images.toml."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.declared import LOCKED, copy, expression
from support.nix import REPOSITORY, error, evaluate, try_evaluate

STORE = f"/nix/store/{'0' * 31}"
IMAGES = "config.virtualisation.dockerImages.images"


class Files:
    """The option `files` of a module, with one definition of it for each file."""

    def __init__(self, module: str, arguments: str) -> None:
        self._module = REPOSITORY / "nix" / module
        self._arguments = arguments

    def expression(self, value: str, *files: Path, more: str = "") -> str:
        definitions = [f"{{ virtualisation.dockerImages.files = [ {file} ]; }}" for file in files]
        modules: list[str | Path] = [self._module, *definitions, f"{{ {more} }}"]
        return expression(value, *modules, arguments=self._arguments)

    def evaluate(self, value: str, *files: Path, more: str = "") -> Any:
        return evaluate(self.expression(value, *files, more=more))


@pytest.fixture(params=[("nixos/module.nix", ""), ("home/module.nix", "isHome = true;")])
def files(request: pytest.FixtureRequest) -> Files:
    return Files(*request.param)


def _twice(name: str, *files: Path) -> str:
    where = " and in ".join(map(str, files))
    which = "one" if len(files) == 2 else "all but one"
    return (
        f"the image '{name}' is in {where}; give it another name in {which} of them, "
        "and update the lock of that file"
    )


def test_files_of_several_modules_merge(files: Files, tmp_path: Path) -> None:
    one, other = copy(tmp_path / "a", "cache", "queue"), copy(tmp_path / "b", "sessions")
    file = f"virtualisation.dockerImages.file = {LOCKED};"
    names = files.evaluate(f"builtins.attrNames {IMAGES}", one, other, more=file)
    assert names == ["cache", "queue", "redis", "sessions", "web"]
    assert files.evaluate("failed", one, other, more=file) == []
    name = f"with {IMAGES}.sessions; [ imageName imageTag ]"
    assert files.evaluate(name, one, other) == ["docker.io/library/redis", "7.4-alpine"]


def test_one_file_that_is_named_twice_is_one(files: Files, tmp_path: Path) -> None:
    one = copy(tmp_path / "a", "cache")
    file = f'virtualisation.dockerImages.file = "{one}";'
    assert files.evaluate(f"builtins.attrNames {IMAGES}", one, one, more=file) == ["cache"]
    assert files.evaluate("failed", one, one, more=file) == []


@pytest.mark.parametrize("count", [2, 3])
def test_a_name_that_several_files_have_is_refused(
    count: int, files: Files, tmp_path: Path
) -> None:
    having = [copy(tmp_path / f"{n}", "cache", f"own{n}") for n in range(count)]
    assert files.evaluate("failed", *having) == [_twice("cache", *having)]
    done = try_evaluate(files.expression(f"{IMAGES}.cache.outPath", *having))
    assert done.returncode != 0
    assert error(done.stderr) == _twice("cache", *having)
    assert files.evaluate(f"{IMAGES}.own1.imageTag", *having) == "7.4-alpine"


def test_the_name_is_refused_where_a_container_has_it_too(tmp_path: Path) -> None:
    nixos = Files("nixos/module.nix", "")
    one, other = copy(tmp_path / "a", "cache"), copy(tmp_path / "b", "cache")
    container = 'virtualisation.oci-containers.containers.cache.locked = "cache";'
    done = try_evaluate(nixos.expression("failed", one, other, more=container))
    assert _twice("cache", one, other) in (done.stdout + done.stderr)


def test_all_names_that_two_files_have_are_told_at_once(files: Files, tmp_path: Path) -> None:
    one, other = copy(tmp_path / "a", "cache", "queue"), copy(tmp_path / "b", "cache", "queue")
    told = files.evaluate("failed", one, other)
    assert told == [_twice("cache", one, other), _twice("queue", one, other)]


def test_a_name_that_no_file_has(files: Files, tmp_path: Path) -> None:
    one, other = copy(tmp_path / "a", "cache"), copy(tmp_path / "b", "queue")
    preload = 'virtualisation.dockerImages.preload = [ "cashe" ];'
    assert files.evaluate("failed", one, other, more=preload) == [
        f"virtualisation.dockerImages.preload names the image 'cashe', which none of {one}, "
        f"{other} has; did you mean 'cache'? they have cache, queue"
    ]
    assert files.evaluate("failed", one, more=preload) == [
        "virtualisation.dockerImages.preload names the image 'cashe', which images.toml does "
        "not have; did you mean 'cache'? it has cache"
    ]


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        (
            ("0-source/a/images.toml", "0-source/b/images.toml"),
            "a/images.toml and in b/images.toml",
        ),
        # Of two flakes.
        (
            ("0-source/images.toml", "1-source/images.toml"),
            f"{STORE}0-source/images.toml and in {STORE}1-source/images.toml",
        ),
    ],
)
def test_files_of_flakes_are_told_without_the_store(paths: tuple[str, str], told: str) -> None:
    given = " ".join(f'"{STORE}{path}"' for path in paths)
    problems = f"""
        (import {REPOSITORY}/nix/nixos/sources.nix {{
          lib = import {REPOSITORY}/tests/nix/host-lib.nix;
          fetchDockerImages = _file: {{ cache = {{ }}; }};
          dockerImages = {{ file = null; files = [ {given} ]; }};
        }}).problems
    """
    (problem,) = evaluate(problems)
    assert problem.startswith(f"the image 'cache' is in {told}; give it another name")
