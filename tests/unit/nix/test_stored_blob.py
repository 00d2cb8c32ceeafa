from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from nixfetch_docker.nix.store_path import blob_path
from nixfetch_docker.nix.stored_blob import stored_blob, stored_origin
from nixfetch_docker.oci.blob import Blob
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.document import MANIFEST_LIMIT
from nixfetch_docker.oci.labels import Origin

DATA = b"{}"


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_blob_of_the_store_is_read(algorithm: str, tmp_path: Path) -> None:
    digest = Digest.of(DATA, algorithm)
    Path(blob_path(str(tmp_path), digest)).write_bytes(DATA)
    environment = {"NIX_STORE_DIR": str(tmp_path)}
    assert stored_blob(Blob(digest=digest, size=len(DATA)), environment) == DATA


def nothing(_path: Path) -> None:
    pass


def other_bytes(path: Path) -> None:
    path.write_bytes(b"[]")


def directory(path: Path) -> None:
    path.mkdir()


@pytest.mark.parametrize("put", [nothing, other_bytes, directory])
def test_what_the_store_lacks_is_none(put: Callable[[Path], None], tmp_path: Path) -> None:
    digest = Digest.of(DATA)
    put(Path(blob_path(str(tmp_path), digest)))
    environment = {"NIX_STORE_DIR": str(tmp_path)}
    assert stored_blob(Blob(digest=digest, size=len(DATA)), environment) is None


def test_a_large_blob_is_not_read(tmp_path: Path) -> None:
    digest = Digest.of(DATA)
    Path(blob_path(str(tmp_path), digest)).write_bytes(DATA)
    environment = {"NIX_STORE_DIR": str(tmp_path)}
    assert stored_blob(Blob(digest=digest, size=MANIFEST_LIMIT + 1), environment) is None


def test_the_origin_is_that_of_a_config_that_the_store_has(tmp_path: Path) -> None:
    data = b'{"config": {"Labels": {"org.opencontainers.image.revision": "v1"}}}'
    config = Blob(digest=Digest.of(data), size=len(data))
    environment = {"NIX_STORE_DIR": str(tmp_path)}
    assert stored_origin(config, environment) is None
    Path(blob_path(str(tmp_path), config.digest)).write_bytes(data)
    assert stored_origin(config, environment) == Origin(revision="v1")
