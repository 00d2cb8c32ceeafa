"""Fixtures for end-to-end tests: registries, Nix and container engines, new for each test."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support import machine, nixpkgs
from support.command import PROGRAM, Project
from support.docker import Docker, has_containerd_store
from support.machine.erofs_utils import copy_erofs_utils
from support.machine.host import Host
from support.nix import Nix
from support.podman import Podman
from support.registry import Registry
from support.registry import registry as run_registry

_NEEDED = (
    "/bin/busybox",
    "/usr/bin/docker",
    "/usr/sbin/nginx",
    "/usr/sbin/sshd",
    "containerd",
    "ctr",
    "docker-registry",
    "dockerd",
    "git",
    "nix-build",
    "podman",
    "runc",
    "skopeo",
    "squid",
    "umoci",
    "unshare",
    "zstd",
    str(PROGRAM),
)


@pytest.fixture(scope="session", autouse=True)
def _programs() -> None:
    missing = [program for program in _NEEDED if shutil.which(program) is None]
    if missing:
        pytest.fail(
            f"missing: {', '.join(missing)}; `make setup venv` installs them", pytrace=False
        )


@pytest.hookimpl(hookwrapper=True, tryfirst=True)  # so that this comes last
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> Iterator[None]:
    yield
    skipped = terminalreporter.stats.get("skipped", [])
    if nixpkgs.MISSING and any(nixpkgs.REASON in str(report.longrepr) for report in skipped):
        terminalreporter.section("NOT TESTED", red=True, bold=True)
        terminalreporter.line(nixpkgs.WARNING, red=True, bold=True)
    if machine.REASON and any(machine.REASON in str(report.longrepr) for report in skipped):
        terminalreporter.section("NOT TESTED", red=True, bold=True)
        terminalreporter.line(f"NO MACHINE WAS BOOTED: it {machine.REASON}", red=True, bold=True)


@pytest.fixture
def registry(tmp_path: Path) -> Iterator[Registry]:
    with run_registry(tmp_path / "registry") as running:
        yield running


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path / "project")


@pytest.fixture
def nix(tmp_path: Path) -> Nix:
    return Nix(tmp_path / "nix")


@pytest.fixture
def podman() -> Iterator[Podman]:
    made = Podman()
    yield made
    made.close()


@pytest.fixture
def docker() -> Iterator[Docker]:
    made = Docker(offline=True)
    yield made
    made.close()


@pytest.fixture
def docker_with_containerd_store() -> Iterator[Docker]:
    if not has_containerd_store():
        pytest.skip("needs docker 24 for containerd's store; run `make test-current-nix`")
    made = Docker(offline=True, containerd_store=True)
    yield made
    made.close()


@pytest.fixture(scope="session")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Registry, Nix]]:
    """A registry and a store for the machines of all tests: each builds the command once."""
    directory = tmp_path_factory.mktemp("machines")
    with run_registry(directory / "registry") as running:
        # For tests/nix/machine.nix.
        names = ("OCI_CONTAINERS", "QUADLET_NIX")
        sources = {name: os.environ[name] for name in names if name in os.environ}
        copy_erofs_utils(directory / "erofs-utils")
        sources["EROFS_UTILS"] = str(directory / "erofs-utils")
        yield running, Nix(directory / "nix").with_settings("", **sources)


@pytest.fixture
def host(machines: tuple[Registry, Nix], project: Project) -> Iterator[Host]:
    """A machine that is off, with nothing locked."""
    registry, nix = machines
    with machine.machine(nix.store) as made:
        yield Host(made, registry, project, nix)
