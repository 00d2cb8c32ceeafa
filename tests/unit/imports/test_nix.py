from __future__ import annotations

import pytest

from nixfetch_docker.imports.found import FoundImage
from nixfetch_docker.imports.nix import find_in_nix
from nixfetch_docker.oci.digest import Digest

D1, D2 = (f"sha256:{letter * 64}" for letter in "ab")
ADD_IT = "add the image to images.toml yourself"
NOT_HERE = "line 1: the argument of pullImage is not in this file; import the file that defines it"


def short(text: object) -> str:
    """`text` with D1 and D2 for these digests."""
    return str(text).replace(D1, "D1").replace(D2, "D2")


def found(text: str) -> list[FoundImage]:
    findings = find_in_nix(text.replace("D1", D1).replace("D2", D2))
    assert findings.problems == []
    return findings.images


def references(text: str) -> dict[str, str]:
    return {image.name: short(image.reference.familiar) for image in found(text)}


def test_a_call_of_pull_image_is_an_image() -> None:
    text = """
    dockerTools.pullImage {
      imageName = "ghcr.io/acme/web"; imageDigest = "D1"; sha256 = lib.fakeSha256;
      os = "linux"; arch = "arm64"; finalImageName = "web"; finalImageTag = "1";
    }"""
    (image,) = found(text)
    assert (image.name, short(image.reference)) == ("web", "ghcr.io/acme/web:1@D1")
    assert (image.place, str(image.platform)) == ("line 2", "linux/arm64")
    assert image.remark == ("it was loaded as web; image.override { name = …; } does that in Nix")


@pytest.mark.parametrize(
    ("text", "images"),
    [
        pytest.param(
            'lib.mapAttrs (_: pullImage) { web = { imageName = "a"; imageDigest = "D1"; }; }',
            {"a": "a:latest@D1"},
            id="pullImage mapped over sets",
        ),
        pytest.param(
            'map pullImage [ { imageName = "a"; imageDigest = "D1"; } ]',
            {"a": "a:latest@D1"},
            id="pullImage mapped over a list",
        ),
        pytest.param(
            """let name = "a"; v = "7"; x.pin = {
              imageName = name; imageDigest = "D1"; finalImageTag = "${v}-alpine"; };
            in pullImage x.pin""",
            {"a": "a:7-alpine@D1"},
            id="arguments bound to a name",
        ),
        pytest.param(
            'let web = { imageName = "a"; imageDigest = "D1"; }; in pullImage web // { b = c; }',
            {"a": "a:latest@D1"},
            id="arguments that are merged with others",
        ),
        pytest.param(
            '{ imageName = "a"; imageDigest = "D1"; sha256 = "0"; finalImageTag = "1"; }',
            {"a": "a:1@D1"},
            id="output of nix-prefetch-docker",
        ),
        pytest.param(
            '{ # pullImage { imageName = "a"; }\n b = "pullImage { imageName = 1; }"; }',
            {},
            id="comments and strings",
        ),
        pytest.param(
            '{ inherit (dockerTools) pullImage buildImage; containers.a.image = "a:1"; }',
            {"a": "a:1"},
            id="inherited pullImage",
        ),
    ],
)
def test_pull_image_in_every_form(text: str, images: dict[str, str]) -> None:
    assert references(text) == images


@pytest.mark.parametrize(
    ("text", "images"),
    [
        pytest.param('{ containers.a.image = "a:1"; }', {"a": "a:1"}, id="path"),
        pytest.param('{ containers = { a = { image = "a"; }; }; }', {"a": "a:latest"}, id="sets"),
        pytest.param(
            '{ containers."the site".image = "nginx"; }', {"the site": "nginx:latest"}, id="quoted"
        ),
        pytest.param(
            '{ containers.a = lib.mkIf b { image = "a:1"; }; }', {"a": "a:1"}, id="conditional"
        ),
        pytest.param(
            '{ containers.a.image = lib.mkDefault "a:1"; containers.b.image = mkForce "b:1"; }',
            {"a": "a:1", "b": "b:1"},
            id="priorities",
        ),
        pytest.param(
            'let image = "a:1"; in { containers.a = { inherit image; }; }',
            {"a": "a:1"},
            id="inherited",
        ),
        pytest.param(
            '{ containers.a = let i = "a"; t = "1"; in { image = "${i}:${t}"; }; }',
            {"a": "a:1"},
            id="let in a container",
        ),
        pytest.param(
            '{ containers.a = { image = "mine:1"; imageFile = x; }; }', {}, id="loaded from a file"
        ),
        pytest.param(
            '{ containers.a = { inherit imageStream; image = "mine:1"; }; }',
            {},
            id="loaded from an inherited stream",
        ),
        pytest.param(
            '{ containers.${n} = { image = "${n}:1"; imageFile = pullImage x; }; x = { '
            'imageName = "a"; imageDigest = "D1"; }; }',
            {"a": "a:latest@D1"},
            id="loaded from what pullImage pulls",
        ),
        pytest.param(
            '{ containers.a.image = { repository = "x"; tag = "1"; }; }', {}, id="a set, no text"
        ),
        pytest.param("{ options.containers.a.image = mkOption { }; }", {}, id="an option"),
        pytest.param(
            '{ containers.a.environment.image = "a"; image = "b"; }', {}, id="another attribute"
        ),
    ],
)
def test_containers_of_nixos(text: str, images: dict[str, str]) -> None:
    assert references(text) == images


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            'pullImage { imageName = "b-${tag}"; imageDigest = "D1"; }',
            f"line 1: its imageName is not a string in this file; {ADD_IT}",
            id="computed name",
        ),
        pytest.param(
            'pullImage { imageName = "c"; imageDigest = lib.fakeHash; }',
            f"line 1: c: its imageDigest is not a string in this file; {ADD_IT}",
            id="computed digest",
        ),
        pytest.param("pullImage (lib.importJSON ./redis.json)", NOT_HERE, id="import"),
        pytest.param("pullImage pinned.elsewhere", NOT_HERE, id="unknown name"),
        pytest.param("map pullImage [ (import ./a.nix) ]", NOT_HERE, id="list of imports"),
        pytest.param(
            'pullImage ({ imageName = "a"; } // { imageDigest = "D1"; })', NOT_HERE, id="merged"
        ),
        pytest.param(
            '{ containers.mail.image = "mail:${config.version}"; }',
            f"line 1: the image of 'mail' is not a string in this file; {ADD_IT}",
            id="computed image of a container",
        ),
        pytest.param(
            'let v = "7"; in map (v: { containers.a.image = "a:${v}"; }) [ "6" ]',
            f"line 1: the image of 'a' is not a string in this file; {ADD_IT}",
            id="parameter of a function",
        ),
        pytest.param(
            'let v = "7"; in { v, w ? { }, ... }@args: { containers.a.image = "a:${v}"; }',
            f"line 1: the image of 'a' is not a string in this file; {ADD_IT}",
            id="named parameter of a function",
        ),
        pytest.param(
            '{ containers."a\nb".image = tag; }',
            f"line 1: the image of 'a\\nb' is not a string in this file; {ADD_IT}",
            id="name with a newline",
        ),
        pytest.param(
            '{ containers.a.image = "localhost/a"; }',
            "line 1: localhost/a:latest is podman's name for an image that was built on this "
            "machine; push it to a registry, or build it with Nix",
            id="built on this machine",
        ),
    ],
)
def test_an_image_that_cannot_be_imported_is_a_problem(text: str, message: str) -> None:
    findings = find_in_nix(text.replace("D1", D1))
    assert findings.images == []
    assert [str(problem) for problem in findings.problems] == [message]


@pytest.mark.parametrize(
    ("argument", "reference"),
    [("finalImageTag", "a@D1"), ("arch", "a:latest@D1")],
)
def test_a_computed_tag_or_architecture_is_left_out_with_a_remark(
    argument: str, reference: str
) -> None:
    (image,) = found(f'pullImage {{ imageName = "a"; imageDigest = "D1"; {argument} = "v" + x; }}')
    assert (short(image.reference.familiar), image.platform) == (reference, None)
    assert image.remark == f"its {argument} is not a string in this file; add it yourself"


# The sha256 of nothing, which is both of these in Nix.
HEX = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
BASE32 = "0mdqa9w1p6cmli6976v4wi0sw9r4p5prkj7lzfd1877wk11c9c73"


def fetchdocker(sha256: str, registry: str = "https://registry-1.docker.io/v2/") -> str:
    return f"""
    fetchdocker rec {{
      registry = "{registry}"; repository = "acme"; imageName = "web"; tag = "1";
      imageConfig = fetchDockerConfig {{ inherit tag registry repository imageName; {sha256} }};
      imageLayers = [ ];
    }}"""


@pytest.mark.parametrize("sha256", [BASE32, HEX, f"sha256:{HEX}", f"sha256:{BASE32}"])
def test_an_expression_of_docker2nix_is_pinned_by_its_config(sha256: str) -> None:
    (image,) = found(fetchdocker(f'sha256 = "{sha256}";'))
    assert image.config == Digest.of(b"")
    assert (image.name, image.reference.repository, image.reference.tag) == ("web", "acme/web", "1")
    assert not image.plain_http


def test_an_expression_of_docker2nix_may_use_plain_http() -> None:
    (image,) = found(fetchdocker(f'sha256 = "{HEX}";', "http://registry.lab:5000/v2/"))
    assert (image.reference.registry, image.plain_http) == ("registry.lab:5000", True)


@pytest.mark.parametrize(
    ("sha256", "message"),
    [
        pytest.param("", f"its imageConfig has no sha256 in this file; {ADD_IT}", id="missing"),
        pytest.param(
            'sha256 = "abc";',
            "'sha256:abc' is not a digest; ",
            id="no sha256",
        ),
        pytest.param(
            f'sha256 = "{"e" * 52}";',
            f"'sha256:{'e' * 52}' is not a digest; ",
            id="not base 32",
        ),
    ],
)
def test_an_expression_of_docker2nix_needs_its_configs_hash(sha256: str, message: str) -> None:
    findings = find_in_nix(fetchdocker(sha256))
    assert findings.images == []
    (problem,) = findings.problems
    assert message in str(problem)
