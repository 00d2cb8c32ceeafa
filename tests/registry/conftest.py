"""Fake registries, whose scripts must be used up by the end of a test, and a client for them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from support.certificates import Authority
from support.faults.client import (
    IDENTITY,
    PASSWORD,
    REGISTRY_TOKEN,
    WEB,
    Client,
    MakeClient,
    leaks,
)
from support.faults.registry import FaultRegistry, faults

# No test waits for a deadline of real life, the shortest of which is 30 s.
_LONGEST_SECONDS = 25.0


@pytest.fixture(autouse=True)
def _bounded_time() -> Iterator[None]:
    started = time.monotonic()
    yield
    assert time.monotonic() - started < _LONGEST_SECONDS


@pytest.fixture
def registry() -> Iterator[FaultRegistry]:
    """The registry that the image's name names; it has `web:1`."""
    with faults() as running:
        running.add("web:1", WEB)
        yield running
        assert running.unspent == 0


@pytest.fixture
def elsewhere() -> Iterator[FaultRegistry]:
    """Another host, which no login is for."""
    with faults() as running:
        yield running
        assert running.unspent == 0
        assert leaks(running, PASSWORD, IDENTITY, REGISTRY_TOKEN) == []


@pytest.fixture
def token_server() -> Iterator[FaultRegistry]:
    """Another host, which the registry sends those to who want a token."""
    with faults() as running:
        yield running
        assert running.unspent == 0


@pytest.fixture
def mirror() -> Iterator[FaultRegistry]:
    """Another host, where the registry's images should be too; it may have a login of its own."""
    with faults() as running:
        yield running
        assert running.unspent == 0


@pytest.fixture(params=["pooled", "lean"])
def client(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeClient]:
    """Makes clients: `client(registry, logins={registry: login(password=PASSWORD)})`."""
    with ExitStack() as stack:

        def make(origin: FaultRegistry, **named: Any) -> Client:
            made = Client(origin, tmp_path, lean=request.param == "lean", **named)
            stack.enter_context(made.transport)
            return made

        yield make


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def secure(authority: Authority) -> Iterator[FaultRegistry]:
    """A registry under TLS; its CA is the authority's."""
    with faults(tls=authority.server_context()) as running:
        running.add("web:1", WEB)
        yield running
        assert running.unspent == 0
