"""`add` and `check`; `--quiet`, `--verbose` and progress; many images, and Ctrl-C."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
import tomli
from support import oci
from support.command import PROGRAM, Project
from support.faults.answers import headers
from support.faults.registry import faults
from support.private import PASSWORD, USER, private_registry
from support.registry import Registry

IMAGE = oci.image(oci.layer({"a": b"a"}))
LINE = f"(linux/amd64: 1 layer, {IMAGE.size} B)\n"


@pytest.mark.parametrize(
    ("before", "gap"),
    [
        pytest.param(None, "", id="no file"),
        pytest.param("", "", id="empty"),
        pytest.param("# mine\n[images]\n  odd . image='HOST/odd:1'  # so\n", "\n", id="others"),
        pytest.param('[images.odd]\nimage = "HOST/odd:1"', "\n\n", id="no newline at the end"),
    ],
)
def test_an_image_is_appended_and_locked(
    before: str | None, gap: str, registry: Registry, project: Project
) -> None:
    registry.push("acme/web:1", IMAGE)
    text = (before or "").replace("HOST", registry.host)
    if before is not None:
        project.images.write_text(text)
    added = project.run("add", f"{registry.host}/acme/web:1")
    assert added == f"web: added 1 {IMAGE.digest[:19]} {LINE}"
    assert project.images.read_text() == (
        f'{text}{gap}[images.web]\nimage = "{registry.host}/acme/web:1"\n'
    )
    assert list(tomli.loads(project.lock.read_text())["images"]) == ["web"]


def test_an_image_is_added_as_it_is_asked_for(registry: Registry, project: Project) -> None:
    registry.push("acme/web:1.2.0", IMAGE)
    options = ["--name", "my-web", "--version", "^1", "--platform", "linux/amd64"]
    project.run("add", f"{registry.host}/acme/web", *options)
    assert tomli.loads(project.images.read_text()) == {
        "images": {
            "my-web": {
                "image": f"{registry.host}/acme/web",
                "version": "^1",
                "platforms": ["linux/amd64"],
            }
        }
    }
    assert project.run("update", "--check") == ""
    assert 'tag = "1.2.0"' in project.lock.read_text()


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        pytest.param(
            ["HOST/web:1"], 2, "an image is named 'web' already; give another --name", id="twice"
        ),
        pytest.param(
            ["HOST/nope:1"],
            1,
            "HOST/nope:1: there is no repository nope; is its name right? If it is private, log in "
            "with docker login or podman login",
            id="missing",
        ),
        pytest.param(
            ["HOST/x:1", "--name", "a b"],
            2,
            "--name: 'a b' cannot name an image; use letters, digits, '_', '-', "
            "'.' and '+', and start with a letter, a digit or '_'",
            id="bad name",
        ),
    ],
)
def test_a_failed_addition_changes_nothing(
    arguments: list[str], status: int, message: str, registry: Registry, project: Project
) -> None:
    registry.push("web:1", IMAGE)
    project.update(f'[images.web]\nimage = "{registry.host}/web:1"\n')
    before = project.images.read_text(), project.lock.read_text()
    failed = project.try_run("add", *(one.replace("HOST", registry.host) for one in arguments))
    assert failed.returncode == status
    assert failed.stdout == ""
    expected = message.replace("HOST", registry.host)
    assert failed.stderr.replace('"', "'") == f"nixfetch-docker: {expected}\n"
    assert (project.images.read_text(), project.lock.read_text()) == before


def test_check_names_the_blobs_that_a_registry_lacks(registry: Registry, project: Project) -> None:
    registry.push("web:1", IMAGE)
    registry.push("other:1", oci.image(oci.layer({"b": b"b"})))
    project.update(f"""
        [images]
        web.image = "{registry.host}/web:1"
        other.image = "{registry.host}/other:1"
    """)
    before = len(registry.asked())
    assert project.run("check") == "other: 3 blobs, all there\nweb: 3 blobs, all there\n"
    assert all(line.startswith("HEAD ") for line in registry.asked()[before:])

    with project.images.open("a") as file:
        file.write(f'new.image = "{registry.host}/web:1"\n')
    done = project.try_run("check")
    assert (done.returncode, len(done.stdout.splitlines())) == (0, 2)
    assert done.stderr == "new is not locked yet; run `nixfetch-docker lock` to pin it\n"
    refused = project.try_run("check", "web", "new")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == f"nixfetch-docker: {done.stderr}"

    layer = oci.digest(IMAGE.layers[0].data)
    registry.blob_file(layer).unlink()
    failed = project.try_run("check")
    assert failed.returncode == 1
    assert failed.stdout == (
        f"other: 3 blobs, all there\nweb: 1 blob of 3 gone from {registry.host}/web: {layer}\n"
    )


def test_verbose_prints_every_request_and_no_secret(project: Project, tmp_path: Path) -> None:
    with private_registry("tokens", tmp_path / "private") as registry:
        registry.push("web:1", IMAGE)
        project.log_in(registry.host, USER, PASSWORD)
        project.images.write_text(f'[images.web]\nimage = "{registry.host}/web:1"\n')
        done = project.try_run("update", "--verbose")
    assert done.returncode == 0
    told = done.stderr.splitlines()
    assert f"GET http://{registry.host}/v2/web/manifests/1 answered 401, " in told[0]
    assert "/token answered 200, " in told[1]
    assert f"GET http://{registry.host}/v2/web/manifests/1 answered 200, " in told[2]
    assert PASSWORD not in done.stderr


def test_quiet_prints_results_alone(registry: Registry, project: Project) -> None:
    registry.push("web:1", IMAGE)
    project.images.write_text(f'[images.web]\nimage = "{registry.host}/web:1"\n')
    done = project.try_run("update", "--quiet")
    assert (done.stdout, done.stderr) == (f"web: added 1 {IMAGE.digest[:19]} {LINE}", "")


def test_a_terminal_shows_how_many_images_are_done(registry: Registry, project: Project) -> None:
    registry.push("web:1", IMAGE)
    project.images.write_text(f'[images.web]\nimage = "{registry.host}/web:1"\n')
    leader, follower = os.openpty()
    with subprocess.Popen(
        [str(PROGRAM), "update"],
        env={**project.env, "TERM": "xterm"},
        cwd=project.directory,
        stdout=subprocess.PIPE,
        stderr=follower,
    ) as process:
        os.close(follower)
        shown = ""
        # Linux says that nobody holds the other end any more by an error.
        with suppress(OSError), os.fdopen(leader, "rb", buffering=0) as terminal:
            while data := terminal.read(4096):
                shown += data.decode()
        stdout, _ = process.communicate()
    assert stdout.decode() == f"web: added 1 {IMAGE.digest[:19]} {LINE}"
    count, _, rest = shown.partition("\x1b[K")
    assert count.endswith("0 of 1 image")
    assert "\rimages.lock.toml written: " in rest


def test_a_rate_limit_is_told_once_few_requests_are_left(project: Project) -> None:
    with faults() as registry:
        registry.add("web:1", IMAGE)
        project.images.write_text(f'[images.web]\nimage = "{registry.host}/web:1"\n')
        for left, told in ((76, False), (9, True)):
            registry.script(
                "GET", "/manifests/1", headers({"RateLimit-Remaining": f"{left};w=21600"})
            )
            project.lock.unlink(missing_ok=True)
            done = project.try_run("update")
            note = "127.0.0.1 takes 9 more requests for now; log in for a higher limit\n"
            assert done.stderr.endswith(note) is told


def test_a_fleet_of_200_where_three_fail(project: Project) -> None:
    with faults() as registry:
        for n in range(200):
            if n % 80 != 7:
                registry.add(f"image-{n}:1", IMAGE)
        project.images.write_text(
            "[images]\n"
            + "".join(f'image-{n}.image = "{registry.host}/image-{n}:1"\n' for n in range(200))
        )
        done = project.try_run("update")
        assert done.returncode == 1
        failed = [line for line in done.stderr.splitlines() if line.startswith("nixfetch-docker: ")]
        assert [line.split(": ")[1] for line in failed] == ["image-7", "image-87", "image-167"]
        assert len(tomli.loads(project.lock.read_text())["images"]) == 197

        before = len(registry.requests)
        project.try_run("update")
        asked = [one.method for one in registry.requests[before:]]
        # Each that is missing costs one request more, to tell what is missing.
        assert (asked.count("HEAD"), asked.count("GET")) == (197, 6)
