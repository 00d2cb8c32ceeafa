from __future__ import annotations

import pytest

from nixfetch_docker.imports.document import find_images
from nixfetch_docker.imports.found.image import FoundImage
from nixfetch_docker.imports.nix_files.images import find_in_nix
from nixfetch_docker.oci.digest import Digest

D1, D2 = (f"sha256:{letter * 64}" for letter in "ab")
ADD_IT = "add the image to images.toml yourself"
COMMAND = "nix eval --json .#nixosConfigurations.HOST.config.{}"
EVALUATE = f"import the output of `{COMMAND.format('virtualisation.oci-containers.containers')}`"
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
            'pullImage ({ imageName = "a"; } // { imageDigest = "D1"; })',
            {"a": "a:latest@D1"},
            id="arguments that are merged",
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
            'rec { containers.${n} = { image = "${n}:1"; imageFile = pullImage x; }; x = { '
            'imageName = "a"; imageDigest = "D1"; }; }',
            {"a": "a:latest@D1"},
            id="loaded from what pullImage pulls",
        ),
        pytest.param(
            '{ containers.a = { image = "a"; environment.image = "b"; }; }',
            {"a": "a:latest"},
            id="another attribute",
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
        pytest.param("lib.mapAttrs (_: pullImage) (importJSON ./a.json)", NOT_HERE, id="mapped"),
        pytest.param(
            '{ containers.mail.image = "mail:${config.version}"; }',
            f"line 1: the image of 'mail' is not a string in this file; {EVALUATE}",
            id="computed image of a container",
        ),
        pytest.param(
            'let v = "7"; in map (v: { containers.a.image = "a:${v}"; }) [ "6" ]',
            f"line 1: the image of 'a' is not a string in this file; {EVALUATE}",
            id="parameter of a function",
        ),
        pytest.param(
            'let v = "7"; in { v, w ? { }, ... }@args: { containers.a.image = "a:${v}"; }',
            f"line 1: the image of 'a' is not a string in this file; {EVALUATE}",
            id="named parameter of a function",
        ),
        pytest.param(
            '{ containers."a\nb".image = tag; }',
            f"line 2: the image of 'a\\nb' is not a string in this file; {EVALUATE}",
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


@pytest.mark.parametrize(
    ("text", "images"),
    [
        pytest.param(
            '{ virtualisation.quadlet.containers.a.containerConfig.image = "a:1"; }',
            {"a": "a:1"},
            id="quadlet-nix",
        ),
        pytest.param(
            """{ virtualisation.quadlet = { containers.a = { containerConfig = { image = "a:1"; };
              }; images.b.imageConfig = { image = "docker://b:2"; }; }; }""",
            {"a": "a:1", "b": "b:2"},
            id="quadlet-nix in sets",
        ),
        pytest.param(
            "{ virtualisation.quadlet.containers.a.rawConfig = ''\n[Container]\nImage=a:1\n''; }",
            {"": "a:1"},
            id="quadlet-nix, written as a file",
        ),
        pytest.param(
            '{ services.podman = { containers.a.image = "a:1"; images.b = { image = "b:2"; }; }; }',
            {"a": "a:1", "b": "b:2"},
            id="Home Manager",
        ),
        pytest.param('{ docker-containers.a.image = "a:1"; }', {"a": "a:1"}, id="old NixOS"),
        pytest.param(
            '{ services = { a.service.image = "a:1"; b = { service = { image = "b:2"; }; }; }; }',
            {"a": "a:1", "b": "b:2"},
            id="arion",
        ),
        pytest.param(
            '{ docker-compose.raw.services.a.image = "a:1"; }', {"a": "a:1"}, id="compose in arion"
        ),
        pytest.param(
            'nix2container.pullImage { imageName = "library/a"; imageDigest = "D1"; os = "x"; }',
            {"a": "a:latest@D1"},
            id="nix2container",
        ),
        pytest.param(
            '{ containers = { a = f { image = "a:1"; }; }; }',
            {"a": "a:1"},
            id="given to a function",
        ),
        pytest.param(
            """let mk = tag: { image = "a:${tag}"; }; in { containers.a = mk "1"; }""",
            {"a": "a:1"},
            id="by a function of the file",
        ),
        pytest.param(
            """{ containers = lib.mapAttrs (name: tag: { image = "x/${name}:${tag}"; })
              { a = "1"; b = "2"; }; }""",
            {"a": "x/a:1", "b": "x/b:2"},
            id="mapAttrs of what is written down",
        ),
        pytest.param(
            """{ containers = lib.mapAttrs' (n: v: lib.nameValuePair "x-${n}" { image = v; })
              { a = "a:1"; }; }""",
            {"x-a": "a:1"},
            id="mapAttrs' of what is written down",
        ),
        pytest.param(
            """{ containers = lib.genAttrs [ "a" "b" ] (name: { image = "x/${name}:1"; }); }""",
            {"a": "x/a:1", "b": "x/b:1"},
            id="genAttrs of what is written down",
        ),
        pytest.param(
            """{ containers = builtins.listToAttrs (
              map (n: lib.nameValuePair n { image = "${n}:1"; }) [ "a" "b" ]); }""",
            {"a": "a:1", "b": "b:1"},
            id="listToAttrs of what is written down",
        ),
        pytest.param(
            """{ containers = { a.image = "a:1"; }
              // lib.optionalAttrs c { b.image = "b:1"; }; }""",
            {"a": "a:1", "b": "b:1"},
            id="merged sets",
        ),
        pytest.param(
            """{ containers = lib.mkMerge [ { a.image = "a:1"; }
              (mkIf c { b.image = "b:1"; }) ]; }""",
            {"a": "a:1", "b": "b:1"},
            id="mkMerge",
        ),
        pytest.param(
            """let containers = { a.image = "a:1"; };
              in { oci-containers = { inherit containers; }; }""",
            {"a": "a:1"},
            id="inherited containers",
        ),
        pytest.param(
            '{ containers.a = { config, ... }: { image = "a:1"; }; }', {"a": "a:1"}, id="submodule"
        ),
        pytest.param(
            'f: { nodes.a = { pkgs, ... }: { oci-containers.containers.a.image = "a:1"; }; }',
            {"a": "a:1"},
            id="a module in another",
        ),
        pytest.param(
            """{ containers."${n}".image = "x/web:1"; }""", {"": "x/web:1"}, id="a computed name"
        ),
        pytest.param(
            """let cfg = config.services.shop; in {
              options.services.shop.image = mkOption { default = "ghcr.io/x/shop:1"; };
              config.virtualisation.oci-containers.containers.a.image = cfg.image; }""",
            {"a": "ghcr.io/x/shop:1"},
            id="default of an option",
        ),
        pytest.param(
            '{ services.a.image = "ghcr.io/x/web:1"; }',
            {"web": "ghcr.io/x/web:1"},
            id="another module",
        ),
    ],
)
def test_every_way_to_declare_containers_is_read(text: str, images: dict[str, str]) -> None:
    assert references(text) == images


def told(command: str) -> str:
    return f"import the output of `{command}`"


HOME = "nix eval --json .#homeConfigurations.USER.config.services.podman.containers"
COMPUTED = f"containers are computed; {EVALUATE}"


@pytest.mark.parametrize(
    ("text", "images", "messages"),
    [
        pytest.param(
            "{\n  oci-containers.containers = mkContainers { };\n}",
            [],
            [f"line 2: {COMPUTED}"],
            id="a function",
        ),
        pytest.param(
            "{ containers = mapAttrs f config.x; }", [], [f"line 1: {COMPUTED}"], id="mapAttrs"
        ),
        pytest.param(
            "{ containers = genAttrs names f; }", [], [f"line 1: {COMPUTED}"], id="genAttrs"
        ),
        pytest.param(
            "{ containers = listToAttrs (map f l); }", [], [f"line 1: {COMPUTED}"], id="listToAttrs"
        ),
        pytest.param(
            '{ containers = { a.image = "a:1"; }\n// import ./b.nix; }',
            ["a:1"],
            [f"line 2: some {COMPUTED}"],
            id="in part",
        ),
        pytest.param(
            "{ containers.a = mkContainer 1; }",
            [],
            [f"line 1: the container 'a' is computed; {EVALUATE}"],
            id="one container",
        ),
        pytest.param(
            "{ containers.${n}.image = f n; }",
            [],
            [f"line 1: the image of a container is not a string in this file; {EVALUATE}"],
            id="a computed name",
        ),
        pytest.param(
            '{ containers.a.image = f "a"; containers.b.image = "b:1"; }',
            ["b:1"],
            [f"line 1: the image of 'a' is not a string in this file; {EVALUATE}"],
            id="call of a function",
        ),
        pytest.param(
            '{ containers.a.image = with import ./v.nix; "a:${tag}"; }',
            [],
            [f"line 1: the image of 'a' is not a string in this file; {EVALUATE}"],
            id="with another file",
        ),
        pytest.param(
            '{ containers.a.image = if c then "a:1" else x; }',
            ["a:1"],
            [f"line 1: the image of 'a' is not a string in this file; {EVALUATE}"],
            id="one of two",
        ),
        pytest.param(
            "{ virtualisation.quadlet.containers.a.containerConfig.image = x; }",
            [],
            [
                "line 1: the image of 'a' is not a string in this file; "
                + told(COMMAND.format("virtualisation.quadlet.containers"))
            ],
            id="quadlet-nix",
        ),
        pytest.param(
            "{ services.podman.containers = f x; }",
            [],
            [f"line 1: containers are computed; {told(HOME)}"],
            id="Home Manager",
        ),
        pytest.param(
            "{ virtualisation.quadlet = mkIf c (f x); }",
            [],
            [
                "line 1: containers are computed; "
                + told(COMMAND.format("virtualisation.quadlet.containers"))
            ],
            id="all of quadlet-nix",
        ),
        pytest.param(
            "{ oci-containers = f x; }", [], [f"line 1: {COMPUTED}"], id="all of oci-containers"
        ),
        pytest.param(
            "{ containers.a.containerConfig = f x; }",
            [],
            [f"line 1: the container 'a' is computed; {EVALUATE}"],
            id="the configuration of one container",
        ),
        pytest.param(
            '{ a = mkContainer { image = "nginx"; }; }',
            [],
            [
                "line 1: 'nginx' may be the name of an image; "
                "add it by `nixfetch-docker add`, if it is one"
            ],
            id="a name without a tag",
        ),
        pytest.param(
            "{ a = mkContainer { image = config.images.b; }; }",
            [],
            [f"line 1: this image is not a string in this file; {ADD_IT}"],
            id="an option of another file",
        ),
        pytest.param(
            '{ x = [ "ghcr.io/x/web:1" ]; }',
            [],
            [
                "line 1: 'ghcr.io/x/web:1' looks like an image, and nothing says what it is for; "
                "add it by `nixfetch-docker add`, if it is one"
            ],
            id="a string like an image",
        ),
        pytest.param(
            '{ x = "ghcr.io/x/web:${v}"; }',
            [],
            [f"line 1: this image is not a string in this file; {ADD_IT}"],
            id="a string that begins like an image",
        ),
        pytest.param(
            '{ services.a.image = "web:${v}"; }',
            [],
            [f"line 1: this image is not a string in this file; {ADD_IT}"],
            id="a computed image of another module",
        ),
        *(
            pytest.param(
                text,
                [],
                [f"line 1: the image of 'a' is not a string in this file; {EVALUATE}"],
                id=f"told once: {text}",
            )
            for text in [
                '{ containers = { a = rec { t = f; image = "a:${t}"; }; }; }',
                '{ containers.a = rec { t = f; image = "a:${t}"; }; }',
                '{ containers.a = let t = f; in { image = "a:${t}"; }; }',
                "{ containers = if c then { a = { image = f x; }; } else { }; }",
            ]
        ),
        *(
            pytest.param(
                f'{{ containers.b.image = "b:1";\n  containers.a.image = {value}; }}',
                ["b:1"],
                [f"line 2: the image of 'a' is not a string in this file; {EVALUATE}"],
                id=f"not a string: {value}",
            )
            for value in [
                '{ repository = "x"; tag = "1"; }',
                'x: "a:1"',
                '[ "a:1" ]',
                "5",
                "1.5",
                "f.x or [ ]",
                'lib.optional c "a:1"',
                'concatStringsSep ":" ([ "a" ] ++ lib.optional c "1")',
                '"a:" + toString (1 + 2)',
                '"a:" + toString 1.5',
            ]
        ),
        *(
            pytest.param(
                text,
                [],
                [
                    f"line 1: it mentions '{name}', and no image is written down here; "
                    f"where they are computed, {EVALUATE}"
                ],
                id=f"mentions {name}: {text}",
            )
            for text, name in [
                ("{ options.containers.a.image = mkOption { }; }", "image"),
                ("{ imports = [ ./containers.nix ]; virtualisation.quadlet = { }; }", "quadlet"),
                ("{ x = f config.containers; containers = { }; }", "containers"),
                ("{ pull = pullImage; }", "pullImage"),
            ]
        ),
    ],
)
def test_what_is_computed_is_told(text: str, images: list[str], messages: list[str]) -> None:
    findings = find_in_nix(text)
    assert [str(image.reference.familiar) for image in findings.images] == images
    assert [str(problem) for problem in findings.problems] == messages


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        pytest.param(
            '{ containers.a = { image = "a:1"; imageFile = x; }; }',
            "it is loaded from a file; a pullImage that fetches the file is imported by itself",
            id="file",
        ),
        pytest.param(
            '{ quadlet.containers.a.containerConfig.image = "docker-archive:${x}"; }',
            "it is not pulled from a registry",
            id="archive",
        ),
        pytest.param(
            "{ virtualisation.quadlet.containers.a.containerConfig.image = images.b.ref; }",
            "it is the one of images.b",
            id="image of quadlet",
        ),
        pytest.param(
            '{ services.podman.containers.a.image = "b.image"; }',
            "it is not pulled from a registry",
            id="image of Home Manager",
        ),
    ],
)
def test_an_image_that_is_not_pulled_is_left_out_with_a_sentence(text: str, reason: str) -> None:
    findings = find_in_nix(text)
    assert (findings.images, findings.problems) == ([], [])
    assert findings.left_out == [f"line 1: the image of 'a' is left out: {reason}"]


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(
            '{ oci-containers.containers.a.image = "a:1"; x.image = "b:1"; y = "ghcr.io/c/c:1"; }',
            id="containers",
        ),
        pytest.param(
            '{ a = pullImage { imageName = "a"; imageDigest = x; }; b.image = "b:1"; }',
            id="what is told",
        ),
    ],
)
def test_several_images_of_one_line_are_all_found_or_told(text: str) -> None:
    findings = find_in_nix(text)
    assert "b" in {image.reference.familiar[:1] for image in findings.images}
    assert len(findings.images) + len(findings.problems) == text.count("image = ") + 1


@pytest.mark.parametrize("text", ['{ x = "docker://ghcr.io/a/a:1"; }', '[ "docker://redis:7" ]'])
def test_a_text_with_the_transport_of_registries_is_told(text: str) -> None:
    (problem,) = find_in_nix(text).problems
    assert "looks like an image" in str(problem)


def test_a_project_of_arion_in_another_file_is_told() -> None:
    text = "{ virtualisation.arion.projects.a.settings = import ./arion-compose.nix; }"
    (problem,) = find_in_nix(text).problems
    assert str(problem).startswith("line 1: it mentions 'arion', and no image is written down here")


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{ x."ghcr.io/a/b:1" = true; }', id="the name of an attribute"),
        pytest.param('{ x = [ "--img=ghcr.io/a/b:1" ]; }', id="an option"),
        pytest.param('{ x = "see ghcr.io/a/b:1 for more"; }', id="a word"),
    ],
)
def test_an_image_in_a_text_is_told(text: str) -> None:
    findings = find_in_nix(text)
    (problem,) = findings.problems
    assert "'ghcr.io/a/b:1'" in str(problem)
    assert findings.images == []


@pytest.mark.parametrize(
    "text",
    ["{ stylix.image = ./wallpaper.png; }", "{ x = ''\n  a { background-image: url(x); }\n''; }"],
)
def test_a_picture_is_no_image(text: str) -> None:
    assert find_images(text, place="F", suffix=".nix").problems == []
