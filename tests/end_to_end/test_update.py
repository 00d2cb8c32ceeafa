"""`update`, `lock`, `--check`, `show` and `fetch-blob` as a person meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support import oci
from support.command import Project
from support.listening import free_port
from support.registry import Registry

from nixfetch_docker.base import units

ONE = oci.image(oci.layer({"etc/one": b"1"}))
TWO = oci.image(oci.layer({"etc/two": b"2"}))


def short(image: oci.Image) -> str:
    return image.digest[:19]


def weight(image: oci.Image) -> str:
    return f"(linux/amd64: {len(image.layers)} layer, {image.size} B)"


def test_update_prints_the_changes_and_costs_one_request_where_there_are_none(
    registry: Registry, project: Project
) -> None:
    registry.push("web:1", ONE)
    project.images.write_text(f'[images.web]\nimage = "{registry.host}/web:1"')
    first = project.try_run("update")
    assert first.stdout == f"web: added 1 {short(ONE)} {weight(ONE)}\n"
    received = len(ONE.manifest) + len(ONE.config)
    assert first.stderr == (
        f"images.lock.toml written: 1 added; 2 requests, {received} B received\n"
    )
    written = project.lock.stat().st_mtime_ns

    asked = len(registry.asked())
    again = project.try_run("update", "--check")
    assert (again.returncode, again.stdout) == (0, "")
    assert again.stderr == "images.lock.toml is as it was: 1 unchanged; 1 request, 0 B received\n"
    assert registry.asked()[asked:] == ["HEAD web/manifests/1"]

    registry.push("web:1", TWO)
    checked = project.try_run("update", "--check")
    assert checked.returncode == 3
    assert checked.stdout == (
        f"web: updated 1 {short(ONE)} -> {short(TWO)}\n"
        f"     linux/amd64: 1 of 1 layer new, {TWO.size} B to fetch\n"
    )
    assert project.lock.stat().st_mtime_ns == written
    assert project.try_run("update").returncode == 0
    assert project.try_run("update", "--check").returncode == 0


def test_a_lock_that_is_written_anew_is_the_same_whatever_a_stranger_wrote_into_it(
    registry: Registry, project: Project
) -> None:
    registry.push("web:1", ONE, oci.image(oci.layer({"etc/arm": b""}), platform="linux/arm64"))
    project.update(f'[images.web]\nimage = "{registry.host}/web:1"')
    right = project.lock.read_text()
    layer = oci.digest(ONE.layers[0].data)
    project.lock.write_text(right.replace(layer.removeprefix("sha256:"), "1" * 64))
    # It asks what the tag means, and no more where that is what the lock has.
    assert project.try_run("update", "--check").returncode == 0

    project.lock.unlink()
    project.run("lock")
    assert project.lock.read_text() == right
    assert not any(layer in request for request in registry.asked())


def test_an_image_that_loses_a_platform_is_held_back_until_that_is_accepted(
    registry: Registry, project: Project
) -> None:
    arm64 = oci.image(oci.layer({"etc/arm": b"64"}), platform="linux/arm64")
    registry.push("web:1", ONE, arm64)
    image = f'[images.web]\nimage = "{registry.host}/web:1"\n'
    old = project.update(image)
    assert '"linux/arm64"' in old
    registry.push("web:1", TWO)
    words = (
        f"web: {registry.host}/web:1: it has no image for linux/arm64 any more, which is locked "
        'at 1, only for linux/amd64; to accept that, write platforms = ["linux/amd64"] for it in '
        "images.toml"
    )

    for options in ([], ["--check"], ["--json"], ["--markdown"]):
        done = project.try_run("update", *options)
        assert done.returncode == 1
        assert done.stderr.splitlines()[0] == f"nixfetch-docker: {words}"
        assert project.lock.read_text() == old
        if options == ["--json"]:
            assert json.loads(done.stdout)["images"][0]["error"] == words
        if options == ["--markdown"]:
            assert f"- `{words}`" in done.stdout

    project.images.write_text(f'{image}platforms = ["linux/amd64"]\n')
    assert project.try_run("lock").returncode == 0
    assert TWO.digest in project.lock.read_text()
    assert "arm64" not in project.lock.read_text()


def test_lock_resolves_only_what_was_edited(registry: Registry, project: Project) -> None:
    registry.push("one:1", ONE)
    registry.push("two:1", TWO)
    one = f'one.image = "{registry.host}/one:1"'
    old = project.update(f'[images]\n{one}\ngone.image = "{registry.host}/two:1"')
    registry.push("one:1", TWO)

    asked = len(registry.asked())
    project.images.write_text(f'[images]\n{one}\nnew.image = "{registry.host}/two:1"')
    told = f"new:  added   1 {short(TWO)} {weight(TWO)}\ngone: removed\n"
    assert project.run("lock") == told
    assert not [line for line in registry.asked()[asked:] if "one" in line]
    assert _entry(project.lock.read_text(), "one") == _entry(old, "one")


def test_update_of_one_name_leaves_the_others(registry: Registry, project: Project) -> None:
    registry.push("one:1", ONE)
    registry.push("two:1", ONE)
    old = project.update(
        f'[images]\none.image = "{registry.host}/one:1"\ntwo.image = "{registry.host}/two:1"'
    )
    registry.push("one:1", TWO)
    registry.push("two:1", TWO)
    project.run("update", "two")
    new = project.lock.read_text()
    assert _entry(new, "one") == _entry(old, "one")
    assert TWO.digest in _entry(new, "two")


def test_a_failed_image_keeps_its_entry_while_the_others_are_locked(
    registry: Registry, project: Project
) -> None:
    registry.push("one:1", ONE)
    registry.push("two:1", ONE)
    one, two = (f'{name}.image = "{registry.host}/{name}:1"\n' for name in ("one", "two"))
    old = project.update(f"[images]\n{one}{two}")
    registry.push("two:1", TWO)
    project.images.write_text(f"[images]\n{one.replace(':1', ':nope')}{two}")

    asked = len(registry.asked())

    done = project.try_run("update")

    assert done.returncode == 1
    received = sum(access.sent for access in registry.accesses()[asked:])
    assert done.stderr.splitlines() == [
        f"nixfetch-docker: one: {registry.host}/one:nope: "
        "the repository one has no tag nope; it has 1; "
        f"`nixfetch-docker tags {registry.host}/one` lists all",
        "images.lock.toml written: 1 failed, 1 updated; "
        f"5 requests, {units.size(received)} received",
    ]
    new = project.lock.read_text()
    assert _entry(new, "one") == _entry(old, "one")
    assert TWO.digest in _entry(new, "two")


def _entry(lock: str, name: str) -> str:
    """One image's part of a lock."""
    return lock.partition(f"[images.{name}]\n")[2].partition("\n[images.")[0]


HOST = "127.0.0.1:9"

BAD_IMAGES = [
    pytest.param(
        "[images.web]\nimage = \n",
        'images.toml: line 2, column 9: the key has no value; write image = "redis:7"\n'
        "    image =\n            ^",
        id="malformed",
    ),
    pytest.param(
        '[images.web]\nimage = "a"\n[images.web]\nimage = "b"\n',
        "images.toml: line 3, column 12: two images are named 'web'; "
        "give one of them another name: "
        "[images.web-2]\n    [images.web]\n               ^",
        id="two images with one name",
    ),
    pytest.param(
        '[images.web]\nimagee = "a"\n',
        "images.toml: line 2, column 1: images.web.imagee: unknown key; did you mean 'image'?",
        id="unknown key",
    ),
    pytest.param(
        "[images.web]\n",
        "images.toml: line 1, column 1: images.web: 'image' is missing; "
        'write image = "redis:7", for example',
        id="no reference",
    ),
    pytest.param(
        '[images.web]\nimage = "Web:1"\n',
        "images.toml: line 2, column 9: images.web.image: 'Web:1' has upper case in its "
        "repository; "
        "write it in lower case",
        id="upper case",
    ),
]

BAD_LOCKS = [
    pytest.param(
        "version = 2\n",
        "images.lock.toml: its version is 2, and this nixfetch-docker reads version 1; "
        "use the nixfetch-docker that wrote it, or a later one",
        id="a later version",
    ),
    pytest.param(
        'version = 1\n[images.web]\ndigest = "sha256:12"\n',
        "images.lock.toml: images.web: 'platforms' is missing; "
        "the lock is not for editing: restore it from git, or delete it and run "
        "`nixfetch-docker update` (or `nix run .#update-images`)",
        id="edited by hand",
    ),
    pytest.param(
        "version = 1\n<<<<<<< HEAD\n",
        "images.lock.toml: line 2, column 1: Invalid statement; "
        "it has a merge conflict: take either side, then run "
        "`nixfetch-docker update` (or `nix run .#update-images`)",
        id="a merge conflict",
    ),
]


@pytest.mark.parametrize(("text", "message"), BAD_IMAGES)
def test_a_bad_images_toml_is_named_and_no_file_changes(
    text: str, message: str, project: Project
) -> None:
    project.images.write_text(text)
    project.lock.write_text("version = 1\n")
    _assert_refused(project, message)


@pytest.mark.parametrize(("text", "message"), BAD_LOCKS)
def test_a_bad_lock_is_named_and_no_file_changes(text: str, message: str, project: Project) -> None:
    project.images.write_text(f'[images.web]\nimage = "{HOST}/web:1"\n')
    project.lock.write_text(text)
    _assert_refused(project, message)


def _assert_refused(project: Project, message: str) -> None:
    before = {path: path.read_bytes() for path in project.directory.iterdir()}
    done = project.try_run("update")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"nixfetch-docker: {message}\n"
    assert {path: path.read_bytes() for path in project.directory.iterdir()} == before


def test_without_an_images_toml_the_message_says_how_to_begin(project: Project) -> None:
    done = project.try_run("update")
    assert done.returncode == 1
    assert done.stderr == (
        "nixfetch-docker: images.toml: there is no such file; "
        "`nixfetch-docker init` writes one; or name yours with --file\n"
    )
    assert list(project.directory.iterdir()) == []


def test_an_unknown_name_is_wrong_usage(project: Project) -> None:
    project.images.write_text(f'[images.web]\nimage = "{HOST}/web:1"\n')
    done = project.try_run("update", "wbe")
    assert done.returncode == 2
    assert (
        done.stderr
        == "nixfetch-docker: no image is named 'wbe'; did you mean web? choose from web\n"
    )


def test_a_registry_that_is_not_there_is_named(project: Project) -> None:
    host = f"127.0.0.1:{free_port()}"
    project.images.write_text(f'[images.web]\nimage = "{host}/web:1"\n')
    done = project.try_run("update")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        f"nixfetch-docker: web: {host}/web:1: "
        "cannot connect ([Errno 111] Connection refused); "
        "is the registry's name right, and is it up?"
    )
    assert not project.lock.exists()


def test_a_registry_without_tls_is_told_apart(registry: Registry, project: Project) -> None:
    project.images.write_text(f"""
        [images.web]
        image = "{registry.host}/web:1"
        [registries."{registry.host}"]
        plain-http = false
    """)
    done = project.try_run("update")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        f"nixfetch-docker: web: {registry.host}/web:1: "
        f"it does not speak TLS; if plain HTTP "
        f'is meant, set plain-http = true under [registries."{registry.host}"]'
    )


def test_a_platform_that_the_image_lacks_is_an_error_that_lists_those_it_has(
    registry: Registry, project: Project
) -> None:
    arm = oci.image(oci.layer({"a": b"a"}), platform="linux/arm/v7")
    registry.push("web:1", ONE, arm)
    project.images.write_text(
        f'[images.web]\nimage = "{registry.host}/web:1"\nplatforms = ["linux/s390x"]\n'
    )
    assert project.try_run("update").stderr.splitlines()[0] == (
        f"nixfetch-docker: web: {registry.host}/web:1: there is no image for linux/s390x; "
        "choose from linux/amd64, linux/arm/v7, by platforms = […] in images.toml or "
        "`add --platform`"
    )


def test_show_tells_what_is_locked_and_shared(registry: Registry, project: Project) -> None:
    base = oci.layer({"base": b"b" * 3000}, "none")
    images = [oci.image(base, oci.layer({"own": bytes([n]) * 2000}, "none")) for n in range(2)]
    for n, image in enumerate(images):
        registry.push(f"image-{n}:1", image)
    project.update(
        "[images]\n"
        + "\n".join(
            f'image-{n}.image = "{registry.host}/image-{n}:1"' for n, _ in enumerate(images)
        )
    )
    done = project.try_run("show")
    assert done.returncode == 0
    size = f"{images[0].size / 1000:.1f} kB"
    *rows, total = done.stdout.splitlines()
    shared = f"{len(base.data) / 1000:.1f}"
    assert [line.split() for line in rows] == [
        ["IMAGE", "TAG", "PLATFORM", "LAYERS", "SIZE", "SHARED"],
        *(
            [f"image-{n}", "1", "linux/amd64", "2", *size.split(), shared, "kB"]
            for n, _ in enumerate(images)
        ),
    ]
    both = sum(image.size for image in images)
    assert total == (
        f"linux/amd64: 2 images, {both / 1000:.1f} kB; {(both - len(base.data)) / 1000:.1f} kB "
        "with shared layers once"
    )
    assert done.stderr == ""


def test_fetch_blob_leaves_no_file_for_wrong_bytes(
    registry: Registry, project: Project, tmp_path: Path
) -> None:
    registry.push("web:1", ONE)
    digest = oci.digest(ONE.layers[0].data)
    size = str(len(ONE.layers[0].data))
    target = tmp_path / "target"
    fetch = ["fetch-blob", f"{registry.host}/web", digest, "--size", size, "-o", str(target / "b")]
    target.mkdir()
    project.run(*fetch)
    assert (target / "b").read_bytes() == ONE.layers[0].data
    (target / "b").unlink()

    registry.blob_file(digest).write_bytes(ONE.layers[0].data[:-1])
    done = project.try_run(*fetch)
    assert done.returncode == 1
    assert done.stderr == (
        f"nixfetch-docker: GET http://{registry.host}/v2/web/blobs/{digest}: "
        f"{int(size) - 1} of the {size} bytes of {digest} came; "
        "the registry, or something on the way, sends wrong bytes\n"
    )
    assert list(target.iterdir()) == []
