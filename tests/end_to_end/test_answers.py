"""The messages of evaluation that docs/answers quotes are those that Nix prints."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from support.answers import pages
from support.answers.pages import Quote
from support.nix import REPOSITORY, try_evaluate
from support.process import run

Case = Callable[[Path], str]
CASES: dict[str, Case] = {}
CONTAINER = "virtualisation.oci-containers.containers"


def case(function: Case) -> Case:
    CASES[function.__name__.replace("_", " ")] = function
    return function


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """An images.toml with the images `redis` and `web`, and its lock beside it."""
    copy = tmp_path / "project"
    shutil.copytree(REPOSITORY / "tests/nix/locked", copy)
    return copy / "images.toml"


def _printed(images: Path, done: subprocess.CompletedProcess[str]) -> str:
    """The messages, with the paths that a person would see."""
    text = done.stderr
    if done.returncode == 0:
        text = "\n".join(json.loads(done.stdout))
    option = f" --file {images}"
    for command in (f"nixfetch-docker update{option}", f"update-images --{option}"):
        text = text.replace(command, command.removesuffix(option).removesuffix(" --"))
    return text.replace(f"{images.parent}/", "").replace(f"{images.parent.parent}/", "")


def _image(images: Path, name: str = "redis", platform: str = "linux/amd64") -> str:
    call = f'fetchDockerImages {{ file = {images}; platform = "{platform}"; }}'
    value = f"(with import {REPOSITORY}/tests/nix/host-pkgs.nix; {call}).{name}.drvPath"
    return _printed(images, try_evaluate(value))


def _machine(images: Path, configuration: str, value: str = "failed", *, files: str = "") -> str:
    file = f"file = {images};" if not files else "file = null;"
    arguments = f"{{ {file} {configuration} machine = {{ {files} }}; }}"
    value = f"with import {REPOSITORY}/tests/nix/module-alone.nix {arguments}; {value}"
    return _printed(images, try_evaluate(value))


def _edit(images: Path, old: str, new: str) -> None:
    text = images.read_text()
    assert old in text
    images.write_text(text.replace(old, new))


@case
def an_image_that_is_not_locked(images: Path) -> str:
    _edit(images, "[images.web]", '[images.new]\nimage = "busybox"\n[images.web]')
    return _image(images, "new")


@case
def an_image_that_is_asked_for_otherwise(images: Path) -> str:
    _edit(images, "redis:7.4-alpine", "redis:8-alpine")
    return _image(images)


@case
def a_name_with_a_blank(images: Path) -> str:
    _edit(images, "[images.web]", '[images."my web"]')
    return _image(images)


@case
def a_system_of_nix(images: Path) -> str:
    return _image(images, platform="aarch64-linux")


@case
def another_platform(images: Path) -> str:
    return _image(images, "web", "linux/arm64")


@case
def no_lock(images: Path) -> str:
    images.with_name("images.lock.toml").unlink()
    return _image(images)


@case
def no_file(images: Path) -> str:
    images.unlink()
    return _image(images)


@case
def no_file_in_a_flake(_: Path) -> str:
    return _image(Path(f"/nix/store/{'0' * 32}-source/images.toml"))


@case
def a_later_lock(images: Path) -> str:
    _edit(images.with_name("images.lock.toml"), "version = 1", "version = 2")
    return _image(images)


@case
def an_edited_lock(images: Path) -> str:
    _edit(images.with_name("images.lock.toml"), 'tag = "7.4-alpine"', 'tag = "8"')
    return _image(images)


@case
def a_conflict_in_the_lock(images: Path) -> str:
    _edit(images.with_name("images.lock.toml"), "version = 1", "<<<<<<< HEAD\nversion = 1")
    return _image(images)


@case
def a_conflict_in_images_toml(images: Path) -> str:
    _edit(images, "[images.web]", "<<<<<<< HEAD\n[images.web]")
    return _image(images)


@case
def an_unknown_key(images: Path) -> str:
    _edit(images, "[images.web]", '[images.web]\nverison = "^7"')
    return _image(images, "web")


@case
def no_ca_file(images: Path) -> str:
    _edit(images, "mirrors =", 'ca-file = "lab-ca.pem"\nmirrors =')
    return _image(images)


@case
def a_private_key(images: Path) -> str:
    images.with_name("lab.pem").write_text("-----BEGIN PRIVATE KEY-----\n")
    _edit(images, "mirrors =", 'ca-file = "lab.pem"\nmirrors =')
    return _image(images)


@case
def no_certificate(images: Path) -> str:
    images.with_name("lab.pem").write_text("root:x:0:0\n")
    _edit(images, "mirrors =", 'ca-file = "lab.pem"\nmirrors =')
    return _image(images)


@case
def no_image(images: Path) -> str:
    _edit(images, 'image = "redis:7.4-alpine"', "")
    return _image(images)


@case
def a_login_in_the_file(images: Path) -> str:
    _edit(images, "https://mirror", "https://ann:secret@mirror")
    return _image(images)


@case
def a_name_that_is_not_there(images: Path) -> str:
    return _machine(images, 'containers.cache.locked = "radis";')


@case
def no_file_of_the_machine(images: Path) -> str:
    return _machine(images, 'containers.cache.locked = "redis";', files="imports = [ ];")


@case
def locked_and_a_file(images: Path) -> str:
    return _machine(images, 'containers.cache = { locked = "redis"; imageFile = ./redis.tar; };')


@case
def an_option_that_pulls(images: Path) -> str:
    container = 'containers.cache = { locked = "redis"; extraOptions = [ "--pull=newer" ]; };'
    return _machine(images, container)


@case
def a_label_that_updates(images: Path) -> str:
    labels = 'labels."io.containers.autoupdate" = "registry";'
    return _machine(images, f'containers.cache = {{ locked = "redis"; {labels} }};', "warnings")


@case
def two_images_of_one_name(images: Path) -> str:
    _edit(images, "[images.web]", '[images.old]\nimage = "redis:7.4-alpine"\n[images.web]')
    lock = images.with_name("images.lock.toml")
    _, mark, redis = lock.read_text().partition("[images.redis]")
    redis = redis.partition("[images.web]")[0]
    old = (mark + redis).replace("images.redis", "images.old").replace("7" * 64, "e" * 64)
    lock.write_text(f"{lock.read_text()}\n{old}")
    return _machine(images, 'containers = { a.locked = "redis"; b.locked = "old"; };')


@case
def one_name_in_two_files(images: Path) -> str:
    for name in ("web", "db"):
        shutil.copytree(images.parent, images.parent / name)
    files = " ".join(f"{images.parent}/{name}/images.toml" for name in ("web", "db"))
    return _machine(images, "", files=f"virtualisation.dockerImages.files = [ {files} ];")


def _nix(features: str, *words: str) -> str:
    """What a Nix with these experimental features, and no channel, says of a command."""
    env = {"PATH": os.environ["PATH"], "HOME": "/homeless", "NIX_CONF_DIR": "/homeless"}
    env |= {"NIX_PATH": "", "NIX_CONFIG": f"experimental-features = {features}\n"}
    return run([*words, "--store", "dummy://"], env=env).stderr


@case
def no_nix_command(_: Path) -> str:
    return _nix("", "nix", "eval", "--expr", "1")


@case
def no_flakes(images: Path) -> str:
    return _nix("nix-command", "nix", "flake", "metadata", f"{images.parent}")


@case
def no_channel(images: Path) -> str:
    images.with_name("images.nix").write_text(
        f"(import {REPOSITORY} {{ }}).fetchDockerImages ./images.toml"
    )
    return _nix("", "nix-instantiate", "--eval", f"{images.parent}/images.nix")


@case
def a_module_without_its_argument(images: Path) -> str:
    module = "{ ... }: { imports = [ nixfetch-docker.nixosModules.default ]; }"
    return _printed(images, try_evaluate(f"({module}) {{ }}"))


@pytest.mark.parametrize("quote", pages.quotes("evaluated"), ids=str)
def test_a_page_quotes_what_nix_prints(quote: Quote, images: Path) -> None:
    printed = CASES[quote.source](images)
    assert not quote.lacks(printed), printed


def test_each_case_is_on_a_page() -> None:
    assert sorted(quote.source for quote in pages.quotes("evaluated")) == sorted(CASES)
