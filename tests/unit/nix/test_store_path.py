from __future__ import annotations

import pytest

from nixfetch_docker.nix.store_path import blob_name, blob_path
from nixfetch_docker.oci.digest import Digest

SHA256 = "4e279d9496aeb4967b8470be402b92890587506cb74171fd5c30f707a54fa488"
SHA512 = (
    "a4abd4448c49562d828115d13a1fccea927f52b4d5459297f8b43e42da89238b"
    "c13626e43dcb38ddb082488927ec904fb42057443983e88585179d50551afe62"
)


@pytest.mark.parametrize(
    ("directory", "digest", "path"),
    [
        pytest.param(
            "/nix/store",
            f"sha256:{SHA256}",
            f"/nix/store/jikvydajh1qfjg3625jpzzzcvrr3f8di-sha256-{SHA256}",
            id="sha256",
        ),
        pytest.param(
            "/nix/store",
            f"sha512:{SHA512}",
            f"/nix/store/3jf0h8b5dw4mw3snzi2z2f33m634s0c8-sha512-{SHA512}",
            id="sha512",
        ),
        pytest.param(
            "/home/ann/store",
            f"sha256:{SHA256}",
            f"/home/ann/store/80rwmzfl9331a8n9vx0f65kxl6gkpqpn-sha256-{SHA256}",
            id="another directory",
        ),
    ],
)
def test_a_blob_has_the_path_that_nix_store_prints(directory: str, digest: str, path: str) -> None:
    assert blob_path(directory, Digest.parse(digest)) == path


def test_the_name_is_the_digest_alone() -> None:
    assert blob_name(Digest.parse(f"sha256:{SHA256}")) == f"sha256-{SHA256}"
