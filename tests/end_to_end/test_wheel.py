"""What `make dist` makes: the sdist and the wheel, installed by pip without a network."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from email.message import Message
from email.parser import HeaderParser
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest
from support.nix import REPOSITORY
from support.process import output, run

from nixfetch_docker import __version__

# What the wheel depends on, and what those depend on in some of their versions, by the names that
# Python imports.
DEPENDENCIES = ("cryptography", "h11", "httpx", "idna", "nacl", "rich", "tomli")
INDIRECT = (
    *("_cffi_backend", "anyio", "certifi", "cffi", "httpcore", "markdown_it", "mdurl", "pycparser"),
    *("pygments", "sniffio", "typing_extensions"),
)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("dist")
    build(REPOSITORY, directory)
    return directory


def build(source: Path, directory: Path, *targets: str) -> None:
    """Make an sdist and a wheel of a directory of sources, or those of them that are named."""
    arguments = [word for target in targets for word in ("-t", target)]
    # With a date for the manual page, which has one.
    env = {"PATH": "/usr/bin:/bin", "SOURCE_DATE_EPOCH": "1764000000", "HOME": str(directory)}
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(directory), *arguments]
    output(command, cwd=source, env=env)


def one(directory: Path, pattern: str) -> Path:
    (found,) = directory.glob(pattern)
    return found


def test_the_names_say_the_version_and_any_system(dist: Path) -> None:
    assert sorted(path.name for path in dist.iterdir()) == [
        f"nixfetch_docker-{__version__}-py3-none-any.whl",
        f"nixfetch_docker-{__version__}.tar.gz",
    ]


def test_the_wheel_has_all_of_the_package_and_the_manual_page(dist: Path) -> None:
    with zipfile.ZipFile(one(dist, "*.whl")) as wheel:
        names = {name for name in wheel.namelist() if ".dist-info/" not in name}
        page = f"nixfetch_docker-{__version__}.data/data/share/man/man1/nixfetch-docker.1"
        assert b".SH SYNOPSIS" in wheel.read(page).upper()
    listed = output(["git", "ls-files", "nixfetch_docker"], cwd=REPOSITORY).split()
    assert names == {*listed, page}
    assert {f"nixfetch_docker/cli/completion.{shell}" for shell in ("bash", "fish", "zsh")} <= names
    assert "nixfetch_docker/py.typed" in names


def about(dist: Path) -> Message:
    with zipfile.ZipFile(one(dist, "*.whl")) as wheel:
        text = wheel.read(f"nixfetch_docker-{__version__}.dist-info/METADATA").decode()
    return HeaderParser().parsestr(text)


def test_the_wheel_says_where_the_project_is(dist: Path) -> None:
    found = about(dist)
    urls = dict(line.split(", ", 1) for line in found.get_all("Project-URL", []))
    assert sorted(urls) == ["Changelog", "Documentation", "Homepage", "Issues", "Source"]
    assert found["Requires-Python"] == ">=3.11"
    assert found["Description-Content-Type"] == "text/markdown"


def test_the_sdist_makes_the_same_wheel(dist: Path, tmp_path: Path) -> None:
    output(["tar", "-xf", one(dist, "*.tar.gz"), "-C", tmp_path])
    source = tmp_path / f"nixfetch_docker-{__version__}"
    tracked = {name.split("/")[0] for name in output(["git", "ls-files"], cwd=REPOSITORY).split()}
    unpacked = {path.name for path in source.iterdir()}
    assert unpacked <= tracked | {"PKG-INFO"}
    assert {"CHANGELOG.md", "LICENSE", "docs", "nix", "tests"} <= unpacked
    build(source, tmp_path / "again", "wheel")
    wheels = (one(dist, "*.whl"), one(tmp_path / "again", "*.whl"))
    assert len({wheel.read_bytes() for wheel in wheels}) == 1


def test_a_wheel_that_is_made_without_scdoc_says_so(tmp_path: Path) -> None:
    env = {"PATH": "/nowhere", "HOME": str(tmp_path)}
    command = [sys.executable, "-m", "hatchling", "build", "-d", str(tmp_path), "-t", "wheel"]
    made = run(command, cwd=REPOSITORY, env=env)
    assert made.returncode == 0, made.stderr
    assert "the wheel has no manual page" in made.stdout + made.stderr
    with zipfile.ZipFile(one(tmp_path, "*.whl")) as wheel:
        assert not [name for name in wheel.namelist() if name.endswith(".1")]


def _files_of_dependencies() -> set[Path]:
    """Modules, packages and their metadata, in the environment of the tests."""
    found = set()
    names = DEPENDENCIES + INDIRECT
    for name in names:
        spec = find_spec(name)
        if spec is None and name in INDIRECT:
            continue
        assert spec is not None, name
        assert spec.origin is not None, name
        origin = Path(spec.origin)
        whole = origin.parent if spec.submodule_search_locations else origin
        # What mypy compiled, such as tomli, has a module of another name beside it.
        found |= {whole, *whole.parent.glob("*__mypyc.*")}
    for distribution in metadata.distributions():
        directory = Path(str(distribution.locate_file("")))
        name = _normal(distribution.metadata["Name"])
        if name in (*names, "markdown_it_py", "pynacl"):
            about = directory.glob("*-info")
            found |= {path for path in about if _normal(path.name.partition("-")[0]) == name}
    return found


def _normal(name: str) -> str:
    """The name of a distribution, which is written in several ways."""
    return name.lower().replace("-", "_")


@pytest.fixture(scope="module")
def installed(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new environment in which pip has installed the wheel; it has no other packages of ours.

    What the wheel depends on comes from the environment of the tests: there is no package index.
    """
    environment = tmp_path_factory.mktemp("environment") / "venv"
    output([sys.executable, "-m", "venv", environment])
    packages = environment.parent / "packages"
    packages.mkdir()
    for path in sorted(_files_of_dependencies()):
        (packages / path.name).symlink_to(path)
    site = one(environment, "lib/python3*/site-packages")
    (site / "dependencies.pth").write_text(f"{packages}\n")
    pip: list[str | Path] = [
        environment / "bin/pip",
        "install",
        "--no-index",
        "--disable-pip-version-check",
    ]
    output([*pip, one(dist, "*.whl")])
    return environment


def test_the_installed_command_runs(installed: Path, tmp_path: Path) -> None:
    def said(*words: str) -> str:
        return output([installed / "bin/nixfetch-docker", *words], cwd=tmp_path, env={})

    assert said("--version") == f"nixfetch-docker {__version__}\n"
    assert "complete -c nixfetch-docker" in said("completion", "fish")
    assert "images.toml" in said("init") + said("show")
    page = installed / "share/man/man1/nixfetch-docker.1"
    assert page.stat().st_size > 5000


def test_every_module_finds_what_it_imports(installed: Path) -> None:
    code = """
import importlib, pkgutil, nixfetch_docker
for module in pkgutil.walk_packages(nixfetch_docker.__path__, "nixfetch_docker."):
    if not module.name.endswith("__main__"):
        try:
            importlib.import_module(module.name)
        except ModuleNotFoundError as error:
            print(error.name)
for name in nixfetch_docker.__all__:
    getattr(nixfetch_docker, name)
"""
    # From a directory without the sources.
    done = subprocess.run(
        [installed / "bin/python", "-c", code],
        cwd=installed,
        env={},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    # Of the extras `keyless` and `yaml`.
    assert set(done.stdout.split()) == {"sigstore", "yaml"}
