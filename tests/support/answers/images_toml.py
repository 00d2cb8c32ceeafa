"""Messages about images.toml, and about the words of a command line."""

from __future__ import annotations

from pathlib import Path

from .scene import CASES, HOST, SETTINGS, Case, Scene, case

WEB = '[images.web]\nimage = "registry.lab:5000/web:1"\n'


def _reference(text: str) -> Case:
    def ask(scene: Scene) -> None:
        scene.ask(text)
        scene.run("update")

    return ask


def _lines(image: str, *lines: str) -> Case:
    def ask(scene: Scene) -> None:
        scene.ask(image, *lines)
        scene.run("update")

    return ask


def _text(text: str, *words: str) -> Case:
    def ask(scene: Scene) -> None:
        Path("images.toml").write_text(text)
        scene.run(*(words or ("update",)))

    return ask


CASES |= {
    "upper case": _reference("ghcr.io/Acme/web"),
    "a url": _reference("https://ghcr.io/acme/web"),
    "an image id": _reference("0123456789abcdef" * 4),
    "a wrong tag": _reference("redis:7.4 alpine"),
    "a short digest": _reference("redis@sha256:8b81dd37ff02"),
    "no layout": _reference("oci:./web"),
    "a suffix alone": _lines("redis", 'suffix = "alpine"'),
    "patterns alone": _lines("redis", 'ignore = ["7.1.*"]'),
    "an age alone": _lines("redis:7", 'minimum-age = "3 days"'),
    "an age that is none": _lines("redis", 'version = "^7"', 'minimum-age = "3d"'),
    "a pattern that is none": _lines("redis", "tag-pattern = '^(?P<version>.+$'"),
    "a misspelt platform": _lines("redis:7", 'platforms = ["linux/amd46"]'),
    "no platform": _lines("redis:7", "platforms = []"),
    "a name with a blank": _text('[images."my web"]\nimage = "redis:7"\n'),
    "one name twice": _text(f'{WEB}\n[images.web]\nimage = "redis:7"\n'),
    "a name that is taken": _text(WEB, "add", "redis:7", "--name", "web"),
    "a registry with a scheme": _text(f'{WEB}[registries."https://registry.lab:5000"]\n'),
    "a mirror without a scheme": _text(
        f'{WEB}[registries."docker.io"]\nmirrors = ["mirror.lab"]\n'
    ),
    "a certificate without its key": _text(
        f'{WEB}{SETTINGS.format(host=HOST)}client-certificate = "client.pem"\n'
    ),
    "plain http and a ca": _text(
        f'{WEB}{SETTINGS.format(host=HOST)}plain-http = true\nca-file = "lab-ca.pem"\n'
    ),
    "a form that cannot be edited": _text(
        'images = { web = { image = "redis:7" } }\n', "add", "busybox"
    ),
    "another ending": _text(WEB, "update", "--file", "images.txt"),
    "a lock as a file": _text(WEB, "update", "--file", "images.lock.toml"),
    "no quotation marks": _text("[images.web]\nimage = redis:7\n"),
    "yaml in toml": _text('[images.web]\nimage: "redis:7"\n'),
    "a string that is not closed": _text('[images.web]\nimage = "redis:7\n'),
    "no string": _text("[images.web]\nimage = 7\n"),
    "no table": _text('[images]\nweb = "redis:7"\n'),
    "no array": _lines("redis:7", 'platforms = "linux/amd64"'),
    "no image": _text('[images.web]\nplatforms = ["linux/amd64"]\n'),
    "a version of a file": _lines("oci:./web", 'version = "^1"'),
    "a version of a tag that is added": _text(WEB, "add", "redis:7", "--version", "^7"),
    "a login in a mirror": _text(
        f'{WEB}[registries."docker.io"]\nmirrors = ["https://ann:secret@mirror.lab"]\n'
    ),
    "a misspelt command": _text(WEB, "updte"),
    "a misspelt option": _text(WEB, "update", "--pretch"),
    "no name": _text(WEB, "why"),
    "an option without its value": _text(WEB, "show", "--html"),
    "a shell that is not known": _text(WEB, "completion", "tcsh"),
    "a file in place of a reference": _text(WEB, "digest", "oci:./web"),
    "a prefetch before lock": _text(WEB, "prefetch", "web"),
    "show before lock": _text(WEB, "show", "web"),
}


@case
def no_images_toml(scene: Scene) -> None:
    scene.run("update")


@case
def unknown_key(scene: Scene) -> None:
    Path("images.toml").write_text('[images.web]\nimage = "ghcr.io/acme/web"\nverison = "^2"\n')
    scene.run("update")


@case
def several_faults(scene: Scene) -> None:
    Path("images.toml").write_text('[images.web]\nimage = redis:7\nplatform = ["linux/amd64"]\n')
    scene.run("update")


@case
def version_is_no_string(scene: Scene) -> None:
    scene.ask("redis", "version = 7.10")
    scene.run("update")


@case
def version_is_foreign(scene: Scene) -> None:
    scene.ask("redis", 'version = "~> 7.2"')
    scene.run("update")


@case
def version_and_a_tag(scene: Scene) -> None:
    scene.ask("redis:7", 'version = "^7"')
    scene.run("update")


@case
def no_group(scene: Scene) -> None:
    scene.ask("quay.io/minio/minio", "tag-pattern = '^RELEASE'")
    scene.run("update")


@case
def other_name_of_a_platform(scene: Scene) -> None:
    scene.ask("redis:7", 'platforms = ["linux/x86_64"]')
    scene.run("update")


@case
def a_system_of_nix(scene: Scene) -> None:
    scene.ask("redis:7", 'platforms = ["aarch64-linux"]')
    scene.run("update")


@case
def a_login_in_the_file(scene: Scene) -> None:
    scene.ask("ann:secret@ghcr.io/acme/web:1")
    scene.run("update")


@case
def a_compose_file(scene: Scene) -> None:
    Path("images.toml").write_text("services:\n  web:\n    image: redis:7\n")
    scene.run("update")


@case
def a_conflict_in_images_toml(scene: Scene) -> None:
    Path("images.toml").write_text(
        '[images.web]\n<<<<<<< HEAD\nimage = "redis:7"\n=======\nimage = "redis:8"\n>>>>>>> topic\n'
    )
    scene.run("update")
