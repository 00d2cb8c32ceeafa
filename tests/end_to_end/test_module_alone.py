"""The NixOS module without nixpkgs: what it defines, its messages, and its scripts run for real."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support import oci
from support.busybox import printing
from support.command import Project
from support.nix import REPOSITORY, Nix, error, evaluate, try_evaluate, update_command
from support.process import output
from support.registry import Registry

LOCKED = 'containers.site.locked = "web";'
OPTION = "virtualisation.oci-containers.containers.site"


class Module:
    """The module, given the project's images.toml."""

    def __init__(self, project: Project, nix: Nix) -> None:
        self._nix = nix
        self.file = f"file = {project.images};"

    def expression(self, configuration: str, value: str) -> str:
        arguments = f"{{ {configuration} }}"
        return f"with import {REPOSITORY}/tests/nix/module-alone.nix {arguments}; {value}"

    def evaluate(self, configuration: str, value: str) -> Any:
        return evaluate(self.expression(self.file + configuration, value))

    def error(self, configuration: str, value: str) -> str:
        """What Nix says where an error is thrown."""
        done = try_evaluate(self.expression(self.file + configuration, value))
        assert done.returncode != 0, done.stdout
        return error(done.stderr)

    def build(self, configuration: str, command: str) -> Path:
        """Build one command of a unit; its script."""
        # Its store path as text in a file, so that Nix builds what it names.
        text = f'(import {REPOSITORY}/tests/nix/host-pkgs.nix).writeText "command" ({command})'
        expression = self.expression(self.file + configuration, text)
        built = output(["nix-build", "--no-out-link", "-E", expression], env=self._nix.env)
        return Path(Path(built.strip()).read_text().strip())


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
def module(locked: Project, nix: Nix) -> Module:
    return Module(locked, nix)


def test_one_line_sets_the_image_and_that_nothing_is_pulled(
    module: Module, registry: Registry
) -> None:
    value = "{ inherit failed; inherit (containers.site) image pull; }"
    assert module.evaluate(LOCKED, value) == {
        "failed": [],
        "image": f"{registry.host}/acme/web:1.0",
        "pull": "never",
    }


@pytest.mark.parametrize("backend", ["podman", "docker"])
def test_the_container_is_preceded_by_its_load_and_the_other_unit_is_preload(
    backend: str, module: Module
) -> None:
    configuration = f'{LOCKED} backend = "{backend}"; preload = [ "other" "web" ];'
    names = f"""{{
      units = builtins.attrNames services;
      before = services.{backend}-site.serviceConfig.ExecStartPre;
      preload = services.preload-docker-images.serviceConfig.ExecStart;
    }}"""
    found = module.evaluate(configuration, names)
    assert found["units"] == sorted(
        [f"{backend}-site", "preload-docker-images", "remove-superseded-images"]
    )
    assert [Path(path).name.partition("-")[2] for path in found["before"]] == [f"{backend}-load"]
    assert len(found["preload"]) == 2
    assert found["preload"][1] == found["before"][0]


@pytest.mark.parametrize("backend", ["podman", "docker"])
def test_what_is_superseded_is_removed_after_all_loads_also_where_none_is_left(
    backend: str, module: Module
) -> None:
    unit = "services.remove-superseded-images"
    configuration = f'{LOCKED} backend = "{backend}"; preload = [ "other" ];'
    found = module.evaluate(configuration, f"{{ inherit ({unit}) after path wantedBy; }}")
    assert found == {
        "after": [
            *["docker.service", "docker.socket", "containerd.service"],
            *[f"{backend}-site.service", "preload-docker-images.service"],
        ],
        "path": ["/usr"],
        "wantedBy": ["multi-user.target"],
    }
    scripts = {
        module.evaluate(one, f"{unit}.serviceConfig.ExecStart")
        for one in ("", LOCKED, 'preload = [ "other" ];')
    }
    assert len(scripts) == 3


def test_the_unit_changes_with_the_image_and_with_nothing_else(
    module: Module, registry: Registry, locked: Project
) -> None:
    before = module.evaluate(LOCKED, "services.podman-site")
    registry.push("acme/other:1.0", printing("another"))
    locked.run("update")
    assert module.evaluate(LOCKED, "services.podman-site") == before
    registry.push("acme/web:1.0", printing("changed"))
    locked.run("update")
    assert module.evaluate(LOCKED, "services.podman-site") != before


def test_names_that_are_not_there(module: Module) -> None:
    wrong = 'containers.site.locked = "wbe"; preload = [ "redis" ];'
    assert module.evaluate(wrong, "failed") == [
        f"{OPTION}.locked names the image 'wbe', which images.toml does not have; "
        "did you mean 'web'? it has other, web",
        "virtualisation.dockerImages.preload names the image 'redis', "
        "which images.toml does not have; it has other, web",
    ]


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("wbe", "web"),
        ("Web", "web"),
        ("web-", "web"),
        ("othr", "other"),
        ("otehr", "other"),
        ("redis", None),
        ("", None),
        ("web" * 20, None),
    ],
)
@pytest.mark.parametrize(
    "option",
    [
        "virtualisation.oci-containers.containers.site.locked",
        "virtualisation.dockerImages.preload",
    ],
)
def test_the_nearest_name_is_suggested(
    option: str, name: str, near: str | None, module: Module
) -> None:
    configuration = f'containers.site.locked = "{name}";'
    if "preload" in option:
        configuration = f'preload = [ "{name}" ];'
    meant = "" if near is None else f"did you mean '{near}'? "
    assert module.evaluate(configuration, "failed") == [
        f"{option} names the image '{name}', which images.toml does not have; "
        f"{meant}it has other, web"
    ]


def test_a_file_without_images(module: Module, locked: Project) -> None:
    locked.images.write_text("")
    assert module.evaluate(LOCKED, "failed") == [
        f"{OPTION}.locked names the image 'web', which images.toml does not have; it has none"
    ]


def test_no_file(module: Module) -> None:
    module.file = "file = null;"
    assert module.evaluate(LOCKED, "failed") == [
        f"{OPTION}.locked names the image 'web', and virtualisation.dockerImages.file is not set; "
        "set it to your images.toml"
    ]


@pytest.mark.parametrize("option", ["imageFile", "imageStream"])
def test_an_image_that_is_loaded_in_two_ways(option: str, module: Module) -> None:
    assert module.evaluate(f"{LOCKED} containers.site.{option} = /x;", "failed") == [
        f"{OPTION} has `locked`, which loads the image, and also imageFile or imageStream; "
        "remove those"
    ]


def test_two_images_of_one_name(module: Module, locked: Project, registry: Registry) -> None:
    web = f"{registry.host}/acme/web:1.0"
    old = registry.push("acme/web:1.0", printing("web"))
    registry.push("acme/web:1.0", printing("new"))
    locked.update(f'[images]\nnew.image = "{web}"\nold.image = "{web}@{old}"')
    assert module.evaluate('containers.site.locked = "new"; preload = [ "old" ];', "failed") == [
        f"the images new, old are not the same and are all loaded as {web}; "
        "ask for all but one by digest, without the tag, in images.toml"
    ]


def test_the_storages_of_users_are_apart(
    module: Module, locked: Project, registry: Registry
) -> None:
    web = f"{registry.host}/acme/web:1.0"
    old = registry.push("acme/web:1.0", printing("web"))
    registry.push("acme/web:1.0", printing("new"))
    locked.update(f'[images]\nnew.image = "{web}"\nold.image = "{web}@{old}"')

    def failed(new: str, old: str, more: str = "") -> Any:
        containers = f'new = {{ locked = "new"; {new} }}; old = {{ locked = "old"; {old} }};'
        return module.evaluate(f"containers = {{ {containers} }}; {more}", "failed")

    def user(name: str) -> str:
        return f'podman.user = "{name}";'

    refused = [
        f"the images new, old are not the same and are all loaded as {web}; "
        "ask for all but one by digest, without the tag, in images.toml"
    ]
    assert failed(user("alice"), "") == []
    assert failed(user("alice"), user("bob")) == []
    assert failed(user("alice"), user("bob"), 'preload = [ "old" ];') == []
    assert failed(user("alice"), user("alice")) == refused
    assert failed(user("root"), "") == refused
    assert failed("podman = null;", "") == refused
    assert len(failed(user("alice"), "", 'preload = [ "new" ];')) == 1


@pytest.mark.parametrize(
    ("options", "pulls"),
    [
        (["--pull=newer"], ["--pull=newer"]),
        (["--pull=always"], ["--pull=always"]),
        (["--pull=missing"], ["--pull=missing"]),
        (["--pull="], ["--pull="]),
        (["--pull=never", "--pull=newer"], ["--pull=newer"]),
        (["--pull=newer", "--pull=never"], ["--pull=newer"]),
        (["--pull", "always"], ["--pull always"]),
        (["--pull", "never", "--pull", "newer"], ["--pull newer"]),
        (["--network=host", "--pull", "newer", "--init"], ["--pull newer"]),
        (["--pull newer"], ["--pull newer"]),
        (["--pull=never --pull=always"], ["--pull=never --pull=always"]),
        (["--pull=always", "--pull", "missing"], ["--pull=always", "--pull missing"]),
        # It would take the image's name for its value.
        (["--pull"], ["--pull"]),
        (["--pull=never"], []),
        (["--pull", "never"], []),
        (["--network=host", "--pulled=1", "pull"], []),
    ],
)
def test_an_option_that_pulls_another_image(
    options: list[str], pulls: list[str], module: Module
) -> None:
    written = " ".join(f'"{option}"' for option in options)
    configuration = f'containers.site = {{ locked = "web"; extraOptions = [ {written} ]; }};'
    refused = (
        f"{OPTION} has `locked`, and extraOptions with {' and '.join(pulls)}, "
        "which pulls another image than the locked one; remove it"
    )
    assert module.evaluate(configuration, "failed") == ([refused] if pulls else [])
    unlocked = f'containers.site = {{ image = "redis"; extraOptions = [ {written} ]; }};'
    assert module.evaluate(unlocked, "failed") == []


WATCHTOWER = "com.centurylinklabs.watchtower"


@pytest.mark.parametrize(
    ("labels", "options", "program"),
    [
        ("io.containers.autoupdate=registry", "", "podman auto-update"),
        ("io.containers.autoupdate=image", "", "podman auto-update"),
        (f"{WATCHTOWER}.enable=true", "", "watchtower"),
        ("", "--label=io.containers.autoupdate=registry", "podman auto-update"),
        ("", "--label io.containers.autoupdate=registry", "podman auto-update"),
        ("", f"-l {WATCHTOWER}.enable=true", "watchtower"),
        ("", f"-l={WATCHTOWER}.enable=true", "watchtower"),
        ("", f"-l{WATCHTOWER}.enable=true", "watchtower"),
        ("io.containers.autoupdate=local", "", None),
        ("io.containers.autoupdate=disabled", "", None),
        (f"{WATCHTOWER}.enable=false", "", None),
        (f"{WATCHTOWER}.enable=true {WATCHTOWER}.monitor-only=true", "", None),
        ("", "--env=io.containers.autoupdate=registry", None),
        ("traefik.enable=true", "--label=a=b", None),
    ],
)
def test_a_label_by_which_an_updater_replaces_the_locked_image(
    labels: str, options: str, program: str | None, module: Module
) -> None:
    given = " ".join('"{}" = "{}";'.format(*one.split("=", 1)) for one in labels.split())
    written = " ".join(f'"{option}"' for option in options.split())
    settings = f"labels = {{ {given} }}; extraOptions = [ {written} ];"
    asked = (labels or options).split()[-1].removeprefix("--label=").removeprefix("-l")
    warning = (
        f"{OPTION} has `locked`, and the label {asked.removeprefix('=')}, by which {program} "
        "replaces the locked image by another; remove the label, or `locked`"
    )
    found = module.evaluate(f'containers.site = {{ locked = "web"; {settings} }};', "warnings")
    assert found == ([] if program is None else [warning])
    assert module.evaluate(f'containers.site = {{ image = "a"; {settings} }};', "warnings") == []


@pytest.mark.parametrize("service", ["k3s", "rke2"])
def test_the_archives_of_superseded_images_leave_the_directory_that_is_imported(
    service: str, module: Module
) -> None:
    rules = "config.systemd.tmpfiles.rules"
    enabled = f"machine.services.{service}.enable = true;"
    assert module.evaluate("", rules) == []
    assert module.evaluate(enabled, rules) == [
        f"r /var/lib/rancher/{service}/agent/images/*+sha*-*.tar"
    ]


def test_a_lock_out_of_date(module: Module, locked: Project, registry: Registry) -> None:
    locked.images.write_text(locked.images.read_text().replace("web:1.0", "web:2.0"))
    assert module.error(LOCKED, "services") == (
        "images.toml asks for the image 'web' otherwise than images.lock.toml has it: "
        f'image from "{registry.host}/acme/web:1.0" to "{registry.host}/acme/web:2.0"; '
        f"run {update_command(locked.images)}"
    )


def test_a_platform_that_is_not_locked(module: Module, locked: Project, registry: Registry) -> None:
    arm = oci.image(oci.layer({"etc/a": b"a"}), platform="linux/arm64")
    registry.push("acme/web:1.0", arm)
    locked.update(
        f'[images.web]\nimage = "{registry.host}/acme/web:1.0"\nplatforms = ["linux/arm64"]'
    )
    assert module.error(LOCKED, "services") == (
        "the image 'web' is not locked for linux/amd64, only for linux/arm64; "
        'write platforms = ["linux/arm64", "linux/amd64"] for it in images.toml '
        f"and run {update_command(locked.images)}"
    )


def test_a_login_in_an_option_is_not_shown(module: Module) -> None:
    url = "https://ann:PW@registry.lab/web"
    wrong = f'containers.site.locked = "{url}"; preload = [ "{url}" ];'
    failed = module.evaluate(wrong, "failed")
    assert [message.partition(",")[0] for message in failed] == [
        f"{OPTION}.locked names the image '…'",
        "virtualisation.dockerImages.preload names the image '…'",
    ]


def test_a_login_in_the_registries_of_a_machine_is_refused(module: Module, locked: Project) -> None:
    text = locked.images.read_text()
    locked.images.write_text(
        f'{text}\n[registries."docker.io"]\nmirrors = ["https://\\u0061nn:PW\\u0040m.lab"]\n'
    )
    said = module.error(LOCKED, "services")
    assert said == (
        f"images.toml: line {len(locked.images.read_text().splitlines())}: this has a login in it; "
        "leave it out, and log in with docker login or podman login"
    )
