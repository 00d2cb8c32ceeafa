"""A registry for one test: CNCF Distribution, Debian's docker-registry, on a loopback port."""

from __future__ import annotations

import re
import shutil
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from .certificates import Issued
from .listening import free_port, listening
from .oci import MANIFEST, Image, write_layout
from .process import output

_ACCESS = re.compile(
    r'^\S+ - - \[[^]]+\] "(?P<method>\S+) (?P<path>\S+) [^"]*" (?P<status>\d+) (?P<sent>\d+) '
    r'"[^"]*" "(?P<agent>[^"]*)"$'
)

# In seconds. The registry writes the line of a request after the answer.
_LOG_PATIENCE = 10


@dataclass(frozen=True, kw_only=True)
class Access:
    """A request in the registry's access log; `sent` is the size of the body in bytes."""

    method: str
    path: str
    status: int
    sent: int


class Registry:
    """A running registry and its log."""

    def __init__(self, directory: Path, port: int, *, has_tls: bool = False) -> None:
        self.directory = directory
        self.host = f"127.0.0.1:{port}"
        self.log = directory / "log"
        self.push_credentials: str | None = None
        self._layouts = 0
        self._url = f"{'https' if has_tls else 'http'}://{self.host}/v2/"

    def push(self, name: str, *images: Image) -> str:
        """Push an image, or an index of several, with skopeo; returns the digest of that."""
        self._layouts += 1
        layout = self.directory / f"layout-{self._layouts}"
        top = write_layout(layout, images)
        options = ["--all", "--preserve-digests", "--quiet", "--dest-tls-verify=false"]
        if self.push_credentials is not None:
            options.append(f"--dest-creds={self.push_credentials}")
        target = f"docker://{self.host}/{name}"
        output(["skopeo", "--insecure-policy", "copy", *options, f"oci:{layout}", target])
        shutil.rmtree(layout)
        return top

    def tag(self, repository: str, image: Image, *tags: str) -> None:
        """Add tags to an image that was pushed before."""
        for tag in tags:
            self.put(repository, tag, image.manifest)

    def put(self, repository: str, tag: str, manifest: bytes, media_type: str = MANIFEST) -> None:
        """Put a manifest or an index under a tag; its contents must have been pushed before."""
        url = f"http://{self.host}/v2/{repository}/manifests/{tag}"
        request = urllib.request.Request(
            url, data=manifest, method="PUT", headers={"Content-Type": media_type}
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - on this machine
            assert answer.status == 201

    def blob_file(self, digest: str) -> Path:
        """The file in which the registry keeps a blob."""
        blobs = self.directory / "data/docker/registry/v2/blobs/sha256"
        encoded = digest.removeprefix("sha256:")
        return blobs / encoded[:2] / encoded / "data"

    def accesses(self) -> list[Access]:
        """The requests of nixfetch-docker so far, in order."""
        self._await_log()
        matches = map(_ACCESS.match, self.log.read_text().splitlines())
        return [
            Access(
                method=match["method"],
                path=match["path"],
                status=int(match["status"]),
                # For HEAD, the log has the size of the body that a GET would get.
                sent=0 if match["method"] == "HEAD" else int(match["sent"]),
            )
            for match in matches
            if match and match["agent"].startswith("nixfetch-docker/")
        ]

    def _await_log(self) -> None:
        """Wait for the line of one request more, which comes after those of the others."""
        agent = f"log/{uuid4()}"
        # The certificate is not what is tested here.
        context = ssl._create_unverified_context()  # noqa: S323, SLF001
        request = urllib.request.Request(self._url, headers={"User-Agent": agent})  # noqa: S310
        try:
            urllib.request.urlopen(request, context=context).close()  # noqa: S310 - on this machine
        except urllib.error.HTTPError as error:
            error.close()
        except OSError:
            return  # It has ended, and has written all lines.
        end = time.monotonic() + _LOG_PATIENCE
        while agent not in self.log.read_text():
            assert time.monotonic() < end, f"{self.log} has no line of the request {agent}"
            time.sleep(0.001)

    def asked(self) -> list[str]:
        """The requests of nixfetch-docker so far, as `METHOD PATH`, with the path below /v2/."""
        return [f"{one.method} {one.path.removeprefix('/v2/')}" for one in self.accesses()]


@contextmanager
def registry(
    directory: Path,
    config: Sequence[str] = (),
    *,
    tls: Issued | None = None,
    port: int | None = None,
) -> Iterator[Registry]:
    """Run a registry with its data in `directory`; `config` has more lines of its YAML."""
    directory.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    certificate = f", tls: {{certificate: {tls.certificate}, key: {tls.key}}}" if tls else ""
    file = directory / "config.yml"
    lines = [
        "version: 0.1",
        "log: {level: error}",
        f"storage: {{filesystem: {{rootdirectory: {directory}/data}}}}",
        f"http: {{addr: '127.0.0.1:{port}'{certificate}}}",
        *config,
    ]
    file.write_text("\n".join(lines))
    made = Registry(directory, port, has_tls=tls is not None)
    with listening(["docker-registry", "serve", str(file)], port, made.log):
        yield made


def password_file(path: Path) -> list[str]:
    """Lines of a registry's YAML: only `someone` with the password `secret` may read."""
    path.write_text("someone:$2b$04$OqekllHAVV5oDKi8N4NV6uhm.Ew24QlB2kAza96H861VqnWDw5pdG\n")
    return [f"auth: {{htpasswd: {{realm: test, path: {path}}}}}"]
