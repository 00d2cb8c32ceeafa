from __future__ import annotations

import subprocess
import sys
from pathlib import Path

RUN = """
import sys
from nixfetch_docker.cli.main import main
status = main(sys.argv[1:])
print(*sys.modules)
sys.exit(status)
"""


def imported(tmp_path: Path, *arguments: str) -> set[str]:
    """The modules that a run of `fetch-blob` imports, which fails for want of a registry."""
    command = [sys.executable, "-I", "-c", RUN, "fetch-blob", *arguments]
    done = subprocess.run(
        command, capture_output=True, text=True, env={"HOME": str(tmp_path)}, check=False
    )
    assert done.returncode == 1, done.stderr
    assert "cannot connect" in done.stderr
    return set(done.stdout.split())


def test_only_what_a_build_needs_is_imported(tmp_path: Path) -> None:
    # Every layer is a build of its own, so this is paid for each of them.
    digest = f"sha256:{'0' * 64}"
    output = str(tmp_path / "blob")
    modules = imported(tmp_path, "localhost:1/web", digest, "--output", output)
    assert not modules & {"asyncio", "shtab"}
    own = {name.removeprefix("nixfetch_docker.") for name in modules if "nixfetch" in name}
    rooms = {name.partition(".")[0] for name in own} - {"nixfetch_docker"}
    assert rooms <= {"base", "cli", "endpoints", "errors", "logins", "oci", "registry"}
    assert not own & {"oci.image", "oci.config", "registry.images", "registry.offers"}
