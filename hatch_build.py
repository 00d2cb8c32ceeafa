"""Adds the manual page to the wheel, so that `man nixfetch-docker` finds it after an installation.

Hatchling runs this for every wheel: https://hatch.pypa.io/latest/plugins/build-hook/custom/
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_SOURCE = "docs/nixfetch-docker.1.scd"


class ManualPage(BuildHookInterface[Any]):
    """The page as a file of the environment that the wheel is installed into.

    scdoc makes it of its source. Without scdoc the wheel has no page, and the build says so.
    """

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Make the page, before the wheel is written; `version` is `standard` or `editable`."""
        if version == "editable":
            return
        scdoc = shutil.which("scdoc")
        if scdoc is None:
            self.app.display_warning("scdoc is not installed: the wheel has no manual page")
            return
        self._directory = tempfile.TemporaryDirectory()
        page = Path(self._directory.name, "nixfetch-docker.1")
        with Path(self.root, _SOURCE).open("rb") as source, page.open("wb") as text:
            subprocess.run([scdoc], stdin=source, stdout=text, check=True)
        # A file of a wheel's `data` goes below the environment itself. `shared_data` of the build
        # data says the same, which hatchling before 1.23 does not read.
        data = f"nixfetch_docker-{self.metadata.version}.data/data"
        build_data["force_include"][str(page)] = f"{data}/share/man/man1/nixfetch-docker.1"

    def finalize(self, _version: str, _build_data: dict[str, Any], _artifact_path: str) -> None:
        """Remove the page, which the wheel has now."""
        if directory := getattr(self, "_directory", None):
            directory.cleanup()
