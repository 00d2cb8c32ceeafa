from __future__ import annotations

import pytest

from nixfetch_docker.base import toml
from nixfetch_docker.base.table import Table
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.blob import Blob
from nixfetch_docker.oci.digest import Digest


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
@pytest.mark.parametrize("size", [0, 2**63 - 1])
def test_a_blob_is_read_as_it_was_written(algorithm: str, size: int) -> None:
    blob = Blob(digest=Digest.of(b"a", algorithm), size=size)
    table = toml.parse(f"blob = {blob.to_toml()}").table("blob")
    assert Blob.from_table(table) == blob


def test_other_keys_stand_behind_its_own() -> None:
    blob = Blob(digest=Digest.of(b"a"), size=1)
    text = blob.to_toml(("media-type", '"x"'))
    assert text == f'{{ sha256 = "{blob.digest.hex}", size = 1, media-type = "x" }}'
    table = toml.parse(f"blob = {text}").table("blob")
    assert Blob.from_table(table, "media-type") == blob


@pytest.mark.parametrize(
    ("values", "message"),
    [
        pytest.param({"size": 1}, "layer: 'sha256' is missing", id="no digest"),
        pytest.param(
            {"sha256": "0", "size": 1},
            "layer.sha256: 'sha256:0' is not a digest; "
            "sha256: is followed by 64 lower-case hexadecimal digits",
            id="short digest",
        ),
        pytest.param(
            {"sha256": "0", "size": 1, "sise": 1},
            "layer.sise: unknown key; did you mean 'size'?",
            id="unknown key",
        ),
        pytest.param(
            {"sha256": "0" * 64, "size": -1}, "layer.size: -1 is negative", id="negative size"
        ),
    ],
)
def test_a_wrong_value_is_named(values: dict[str, object], message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        Blob.from_table(Table(values, "layer"))
    assert str(caught.value) == message
