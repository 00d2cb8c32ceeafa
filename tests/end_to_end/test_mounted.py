"""What `virtualisation.dockerImages.mount` defines for which images, and what it says of others."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.declared import LOCKED, expression
from support.nix import REPOSITORY, evaluate

MOUNT = "virtualisation.dockerImages.mount = true;"
SITE = 'virtualisation.oci-containers.containers.site.locked = "redis";'
STORES = "config.virtualisation.containers.storage.settings.storage.options.additionalimagestores"
BEFORE = "config.systemd.services.{}.serviceConfig.{}"
# As nixpkgs' kernels are, before and after May 2026.
OLD = '{ version = "6.18.3"; features = { }; commonStructuredConfig.EROFS_FS = "m"; }'
NEW = OLD.replace("EROFS_FS", "EROFS_FS_ZIP_ZSTD")
KERNEL = "boot.kernelPackages.kernel = {};"
PODMAN = 'virtualisation.podman.package = {{ outPath = "/usr"; version = "{}"; }};'


def of(configuration: str, value: str) -> Any:
    """A value of a machine's configuration, by which nothing is built."""
    modules = (
        REPOSITORY / "nix/nixos/quadlet.nix",
        f"{{ virtualisation.dockerImages.file = {LOCKED}; }}",
        f"{{ {configuration} }}",
    )
    return evaluate(expression(value, *modules))


def before(configuration: str, unit: str, setting: str = "ExecStartPre") -> list[str]:
    """The names of what a unit does before it starts."""
    commands = of(configuration, BEFORE.format(unit, setting))
    # The hash of the store path is cut off.
    return [Path(command).name[33:] or Path(command).name for command in commands]


@pytest.mark.parametrize(
    ("configuration", "unit", "setting", "expected"),
    [
        pytest.param(SITE, "podman-site", "ExecStartPre", "podman-mount", id="root's podman"),
        pytest.param(
            'virtualisation.oci-containers.containers.site = { locked = "redis"; '
            'podman.user = "ann"; };',
            "podman-site",
            "ExecStartPre",
            "podman-load",
            id="the podman of a user",
        ),
        pytest.param(
            f'{SITE} virtualisation.oci-containers.backend = "docker";',
            "docker-site",
            "ExecStartPre",
            "docker-load",
            id="docker",
        ),
        pytest.param(
            'virtualisation.dockerImages.preload = [ "redis" ];',
            "preload-docker-images",
            "ExecStart",
            "podman-mount",
            id="a preload",
        ),
        pytest.param(
            'virtualisation.dockerImages.preload = [ { name = "redis"; user = "ann"; } ];'
            "users.users.ann.uid = 1000;",
            "preload-docker-images-podman-ann",
            "ExecStart",
            "podman-load",
            id="a preload of a user",
        ),
        pytest.param(
            'virtualisation.dockerImages.preload = [ { name = "redis"; engine = "containerd"; } ];',
            "preload-docker-images-containerd",
            "ExecStart",
            "containerd-load",
            id="containerd",
        ),
        pytest.param(
            f'{SITE} virtualisation.containers.storage.settings.storage.driver = "btrfs";',
            "podman-site",
            "ExecStartPre",
            "podman-load",
            id="another storage driver",
        ),
        pytest.param(
            SITE + PODMAN.format("5.3.2"),
            "podman-site",
            "ExecStartPre",
            "podman-load",
            id="an old podman",
        ),
        pytest.param(
            SITE + PODMAN.format("5.4.0"),
            "podman-site",
            "ExecStartPre",
            "podman-mount",
            id="a new podman",
        ),
    ],
)
def test_what_runs_before_a_container(
    configuration: str, unit: str, setting: str, expected: str
) -> None:
    assert before(MOUNT + configuration, unit, setting) == [expected]
    is_mounted = expected == "podman-mount"
    assert len(of(MOUNT + configuration, STORES)) == is_mounted
    etc = "map (one: one.source) (builtins.attrValues config.environment.etc)"
    assert len(of(MOUNT + configuration, etc)) == is_mounted
    assert (of(MOUNT + configuration, "config.warnings") == []) == is_mounted
    # Without the option, all is as it was.
    assert before(configuration, unit, setting) == [expected.replace("podman-mount", "podman-load")]
    assert of(configuration, "config.boot.supportedFilesystems") == []


@pytest.mark.parametrize(
    ("uid", "expected"), [("", "podman-mount"), ("rootlessConfig.uid = 1000;", "podman-load")]
)
def test_quadlets(uid: str, expected: str) -> None:
    site = f'virtualisation.quadlet.containers.site = {{ locked = "redis"; {uid} }};'
    text = of(MOUNT + site, 'config.environment.etc."containers/systemd/site.container".text or ""')
    lines = [line for line in text.splitlines() if line.startswith("ExecStartPre=")]
    assert [Path(line).name for line in lines] == ([expected] if text else [])
    assert len(of(MOUNT + site, STORES)) == (expected == "podman-mount")


@pytest.mark.parametrize(
    ("configuration", "said"),
    [
        pytest.param(
            PODMAN.format("5.3.2") + SITE,
            "podman 5.3.2 does not mount images, which 5.4 does; images are loaded as without it",
            id="an old podman",
        ),
        pytest.param(
            'virtualisation.containers.storage.settings.storage.driver = "zfs";' + SITE,
            "podman's storage driver is zfs, and only overlay mounts images; "
            "images are loaded as without it",
            id="another storage driver",
        ),
        pytest.param(
            "",
            "no locked image is for root's podman, so that none is mounted; "
            "images for docker, for containerd and for other users are loaded",
            id="nothing to mount",
        ),
        pytest.param(
            f'virtualisation.dockerImages.mount = "zstd"; {SITE} {KERNEL.format(OLD)}',
            "the kernel 6.18.3 of this nixpkgs does not read zstd in EROFS; "
            'write "lz4", or true for what it reads',
            id="a kernel without zstd",
        ),
    ],
)
def test_a_choice_that_has_no_effect_is_told(configuration: str, said: str) -> None:
    mount = "" if "dockerImages.mount" in configuration else MOUNT
    assert of(mount + configuration, "config.warnings") == [
        f"virtualisation.dockerImages.mount: {said}"
    ]


@pytest.mark.parametrize(
    ("mount", "kernel", "expected"),
    [
        ("true", "", "lz4"),
        ("true", KERNEL.format(OLD), "lz4"),
        ("true", KERNEL.format(NEW), "zstd"),
        ("true", KERNEL.format(NEW.replace("6.18.3", "6.6.9")), "lz4"),
        ('"none"', KERNEL.format(NEW), "none"),
        ('"zstd"', "", "zstd"),
    ],
)
def test_true_is_what_the_kernel_reads(mount: str, kernel: str, expected: str) -> None:
    store = f"""
        "${{(pkgs.extend (import {REPOSITORY}/overlays)).dockerImageStore {{
          images = [ config.virtualisation.dockerImages.images.redis ];
          compression = "{expected}";
        }}}}"
    """
    configuration = f"virtualisation.dockerImages.mount = {mount}; {SITE} {kernel}"
    assert of(configuration, STORES) == [of(configuration, store)]


SURE = PODMAN.format("5.4.0") + KERNEL.format(OLD)


@pytest.mark.parametrize(
    ("configuration", "expected"),
    [
        pytest.param(SURE, False, id="nixpkgs' kernel and podman"),
        pytest.param(PODMAN.format("5.4.0"), True, id="a kernel that is not nixpkgs'"),
        pytest.param(KERNEL.format(OLD), True, id="a podman without a version"),
        pytest.param(f"{SURE} boot.isContainer = true;", True, id="a container"),
        pytest.param(
            f'{SURE} virtualisation.dockerImages.mount = "zstd";',
            True,
            id="a compression that the kernel may not read",
        ),
    ],
)
def test_the_blobs_stay_where_podman_may_not_mount(configuration: str, expected: bool) -> None:
    mount = "" if "dockerImages.mount" in configuration else MOUNT
    mounted = mount + SITE + configuration
    assert of(mounted, "config.virtualisation.dockerImages.mountFallback") is expected
    # A kernel that is not nixpkgs' is asked for EROFS where nothing else is left.
    assert of(mounted, "config.system.requiredKernelConfig") == (
        [] if expected else ["CONFIG_EROFS_FS is not enabled!"]
    )


def test_a_kernel_that_loads_no_modules_later_has_erofs_at_boot() -> None:
    locked = "security.lockKernelModules = true;"
    assert of(MOUNT + SITE + locked, "config.boot.kernelModules") == ["erofs"]
    assert of(MOUNT + SITE, "config.boot.kernelModules") == []
    assert of(MOUNT + SITE, "config.boot.supportedFilesystems") == ["erofs"]


def test_the_settings_of_a_person_stay() -> None:
    own = f'{STORES.removeprefix("config.")} = [ "/srv/images" ];'
    stores = of(MOUNT + SITE + own, STORES)
    assert "/srv/images" in stores
    assert len(stores) == 2
