"""Which platform of an image Nix builds: by the normal form of every name that it may have."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.nix import REPOSITORY, error, evaluate, try_evaluate, update_command

from nixfetch_docker.oci.platform import InvalidPlatform, Platform

LIB = f"import {REPOSITORY}/tests/nix/host-lib.nix"
PLATFORMS = f"import {REPOSITORY}/nix/lib/platforms.nix {{ lib = {LIB}; }}"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"

SPELLINGS = [
    "darwin/arm64",
    "linux/386",
    "linux/amd64",
    "linux/amd64/v1",
    "linux/amd64/v3",
    "linux/arm",
    "linux/arm/v5",
    "linux/arm/v6",
    "linux/arm/v7",
    "linux/arm64",
    "linux/arm64/v8",
    "linux/arm64/v8.0",
    "linux/arm64/v8.2",
    "linux/arm64/v9",
    "linux/arm64/v9.0",
    "linux/loong64",
    "linux/mips64le",
    "linux/ppc64le",
    "linux/riscv64",
    "linux/s390x",
    "windows/amd64",
    # Names that images.toml refuses, and that a person may still give to fetchDockerImages.
    "linux/aarch64",
    "linux/aarch64/v8",
    "linux/armel",
    "linux/armhf",
    "linux/i386",
    "linux/x86_64",
]


def test_nix_and_the_command_agree_on_the_normal_form() -> None:
    listed = " ".join(f'"{spelling}"' for spelling in SPELLINGS)
    assert evaluate(f"map ({PLATFORMS}).normalize [ {listed} ]") == [
        str(Platform.parse(spelling).normal) for spelling in SPELLINGS
    ]


def test_the_host_has_the_platform_of_its_cpu() -> None:
    systems = {
        "aarch64-darwin": "linux/arm64",
        "aarch64-linux": "linux/arm64",
        "armv5tel-linux": "linux/arm/v5",
        "armv6l-linux": "linux/arm/v6",
        "armv7a-linux": "linux/arm/v7",
        "armv7l-linux": "linux/arm/v7",
        "i686-linux": "linux/386",
        "loongarch64-linux": "linux/loong64",
        "mips64el-linux": "linux/mips64le",
        "mipsel-linux": "linux/mipsle",
        "powerpc64le-linux": "linux/ppc64le",
        "riscv64-linux": "linux/riscv64",
        "s390x-linux": "linux/s390x",
        "x86_64-darwin": "linux/amd64",
        "x86_64-linux": "linux/amd64",
    }
    listed = " ".join(f'{{ system = "{system}"; }}' for system in systems)
    assert evaluate(f"map ({PLATFORMS}).ofHost [ {listed} ]") == list(systems.values())


@pytest.mark.parametrize(
    ("key", "asked"),
    [
        pytest.param("linux/arm64", "linux/arm64", id="the normal form"),
        pytest.param("linux/arm64", "linux/arm64/v8", id="another name asked for"),
        pytest.param("linux/arm64", "linux/aarch64", id="a name of Nix asked for"),
        pytest.param("linux/arm64/v8", "linux/arm64", id="arm64/v8 in an earlier lock"),
        pytest.param("linux/arm64/v8", "linux/arm64/v8", id="arm64/v8 in both"),
        pytest.param("linux/amd64/v1", "linux/amd64", id="amd64/v1 in an earlier lock"),
        pytest.param("linux/arm", "linux/arm/v7", id="arm in an earlier lock"),
        pytest.param("linux/arm/v7", "linux/arm", id="arm asked for"),
    ],
)
def test_a_platform_is_found_by_any_of_its_names(key: str, asked: str, tmp_path: Path) -> None:
    expression = _expression(tmp_path, key, platform=asked)
    assert evaluate(f"{expression}.imageDigest") == f"sha256:{'6' * 64}"


@pytest.mark.parametrize(
    ("key", "system"),
    [
        pytest.param("linux/arm64/v8", "aarch64-linux", id="arm64 in an earlier lock"),
        pytest.param("linux/arm64", "aarch64-darwin", id="a Mac"),
        pytest.param("linux/arm/v7", "armv7l-linux", id="arm"),
        pytest.param("linux/amd64/v1", "x86_64-linux", id="amd64 in an earlier lock"),
    ],
)
def test_the_platform_of_the_host_is_the_default(key: str, system: str, tmp_path: Path) -> None:
    expression = _expression(tmp_path, key, system=system)
    assert evaluate(f"{expression}.imageDigest") == f"sha256:{'6' * 64}"


@pytest.mark.parametrize(
    ("key", "asked", "platform", "platforms"),
    [
        pytest.param(
            "linux/amd64",
            "linux/riscv64",
            "linux/riscv64",
            ["linux/amd64", "linux/riscv64"],
            id="one",
        ),
        pytest.param(
            "linux/amd64/v1",
            "linux/arm64/v8",
            "linux/arm64",
            ["linux/amd64", "linux/arm64"],
            id="other names",
        ),
        pytest.param(
            "linux/arm64",
            "linux/x86_64",
            "linux/amd64",
            ["linux/arm64", "linux/amd64"],
            id="a name that images.toml refuses",
        ),
    ],
)
def test_a_platform_that_is_not_locked_is_named_with_what_to_write(
    key: str, asked: str, platform: str, platforms: list[str], tmp_path: Path
) -> None:
    quoted = ", ".join(f'"{one}"' for one in platforms)
    assert _error(_expression(tmp_path, key, platform=asked)) == (
        f"the image 'web' is not locked for {platform}, only for {platforms[0]}; "
        f"write platforms = [{quoted}] for it in images.toml and "
        f"run {update_command(tmp_path / 'images.toml')}"
    )


@pytest.mark.parametrize("text", ["", "amd64", "linux/", "/amd64", "linux/arm/v7/a"])
def test_a_text_that_is_no_platform_is_an_error(text: str, tmp_path: Path) -> None:
    assert _error(_expression(tmp_path, "linux/amd64", platform=text)) == (
        f'\'{text}\' is not a platform; write it as "linux/amd64" or "linux/arm/v7"'
    )


@pytest.mark.parametrize(
    "text",
    [
        "aarch64-linux",
        "x86_64-linux",
        "aarch64-darwin",
        "armv7l-linux",
        "armv7a-linux",
        "armv6l-linux",
        "armv5tel-linux",
        "i686-linux",
        "mips64el-linux",
        "mipsel-linux",
        "powerpc64le-linux",
        "loongarch64-linux",
        "riscv64-linux",
        "x86_64-freebsd",
        "x86_64-windows",
        "x86_64-unknown-linux-gnu",
        "armv7l-unknown-linux-gnueabihf",
    ],
)
def test_nix_and_the_command_say_the_same_of_a_system(text: str, tmp_path: Path) -> None:
    with pytest.raises(InvalidPlatform) as caught:
        Platform.parse(text)
    assert _error(_expression(tmp_path, "linux/amd64", platform=text)) == str(caught.value)
    assert "that is a Nix system; write " in str(caught.value)


def _expression(
    directory: Path, key: str, *, platform: str | None = None, system: str = "x86_64-linux"
) -> str:
    """The image `web`, locked for one platform under the name `key`."""
    request = 'image = "acme/web:1"'
    (directory / "images.toml").write_text(f"[images.web]\n{request}\n")
    (directory / "images.lock.toml").write_text(f"""
version = 1

[images.web]
request = {{ {request} }}
repository = "docker.io/acme/web"
tag = "1"
digest = "sha256:{"5" * 64}"

[images.web.platforms."{key}"]
manifest = {{ sha256 = "{"6" * 64}", size = 1, media-type = "{OCI_MANIFEST}" }}
config = {{ sha256 = "{"7" * 64}", size = 1 }}
layers = [ {{ sha256 = "{"8" * 64}", size = 1 }} ]
""")
    asked = "" if platform is None else f'platform = "{platform}";'
    return f"""
      (((import {REPOSITORY}/tests/nix/constant-nixpkgs.nix {{ system = "{system}"; }}).extend
        (import {REPOSITORY}/overlays)).fetchDockerImages {{
          file = {directory}/images.toml; {asked}
        }}).web
    """


def _error(expression: str) -> str:
    failed = try_evaluate(f"{expression}.imageDigest")
    assert failed.returncode != 0, failed.stdout
    return error(failed.stderr)
