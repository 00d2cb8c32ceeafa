from __future__ import annotations

import pytest

from nixfetch_docker.imports.document import find_images

BY_HAND = "add the image to images.toml yourself"


@pytest.mark.parametrize(
    ("suffix", "text", "images"),
    [
        pytest.param(
            ".container",
            "[Unit]\nDescription=x\n[Container]\nImage=ghcr.io/x/web:1\nExec=a\n",
            [("", "ghcr.io/x/web:1", None)],
            id="container",
        ),
        pytest.param(
            ".image",
            "# a comment\n[Image]\nImage = docker://redis:7\nArch=arm64\n",
            [("", "redis:7", "linux/arm64")],
            id="image",
        ),
        pytest.param(
            "",
            "[Container]\nContainerName=shop\nImage=web\n",
            [("shop", "web:latest", None)],
            id="by its content",
        ),
        pytest.param(
            ".container",
            "[Container]\nExec=a \\\n  # between\n  Image=no:1\nImage=one:1\nImage=two:2\n",
            [("", "two:2", None)],
            id="lines that go on, and the last of two",
        ),
        pytest.param(".container", "[Service]\nImage=a:1\n", [], id="another section"),
        pytest.param(
            ".container", "[Container]\nContainerName=%p\nImage=a:1\n", [("", "a:1", None)], id="%"
        ),
    ],
)
def test_the_image_of_a_file_of_quadlet(
    suffix: str, text: str, images: list[tuple[str, str, str | None]]
) -> None:
    findings = find_images(text, place="FILE", suffix=suffix)
    assert findings.problems == []
    assert images == [
        (one.name, one.reference.familiar, None if one.platform is None else str(one.platform))
        for one in findings.images
    ]


@pytest.mark.parametrize(
    ("image", "message"),
    [
        pytest.param(
            "web:%i", f"'web:%i' is completed by systemd when it starts; {BY_HAND}", id="specifier"
        ),
        pytest.param(
            "web:${TAG}",
            f"'web:${{TAG}}' is completed by systemd when it starts; {BY_HAND}",
            id="variable",
        ),
        pytest.param("Web:1", "'Web:1' has upper case in its repository", id="no reference"),
        pytest.param(
            "localhost/web",
            "localhost/web:latest is podman's name for an image that was built on this machine",
            id="built here",
        ),
    ],
)
def test_an_image_that_is_not_written_down_is_a_problem(image: str, message: str) -> None:
    findings = find_images(f"[Container]\nImage={image}\n", place="F", suffix=".container")
    assert findings.images == []
    (problem,) = findings.problems
    assert str(problem).startswith(f"F: line 2: {message}")


@pytest.mark.parametrize("image", ["web.image", "web.build", "docker-archive:/web.tar", "/web"])
def test_an_image_that_is_not_pulled_is_left_out(image: str) -> None:
    findings = find_images(f"[Container]\nImage={image}\n", place="F", suffix=".container")
    assert (findings.images, findings.problems) == ([], [])
    assert findings.left_out == [f"F: line 2: '{image}' is not pulled from a registry"]


@pytest.mark.parametrize(
    ("suffix", "text", "message"),
    [
        pytest.param(
            ".kube",
            "[Kube]\nYaml=shop.yaml\n",
            "F: line 2: its containers are in 'shop.yaml'; import that file",
            id="kube",
        ),
        pytest.param(
            "",
            "[Kube]\nYaml=shop.yaml\n",
            "F: line 2: its containers are in 'shop.yaml'; import that file",
            id="by its content",
        ),
        pytest.param(
            ".pod",
            "[Pod]\nPodmanArgs=--infra-image=quay.io/a/pause:3\n",
            "F: line 2: 'quay.io/a/pause:3' looks like an image, and nothing says what it is for; "
            "add it by `nixfetch-docker add`, if it is one",
            id="pod",
        ),
        pytest.param(
            ".container",
            "[Container]\nRootfs=/x\nMount=type=image,source=quay.io/a/b:1,destination=/x\n",
            "F: line 3: 'quay.io/a/b:1' looks like an image, and nothing says what it is for; "
            "add it by `nixfetch-docker add`, if it is one",
            id="mount",
        ),
        pytest.param(
            ".container",
            "[Container]\nRootfs=/x\n[Service]\nExecStartPre=/usr/bin/podman pull quay.io/a/b:1\n",
            "F: line 4: `podman pull` takes 'quay.io/a/b:1', which is left out; "
            "add the image to images.toml yourself",
            id="command",
        ),
        pytest.param(
            "",
            "[Service]\nExecStart=/usr/bin/docker run --rm redis:7\n",
            "F: line 2: `docker run` takes 'redis:7', which is left out; "
            "add the image to images.toml yourself",
            id="another unit of systemd",
        ),
    ],
)
def test_images_elsewhere_in_units_are_told(suffix: str, text: str, message: str) -> None:
    findings = find_images(text, place="F", suffix=suffix)
    assert [str(problem) for problem in findings.problems] == [message]


def test_an_image_that_is_taken_is_not_told_again() -> None:
    text = "[Container]\nImage=quay.io/a/b:1\n[Service]\nExecStartPre=podman pull quay.io/a/b:1\n"
    findings = find_images(text, place="F", suffix=".container")
    assert (len(findings.images), findings.problems) == (1, [])


def test_a_build_is_left_out() -> None:
    findings = find_images("[Build]\nImageTag=localhost/a\n", place="F", suffix=".build")
    assert (findings.problems, findings.left_out) == (
        [],
        ["F: line 2: 'localhost/a' is built here"],
    )
