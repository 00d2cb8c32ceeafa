"""Evaluation of locks as earlier releases wrote them, and the store paths that blobs had there."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.nix import REPOSITORY, evaluate

RELEASES = sorted((REPOSITORY / "tests/nix/earlier").iterdir())


@pytest.mark.parametrize("release", RELEASES, ids=lambda path: path.name)
def test_blobs_have_the_store_paths_that_the_release_gave_them(release: Path) -> None:
    found = evaluate(f"""
      builtins.mapAttrs (_: image:
        map (blob: blob.outPath) ([ image.manifest image.config ] ++ image.layers)
      ) ((import {REPOSITORY}/tests/nix/host-pkgs.nix).fetchDockerImages {{
        file = {release}/images.toml;
        platform = "linux/amd64";
      }})
    """)
    assert found == json.loads((release / "store-paths.json").read_text(encoding="utf-8"))
