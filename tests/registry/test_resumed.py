"""Bytes of an earlier run are kept where an endpoint without the blob fails first."""

from __future__ import annotations

from io import BytesIO

import pytest
from support.faults.answers import reset_after, status
from support.faults.client import BLOB, MakeClient, ranges
from support.faults.registry import FaultRegistry
from support.faults.server import Answer
from support.oci import digest

from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.registry.download import Download

NAME = digest(BLOB)


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        pytest.param([status(404)], "bytes=30000-", id="lacks it"),
        pytest.param([status(401)], "bytes=30000-", id="refuses"),
        pytest.param([reset_after(0), *[status(503)] * 2], "bytes=30000-", id="fails"),
        pytest.param([reset_after(5000), *[status(503)] * 2], None, id="breaks off within"),
    ],
)
def test_behind_a_mirror(
    answers: list[Answer],
    asked: str | None,
    registry: FaultRegistry,
    mirror: FaultRegistry,
    client: MakeClient,
) -> None:
    for server in (registry, mirror):
        server.add_blob(BLOB)
    mirror.script("GET", f"/blobs/{NAME}", *answers)
    made = client(registry, mirrors=[mirror])
    file = BytesIO(BLOB[:30_000])
    download = Download.resumed(Digest.parse(NAME), len(BLOB), file)
    made.registries.complete(made.reference("web"), download)
    assert file.getvalue() == BLOB
    assert ranges(registry) == [asked]
    assert ranges(mirror)[0] == "bytes=30000-"
