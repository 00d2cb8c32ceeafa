"""Messages about locks, imports and files."""

from __future__ import annotations

from pathlib import Path

from .. import program
from ..layer_tar import HARD_LINK, entry, tar
from .scene import Scene, case


@case
def a_conflict_in_the_lock(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.lock()
    lock = Path("images.lock.toml")
    lock.write_text(f"<<<<<<< HEAD\n{lock.read_text()}=======\n>>>>>>> topic\n")
    scene.run("show")


@case
def a_lock_that_was_edited(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.lock()
    lock = Path("images.lock.toml")
    lock.write_text(lock.read_text().replace('tag = "7"', 'tag = "8"'))
    scene.run("show")


@case
def a_lock_of_a_later_version(scene: Scene) -> None:
    scene.ask("redis:7")
    Path("images.lock.toml").write_text("version = 2\n")
    scene.run("show")


@case
def no_such_name(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.run("update", "wbe")


@case
def freeze_before_lock(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.run("freeze", "web")


@case
def freeze_after_an_edit(scene: Scene) -> None:
    scene.ask("redis:8")
    scene.lock()
    scene.run("freeze", "web")


@case
def a_file_that_is_there_already(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.run("init")


def _check(scene: Scene, service: str, image: str) -> None:
    scene.ask("redis:7")
    Path("compose.json").write_text(f'{{"services": {{"{service}": {{"image": "{image}"}}}}}}')
    scene.run("import", "--check", "compose.json")


@case
def a_check_of_another_image(scene: Scene) -> None:
    _check(scene, "web", "redis:8")


@case
def a_check_of_an_image_alone(scene: Scene) -> None:
    _check(scene, "db", "postgres:16")


@case
def a_check_of_a_pin(scene: Scene) -> None:
    _check(scene, "web", f"redis:7@sha256:{'a' * 64}")


@case
def an_import_of_a_function(scene: Scene) -> None:
    Path("images.nix").write_text("{ dockerTools, args }: dockerTools.pullImage args\n")
    scene.run("import", "images.nix")


@case
def an_import_without_images(scene: Scene) -> None:
    Path("images.nix").write_text("{ }\n")
    scene.run("import", "images.nix")


@case
def an_import_of_a_computed_name(scene: Scene) -> None:
    Path("images.nix").write_text(
        "{ dockerTools, name }: dockerTools.pullImage { imageName = name; }\n"
    )
    scene.run("import", "images.nix")


@case
def an_import_of_other_files(scene: Scene) -> None:
    Path("compose.json").write_text('{"include": ["oci://docker.io/acme/stack:1"], "services": {}}')
    scene.run("import", "compose.json")


@case
def an_import_of_a_variable(scene: Scene) -> None:
    Path("compose.json").write_text('{"services": {"web": {"image": "web:${TAG}"}}}')
    scene.run("import", "compose.json")


@case
def an_import_of_a_local_image(scene: Scene) -> None:
    Path("compose.json").write_text('{"services": {"web": {"image": "localhost/web:1"}}}')
    scene.run("import", "compose.json")


@case
def an_import_of_a_build(scene: Scene) -> None:
    Path("compose.json").write_text('{"services": {"web": {"build": "."}}}')
    scene.run("import", "compose.json")


@case
def a_full_disk(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.lock()
    with Path("/dev/full").open("w") as full:
        done = program.run(scene.directory, "show", stdout=full.fileno())
    scene.printed += done.stderr.replace("nixfetch-docker: ", "")


@case
def a_directory_that_is_not_there(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.lock()
    scene.run("show", "--html", "pages/images.html")


@case
def a_file_that_is_no_image(scene: Scene) -> None:
    Path("web.tar").write_text("This is a text.\n")
    scene.ask("docker-archive:./web.tar")
    scene.run("update")


@case
def a_prefetch_for_another_platform(scene: Scene) -> None:
    scene.ask("redis:7", 'platforms = ["linux/amd64"]')
    scene.lock("redis:7", "linux/amd64")
    scene.run("prefetch", "web", "--platform", "linux/arm64")


def _make_layer(scene: Scene, *entries: bytes) -> None:
    Path("layer").write_bytes(tar(*entries))
    with Path("made").open("wb") as made:
        done = program.run(
            scene.directory, "erofs-tar", "layer", "facts.json", stdout=made.fileno()
        )
    scene.printed += done.stderr.replace("nixfetch-docker: ", "")


@case
def a_layer_that_removes_its_own_file(scene: Scene) -> None:
    _make_layer(scene, entry("etc/one"), entry("etc/.wh.one"))


@case
def a_layer_with_an_odd_hard_link(scene: Scene) -> None:
    _make_layer(scene, entry("etc/one"), entry("etc/two", HARD_LINK, link="etc/one", mode=0o600))
