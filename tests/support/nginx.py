"""A web server for one test: nginx, which serves a directory on a loopback port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .listening import free_port, listening


class Nginx:
    """A running nginx; its log is whole once its block has ended."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self._log = log

    def asked(self) -> list[str]:
        """The requests so far, as `METHOD STATUS PATH`."""
        return self._log.read_text().splitlines()


@contextmanager
def nginx(root: Path, directory: Path) -> Iterator[Nginx]:
    """Serve the files below `root`; nginx keeps its own files in `directory`."""
    directory.mkdir()
    port = free_port()
    config = directory / "nginx.conf"
    log = directory / "access.log"
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "".join(f"  {kind}_temp_path {directory}/{kind};\n" for kind in kinds)
    config.write_text(
        # One process, which keeps the rights to read the test's directories.
        "daemon off;\nmaster_process off;\n"
        f"pid {directory}/pid;\nerror_log stderr;\nevents {{}}\n"
        "http {\n"
        f"{temporary}"
        "  log_format short '$request_method $status $uri';\n"
        f"  access_log {log} short;\n"
        f"  server {{ listen 127.0.0.1:{port}; root {root}; }}\n"
        "}\n"
    )
    with listening(["nginx", "-c", str(config), "-e", "stderr"], port, directory / "log"):
        yield Nginx(f"http://127.0.0.1:{port}", log)
