from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from nixfetch_docker.imports.comparison import Comparison, compare
from nixfetch_docker.imports.document import find_images
from nixfetch_docker.imports.unpinned import unpinned
from nixfetch_docker.lockfile.images import Images

SCHEMA = Path(__file__).parents[3] / "docs/reference/import.schema.json"
D, E = (f"sha256:{letter * 64}" for letter in "ab")


def in_compose(*images: str, platform: str = "") -> str:
    """A compose file with services of these images."""
    of = {"platform": platform} if platform else {}
    services = {f"s{number}": {"image": image, **of} for number, image in enumerate(images)}
    return json.dumps({"services": services})


def requests(*entries: str) -> str:
    """An images.toml with these entries, each a reference or keys of TOML."""
    texts = [entry if "=" in entry else f'image = "{entry}"' for entry in entries]
    return "".join(f"[images.i{number}]\n{text}\n" for number, text in enumerate(texts))


def check(
    text: str, images: str, *, suffix: str = ".json", without_pins: bool = False
) -> Comparison:
    findings = find_images(text, place="F", suffix=suffix)
    if without_pins:
        findings = unpinned(findings)
    comparison = compare(findings, Images.parse(images), "images.toml")
    jsonschema.validate(comparison.document, json.loads(SCHEMA.read_text()))
    return comparison


def kinds(comparison: Comparison) -> list[tuple[str, str | None, str | None]]:
    documents = [one.document for one in comparison.differences]
    return [(one["kind"], one["image"], one["name"]) for one in documents]


SEVEN = 'image = "redis"\nversion = "^7"'


@pytest.mark.parametrize(
    ("image", "request_"),
    [
        pytest.param("redis:7", "redis:7", id="to the letter"),
        pytest.param("docker.io/library/redis:7", "redis:7", id="full name in the file"),
        pytest.param("redis:7", "index.docker.io/library/redis:7", id="full name in images.toml"),
        pytest.param("redis", "redis:latest", id="no tag in the file"),
        pytest.param("redis:latest", "redis", id="no tag in images.toml"),
        pytest.param(f"redis:7@{D}", f"redis:7@{D}", id="the same pin"),
        pytest.param(f"redis@{D}", f"redis:7@{D}", id="a tag beside the pin in images.toml"),
        pytest.param(f"redis:7@{D}", f"redis@{D}", id="a tag beside the pin in the file"),
        pytest.param("redis:7.4", SEVEN, id="a version"),
        pytest.param("redis:7", SEVEN, id="a version of one number"),
        pytest.param(
            "redis:7.4-alpine", 'image = "redis"\nversion = "^7-alpine"', id="a version and suffix"
        ),
        pytest.param(
            "redis:r-12",
            """image = "redis"\ntag-pattern = '^r-(?P<version>\\d+)$'""",
            id="a pattern",
        ),
        pytest.param("redis:7", 'image = "redis:7"\nfrozen = true', id="frozen"),
    ],
)
def test_a_request_has_the_image_of_a_file(image: str, request_: str) -> None:
    comparison = check(in_compose(image, image), requests(request_))
    assert (kinds(comparison), comparison.count, comparison.document["inStep"]) == ([], 1, True)


@pytest.mark.parametrize(
    ("image", "request_", "said"),
    [
        pytest.param("redis:7.2", "redis:7.4", "redis:7.2 is another one", id="tags"),
        pytest.param("redis:7.2", "redis", "redis:7.2 is another one", id="latest"),
        pytest.param("redis:8.0", SEVEN, 'image = "redis", version = "^7"', id="another version"),
        pytest.param("redis:7.4-alpine", SEVEN, "redis:7.4-alpine is", id="another suffix"),
        pytest.param("redis:latest", SEVEN, "redis:latest is another one", id="no version"),
        pytest.param(
            "redis:7.4", f'{SEVEN}\nignore = ["7.4"]', 'ignore = ["7.4"]', id="a tag ignored"
        ),
        pytest.param(
            f"redis:7@{D}",
            "redis:7",
            "with --unpin, tags alone are compared",
            id="pinned in the file",
        ),
        pytest.param(f"redis:7.4@{D}", SEVEN, "with --unpin, tags alone", id="pinned to a version"),
        pytest.param("redis:7", f"redis:7@{D}", f"redis:7@{D}", id="pinned in images.toml"),
        pytest.param(f"redis:7@{D}", f"redis:7@{E}", f"redis:7@{E}", id="two pins"),
        pytest.param(f"redis:7@{D}", f"redis:8@{D}", f"redis:8@{D}", id="two tags of one digest"),
    ],
)
def test_another_image_of_the_same_repository_is_told(image: str, request_: str, said: str) -> None:
    comparison = check(in_compose(image), requests(request_))
    assert [kind for kind, _, name in kinds(comparison) if name == "i0"] == ["different"]
    (difference,) = comparison.differences
    assert difference.text.startswith(
        f"F: services.s0: {image} is another one in images.toml: images.i0 has image = "
    )
    assert said in difference.text


@pytest.mark.parametrize(
    ("platform", "request_", "is_same"),
    [
        pytest.param("linux/arm64", "redis:7", True, id="one of the defaults"),
        pytest.param("linux/arm64/v8", "redis:7", True, id="normal form"),
        pytest.param("linux/s390x", "redis:7", False, id="none of the defaults"),
        pytest.param(
            "linux/s390x", 'image = "redis:7"\nplatforms = ["linux/s390x"]', True, id="named"
        ),
        pytest.param(
            "linux/arm64", 'image = "redis:7"\nplatforms = ["linux/amd64"]', False, id="not named"
        ),
        pytest.param("", 'image = "redis:7"\nplatforms = ["linux/s390x"]', True, id="no wish"),
    ],
)
def test_platforms_of_files_count(platform: str, request_: str, *, is_same: bool) -> None:
    comparison = check(in_compose("redis:7", platform=platform), requests(request_))
    assert kinds(comparison) == (
        [] if is_same else [("different", f"redis:7 for {platform}", "i0")]
    )


@pytest.mark.parametrize(
    ("images", "entries", "expected"),
    [
        pytest.param(["a:1"], [], [("missing", "a:1", None)], id="in the files alone"),
        pytest.param([], ["a:1"], [("extra", None, "i0")], id="in images.toml alone"),
        pytest.param([], [], [], id="nothing"),
        pytest.param(
            ["a:1", "r.example.org/a:1"],
            ["a:1"],
            [("missing", "r.example.org/a:1", None)],
            id="another registry",
        ),
        pytest.param(
            ["a:1", "a:2"], ["a:1"], [("missing", "a:2", None)], id="two tags, one of them there"
        ),
        pytest.param(
            ["a:1", "a:2", "a:4"],
            ["a:1", "a:3"],
            [("different", "a:2", "i1"), ("missing", "a:4", None)],
            id="one other of three",
        ),
        pytest.param(
            ["redis:7.4"],
            ["redis:7.4", SEVEN],
            [("extra", None, "i1")],
            id="the tag itself before versions",
        ),
        pytest.param(["redis:7.4", "redis:7.2"], ["redis:7.4", SEVEN], [], id="both have one"),
        pytest.param(["redis:7.4", "redis:7.2"], [SEVEN], [], id="two of one version"),
    ],
)
def test_what_only_one_side_has_is_told(
    images: list[str], entries: list[str], expected: list[tuple[str, str | None, str | None]]
) -> None:
    assert kinds(check(in_compose(*images), requests(*entries))) == expected


def test_the_name_of_a_container_chooses_among_others_of_a_repository() -> None:
    images = '[images.a]\nimage = "x:1"\n[images.s0]\nimage = "x:2"\n'
    comparison = check(in_compose("x:3"), images)
    assert kinds(comparison) == [("different", "x:3", "s0"), ("extra", None, "a")]


@pytest.mark.parametrize(
    ("image", "request_"),
    [
        pytest.param(f"redis:7@{D}", "redis:7", id="tag"),
        pytest.param(f"redis:7.4@{D}", SEVEN, id="version"),
        pytest.param(f"redis@{D}", f"redis@{D}", id="no tag"),
    ],
)
def test_without_pins_tags_alone_are_compared(image: str, request_: str) -> None:
    comparison = check(in_compose(image), requests(request_), without_pins=True)
    assert (kinds(comparison), comparison.problems) == ([], [])


def test_a_tag_that_only_a_default_names_is_that_of_images_toml() -> None:
    pulled = json.dumps({"imageName": "redis", "imageDigest": D})
    for without_pins in (False, True):
        comparison = check(pulled, requests(f"redis:7@{D}"), without_pins=without_pins)
        assert (kinds(comparison), comparison.problems) == ([], [])


MANIFEST = "{kind: Db, apiVersion: v1, spec: {image: 'postgres:16'}}"
OTHER_NIX = '{ x.package = "ghcr.io/acme/web:1"; }'


@pytest.mark.parametrize(
    ("suffix", "text", "image"),
    [
        pytest.param(".yml", MANIFEST, "postgres:16", id="Kubernetes"),
        pytest.param(".nix", OTHER_NIX, "ghcr.io/acme/web:1", id="Nix"),
        pytest.param(".nix", '{ x.image = "redis"; }', "redis", id="a bare name"),
        pytest.param(".nix", '{ x = "docker run --rm redis:7"; }', "redis:7", id="a command"),
        pytest.param(".nix", '{ x = "a --img=ghcr.io/a/b:1"; }', "ghcr.io/a/b:1", id="a word"),
        pytest.param(
            ".yml",
            "services: {a: {build: ., environment: {X: 'ghcr.io/a/b:1'}}}",
            "ghcr.io/a/b:1",
            id="a variable of compose",
        ),
        pytest.param(
            ".yml", "services: {a: {image: 'a:1', build: .}}", "a:1", id="built and in a registry"
        ),
        pytest.param(
            ".json",
            '{"Job": {"TaskGroups": [{"Tasks": [{"Meta": {"image": "redis:7"}}]}]}}',
            "redis:7",
            id="Nomad",
        ),
    ],
)
def test_a_told_image_that_a_person_has_added_is_in_step(
    suffix: str, text: str, image: str
) -> None:
    comparison = check(text, requests(image), suffix=suffix)
    assert comparison.document["inStep"] is True
    assert comparison.count == 1


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        pytest.param(".yml", MANIFEST, id="Kubernetes"),
        pytest.param(".nix", OTHER_NIX, id="Nix"),
        pytest.param(
            ".nix", "{t}: { oci-containers.containers.a.image = t.image; }", id="computed"
        ),
        pytest.param(".yml", "services: {a: {image: 'a:$TAG'}}", id="variable"),
        pytest.param(".nix", "{", id="not Nix"),
    ],
)
def test_where_an_image_is_not_known_nothing_is_in_step_for_certain(suffix: str, text: str) -> None:
    comparison = check(text, "", suffix=suffix)
    assert comparison.problems
    assert kinds(comparison) == []
    assert comparison.document["inStep"] is False
    other = check(text, requests("gone:1"), suffix=suffix)
    assert [one.text for one in other.differences] == [
        "images.toml: images.i0: gone:1 is in none of the files, as far as they could be read"
    ]


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        pytest.param(".yml", "services: {a: {image: 'a:1', build: .}}", id="built"),
        pytest.param(".yml", "services: {a: {build: .}}", id="built without a name"),
        pytest.param(".yml", "services: {a: {image: 'localhost/a'}}", id="local"),
        pytest.param(
            ".json",
            '{"Job": {"Tasks": [{"Config": {"image": "a", "load": "a.tar"}}]}}',
            id="loaded by Nomad",
        ),
        pytest.param(
            ".nix",
            '{ oci-containers.containers.a = { image = "a:1"; imageFile = ./a.tar; }; }',
            id="loaded by NixOS",
        ),
    ],
)
def test_an_image_that_is_made_here_belongs_to_no_images_toml(suffix: str, text: str) -> None:
    comparison = check(text, "", suffix=suffix)
    assert comparison.document["inStep"] is True
    assert len(comparison.notes) == 1


def test_an_image_in_a_file_is_not_compared() -> None:
    comparison = check(in_compose(), requests("oci:./app"))
    assert comparison.document["inStep"] is True
    assert comparison.notes == [
        "images.toml: images.i0: oci:./app is an image in a file, so it is not compared"
    ]


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        pytest.param(".nix", f'{{ {option}.containers.web.locked = "i0"; }}', id=option)
        for option in ("virtualisation.oci-containers", "virtualisation.quadlet", "services.podman")
    ]
    + [
        pytest.param(".nix", text, id=text)
        for text in (
            '{ oci-containers.containers = { web = { ports = [ ]; locked = "i0"; }; }; }',
            '{ oci-containers.containers = lib.genAttrs [ "i0" ] (name: { locked = name; }); }',
            'let n = "i0"; in { oci-containers.containers.web.locked = n; }',
            "{ images }: { services.k3s.images = [ images.i0.archive ]; }",
            "{ x.imageStream = config.virtualisation.dockerImages.images.i0.stream; }",
        )
    ]
    + [
        pytest.param(
            ".json", '{"web": {"image": "docker.io/library/x:7", "locked": "i0"}}', id="evaluated"
        )
    ],
)
def test_a_name_that_a_file_uses_already_is_in_step(suffix: str, text: str) -> None:
    comparison = check(text, requests("redis:7"), suffix=suffix)
    assert kinds(comparison) == []
    assert [kind for kind, *_ in kinds(check("{ }", requests("redis:7"), suffix=".nix"))] == [
        "extra"
    ]


def test_a_locked_name_that_is_not_there_is_told() -> None:
    text = '{ oci-containers.containers.web.locked = "wbe"; x = images.other.y; }'
    comparison = check(text, requests("web:1"), suffix=".nix")
    assert [one.text for one in comparison.differences] == [
        "F: line 1: `locked` has 'wbe', which is not in images.toml",
        "images.toml: images.i0: web:1 is in none of the files",
    ]
    assert kinds(comparison)[0] == ("missing", None, "wbe")
