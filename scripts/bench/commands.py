"""Rows of the commands that people wait for: the start, one image, and fleets."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

from support.command import PROGRAM
from support.registry import Registry

from . import images
from .measure import Work, compare, growth

ACCEPT = "Accept: application/vnd.oci.image.manifest.v1+json"
FLEETS = (1, 10, 100, 1000)
# The same HEADs by 16 threads, each with a connection that it keeps.
HEADS = """
import http.client, sys, threading
host, count = sys.argv[1], int(sys.argv[2])
names = iter(range(count))
def ask():
    connection = http.client.HTTPConnection(host)
    for name in names:
        connection.request("HEAD", f"/v2/fleet/manifests/{name}", headers={"Accept": sys.argv[3]})
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 200 and answer.headers["Docker-Content-Digest"]
threads = [threading.Thread(target=ask) for _ in range(16)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


class Commands:
    """The rows; `env` is the environment of every command, `runs` how often each is run."""

    def __init__(self, registry: Registry, directory: Path, env: dict[str, str], runs: int) -> None:
        self._registry = registry
        self._directory = directory
        self._env = env
        self._runs = runs

    def prepare(self) -> None:
        """Let the registry have the images of the fleets."""
        images.fleet(self._registry, max(FLEETS))

    def start(self) -> None:
        """Rows of `--help` and `--version`."""
        for option in ("--help", "--version"):
            least = self._work(sys.executable, "-c", "pass")
            self._row(f"`{option}`", "`python -c pass`", "≤ 3", self._work(PROGRAM, option), least)

    def one_image(self) -> None:
        """Rows of `digest` and `manifest`."""
        name = f"{self._registry.host}/fleet:0"
        for command in ("digest", "manifest"):
            ours, theirs = self._work(PROGRAM, command, name), self._skopeo(name)
            self._row(f"`{command} REF`", "`skopeo inspect --raw`", "≤ 3.5", ours, theirs)

    def fleets(self) -> None:
        """Rows of `update` and `update --check`."""
        names = " ".join(f"{self._registry.host}/fleet:{n}" for n in range(50))
        skopeo = " ".join(map(str, self._skopeo("$one").command[:-1]))
        loop = f'for one in {names}; do {skopeo} "docker://$one" || exit; done'
        theirs = self._work("sh", "-c", loop)
        name, times = "`update` of 50", "50 × `skopeo inspect --raw`"
        self._row(name, times, "≤ 0.25", self.update(50), theirs)
        config = self._directory / "curl"
        config.write_text(
            f'head\nheader = "{ACCEPT}"\n'
            + "".join(
                f'url = "http://{self._registry.host}/v2/fleet/manifests/{n}"\noutput = /dev/null\n'
                for n in range(50)
            )
        )
        theirs = self._work("curl", "-sfZ", "-K", config)
        name = "`update --check` of {}, nothing changed"
        self._row(name.format(50), "`curl -Z`", "≤ 2.5", self.check(50), theirs)
        words = [self._registry.host, "500", ACCEPT.removeprefix("Accept: ")]
        theirs = self._work(sys.executable, "-c", HEADS, *words)
        threads = "16 threads of http.client"
        self._row(name.format(500), threads, "≤ 1.2, ≤ 2", self.check(500), theirs)

    def grow(self) -> None:
        """Rows of `update` and `update --check` of more and more images."""
        growth("`update`", {f"{n}": self.update(n) for n in FLEETS}, self._few)
        growth("`update --check`", {f"{n}": self.check(n) for n in FLEETS}, self._few)

    @property
    def _few(self) -> int:
        return max(self._runs // 3, 1)

    def update(self, count: int) -> Work:
        """Lock so many images that are not locked yet."""
        directory = self._project(count)
        lock = directory / "images.lock.toml"
        return self._work(
            PROGRAM, "update", cwd=directory, before=lambda: lock.unlink(missing_ok=True)
        )

    def check(self, count: int) -> Work:
        """Check so many images that are as they are locked."""
        directory = self._project(count)
        if not (directory / "images.lock.toml").exists():
            self.update(count).run()
        return self._work(PROGRAM, "update", "--check", cwd=directory)

    def _project(self, count: int) -> Path:
        directory = self._directory / f"fleet-{count}"
        if not directory.exists():
            images.project(directory, self._registry, *(f"fleet:{n}" for n in range(count)))
        return directory

    def _skopeo(self, name: str) -> Work:
        return self._work("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{name}")

    def _work(
        self,
        *command: str | Path,
        cwd: Path | None = None,
        before: Callable[[], None] = lambda: None,
    ) -> Work:
        return Work(command=command, env=self._env, cwd=cwd or self._directory, before=before)

    def _row(self, name: str, theirs: str, asked: str, *works: Work) -> None:
        compare(name, theirs, asked, works, self._runs)
