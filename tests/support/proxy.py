"""A forward proxy for one test: squid on a loopback port, with its own hosts file."""

from __future__ import annotations

import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .listening import free_port

_START_SECONDS = 20.0


@dataclass(frozen=True, kw_only=True)
class Proxy:
    """A running proxy and its log."""

    url: str
    log: Path

    def requests(self) -> list[str]:
        """The requests that it passed on, as `METHOD target`."""
        lines = [line.split() for line in self.log.read_text().splitlines()]
        return [f"{fields[5]} {fields[6]}" for fields in lines]


@contextmanager
def proxy(hosts: Mapping[str, str]) -> Iterator[Proxy]:
    """Run a proxy; `hosts` maps names that only it can resolve to their addresses."""
    # squid drops its privileges, and then cannot read pytest's directories.
    with tempfile.TemporaryDirectory(prefix="squid-") as temporary:
        directory = Path(temporary)
        directory.chmod(0o777)
        port = free_port()
        names = directory / "hosts"
        names.write_text("".join(f"{address} {name}\n" for name, address in hosts.items()))
        log = directory / "access.log"
        config = directory / "squid.conf"
        config.write_text(
            f"http_port 127.0.0.1:{port}\n"
            f"hosts_file {names}\n"
            f"pid_filename {directory}/pid\n"
            f"access_log stdio:{log} logformat=squid\n"
            f"cache_log {directory}/cache.log\n"
            f"coredump_dir {directory}\n"
            "logformat squid %ts %tr %>a %Ss %<st %rm %ru\n"
            "cache deny all\n"
            "http_access allow all\n"
            "shutdown_lifetime 0 seconds\n"
            "pinger_enable off\n"
        )
        process = subprocess.Popen(["squid", "-N", "-f", str(config)])
        try:
            _wait_for(port, process)
            yield Proxy(url=f"http://127.0.0.1:{port}", log=log)
        finally:
            process.terminate()
            process.wait()


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        assert process.poll() is None, "squid ended"
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        assert time.monotonic() < deadline, "squid does not answer"
        time.sleep(0.02)
