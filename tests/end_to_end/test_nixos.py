"""The NixOS module: evaluated by nixpkgs' module system, and what it generates run for real.

What can be tested without nixpkgs' sources is in test_module_alone.py too.
"""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from support import nixpkgs, oci
from support.busybox import busybox, printing
from support.command import Project
from support.docker import Docker
from support.nix import REPOSITORY, Nix, update_command
from support.podman import Podman
from support.process import run
from support.registry import Registry

pytestmark = pytest.mark.skipif(bool(nixpkgs.MISSING), reason=nixpkgs.REASON)

CONTAINER = "virtualisation.oci-containers.containers.site"
LOCKED = f'{CONTAINER}.locked = "web";'
PODMAN = 'virtualisation.oci-containers.backend = "podman";'
DOCKER = 'virtualisation.oci-containers.backend = "docker";'


class NixOS:
    """Configurations of a machine that has the project's images.toml."""

    def __init__(self, project: Project, nix: Nix) -> None:
        self._nix = nix
        self.file = f"virtualisation.dockerImages.file = {project.images};"

    def try_evaluate(
        self, configuration: str, value: str, *, overlay: bool = False
    ) -> subprocess.CompletedProcess[str]:
        expression = self._expression(configuration, value, overlay=overlay)
        command = ["nix-instantiate", "--eval", "--strict", "--json", "-E", expression]
        return run(command, env=self._nix.env)

    def evaluate(self, configuration: str, value: str, *, overlay: bool = False) -> Any:
        """A value of a configuration that must evaluate, such as `config.systemd.services`."""
        done = self.try_evaluate(configuration, value, overlay=overlay)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    def error(self, configuration: str, value: str = f"config.{CONTAINER}.image") -> str:
        """What is said of a configuration that must not evaluate, without Nix's own additions."""
        done = self.try_evaluate(configuration, value)
        assert done.returncode != 0, done.stdout
        lines = [line.strip() for line in done.stderr.splitlines()]
        # Newer versions of Nix say first where it comes from.
        start = max(n for n, line in enumerate(lines) if line.startswith("error:"))
        said = [line for line in lines[start:] if not line.startswith("(use '--show-trace'")]
        return "\n".join(said).removeprefix("error:").strip()

    def unit(self, configuration: str, name: str = "podman-site") -> dict[str, Any]:
        """The settings of a systemd unit."""
        unit: dict[str, Any] = self.evaluate(configuration, f"config.systemd.services.{name}")
        return unit

    def start(
        self, configuration: str, engine: Podman | Docker, unit: str, setting: str
    ) -> list[subprocess.CompletedProcess[str]]:
        """Build and run what systemd would run for a setting, where there is no network."""
        value = f"config.systemd.services.{unit}.serviceConfig.{setting}"
        # Written as text to a file, with the context that makes Nix build the scripts first.
        build = f'pkgs.writeText "commands" (builtins.concatStringsSep "\\n" ({value}))'
        expression = self._expression(configuration, build)
        built = run(["nix-build", "--no-out-link", "-E", expression], env=self._nix.env)
        assert built.returncode == 0, built.stderr
        commands = Path(built.stdout.strip()).read_text().splitlines()
        env = {"PATH": f"{engine.path}:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"}
        return [run(["unshare", "--net", command], env=env) for command in commands]

    def _expression(self, configuration: str, value: str, *, overlay: bool = False) -> str:
        return f"""
            with import {REPOSITORY}/tests/nix/nixos.nix {{
              lib = {os.environ["NIXPKGS_LIB"]};
              oci-containers = {os.environ["OCI_CONTAINERS"]};
              module = {{ config, lib, ... }}: {{ {configuration} }};
              overlay = {json.dumps(overlay)};
            }};
            {value}
        """


@pytest.fixture
def locked(registry: Registry, project: Project) -> Project:
    for name in ("web", "other"):
        registry.push(f"acme/{name}:1.0", printing(name))
    project.update(f"""
        [defaults]
        platforms = ["linux/amd64"]
        [images]
        web.image = "{registry.host}/acme/web:1.0"
        other.image = "{registry.host}/acme/other:1.0"
    """)
    return project


@pytest.fixture
def nixos(locked: Project, nix: Nix) -> NixOS:
    return NixOS(locked, nix)


@pytest.mark.parametrize("overlay", [False, True], ids=["without the overlay", "with the overlay"])
def test_one_line_sets_the_image_and_that_nothing_is_pulled(
    overlay: bool, nixos: NixOS, registry: Registry
) -> None:
    container = nixos.evaluate(
        nixos.file + LOCKED,
        f"{{ inherit (config.{CONTAINER}) image pull imageFile imageStream locked; }}",
        overlay=overlay,
    )
    assert container == {
        "image": f"{registry.host}/acme/web:1.0",
        "pull": "never",
        "imageFile": None,
        "imageStream": None,
        "locked": "web",
    }


def test_a_container_that_is_not_locked_is_as_it_was(nixos: NixOS) -> None:
    unit = nixos.unit(f'{nixos.file} {CONTAINER}.image = "redis";')
    assert [_name(command) for command in unit["serviceConfig"]["ExecStartPre"]] == ["pre-start"]
    assert "--pull missing" in unit["script"]


@pytest.mark.parametrize("engine", ["podman", "docker"])
def test_the_unit_loads_first_and_then_runs_the_image_by_its_name(
    engine: str, nixos: NixOS, registry: Registry
) -> None:
    backend = f'virtualisation.oci-containers.backend = "{engine}";'
    unit = nixos.unit(nixos.file + LOCKED + backend, f"{engine}-site")
    commands = unit["serviceConfig"]["ExecStartPre"]
    assert [_name(command) for command in commands] == [f"{engine}-load", "pre-start"]
    script = " ".join(unit["script"].split())
    assert script.endswith(f"--pull never \\ {registry.host}/acme/web:1.0")


def test_a_rootless_container_loads_as_its_user(nixos: NixOS) -> None:
    rootless = f'{CONTAINER}.podman.user = "alice"; users.users.alice.uid = 1000;'
    unit = nixos.unit(nixos.file + LOCKED + rootless)
    settings = unit["serviceConfig"]
    assert settings["User"] == "alice"
    assert unit["environment"]["HOME"] == "/home/alice"
    # Without "+" or "!", by which systemd would run it as root.
    assert settings["ExecStartPre"][0].startswith("/")


def test_a_unit_of_another_name_is_found(nixos: NixOS) -> None:
    unit = nixos.unit(f'{nixos.file} {LOCKED} {CONTAINER}.serviceName = "site";', "site")
    assert _name(unit["serviceConfig"]["ExecStartPre"][0]) == "podman-load"


def test_the_unit_changes_with_the_image_and_with_nothing_else(
    nixos: NixOS, registry: Registry, locked: Project
) -> None:
    configuration = nixos.file + LOCKED
    before = nixos.unit(configuration)
    registry.push("acme/other:1.0", printing("another"))
    locked.run("update")
    assert nixos.unit(configuration) == before

    registry.push("acme/web:1.0", printing("changed"))
    locked.run("update")
    after = nixos.unit(configuration)
    assert after["script"] == before["script"]
    assert after["serviceConfig"]["ExecStartPre"][0] != before["serviceConfig"]["ExecStartPre"][0]


def test_a_person_may_force_another_image_or_policy(nixos: NixOS) -> None:
    forced = f'{CONTAINER} = {{ image = lib.mkForce "mine"; pull = lib.mkForce "always"; }};'
    configuration = nixos.file + LOCKED + forced
    value = f"{{ inherit (config.{CONTAINER}) image pull; }}"
    assert nixos.evaluate(configuration, value) == {"image": "mine", "pull": "always"}
    assert nixos.evaluate(configuration, "config.warnings") == [
        f'{CONTAINER} has `locked`, and pull = "always" by force, '
        "with which the engine may pull another image than the locked one"
    ]


def test_an_option_that_pulls_is_refused_and_an_updater_is_warned_of(nixos: NixOS) -> None:
    options = f'{CONTAINER}.extraOptions = [ "--pull" "newer" ];'
    assert nixos.error(nixos.file + LOCKED + options) == (
        f"Failed assertions:\n- {CONTAINER} has `locked`, and extraOptions with --pull newer, "
        "which pulls another image than the locked one; remove it"
    )
    label = f'{CONTAINER}.labels."io.containers.autoupdate" = "registry";'
    (warning,) = nixos.evaluate(nixos.file + LOCKED + label, "config.warnings")
    assert "io.containers.autoupdate=registry, by which podman auto-update" in warning


def test_images_of_one_name_for_two_users(
    nixos: NixOS, registry: Registry, locked: Project
) -> None:
    web = f"{registry.host}/acme/web:1.0"
    old = registry.push("acme/web:1.0", printing("web"))
    registry.push("acme/web:1.0", printing("new"))
    locked.update(f'[images]\nweb.image = "{web}"\nold.image = "{web}@{old}"')
    other = "virtualisation.oci-containers.containers.other"
    rootless = f'{other} = {{ locked = "old"; podman.user = "alice"; }}; users.users.alice.uid = 1;'
    assert nixos.evaluate(nixos.file + LOCKED + rootless, f"config.{other}.image") == web


def test_k3s_keeps_no_archive_of_a_superseded_image(nixos: NixOS) -> None:
    rules = "config.systemd.tmpfiles.rules"
    assert nixos.evaluate(nixos.file, rules) == []
    assert nixos.evaluate(f"{nixos.file} services.k3s.enable = true;", rules) == [
        "r /var/lib/rancher/k3s/agent/images/*+sha*-*.tar"
    ]


def test_the_images_are_there_for_other_options(nixos: NixOS, registry: Registry) -> None:
    images = "config.virtualisation.dockerImages.images"
    of = "[ image.imageName (lib.hasPrefix image.prefix image.archive.name) ]"
    host = registry.host.replace(":", "++")
    start = f'image // {{ prefix = "{host}+acme+${{name}}++1.0+sha256-"; }}'
    value = f"builtins.mapAttrs (name: image: let it = {start}; in {of.replace('image.', 'it.')})"
    assert nixos.evaluate(nixos.file, f"let inherit (pkgs) lib; in {value} {images}") == {
        one: [f"{registry.host}/acme/{one}", True] for one in ("other", "web")
    }


def test_the_store_of_mounted_images_depends_on_the_driver(nixos: NixOS) -> None:
    settings = "virtualisation.containers.storage.settings"
    mounted = f"{nixos.file} {LOCKED} virtualisation.dockerImages.mount = true;"
    before = "config.systemd.services.podman-site.serviceConfig.ExecStartPre"
    for driver, command in (("overlay", "podman-mount"), ("zfs", "podman-load")):
        configuration = f'{mounted} {settings}.storage.driver = "{driver}";'
        storage = nixos.evaluate(configuration, f"config.{settings}.storage")
        assert storage["driver"] == driver
        assert len(storage["options"]["additionalimagestores"]) == (driver == "overlay")
        assert _name(nixos.evaluate(configuration, before)[0]) == command


def test_every_option_is_documented(nixos: NixOS) -> None:
    options = "options.virtualisation.dockerImages"
    described = nixos.evaluate(
        nixos.file, f"builtins.mapAttrs (_: option: option.description) {options}"
    )
    assert sorted(described) == [
        *["authFile", "file", "files", "images", "loads", "mount", "mountFallback", "preload"],
        "removeSuperseded",
    ]
    assert all(described.values())


@pytest.mark.parametrize("command", ["podman", "docker"])
def test_a_container_starts_offline_again_and_after_an_update(
    command: str,
    nixos: NixOS,
    locked: Project,
    registry: Registry,
    request: pytest.FixtureRequest,
) -> None:
    engine: Podman | Docker = request.getfixturevalue(command)
    backend = f'virtualisation.oci-containers.backend = "{command}";'
    name = f"{registry.host}/acme/web:1.0"

    def start() -> str:
        """Run the unit's ExecStartPre; what the load, its first command, says at its end."""
        configuration = nixos.file + LOCKED + backend
        load, upstream = nixos.start(configuration, engine, f"{command}-site", "ExecStartPre")
        assert load.returncode == 0, load.stderr
        assert upstream.returncode == 0, upstream.stderr
        return load.stderr.splitlines()[-1] if load.stderr else ""

    assert start().startswith(f"loaded {name}")
    assert engine.run(name) == "web"
    # podman may warn of what it finds, such as cgroups of version 1.
    assert "loaded" not in start()

    registry.push("acme/web:1.0", printing("updated"))
    locked.run("update")
    assert start().startswith(f"loaded {name}")
    assert engine.run(name) == "updated"


def test_images_are_preloaded_without_a_container(
    nixos: NixOS, registry: Registry, podman: Podman
) -> None:
    preload = 'virtualisation.dockerImages.preload = [ "web" "other" ];'
    configuration = nixos.file + preload + PODMAN
    loads = nixos.start(configuration, podman, "preload-docker-images", "ExecStart")
    assert [load.returncode for load in loads] == [0, 0]
    assert podman.names() == [f"{registry.host}/acme/{name}:1.0" for name in ("other", "web")]
    assert podman.run(f"{registry.host}/acme/other:1.0") == "other"

    unit = nixos.unit(configuration, "preload-docker-images")
    assert unit["wantedBy"] == ["multi-user.target"]
    assert unit["after"] == unit["requires"] == []
    assert nixos.evaluate(configuration, "config.virtualisation.podman.enable") is True


def test_docker_is_there_before_it_is_preloaded(nixos: NixOS) -> None:
    configuration = nixos.file + 'virtualisation.dockerImages.preload = [ "web" ];' + DOCKER
    unit = nixos.unit(configuration, "preload-docker-images")
    assert unit["after"] == ["docker.service", "docker.socket"]
    assert unit["requires"] == ["docker.socket"]
    assert nixos.evaluate(configuration, "config.virtualisation.docker.enable") is True


def test_an_unknown_name_is_said_with_those_that_there_are(nixos: NixOS) -> None:
    preload = 'virtualisation.dockerImages.preload = [ "redis" ];'
    assert nixos.error(f'{nixos.file} {preload} {CONTAINER}.locked = "wbe";') == (
        "Failed assertions:\n"
        f"- {CONTAINER}.locked names the image 'wbe', which images.toml does not have; "
        "did you mean 'web'? it has other, web\n"
        "- virtualisation.dockerImages.preload names the image 'redis', "
        "which images.toml does not have; it has other, web"
    )


def test_a_file_without_images_is_said(nixos: NixOS, locked: Project) -> None:
    locked.images.write_text("")
    assert nixos.error(nixos.file + LOCKED) == (
        f"Failed assertions:\n- {CONTAINER}.locked names the image 'web', "
        "which images.toml does not have; it has none"
    )


def test_a_file_that_is_not_set_is_said(nixos: NixOS) -> None:
    assert nixos.error(LOCKED) == (
        f"Failed assertions:\n- {CONTAINER}.locked names the image 'web', and "
        "virtualisation.dockerImages.file is not set; set it to your images.toml"
    )


def test_an_image_that_is_loaded_in_two_ways_is_refused(nixos: NixOS) -> None:
    twice = f"{CONTAINER}.imageStream = config.virtualisation.dockerImages.images.web.stream;"
    assert nixos.error(nixos.file + LOCKED + twice) == (
        f"Failed assertions:\n- {CONTAINER} has `locked`, which loads the image, "
        "and also imageFile or imageStream; remove those"
    )


def test_two_images_of_one_name_are_refused(
    nixos: NixOS, registry: Registry, locked: Project
) -> None:
    web = f"{registry.host}/acme/web:1.0"
    old = registry.push("acme/web:1.0", printing("web"))
    new = registry.push("acme/web:1.0", printing("new"))
    locked.update(f"""
        [images]
        new.image = "{web}"
        old.image = "{web}@{old}"
        same.image = "{web}@{new}"
        untagged.image = "{registry.host}/acme/web@{old}"
    """)

    def containers(*names: str) -> str:
        return " ".join(
            f'virtualisation.oci-containers.containers.{name}.locked = "{name}";' for name in names
        )

    preload = 'virtualisation.dockerImages.preload = [ "old" ];'
    assert nixos.error(nixos.file + containers("new", "untagged") + preload, "config") == (
        f"Failed assertions:\n- the images new, old are not the same and are all loaded as {web}; "
        "ask for all but one by digest, without the tag, in images.toml"
    )
    image = "config.virtualisation.oci-containers.containers.same.image"
    assert nixos.evaluate(nixos.file + containers("new", "same", "untagged"), image) == web


@pytest.mark.parametrize("login", ["https://ann:PW@registry.lab", "ann:PW@registry.lab"])
def test_a_login_in_place_of_a_file_of_logins_is_not_shown(login: str, nixos: NixOS) -> None:
    option = f'virtualisation.dockerImages.authFile = "{login}";'
    assert nixos.error(nixos.file + option, "config.nix.settings") == (
        "virtualisation.dockerImages.authFile has a login in it; name a file that has it"
    )


def test_a_lock_out_of_date_is_said(nixos: NixOS, locked: Project, registry: Registry) -> None:
    locked.images.write_text(locked.images.read_text().replace("web:1.0", "web:2.0"))
    assert nixos.error(nixos.file + LOCKED) == (
        "images.toml asks for the image 'web' otherwise than images.lock.toml has it: "
        f'image from "{registry.host}/acme/web:1.0" to "{registry.host}/acme/web:2.0"; '
        f"run {update_command(locked.images)}"
    )


def test_the_template_asks_for_its_lock(nixos: NixOS) -> None:
    template = REPOSITORY / "templates/default"
    configuration = f"imports = [ {template}/containers.nix ];"
    assert nixos.error(configuration, "config.virtualisation.oci-containers.containers.redis") == (
        f"{template}/images.lock.toml does not exist; "
        f"run {update_command(template / 'images.toml')} to write it, "
        "and in a git repository `git add` it"
    )


def test_the_check_of_the_template_is_the_command_that_loads_its_image(nixos: NixOS) -> None:
    machine = f"""
        module: import {REPOSITORY}/tests/nix/nixos.nix {{
          lib = {os.environ["NIXPKGS_LIB"]};
          oci-containers = {os.environ["OCI_CONTAINERS"]};
          inherit module;
        }}
    """
    checks = f"import {REPOSITORY}/nix/checks.nix {{ pkgs = pkgs // {{ nixos = {machine}; }}; }}"
    load, pre_start = json.loads(nixos.evaluate("", f"({checks}).template.text", overlay=True))
    assert [_name(command) for command in (load, pre_start)] == ["podman-load", "pre-start"]


def test_a_platform_that_is_not_locked_is_said(
    nixos: NixOS, registry: Registry, locked: Project
) -> None:
    arm = oci.image(busybox(), platform="linux/arm64")
    registry.push("acme/web:1.0", arm)
    locked.update(
        f'[images.web]\nimage = "{registry.host}/acme/web:1.0"\nplatforms = ["linux/arm64"]'
    )
    unit = "config.systemd.services.podman-site.serviceConfig.ExecStartPre"
    assert nixos.error(nixos.file + LOCKED, unit) == (
        "the image 'web' is not locked for linux/amd64, only for linux/arm64; "
        'write platforms = ["linux/arm64", "linux/amd64"] for it in images.toml '
        f"and run {update_command(locked.images)}"
    )


@pytest.mark.parametrize(
    ("option", "ours", "theirs"),
    [
        pytest.param("image", "{host}/acme/web:1.0", "redis", id="image"),
        pytest.param("pull", "never", "always", id="pull"),
    ],
)
def test_a_value_that_contradicts_the_lock_is_refused(
    option: str, ours: str, theirs: str, nixos: NixOS, registry: Registry
) -> None:
    configuration = f'{nixos.file} {LOCKED} {CONTAINER}.{option} = "{theirs}";'
    assert nixos.error(configuration, f"config.{CONTAINER}.{option}") == (
        f"The option `{CONTAINER}.{option}' has conflicting definition values:\n"
        f'- In `{REPOSITORY}/nix/nixos/module.nix\': "{ours.format(host=registry.host)}"\n'
        f'- In `<unknown-file>\': "{theirs}"\n'
        "Use `lib.mkForce value` or `lib.mkDefault value` to change the priority on any of these "
        "definitions."
    )


def test_a_file_of_logins_is_let_into_the_sandbox(nixos: NixOS) -> None:
    configuration = 'virtualisation.dockerImages.authFile = "/run/secrets/registries.json";'
    assert nixos.evaluate(configuration, "config.nix.settings.extra-sandbox-paths") == [
        "/etc/nixfetch-docker/auth.json=/run/secrets/registries.json?"
    ]
    assert nixos.evaluate(nixos.file, "config.nix.settings") == {}


@pytest.mark.parametrize("value", ["./secret.json", '"secret.json"', '"${builtins.storeDir}/x"'])
def test_a_file_of_logins_is_never_in_the_store(value: str, nixos: NixOS) -> None:
    configuration = f"virtualisation.dockerImages.authFile = {value};"
    assert (
        "A definition for option `virtualisation.dockerImages.authFile' is not of type "
        "`null or absolute path outside the Nix store, as a string'."
    ) in nixos.error(configuration, "config.nix.settings")


@pytest.mark.parametrize("path", ["/run/my secrets/a.json", "/run/a.json\\n/etc"])
def test_a_file_of_logins_has_no_blank_at_which_nix_would_cut_it(path: str, nixos: NixOS) -> None:
    configuration = f'virtualisation.dockerImages.authFile = "{path}";'
    assert "authFile has a blank in it" in nixos.error(configuration, "config.nix.settings")


def test_images_cannot_be_set(nixos: NixOS) -> None:
    images = "virtualisation.dockerImages.images"
    said = nixos.error(f"{nixos.file} {images} = {{ }};", f"builtins.attrNames config.{images}")
    assert said.startswith(f"The option `{images}' is read-only, but it's set multiple times.")


def _name(command: str) -> str:
    """The name of a script in the store, without its directory and hash."""
    return Path(command.removesuffix("/bin/pre-start")).name.partition("-")[2]
