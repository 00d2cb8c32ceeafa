"""Programs in place of Nix's, with a store that is a list of paths: for tests that need no Nix."""

from __future__ import annotations

import sys
from pathlib import Path

_PACKAGE = Path(__file__).parents[2]
_NIX_STORE = f"""#!{sys.executable}
import sys, time
from pathlib import Path

sys.path.insert(0, {str(_PACKAGE)!r})
from nixfetch_docker.nix.store_path import blob_path
from nixfetch_docker.oci.digest import Digest

valid = Path(__file__).with_name("valid")
have = set(valid.read_text().split())
action, *words = sys.argv[1:]
if action == "--check-validity":
    for path in words:
        if path.startswith("/") and path not in have:
            print(path)
elif action == "--add-fixed":
    time.sleep(SECONDS)
    digests = (Digest.parse(Path(word).name.replace("-", ":", 1)) for word in words[1:])
    paths = [blob_path("/nix/store", digest) for digest in digests]
    valid.write_text(" ".join([*have, *paths]))
    print(*paths, sep="\\n")
"""


def fake_nix(directory: Path, *, adding_seconds: float = 0) -> Path:
    """Make the programs in a new directory, which is returned; its store is empty.

    `--add-fixed` takes at least so many seconds.
    """
    directory.mkdir()
    (directory / "valid").touch()
    scripts = {
        "nix-store": _NIX_STORE.replace("SECONDS", str(adding_seconds)),
        "nix-instantiate": "#!/bin/sh\necho '\"/nix/store\"'\n",
    }
    for name, text in scripts.items():
        (directory / name).write_text(text)
        (directory / name).chmod(0o755)
    return directory
