"""Strings as this program writes them, with Nix as the judge."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from nixfetch_docker.nix.expression import string


@settings(max_examples=10)
@given(
    st.lists(
        st.text(
            st.sampled_from("ab \"\\$\n\r\t'{}") | st.characters(codec="ascii", min_codepoint=32)
        ),
        min_size=20,
    )
)
def test_nix_itself_reads_what_is_written(texts: list[str]) -> None:
    nix = shutil.which("nix-instantiate")
    assert nix is not None
    expression = f"[ {' '.join(map(string, texts))} ]"
    done = subprocess.run(
        [nix, "--eval", "--strict", "--json", "-"],
        env={"NIX_STORE_DIR": "/tmp/none", "NIX_STATE_DIR": "/tmp/none", "HOME": str(Path.home())},  # noqa: S108
        input=expression.encode(),
        capture_output=True,
        check=True,
    )
    assert json.loads(done.stdout) == texts
