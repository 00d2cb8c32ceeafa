"""What evaluation says of a lock that does not fit: whole messages, with nothing built."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from support.builders import locked_image, request
from support.nix import (
    REPOSITORY,
    Nix,
    error,
    evaluate,
    try_evaluate,
    update_command,
    without_source,
)
from support.process import output, run

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.lock import Lock
from nixfetch_docker.lockfile.project import Project

HEX = "d" * 64
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
LOG_IN = "log in with docker login or podman login"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    """An images.toml with the images `redis` and `web`, and its lock beside it."""
    copy = tmp_path / "project"
    shutil.copytree(REPOSITORY / "tests/nix/locked", copy)
    return copy / "images.toml"


@pytest.mark.parametrize(
    ("old", "new", "change"),
    [
        pytest.param(
            "redis:7.4-alpine",
            "redis:8-alpine",
            'image from "redis:7.4-alpine" to "redis:8-alpine"',
            id="another reference",
        ),
        pytest.param(
            '"linux/amd64", "linux/arm64"',
            '"linux/amd64"',
            'platforms from ["linux/amd64","linux/arm64"] to ["linux/amd64"]',
            id="other defaults",
        ),
        pytest.param(
            'image = "redis:7.4-alpine"',
            'image = "redis"\nversion = "^7"\nfrozen = true',
            'frozen from nothing to true, image from "redis:7.4-alpine" to "redis", '
            'version from nothing to "^7"',
            id="further keys",
        ),
        pytest.param(
            'image = "redis:7.4-alpine"',
            'image = "redis:7.4-alpine"\n'
            'signed-by = ["a.pub", { key = "b.pub", annotations = {} }]',
            'signed-by from nothing to ["a.pub",{ annotations = {}, key = "b.pub" }]',
            id="who signs",
        ),
        pytest.param(
            'platforms = ["linux/amd64", "linux/arm64"]',
            "",
            'platforms from ["linux/amd64","linux/arm64"] to nothing',
            id="one key less",
        ),
    ],
)
def test_an_edited_image_does_not_evaluate_and_the_others_do(
    old: str, new: str, change: str, images: Path
) -> None:
    text = images.read_text()
    assert old in text
    images.write_text(text.replace(old, new))
    assert _error(images, "redis") == (
        f"images.toml asks for the image 'redis' otherwise than images.lock.toml has it: {change}; "
        f"run {update_command(images)}"
    )
    assert _path(images, "web")


def test_who_signed_changes_nothing_that_is_built(images: Path) -> None:
    derivation = _expression(images, "redis", "drvPath")
    before = evaluate(derivation)
    lock = images.with_name("images.lock.toml")
    digest = f"sha256:{'5' * 64}"
    voucher = f'{{ key = "a.pub", fingerprint = "{HEX}", digest = "{digest}" }}'
    old = f'digest = "{digest}"\n'
    assert old in lock.read_text()
    lock.write_text(lock.read_text().replace(old, f"{old}signed-by = [\n  {voucher},\n]\n", 1))
    # No key file is there.
    signers = 'signed-by = ["a.pub", { identity = "x", issuer = "y" }]\n'
    images.write_text(f'{images.read_text()}{signers}[registries."a.b"]\n{signers}')
    assert evaluate(derivation) == before
    assert Project(images_path=images).read_lock().lock.images["redis"].vouchers


def test_an_image_that_was_added_does_not_evaluate_and_the_others_do(images: Path) -> None:
    images.write_text(images.read_text() + '[images.new]\nimage = "redis"\n')
    assert _error(images, "new") == (
        "images.toml asks for an image 'new' that images.lock.toml does not have; "
        f"run {update_command(images)}"
    )
    assert _path(images, "redis")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            '[images.new]\nimage = "redis"\nverison = "^7"',
            "images.toml: images.new: unknown key 'verison'; did you mean 'version'?",
            id="near",
        ),
        pytest.param(
            '[images.new]\nimage = "redis"\nplatform = "linux/arm64"',
            "images.toml: images.new: unknown key 'platform'; did you mean 'platforms'?",
            id="one letter less",
        ),
        pytest.param(
            '[images.new]\nimage = "redis"\nregistry = "ghcr.io"',
            "images.toml: images.new: unknown key 'registry'; "
            "known are image, platforms, version, suffix, tag-pattern, ignore, minimum-age, "
            "signed-by, signed-by-all, frozen",
            id="far",
        ),
        pytest.param(
            '[images.new]\nversion = "^7"',
            "images.toml: images.new: 'image' is missing; write image = \"redis:7\", for example",
            id="no image",
        ),
        pytest.param(
            '[images]\nnew = "redis"',
            "images.toml: images.new: expected a table, found a string",
            id="no table",
        ),
        pytest.param(
            "[images.new]\nimage = 7",
            "images.toml: images.new.image: expected a string, found an integer",
            id="no string",
        ),
        pytest.param(
            '[images.new]\nimage = "redis"\nplatforms = ["aarch64-linux"]',
            "'aarch64-linux' is not a platform; that is a Nix system; write linux/arm64",
            id="a Nix system",
        ),
        pytest.param(
            '[image.new]\nimage = "redis"\n[images.new]',
            "images.toml: unknown key 'image'; did you mean 'images'?",
            id="at the top",
        ),
        pytest.param(
            '[defaults]\nplatform = ["linux/arm64"]\n[images.new]',
            "images.toml: defaults: unknown key 'platform'; did you mean 'platforms'?",
            id="in the defaults",
        ),
        pytest.param(
            '[registries."docker.io"]\nmirror = ["https://m.lab"]\n[images.new]',
            "images.toml: registries.\"docker.io\": unknown key 'mirror'; did you mean 'mirrors'?",
            id="of a registry",
        ),
        pytest.param(
            '[registries."docker.io"]\nplain-http = "yes"\n[images.new]',
            'images.toml: registries."docker.io".plain-http: '
            "expected true or false, found a string",
            id="of another type",
        ),
        pytest.param(
            '<<<<<<< HEAD\n[images.new]\nimage = "redis"\n=======\n>>>>>>> topic',
            "images.toml has a merge conflict; resolve it, and run {update}",
            id="conflict",
        ),
        pytest.param(
            '[registries."a.b"]\nca-file = "gone.pem"\n[images.new]\nimage = "a.b/c"',
            'images.toml: registries."a.b".ca-file: there is no such file, or git does not have it '
            "yet; name a file of PEM certificates beside images.toml, and in a git repository "
            "`git add` it",
            id="no CA",
        ),
    ],
)
def test_what_is_wrong_in_images_toml_is_said(text: str, message: str, images: Path) -> None:
    images.write_text(text)
    lock = images.with_name("images.lock.toml")
    lock.write_text(
        f'version = 1\n[images.new]\nrequest = {{ image = "a.b/c" }}\nrepository = "a.b/c"\n'
        'tag = "latest"\n'
        f'digest = "sha256:{HEX}"\n[images.new.platforms."linux/amd64"]\n'
        f'manifest = {{ sha256 = "{HEX}", size = 1, media-type = "{MANIFEST}" }}\n'
        f'config = {{ sha256 = "{HEX}", size = 1 }}\nlayers = []\n'
    )
    assert _error(images, "new") == message.format(update=update_command(images))


def test_a_lock_that_is_not_there_is_named(images: Path) -> None:
    lock = images.with_name("images.lock.toml")
    lock.unlink()
    assert _error(images, "redis") == (
        f"{lock} does not exist; run {update_command(images)} to write it, "
        "and in a git repository `git add` it"
    )


def test_an_images_toml_that_is_not_there_is_named(images: Path) -> None:
    images.unlink()
    assert _error(images, "redis") == (
        f"{images} does not exist; write it, and run {update_command(images)}"
    )


@pytest.mark.parametrize("name", ["machine.toml", "my images.toml"])
def test_another_name_is_in_the_command(name: str, images: Path) -> None:
    other = images.with_name(name)
    images.rename(other)
    lock = images.with_name(f"{other.stem}.lock.toml")
    expression = _expression(other, "redis").replace(f"file = {other}", f'file = "{other}"')
    failed = try_evaluate(expression)
    assert error(failed.stderr) == (
        f"{lock} does not exist; "
        f"run {update_command(other)} to write it, "
        "and in a git repository `git add` it"
    )


def test_the_command_is_short_where_the_person_stands(images: Path) -> None:
    images.with_name("images.lock.toml").unlink()
    command = ["nix-instantiate", "--eval", "--readonly-mode", "--store", "dummy://"]
    env = {"PATH": os.environ["PATH"], "HOME": "/homeless", "PWD": str(images.parent)}
    failed = run([*command, "-E", _expression(images, "redis")], env=env)
    wanted = "`nixfetch-docker update` (or `nix run .#update-images`)"
    assert f"does not exist; run {wanted} to write it" in failed.stderr


def test_a_lock_of_another_version_is_refused(images: Path) -> None:
    lock = images.with_name("images.lock.toml")
    lock.write_text(lock.read_text().replace("version = 1", "version = 2"))
    assert _error(images, "redis") == (
        "images.lock.toml has version 2, and this nixfetch-docker reads version 1; "
        "update your nixfetch-docker input"
    )


@pytest.mark.parametrize("at", ["the top", "the middle"])
def test_a_lock_with_a_merge_conflict_is_named(at: str, images: Path) -> None:
    lock = images.with_name("images.lock.toml")
    marked = "<<<<<<< HEAD\n=======\n>>>>>>> topic\n"
    text = lock.read_text()
    lock.write_text(marked + text if at == "the top" else f"{text}{marked}")
    assert _error(images, "redis") == (
        "images.lock.toml has a merge conflict; "
        f"take either side, then run {update_command(images)}"
    )


@pytest.mark.parametrize(
    ("path", "option"),
    [
        ("images.toml", ""),
        ("hosts/web/images.toml", " --file hosts/web/images.toml"),
        ("machine.toml", " --file machine.toml"),
    ],
)
def test_a_file_that_git_does_not_have_yet_is_named(
    path: str, option: str, nix: Nix, images: Path, tmp_path: Path
) -> None:
    app = f"nix run .#update-images{' --' if option else ''}{option}"
    command = f"`nixfetch-docker update{option}` (or `{app}`)"
    flake = tmp_path / "flake"
    file = flake / path
    file.parent.mkdir(parents=True)
    shutil.copy(images, file)
    shutil.copy(images.with_name("images.lock.toml"), file.with_name(f"{file.stem}.lock.toml"))
    (flake / "flake.nix").write_text(f"""{{
      outputs = _: {{
        images = ((import {REPOSITORY}/tests/nix/constant-nixpkgs.nix {{ system = "x"; }}).extend
          (import {REPOSITORY}/overlays)).fetchDockerImages {{
            file = ./{path}; platform = "linux/amd64";
          }};
      }};
    }}""")
    output(["git", "init", "-q", str(flake)])
    output(["git", "-C", str(flake), "add", "flake.nix"])
    value = f"git+file://{flake}#images.redis.imageDigest"
    evaluated = ["nix", "eval", "--impure", "--no-write-lock-file", value]

    failed = run(evaluated, env=nix.env)
    assert error(failed.stderr) == (
        f"{path} does not exist, or git does not have it yet; "
        f"write it, `git add` it, and run {command}"
    )
    output(["git", "-C", str(flake), "add", path])
    failed = run(evaluated, env=nix.env)
    lock = f"{path.removesuffix('.toml')}.lock.toml"
    assert error(failed.stderr) == (
        f"{lock} does not exist; run {command} to write it, and in a git repository `git add` it"
    )
    output(["git", "-C", str(flake), "add", lock])
    assert run(evaluated, env=nix.env).stdout.strip() == f'"sha256:{"6" * 64}"'


def test_evaluation_imports_nothing_that_is_built(images: Path) -> None:
    # This Nix has no store to build in.
    assert _path(images, "redis").endswith("-docker.io+library+redis++7.4-alpine")


LOGINS = [
    "https://ann:PW@m.lab",
    "https://PW@m.lab:5000",
    "https://ann:PW%40m.lab",
    "https://ann:P/PW@m.lab",
    "https:/ann:PW@m.lab",
    "//ann:PW@m.lab",
    "ann:PW@m.lab",
    "docker://ann:PW@m.lab/x",
    "oci://ann:PW@m.lab/x",
]


SETTINGS = [
    '[registries."docker.io"]\nmirrors = ["https://m.lab", "{}"]',
    '[registries."docker.io"]\nmirrors = "{}"',
    '[registries."{}"]\nplain-http = true',
    '[registries."docker.io"]\nplain-http = "{}"',
    '[registries."docker.io"]\nproxy = "{}"',
    '[registries."docker.io"]\n"{}" = true',
    '[registries."docker.io"]\nca-file = "{}"',
    '[registries."docker.io"]\nclient-certificate = "{}"',
    '[registries]\n"docker.io" = "{}"',
    '[images.web]\nimage = "{}"',
    '[registries."docker.io"\nmirrors = ["{}"]',
    '[registries."docker.io"]\nmirrors = ["{}"',
]


def _pairs(texts: list[str]) -> list[tuple[str, str]]:
    """Every login in the first text, and two kinds of login in each of the others."""
    return [(texts[0], login) for login in LOGINS] + [
        (text, login) for text in texts[1:] for login in (LOGINS[0], LOGINS[4])
    ]


@pytest.mark.parametrize(("setting", "login"), _pairs(SETTINGS))
@pytest.mark.parametrize("written", ["as it is", "escaped"])
def test_a_login_is_refused_and_not_shown_though_the_lock_is_current(
    written: str, setting: str, login: str, images: Path
) -> None:
    if written == "escaped":
        login = login.replace("@", "\\u0040")
    text, lock = images.read_text(), images.with_name("images.lock.toml")
    reference = f"ghcr.io/acme/web@sha256:{HEX}"
    if "images.web" in setting:
        text = text.replace(reference, login)
        lock.write_text(lock.read_text().replace(reference, login))
    else:
        text = text.partition("[registries")[0] + setting.replace("{}", login)
    images.write_text(text)
    failed = _fail(images, "web", "drvPath")
    assert "PW" not in failed.stderr
    assert error(failed.stderr).startswith("images.toml: ")


CALLS = [
    'fetchDockerBlob {{ repository = "a.b/c"; blob.sha256 = {hex}; '
    'registries."docker.io".mirrors = [ "{login}" ]; }}',
    'fetchDockerBlob {{ repository = "a.b/c"; blob.sha256 = {hex}; '
    'registries."{login}" = {{ }}; }}',
    'fetchDockerBlob {{ repository = "a.b/c"; blob.sha256 = {hex}; registries = "{login}"; }}',
    'fetchDockerBlob {{ repository = "{login}"; blob.sha256 = {hex}; }}',
    'fetchDocker {{ repository = "a.b/c"; {blobs} registries."{login}".plain-http = true; }}',
    'fetchDocker {{ repository = "a.b/c"; {blobs} registries."a.b".proxy = "{login}"; }}',
    'fetchDocker {{ repository = "{login}"; {blobs} }}',
    'fetchDocker {{ repository = "a.b/c"; name = "{login}"; {blobs} }}',
    'fetchDocker {{ repository = "a.b/c"; tag = "{login}"; {blobs} }}',
    'fetchDockerConfig {{ registry = "{login}"; imageName = "c"; sha256 = {hex}; }}',
    'fetchDockerConfig {{ repository = "{login}"; imageName = "c"; sha256 = {hex}; }}',
    'fetchDockerLayer {{ registry = "{login}"; imageName = "c"; layerDigest = {hex}; }}',
    'fetchDockerLayer {{ imageName = "{login}"; layerDigest = {hex}; }}',
    'fetchdocker {{ name = "c"; image = "{login}:1"; imageName = "c"; tag = "1"; '
    'imageConfig = fetchDockerConfig {{ imageName = "c"; sha256 = {hex}; }}; '
    "imageLayers = [ ]; }}",
    'fetchdocker {{ name = "c"; registry = "{login}"; imageName = "c"; tag = "1"; '
    'imageConfig = fetchDockerConfig {{ imageName = "c"; sha256 = {hex}; }}; '
    "imageLayers = [ ]; }}",
    'fetchDockerImages {{ file = {locked}; platform = "{login}"; }}',
    'fetchDockerImages "{login}"',
    'fetchDockerImages {{ file = {locked}; "{login}" = 1; }}',
]


@pytest.mark.parametrize(("call", "login"), _pairs(CALLS))
def test_a_login_in_an_argument_is_refused_and_not_shown(call: str, login: str) -> None:
    expression = call.format(
        login=login,
        hex=f'"{HEX}"',
        locked=f"{REPOSITORY}/tests/nix/locked/images.toml",
        blobs=f'manifest = {{ sha256 = "{HEX}"; size = 1; media-type = "m"; }}; '
        f'config.sha256 = "{HEX}"; layers = [ ];',
    )
    attribute = "redis.drvPath" if "fetchDockerImages" in call else "drvPath"
    failed = try_evaluate(
        f"with import {REPOSITORY}/tests/nix/host-pkgs.nix; ({expression}).{attribute}"
    )
    assert failed.returncode != 0
    # Newer versions of Nix show the line of the call, as it stands in the file that has the login.
    assert "PW" not in without_source(failed.stderr)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("ghcr.io/acme/web@", "ghcr.io/acme/web:1@", id="digest behind a tag"),
        pytest.param("[images.web]", "# https://ann:PW@m.lab\n[images.web]", id="comment"),
        pytest.param(
            f"ghcr.io/acme/web@sha256:{HEX}", "oci:./me@home/web.tar", id="path of an image"
        ),
        pytest.param(f"ghcr.io/acme/web@sha256:{HEX}", "oci:///srv/a@b", id="path from the root"),
        pytest.param(
            "[images.web]",
            '[registries."a.b"]\nca-file = "/etc/me@home/ca.pem"\n[images.web]',
            id="path of a CA",
        ),
        pytest.param(
            "https://mirror.example.org", "https://[::1]:5000/hub/a_b.c-d/", id="mirror with a path"
        ),
    ],
)
def test_what_is_no_login_evaluates(old: str, new: str, images: Path) -> None:
    lock = images.with_name("images.lock.toml")
    for file in (images, lock):
        file.write_text(file.read_text().replace(old, new))
    if "web:1@" in new:
        locked = 'repository = "ghcr.io/acme/web"\n'
        lock.write_text(lock.read_text().replace(locked, f'{locked}tag = "1"\n'))
    assert _path(images, "web")


def test_both_readers_know_the_repository_and_the_tag_of_every_reference(tmp_path: Path) -> None:
    references = [
        *("redis", "redis:7", f"redis@sha256:{HEX}", f"redis:7@sha256:{HEX}", "acme/web:1"),
        *("docker.io/redis", "docker.io/library/redis", "index.docker.io/redis:7", "docker.io/a/b"),
        *("index.docker.io/acme/web", "localhost/web", "localhost:5000/web:1", "local/web:1"),
        *("a.b/c", f"a.b:443/c/d/e:1@sha256:{HEX}", "[::1]:5000/web", "Lab/web:1", "lab:1/web"),
    ]
    images = {f"i{n}": request(text) for n, text in enumerate(references)}
    file = tmp_path / "images.toml"
    file.write_text("".join(f'[images.{n}]\nimage = "{one.image}"\n' for n, one in images.items()))
    locked = {name: locked_image(asked) for name, asked in images.items()}
    lock = Lock(images=locked).to_toml()
    file.with_name("images.lock.toml").write_text(lock)
    assert Lock.parse(lock).images == locked
    found = evaluate(f"map (image: image.imageName) (builtins.attrValues {_images(file)})")
    assert sorted(found) == sorted(str(image.repository) for image in locked.values())


@pytest.mark.parametrize(
    ("reference", "field"),
    [
        ("ghcr.io/acme/other@", "repository"),
        ("ghcr.io/acme/web:1@", "tag"),
        (f"ghcr.io/acme/web@sha256:{'e' * 64}#", "digest"),
    ],
)
def test_a_lock_for_another_image_than_the_one_that_is_asked_for_is_refused(
    reference: str, field: str, images: Path
) -> None:
    new = reference.removesuffix("#") if "#" in reference else f"{reference}sha256:{HEX}"
    lock = images.with_name("images.lock.toml")
    for file in (images, lock):
        file.write_text(file.read_text().replace(f"ghcr.io/acme/web@sha256:{HEX}", new))
    message = _error(images, "web")
    assert message.startswith(
        f"images.lock.toml: images.web.{field} is not the {field} that is asked"
    )
    with pytest.raises(NixfetchError) as caught:
        Project(images_path=images).read_lock()
    assert f"images.web.{field}: the request is for" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        ("directory", "this is not a regular file"),
        ("FIFO", "this is not a regular file"),
        ("link", "this is not a regular file"),
        ("key", "this file has a private key in it, which every user could read in the store"),
        ("other", "this file has no certificate in it"),
    ],
)
def test_a_ca_file_that_is_no_certificate_is_not_copied(
    kind: str, message: str, images: Path
) -> None:
    path = images.with_name("ca.pem")
    secret = images.with_name("secret.pem")
    secret.write_text("-----BEGIN CERTIFICATE-----\n-----BEGIN PRIVATE KEY-----\n")
    if kind == "directory":
        path.mkdir()
    elif kind == "FIFO":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to("secret.pem")
    else:
        path.write_text(secret.read_text() if kind == "key" else "root:x:0:0")
    images.write_text(images.read_text() + '[registries."a.b"]\nca-file = "ca.pem"\n')
    assert _error(images, "web", "drvPath") == (
        f'images.toml: registries."a.b".ca-file: {message}; '
        "name a file of PEM certificates beside images.toml"
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        ("fetchDockerImages { file = ./x; platfrom = 1; }", "'platfrom'; did you mean 'platform'?"),
        ("fetchDockerImages { flie = ./x; }", "'flie'; did you mean 'file'?"),
        ("fetchDockerImages { file = ./x; x = 1; }", "'x'; known are file, platform"),
        ("fetchDocker { repositroy = 1; }", "'repositroy'; did you mean 'repository'?"),
        ("fetchDockerBlob { registry = 1; }", "'registry'; did you mean 'registries'?"),
        ("fetchDockerConfig { imagename = 1; }", "'imagename'; did you mean 'imageName'?"),
        ("fetchDockerLayer { digestLayer = 1; }", "'digestLayer'; known are"),
        ("fetchdocker { imageLayer = 1; }", "'imageLayer'; did you mean 'imageLayers'?"),
    ],
)
def test_an_unknown_argument_is_an_error(call: str, message: str) -> None:
    failed = try_evaluate(f"with import {REPOSITORY}/tests/nix/host-pkgs.nix; {call}")
    function = call.partition(" ")[0]
    assert error(failed.stderr).startswith(f"{function}: unknown argument {message}")


@pytest.mark.parametrize(
    ("call", "argument"),
    [
        ("fetchDockerImages { }", "file"),
        ('fetchDocker { repository = "a.b/c"; }', "config"),
        ("fetchDockerBlob { blob.sha256 = 1; }", "repository"),
    ],
)
def test_a_missing_argument_is_named(call: str, argument: str) -> None:
    failed = try_evaluate(f"with import {REPOSITORY}/tests/nix/host-pkgs.nix; {call}")
    assert error(failed.stderr) == f"{call.partition(' ')[0]} needs the argument '{argument}'"


def test_an_unknown_key_of_a_blob_is_an_error() -> None:
    failed = try_evaluate(f"""
      with import {REPOSITORY}/tests/nix/host-pkgs.nix;
      (fetchDockerBlob {{
        repository = "a.b/c"; blob = {{ sha256 = "{HEX}"; siez = 1; }};
      }}).drvPath
    """)
    assert error(failed.stderr) == (
        "fetchDockerBlob: blob: unknown key 'siez'; did you mean 'size'?"
    )


def test_an_override_with_an_unknown_argument_is_an_error(images: Path) -> None:
    expression = _expression(images, "redis", 'override { nmae = "x"; }')
    assert error(try_evaluate(expression).stderr) == (
        "fetchDocker: unknown argument 'nmae'; did you mean 'name'?"
    )


def _images(file: Path) -> str:
    return (
        f'(import {REPOSITORY}/tests/nix/images.nix {{ file = {file}; platform = "linux/amd64"; }})'
    )


def _expression(images: Path, name: str, attribute: str = "outPath") -> str:
    value = (
        f"(import {REPOSITORY}/tests/nix/images.nix {{ "
        f'file = {images}; platform = "linux/amd64"; }}).{name}'
    )
    return f"{value}.{attribute}"


def _path(images: Path, name: str) -> str:
    return str(evaluate(_expression(images, name)))


def _fail(images: Path, name: str, attribute: str) -> subprocess.CompletedProcess[str]:
    failed = try_evaluate(_expression(images, name, attribute))
    assert failed.returncode != 0, failed.stdout
    return failed


def _error(images: Path, name: str, attribute: str = "outPath") -> str:
    return error(_fail(images, name, attribute).stderr)


# Changes of the lock, or of images.toml, that a pull request may bring, each with the field that
# both readers name. Evaluation reads the entries of one platform, here linux/amd64.
REDIS = "images.redis"
AMD64 = f"{REDIS}.platforms.linux/amd64"
HOSTILE = [
    pytest.param('tag = "7.4-alpine"', f"tag = {value}", f"{REDIS}.tag", id=f"tag {value:.30}")
    for value in [
        '"../../admin?x=1#"',
        r'"7\nCo-authored-by: Eve <eve@evil.example>"',
        r'"7\u001b[31m"',
        r'"7\u202e"',
        '"-7"',
        '""',
        f'"{"a" * 129}"',
        f'"{"a" * 1_000_000}"',
        "7",
        '["7"]',
    ]
]
HOSTILE += [
    pytest.param(
        'repository = "docker.io/library/redis"',
        f"repository = {value}",
        f"{REDIS}.repository",
        id=f"repository {value:.40}",
    )
    for value in [
        '"docker.io/library/../admin"',
        '"docker.io/library/redis?x=1#"',
        r'"docker.io/library/redis\n"',
        r'"docker.io/library/redis\u001b[31m"',
        '"docker.io/library/redis:7"',
        '"docker.io/Library/redis"',
        '"ann:secret@docker.io/library/redis"',
        '"https://docker.io/library/redis"',
        '"redis"',
        # Of an image that images.toml does not ask for.
        '"docker.io/library/redis2"',
        '"docker.io/evil/redis"',
        '"evil.example/library/redis"',
        '"docker.io:443/library/redis"',
        f'"docker.io/{"a" * 1_000_000}"',
        "1",
    ]
]
HOSTILE += [
    pytest.param(
        'size = 1572, media-type = "application/vnd.oci.image.manifest.v1+json"',
        new,
        f"{AMD64}.manifest.{key}",
        id=new[:40],
    )
    for key, new in [
        ("media-type", r'size = 1572, media-type = "text/html\u001b[31m"'),
        ("size", 'size = "1572", media-type = "application/vnd.oci.image.manifest.v1+json"'),
        ("size", 'size = -1, media-type = "application/vnd.oci.image.manifest.v1+json"'),
        ("size", 'size = 1.5, media-type = "application/vnd.oci.image.manifest.v1+json"'),
    ]
]
HOSTILE += [
    pytest.param(f'"{old * 64}"', f'"{new}"', f"{AMD64}.{field}.sha256", id=f"{field} {new:.30}")
    for field, old in [("manifest", "6"), ("config", "7"), ("layers[0]", "8"), ("layers[1]", "9")]
    for new in [
        "../../admin?x=1#",
        "A" * 64,
        "1" * 63,
        # Nix itself takes this for a sha256, in its own base 32.
        "0" * 52,
        "0" * 1_000_000,
    ]
]
HOSTILE += [
    pytest.param(
        'tag = "7.4-alpine"',
        f'tag = "7.4-alpine"\nsigned-by = {value}',
        f"{REDIS}.signed-by",
        id=f"signed-by {value}",
    )
    for value in ['"keys/acme.pub"', '["admin"]', "{}", "7"]
]
HOSTILE += [
    pytest.param(
        f'digest = "sha256:{"5" * 64}"', 'digest = "../../admin"', f"{REDIS}.digest", id="digest"
    ),
    pytest.param('tag = "7.4-alpine"', 'tag = "7.4"', f"{REDIS}.tag", id="another tag"),
    pytest.param('tag = "7.4-alpine"', "", f"{REDIS}.tag", id="no tag"),
    pytest.param('tag = "7.4', 'tog = 1\ntag = "7.4', REDIS, id="unknown key"),
    pytest.param(
        '[images.redis.platforms."linux/arm64"]',
        r'[images.redis.platforms."linux/\u001b[31m"]',
        f"{REDIS}.platforms",
        id="platform",
    ),
]


@pytest.mark.parametrize(("old", "new", "field"), HOSTILE)
def test_a_hostile_lock_is_refused_by_both_readers_and_not_shown(
    old: str, new: str, field: str, images: Path
) -> None:
    lock = images.with_name("images.lock.toml")
    assert old in lock.read_text()
    lock.write_text(lock.read_text().replace(old, new, 1))
    done = try_evaluate(_expression(images, "redis"))
    assert done.returncode != 0
    assert error(done.stderr).startswith(f"images.lock.toml: {field} ")
    assert error(done.stderr).endswith(
        "; the lock is not for editing: restore it from git, or delete it and run "
        f"`nixfetch-docker update --file {images}` (or "
        f"`nix run .#update-images -- --file {images}`)"
    )
    assert "\x1b[31m" not in error(done.stderr)
    assert "admin" not in error(done.stderr)
    with pytest.raises(NixfetchError) as caught:
        Project(images_path=images).read_lock()
    assert field.replace("linux/amd64", '"linux/amd64"') in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "name",
    [r"a\u001b[31m", r"a\nb", "a b", r"\u202ea", "-a", "a/b", "", "a" * 129, "a" * 1_000_000],
)
def test_a_hostile_name_of_an_image_is_refused_by_both_readers_and_not_shown(
    name: str, images: Path
) -> None:
    images.write_text(f'{images.read_text()}\n[images."{name}"]\nimage = "redis"\n')
    message = _error(images, "redis")
    assert message.startswith("images.toml has an image whose name is none; use up to 128 letters")
    with pytest.raises(NixfetchError) as caught:
        Project(images_path=images).read_images()
    assert "this cannot name an image" in str(caught.value)
    assert str(caught.value).isprintable()


@pytest.mark.parametrize(
    "sign",
    [r"\u009b31m", r"\u007f", r"\n", r"\u001b[31m", r"\u202e", r"\u0085", r"\u200b", r"\U000e0041"],
)
@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        pytest.param("images.toml", "alpine", "alpine{}", id="reference"),
        pytest.param("images.toml", "linux/arm64", "linux/arm64{}", id="platform"),
        pytest.param("images.toml", "image =", '"x{}" = 1\nimage =', id="key of an image"),
        pytest.param("images.toml", "[defaults]", '"x{}" = 1\n[defaults]', id="key"),
        pytest.param("images.toml", "[defaults]", '[defaults]\n"x{}" = 1', id="key of defaults"),
        pytest.param("images.toml", "[defaults]", '[registries."x{}"]\n[defaults]', id="registry"),
        pytest.param(
            "images.toml",
            "[defaults]",
            '[registries."x.y"]\n"x{}" = true\n[defaults]',
            id="key of a registry",
        ),
        pytest.param(
            "images.toml",
            "[defaults]",
            '[registries."x.y"]\nmirrors = ["https://x{}"]\n[defaults]',
            id="mirror",
        ),
        pytest.param("images.lock.toml", "alpine", "alpine{}", id="locked reference"),
        pytest.param("images.lock.toml", "request = {", 'request = {{ "x{}" = 1,', id="locked key"),
    ],
)
def test_no_message_of_evaluation_controls_a_terminal(
    file: str, old: str, new: str, sign: str, images: Path
) -> None:
    path = images.with_name(file)
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new.format(sign), 1))
    done = try_evaluate(_expression(images, "redis"))
    assert done.returncode != 0
    *_, message = done.stderr.partition("error: ")
    first = message.splitlines()[0]
    assert first.isprintable()
    assert re.search(r"\\(u|n)", first)  # with an escape in its place


@pytest.mark.parametrize("version", ['version = "\\u001b[31m"', "", "version = [1]"])
def test_a_lock_without_a_version_is_none(version: str, images: Path) -> None:
    lock = images.with_name("images.lock.toml")
    lock.write_text(lock.read_text().replace("version = 1", version))
    assert _error(images, "redis") == (
        "images.lock.toml is no lock: its version is no number; restore it from git, or delete it "
        f"and run {update_command(images)}"
    )


def test_a_layer_costs_few_calls_of_functions_and_another_image_almost_none(tmp_path: Path) -> None:
    one, more_layers, more_images = (
        _calls(tmp_path / f"{images}-{layers}", images, layers)
        for images, layers in [(1, 10), (1, 110), (101, 10)]
    )
    assert (more_layers - one) / 100 < 15
    assert (more_images - one) / 100 < 10


def _calls(directory: Path, images: int, layers: int) -> int:
    """The calls of functions for the derivation of the first of so many images."""
    names = [f"web-{n}" for n in range(images)]
    directory.mkdir()
    file = directory / "images.toml"
    file.write_text("".join(f'[images.{name}]\nimage = "{name}:1"\n' for name in names))
    listed = "".join(f'{{ sha256 = "{n:064x}", size = {n} }},\n' for n in range(layers))
    file.with_name("images.lock.toml").write_text(
        "version = 1\n"
        + "".join(
            f"""
            [images.{name}]
            request = {{ image = "{name}:1" }}
            repository = "docker.io/library/{name}"
            tag = "1"
            digest = "sha256:{HEX}"
            [images.{name}.platforms."linux/amd64"]
            manifest = {{ sha256 = "{HEX}", size = 1, media-type = "{MANIFEST}" }}
            config = {{ sha256 = "{HEX}", size = 1 }}
            layers = [{listed}]
            """
            for name in names
        )
    )
    statistics = directory / "statistics.json"
    done = try_evaluate(
        f"""(import {REPOSITORY}/tests/nix/images.nix {{
          file = {file}; platform = "linux/amd64"; }}).web-0.drvPath""",
        NIX_SHOW_STATS="1",
        NIX_SHOW_STATS_PATH=str(statistics),
    )
    assert done.returncode == 0, done.stderr
    calls: int = json.loads(statistics.read_text())["nrFunctionCalls"]
    return calls
