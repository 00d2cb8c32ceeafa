"""Images on machines that ask no registry: by binary caches, remote builders and copies.

Each machine has a Nix with a store of its own, all under the same path, as every real one is at
/nix/store. The programs are real: nginx serves the caches, OpenSSH leads to the other machines.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import fleet
import pytest
from support import oci
from support.busybox import printing
from support.command import PROGRAM, Project
from support.fleets import Counter, model
from support.listening import dead
from support.nginx import nginx
from support.nix import Nix
from support.podman import Podman
from support.private import PASSWORD, USER, assert_no_secret, private_registry
from support.process import output
from support.registry import Registry
from support.registry import registry as run_registry
from support.ssh import ssh_server
from support.tokens import tokens as run_tokens

HOST = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}[os.uname().machine]
TEXT = "from afar\n"
IMAGE = printing(TEXT)
SYSTEM = f"{os.uname().machine}-linux"
# What a machine takes from an image: the layout, the executable for the engine, the file.
FORMS = ((), ("stream",), ("archive",))
# Such a machine builds nothing itself.
NO_BUILDS = "max-jobs = 0\n"
AUTH_FILE = "/etc/nixfetch-docker/auth.json"


@dataclass(frozen=True, kw_only=True)
class Home:
    """The machine that has fetched and built the image, whose registry is gone since then."""

    directory: Path
    nix: Nix
    project: Project
    built: list[Path]
    name: str
    # A connection to the registry's port since it is gone.
    asked: list[str]

    def machine(self, directory: Path, config: str = "", *, offline: bool = False) -> Nix:
        """Another machine, with an empty store, whose files are in `directory`."""
        return Nix(self.nix.store.parent, config, machine=directory, offline=offline)

    def key(self, name: str) -> str:
        """A line of nix.conf that trusts the key."""
        return f"trusted-public-keys = {(self.directory / f'{name}.public').read_text()}\n"

    def cache(self, kind: str) -> Path:
        return self.directory / f"cache-{kind}"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """The image, its stream and its archive, in a store and in three caches of it."""
    directory = tmp_path_factory.mktemp("home")
    nix = Nix(directory / "nix")
    project = Project(directory / "project")
    with run_registry(directory / "registry") as registry:
        registry.push("acme/web:1", IMAGE)
        project.update(f'[images.web]\nimage = "{registry.host}/acme/web:1"')
        built = [nix.build(project.images, "web", *form) for form in FORMS]
    for key in ("ours", "theirs"):
        secret = nix.output(["nix", "key", "generate-secret", "--key-name", f"{key}-1"])
        (directory / f"{key}.secret").write_text(secret)
        public = output(
            ["nix", "key", "convert-secret-to-public"], env=nix.env, data=secret.encode()
        )
        (directory / f"{key}.public").write_text(public)
    for kind in ("ours", "theirs", "unsigned"):
        query = "" if kind == "unsigned" else f"&secret-key={directory}/{kind}.secret"
        # Layers are compressed already.
        store = f"file://{directory}/cache-{kind}?compression=none{query}"
        nix.output(["nix", "copy", "--to", store, *built])
    with dead(registry.host) as asked:
        yield Home(
            directory=directory,
            nix=nix,
            project=project,
            built=built,
            name=f"{registry.host}/acme/web:1",
            asked=asked,
        )


def inside(machine: Nix, path: Path) -> Path:
    """The real place of a store path of the machine."""
    return machine.real_store / path.name


def loaded(machine: Nix, stream: Path, podman: Podman, name: str) -> str:
    """The output of the image's container, loaded from the stream on the machine."""
    assert name in podman.load_stream(*machine.within, stream)
    return podman.run(name)


class TestCache:
    """A binary cache, with a key that the machine trusts or another."""

    def test_a_signed_cache_over_http_serves_every_form(
        self, home: Home, tmp_path: Path, podman: Podman
    ) -> None:
        with nginx(home.cache("ours"), tmp_path / "nginx") as server:
            settings = f"{NO_BUILDS}{home.key('ours')}substituters = {server.url}\n"
            there = home.machine(tmp_path / "there", settings)
            built = [there.build(home.project.images, "web", *form) for form in FORMS]
        assert built == home.built
        _, stream, archive = built
        assert inside(there, archive).read_bytes() == archive.read_bytes()
        assert loaded(there, stream, podman, home.name) == TEXT
        there.output(["nix-store", "--verify", "--check-contents"])
        asked = server.asked()
        for path in built:
            assert f"GET 200 /{path.name[:32]}.narinfo" in asked
        assert home.asked == []

    def test_a_cache_in_a_directory_is_enough_without_any_network(
        self, home: Home, tmp_path: Path
    ) -> None:
        settings = f"{NO_BUILDS}{home.key('ours')}substituters = file://{home.cache('ours')}\n"
        there = home.machine(tmp_path / "there", settings, offline=True)
        built = [there.build(home.project.images, "web", *form) for form in FORMS]
        assert built == home.built
        there.output(["nix-store", "--verify", "--check-contents"])

    @pytest.mark.parametrize("kind", ["theirs", "unsigned"])
    def test_only_what_names_its_own_content_is_taken_from_a_stranger(
        self, kind: str, home: Home, tmp_path: Path
    ) -> None:
        settings = f"{NO_BUILDS}{home.key('ours')}substituters = file://{home.cache(kind)}\n"
        there = home.machine(tmp_path / "there", settings)
        for form, path in zip(FORMS, home.built, strict=True):
            refused = there.try_build(home.project.images, "web", *form)
            assert refused.returncode != 0
            assert re.search(rf"{re.escape(path.name)}.* sign", refused.stderr), refused.stderr
            assert not inside(there, path).exists()
        config = there.build(home.project.images, "web", "config")
        assert inside(there, config).read_bytes() == IMAGE.config
        assert home.asked == []

    def test_a_false_blob_is_refused_though_no_signature_is_asked_for(
        self, home: Home, tmp_path: Path
    ) -> None:
        """As whoever has the cache could do it: everything fits but the digest in the name."""
        cache = tmp_path / "cache"
        shutil.copytree(home.cache("unsigned"), cache)
        (config,) = home.nix.paths(f"sha256-{IMAGE.id.removeprefix('sha256:')}")
        false = tmp_path / "false"
        false.write_bytes(IMAGE.config.replace(b"busybox", b"evilbox"))
        forge(home.nix, cache / f"{config.name[:32]}.narinfo", false)
        settings = f"{NO_BUILDS}{home.key('ours')}substituters = file://{cache}\n"
        there = home.machine(tmp_path / "there", settings)
        refused = there.try_build(home.project.images, "web", "config")
        assert refused.returncode != 0
        assert "hash mismatch" in refused.stderr
        valid = there.run(["nix-store", "--check-validity", config])
        assert valid.returncode != 0


class TestRemoteBuilder:
    """A machine that builds for another one, which fetches nothing and builds nothing."""

    @pytest.fixture
    def image(self) -> oci.Image:
        """An image that no machine has: but for the layers with busybox and the text."""
        return printing(TEXT, oci.layer({"own": os.urandom(5000)}))

    @pytest.fixture
    def private(self, image: oci.Image, tmp_path: Path) -> Iterator[Registry]:
        with private_registry("htpasswd", tmp_path) as running:
            running.push("acme/own:1", image)
            yield running

    @pytest.fixture
    def project(self, private: Registry, tmp_path: Path) -> Project:
        made = Project(tmp_path / "project")
        made.log_in(private.host, USER, PASSWORD)
        made.update(f'[images.own]\nimage = "{private.host}/acme/own:1"')
        return made

    def test_what_is_prefetched_at_home_goes_to_the_builder(
        self, home: Home, private: Registry, project: Project, tmp_path: Path, podman: Podman
    ) -> None:
        project.env |= {**home.nix.env, "HOME": str(project.home)}
        project.run("prefetch")
        before = private.asked()
        builder = home.machine(tmp_path / "builder")
        with ssh_server(tmp_path / "ssh", builder) as options:
            nix = delegating(home.nix, options)
            built = [nix.build(project.images, "own", *form) for form in FORMS]
        assert all(inside(builder, path).exists() for path in built)
        assert private.asked() == before
        assert loaded(home.nix, built[1], podman, f"{private.host}/acme/own:1") == TEXT

    def test_a_login_in_the_builders_sandbox_is_enough(
        self,
        home: Home,
        private: Registry,
        image: oci.Image,
        project: Project,
        tmp_path: Path,
    ) -> None:
        login = tmp_path / "builders-login.json"
        project.log_in(private.host, USER, PASSWORD).rename(login)
        builder = home.machine(tmp_path / "builder", f"extra-sandbox-paths = {AUTH_FILE}={login}\n")
        before = len(private.accesses())
        with ssh_server(tmp_path / "ssh", builder) as options:
            layout = delegating(home.nix, options).build(project.images, "own")
        # The base and the text were at home before.
        new = [f"manifests/{image.digest}", f"blobs/{image.id}"]
        new.append(f"blobs/{oci.digest(image.layers[1].data)}")
        served = [one.path for one in private.accesses()[before:] if one.status == 200]
        assert sorted(served) == sorted(f"/v2/acme/own/{path}" for path in new)
        blobs = [image.config, image.manifest, *(layer.data for layer in image.layers)]
        for data in blobs:
            path = layout / "blobs/sha256" / oci.digest(data).removeprefix("sha256:")
            assert path.read_bytes() == data
            assert inside(builder, path.resolve()).exists()
        assert_no_secret(home.nix)
        assert_no_secret(builder)

    def test_without_either_the_builders_error_comes_home(
        self, home: Home, private: Registry, project: Project, tmp_path: Path
    ) -> None:
        with ssh_server(tmp_path / "ssh", home.machine(tmp_path / "builder")) as options:
            failed = delegating(home.nix, options).try_build(project.images, "own", "config")
        assert failed.returncode != 0
        assert (
            f"there is no login for {private.host} in {AUTH_FILE} (no such file)" in failed.stderr
        )


class TestCopy:
    """What deploy-rs, colmena and nixos-rebuild do with a system: they copy it by ssh."""

    def test_a_signed_copy_loads_where_no_registry_is(
        self, home: Home, tmp_path: Path, podman: Podman
    ) -> None:
        there = home.machine(tmp_path / "there", home.key("ours"))
        _, stream, archive = home.built
        with ssh_server(tmp_path / "ssh", there) as options:
            nix = home.nix.with_settings("", NIX_SSHOPTS=options)
            copy = ["nix", "copy", "--to", "ssh-ng://machine"]
            refused = nix.run([*copy, stream])
            assert refused.returncode != 0
            assert "signature" in refused.stderr
            assert not inside(there, stream).exists()
            sign = ["nix", "store", "sign", "--recursive"]
            nix.output([*sign, "--key-file", home.directory / "ours.secret", stream])
            nix.output([*copy, stream])
            # Nix trusts root there, who may do without.
            nix.output([*copy, "--no-check-sigs", archive])
        assert loaded(there, stream, podman, home.name) == TEXT
        assert inside(there, archive).read_bytes() == archive.read_bytes()
        assert home.asked == []


class TestSimulation:
    """scripts/fleet.py counts for one machine what real programs ask for."""

    def test_of_builds_a_prefetch_and_a_cache(self, home: Home, tmp_path: Path) -> None:
        base, more = (oci.layer({"etc/a": os.urandom(5000)}) for _ in range(2))
        images = {
            "acme/one": oci.image(base, platform=HOST),
            "acme/two": oci.image(base, more, platform=HOST),
        }
        modelled = [model(repository, one) for repository, one in images.items()]
        project = Project(tmp_path / "project")
        with (
            run_tokens(tmp_path / "tokens") as tokens,
            run_registry(tmp_path / "registry", tokens.registry_config) as registry,
        ):
            registry.push_credentials = f"{USER}:{PASSWORD}"
            for repository, one in images.items():
                registry.push(f"{repository}:1", one)
            names = [name.removeprefix("acme/") for name in images]
            project.update(
                "".join(
                    f'[images.{name}]\nimage = "{registry.host}/acme/{name}:1"\n' for name in names
                )
            )
            counter = Counter(registry, tokens)
            prefetching = home.machine(tmp_path / "prefetching")
            prefetching.env["HOME"] = str(project.home)
            done = prefetching.run(
                [PROGRAM, "prefetch", "--jobs", "1", "--file", project.images, "--quiet"]
            )
            assert done.returncode == 0, done.stderr
            asked = fleet.Registry(has_redirects=False)
            assert counter.take() == fleet.prefetched(modelled, asked)
            streams = [home.nix.build(project.images, name, "stream") for name in names]
            assert counter.take() == fleet.built(modelled, asked)
        store = f"file://{tmp_path}/cache?compression=none&secret-key={home.directory}/ours.secret"
        home.nix.output(["nix", "copy", "--to", store, *streams])
        with nginx(tmp_path / "cache", tmp_path / "nginx") as server:
            settings = f"{NO_BUILDS}{home.key('ours')}substituters = {server.url}\n"
            there = home.machine(tmp_path / "there", settings)
            for name in names:
                there.build(project.images, name, "stream")
        # One more path than those of the images: tar.
        assert len(server.asked()) == fleet.substituted(modelled, others=1).requests, server.asked()


def delegating(nix: Nix, options: str) -> Nix:
    """The same Nix, which builds nothing but on the machine that ssh finds with the options."""
    return nix.with_settings(
        f"{NO_BUILDS}builders = ssh-ng://machine {SYSTEM} - 4\n", NIX_SSHOPTS=options
    )


def forge(nix: Nix, narinfo: Path, false: Path) -> None:
    """Put the content of a file into a cache, in the place of the path of the narinfo."""
    dump = ["nix-store", "--dump", str(false)]
    archive = subprocess.run(dump, env=nix.env, stdout=subprocess.PIPE, check=True).stdout
    file = narinfo.parent / "nar/false.nar"
    file.write_bytes(archive)
    digest = nix.output(["nix", "hash", "file", "--type", "sha256", "--base32", file]).strip()
    fields = dict(line.split(": ", 1) for line in narinfo.read_text().splitlines())
    fields |= {"URL": "nar/false.nar", "Compression": "none"}
    fields |= dict.fromkeys(("NarHash", "FileHash"), f"sha256:{digest}")
    fields |= dict.fromkeys(("NarSize", "FileSize"), str(len(archive)))
    narinfo.write_text("".join(f"{name}: {value}\n" for name, value in fields.items()))
