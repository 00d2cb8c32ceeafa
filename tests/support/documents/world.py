"""Where the commands on a page run: a directory, with registries, a Nix and a podman of its own.

One real registry stands in for those of the internet: registries.conf leads each of them to it, for
the command, for skopeo, and for builds. Flakes of the internet are the repository and the host's
`pkgs`. A command of the page runs as it is there.
"""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from support.command import PROGRAM
from support.nix import REPOSITORY, Nix
from support.nix import remove as remove_store
from support.podman import Podman
from support.process import output
from support.registry import Registry
from support.registry import registry as run_registry

from nixfetch_docker.oci.reference import Reference

from . import images
from .blocks import STATES, Block, Command

_SECONDS = 300
_OURS = re.compile(r"github:[A-Za-z0-9_-]+/nixfetch-docker(?:/[\w.-]+)?")
_NIXPKGS = re.compile(r"github:NixOS/nixpkgs(?:/[\w.-]+)?|\bnixpkgs(?=#)")
_CHANNEL = re.compile(r"\bchannel:nixos-unstable\b")
_CHECKOUT = re.compile(r"/path/to/nixfetch-docker\b")
_TARBALL = re.compile(r'fetchTarball\s+"https://github\.com/[\w-]+/nixfetch-docker/[^"]+"')

_PROJECT = """\
[images.redis]
image = "redis:7.4-alpine"

[images.web]
image = "ghcr.io/acme/web:2.1"
"""


# Run a command where only two directories can be written, of the world and of its podman; others
# that pages name are in the first.
_CONFINED = """
top=$1; podman=$2; shift 2
mount --bind "$top" "$top"
mount --bind "$podman" "$podman"
for name in mnt root run srv; do mount --bind "$top/$name" "/$name"; done
mount -o remount,bind,ro /
# Below the new mount, and not the one below that.
cd "$PWD"
export TMPDIR=$top/tmp
exec "$@"
"""

_FLAKE = """\
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    nixfetch-docker.url = "github:OWNER/nixfetch-docker";
    nixfetch-docker.inputs.nixpkgs.follows = "nixpkgs";
  };
  outputs = { nixpkgs, nixfetch-docker, ... }: {
    apps = nixfetch-docker.apps;
    packages.x86_64-linux =
      nixfetch-docker.lib.fetchDockerImages nixpkgs.legacyPackages.x86_64-linux ./images.toml;
  };
}
"""


class World:
    """The directory of a page, and the programs that its commands find."""

    def __init__(self, top: Path, registry: Registry, stack: ExitStack) -> None:
        self.directory = top / "page"
        self.registry = registry
        self._bin = top / "bin"
        self._bin.mkdir()
        self._top = top
        self._flake: Path | None = None
        conf = top / "registries.conf"
        conf.write_text("".join(map(self._rule, images.REGISTRIES)))
        nix = Nix(top / "nix", f"extra-sandbox-paths = /etc/containers/registries.conf={conf}\n")
        stack.callback(remove_store, top / "nix")
        podman = Podman()
        stack.callback(podman.close)
        home = top / "nix/home"
        (home / ".gitconfig").write_text("[user]\nname = Ann\nemail = ann@example.org\n")
        self._cwd_file = top / "cwd"
        # What a page writes outside of its directory, such as /srv/cache, is below `top`; the rest
        # of this machine is read-only.
        self._within = ["unshare", "--mount", "sh", "-euc", _CONFINED, "sh"]
        self._within += [str(top), str(podman.path.parent)]
        # Of podman, locks below /run.
        for name in ("mnt", "root", "run/lock", "srv"):
            (top / name).mkdir(parents=True)
        (top / "tmp").mkdir()
        self.env = {
            **nix.env,
            "PATH": f"{self._bin}:{podman.path}:{PROGRAM.parent}:{nix.env['PATH']}",
            "HOME": str(home),
            "NIX_PATH": f"nixpkgs={REPOSITORY}/tests/nix/host-nixpkgs.nix",
            "CONTAINERS_REGISTRIES_CONF": str(conf),
            "PODMAN_IGNORE_CGROUPSV1_WARNING": "1",
            "TERM": "dumb",
            "COLUMNS": "120",
            "GIT_CONFIG_NOSYSTEM": "1",
        }
        # `update` hands what it reads to Nix in the background, which may be done before or after
        # the next command begins.
        self._write_program(
            "nixfetch-docker",
            'case " $* " in *" --prefetch "*) ;; *" add "* | *" lock "* | *" update "*) '
            "export NIX_REMOTE=unix:///nowhere/socket ;; esac\n"
            f'exec {shlex.quote(str(PROGRAM))} "$@"\n',
        )
        self.given("an empty directory")

    def given(self, state: str) -> None:
        """Bring about what a mark asks for: a state, or a command in "`"."""
        if state.startswith("`"):
            command = state.strip("`")
            if command.startswith("push "):
                name, *platforms = command.split()[1:]
                self.push_again(name, *platforms)
                return
            status, printed = self.run(command)
            assert status == 0, f"{command}\n{printed}"
            return
        _STATES[state](self)

    def push_again(self, name: str, *platforms: str) -> None:
        """Let a tag point at another image, of these platforms, or of all where none is named."""
        full = str(Reference.parse(name).tagged)
        made = [
            one for one in images.again(full) if one.platform in (platforms or images.PLATFORMS)
        ]
        images.put(self.registry.directory / "data", full, made)

    def empty(self) -> None:
        """Begin with a git repository without a file."""
        shutil.rmtree(self.directory, ignore_errors=True)
        self.directory.mkdir()
        output(["git", "init", "-q", "-b", "main"], cwd=self.directory, env=self.env)
        self._cwd_file.write_text(str(self.directory))

    def locked(self) -> None:
        """Begin with a project whose files are committed, on `main` and on `origin/main`."""
        made = self._top / "locked"
        if made.is_dir():
            shutil.rmtree(self.directory)
            shutil.copytree(made, self.directory, symlinks=True)
            self._cwd_file.write_text(str(self.directory))
            return
        self.empty()
        self.write("images.toml", _PROJECT)
        self.write("hosts/web/images.toml", _PROJECT)
        for command in (
            "nixfetch-docker update",
            "nixfetch-docker update --file hosts/web/images.toml",
            "git add .",
            "git commit -q -m 'Lock the images'",
            "git update-ref refs/remotes/origin/main HEAD",
        ):
            self.given(f"`{command}`")
        shutil.copytree(self.directory, made, symlinks=True)

    def flake_of_images(self) -> None:
        """Begin with such a project that is a flake, whose packages are its images."""
        self.locked()
        self.write("flake.nix", _FLAKE)
        self.given("`git add flake.nix && git commit -q -m 'Add the flake'`")

    def write(self, title: str, text: str) -> None:
        """Write a file of the directory; flakes of the internet are those of this machine."""
        path = self.directory / title
        assert path.resolve().is_relative_to(self.directory.resolve()), title
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(self.at_hand(text))

    def at_hand(self, text: str) -> str:
        """A text with what stands for flakes of the internet in their place."""
        if any(one.search(text) for one in (_CHANNEL, _CHECKOUT, _NIXPKGS, _OURS, _TARBALL)):
            flake = self.flake()
            text = _CHANNEL.sub(f"{flake}/tests/nix/host-nixpkgs.nix", text)
            text = _CHECKOUT.sub(str(flake), text)
            text = _TARBALL.sub(str(flake), text)
            text = _OURS.sub(f"path:{flake}", text)
            text = _NIXPKGS.sub(f"path:{flake}/tests/nix", text)
        return text

    def flake(self) -> Path:
        """A copy of all that git would take into a commit of this repository."""
        if self._flake is None:
            self._flake = self._top / "flake"
            listed = ["git", "ls-files", "-co", "--exclude-standard"]
            for name in output(listed, cwd=REPOSITORY).splitlines():
                if (REPOSITORY / name).is_file():
                    target = self._flake / name
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copy(REPOSITORY / name, target)
            # What a flake of the internet has in its lock is not there.
            lock = self._flake / "flake.lock"
            lock.unlink()
            for source in (self._flake / "flake.nix", *self._flake.glob("templates/*/flake.nix")):
                source.write_text(self.at_hand(source.read_text()))
        return self._flake

    def run(self, command: str) -> tuple[int, str]:
        """Run a command of a shell; its status, and what it prints to stdout and stderr."""
        script = f"{self.at_hand(command)}\nstatus=$?\npwd > {self._cwd_file}\nexit $status\n"
        done = subprocess.run(
            [*self._within, "bash", "-o", "pipefail", "-c", script],
            cwd=self._cwd_file.read_text().strip(),
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_SECONDS,
            check=False,
        )
        return done.returncode, self._as_from_afar(done.stdout.decode())

    def _as_from_afar(self, printed: str) -> str:
        """What a command prints, as it would be if the registries were those of the internet."""
        host = re.escape(self.registry.host)
        printed = re.sub(rf"(?m)^{host}: it does not speak TLS; .*\n", "", printed)
        return re.sub(rf"{host}/(?=[a-z.]+\.[a-z])", "", printed)

    def _rule(self, host: str) -> str:
        return (
            f'[[registry]]\nprefix = "{host}"\ninsecure = true\n'
            f'location = "{self.registry.host}/{host.replace(":", "_")}"\n'
        )

    def _write_program(self, name: str, script: str) -> None:
        path = self._bin / name
        path.write_text(f"#!/bin/sh\n{script}")
        path.chmod(0o755)


_STATES: dict[str, Callable[[World], None]] = dict(
    zip(STATES, (World.empty, World.locked, World.flake_of_images), strict=True)
)


@contextmanager
def world(top: Path) -> Iterator[World]:
    """A world for one page, with its files below `top`."""
    data = top / "registry/data"
    for name in images.IMAGES:
        images.put(data, name, images.images(name))
    with run_registry(top / "registry") as registry, ExitStack() as stack:
        yield World(top, registry, stack)


def run_page(place: World, blocks: list[Block]) -> Iterator[tuple[Block, Command, int, str]]:
    """Run the commands of a page in their order; each with its status and with what it printed."""
    for block in blocks:
        if block.excerpt is not None:
            continue
        for state in block.given:
            place.given(state)
        if block.title is not None:
            place.write(block.title, block.text)
        if block.language == "python":
            script = block.title or "page.py"
            place.write(script, block.text)
            command = Command(line=block.line, text=f"{sys.executable} {script}", output=None)
            yield block, command, *place.run(command.text)
        elif block.language == "console":
            for command in block.commands():
                if not block.is_without(command.text):
                    yield block, command, *place.run(command.text)


def has_command(block: Block) -> bool:
    """Whether tests run something of a piece."""
    return block.excerpt is None and block.language in {"console", "python"}
