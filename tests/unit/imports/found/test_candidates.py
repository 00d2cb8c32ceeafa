from __future__ import annotations

import pytest

from nixfetch_docker.imports.found.candidates import candidate, tell_candidates


@pytest.mark.parametrize(
    ("text", "is_one", "is_one_if_named"),
    [
        ("ghcr.io/acme/web:1", True, True),
        ("ghcr.io/acme/web@sha256:" + "a" * 64, True, True),
        ("acme/web:1", False, True),
        ("redis", False, False),
        ("ghcr.io/acme/web", False, False),
        ("https://ghcr.io/acme/web:1", False, False),
        ("ghcr.io/acme/web:1 ", False, False),
        ("ghcr.io/" + "a" * 300 + ":1", False, False),
    ],
)
def test_a_text_may_be_an_image(text: str, is_one: bool, is_one_if_named: bool) -> None:
    assert (candidate(text, is_named=False) is not None) == is_one
    assert (candidate(text, is_named=True) is not None) == is_one_if_named


@pytest.mark.parametrize("text", ["docker://redis:7", "docker://ghcr.io/a/b:1"])
def test_the_transport_of_registries_names_an_image(text: str) -> None:
    assert candidate(text) is not None


def test_a_named_text_needs_no_host() -> None:
    assert str(candidate("redis:7", is_named=True)) == "docker.io/library/redis:7"
    assert candidate("redis", is_named=True) is None


LOOKS = "looks like an image, and nothing says what it is for"
HAS = "which is left out"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        pytest.param("--img=ghcr.io/a/b:1 -x", [f"'ghcr.io/a/b:1' {LOOKS}"], id="option"),
        pytest.param(
            "a:docker://node:20,b:docker://ghcr.io/c/c:1",
            [f"'node:20' {LOOKS}", f"'ghcr.io/c/c:1' {LOOKS}"],
            id="labels of a runner",
        ),
        pytest.param("see ghcr.io/a/b:1.", [f"'ghcr.io/a/b:1' {LOOKS}"], id="a sentence"),
        pytest.param("ghcr.io/a/b:1 ghcr.io/a/b:1", [f"'ghcr.io/a/b:1' {LOOKS}"], id="twice"),
        pytest.param(
            "x=ghcr.io/a/b:${TAG} y=quay.io/c@$D",
            [
                "'ghcr.io/a/b:' begins an image whose name is computed",
                "'quay.io/c@' begins an image whose name is computed",
            ],
            id="a computed tag",
        ),
        pytest.param(
            "services:\n  a:\n    image: nginx\n  - image: 'b:1' # c\n    image: \"c:2\"\n",
            [f"a text has the image '{name}', {HAS}" for name in ("nginx:latest", "b:1", "c:2")],
            id="YAML",
        ),
        pytest.param(
            "image: a:${T}\nimage: {{ x }}\n",
            ["a text has an image whose name is computed"],
            id="YAML with variables",
        ),
        pytest.param(
            "image:\n  repository: a\n  tag: 1\n",
            ["a text has values that a chart makes an image of"],
            id="values of a chart",
        ),
        pytest.param(
            "image: ghcr.io/a/b:1", [f"a text has the image 'ghcr.io/a/b:1', {HAS}"], id="both"
        ),
        pytest.param("kubectl debug --image=busybox:1", [f"'busybox:1' {LOOKS}"], id="image="),
        pytest.param(
            '{image: nginx} [{"x": 1, "image":"b:1"}]',
            [f"a text has the image '{name}', {HAS}" for name in ("nginx:latest", "b:1")],
            id="in braces, and JSON",
        ),
        pytest.param("a { background-image: url(x.png) }", [], id="CSS"),
        pytest.param("a.b/c:ro d.e/f:Z", [], id="mounts"),
        pytest.param("image: # none\nthe image: Big one\n", [], id="prose"),
        pytest.param("http://a.b/c:1 Host(`a.b.c`) && x:1", [], id="addresses"),
    ],
)
def test_images_in_a_text_are_told(text: str, told: list[str]) -> None:
    assert [error.what for error in tell_candidates(text, ())] == told


def test_what_is_known_is_not_told() -> None:
    text = "image: redis:7\nghcr.io/a/b:1"
    assert list(tell_candidates(text, {"docker.io/library/redis:7", "ghcr.io/a/b:1"})) == []


def test_a_named_text_may_be_an_image_as_a_whole() -> None:
    (error,) = tell_candidates("redis:7", (), is_named=True)
    assert error.what == f"'redis:7' {LOOKS}"
    assert list(tell_candidates("redis 7", (), is_named=True)) == []
