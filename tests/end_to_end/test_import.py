"""`import`: from what people have, over images.toml, to the images that they had."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import tomli
from support import oci
from support.command import Project
from support.registry import Registry

HEADER = "# Written by `nixfetch-docker import`; `nixfetch-docker lock` locks it.\n"
D1, D2, D3 = (f"sha256:{letter * 64}" for letter in "abc")
BASE = oci.layer({"etc/a": b"a"})

PULL_IMAGE = f"""
{{ pkgs ? import <nixpkgs> {{ }}, ... }}@args:
let
  inherit (pkgs) dockerTools lib;
  redisTag = "7.4"; # pullImage {{ imageName = "a comment"; }}
in
{{
  /* pullImage {{ imageName = "another"; }} */
  redis = dockerTools.pullImage {{
    imageName = "redis";
    imageDigest = "{D1}";
    sha256 = lib.fakeSha256;
    finalImageName = "redis";
    finalImageTag = redisTag;
  }};
  script = ''
    echo "pullImage {{ imageName = \\"text\\"; }}" ''${{not}} ${{pkgs.hello}}/bin/hello
  '';
  all = lib.mapAttrs (_: pkgs.dockerTools.pullImage) {{
    web = rec {{
      imageName = "ghcr.io/acme/web"; imageDigest = "{D2}";
      os = "linux"; arch = "arm64"; finalImageName = "web"; finalImageTag = "1";
      hash = "sha256-${{imageName}}";
    }};
  }};
}}
"""


def write(project: Project, name: str, text: str) -> str:
    (project.directory / name).write_text(text)
    return name


def test_pull_image_calls(project: Project) -> None:
    done = project.try_run("import", write(project, "images.nix", PULL_IMAGE))
    assert done.returncode == 0
    assert done.stdout == (
        f'{HEADER}\n[images.redis]\nimage = "redis:7.4@{D1}"\n'
        f'\n[images.web]\nimage = "ghcr.io/acme/web:1@{D2}"\nplatforms = ["linux/arm64"]\n'
    )
    assert done.stderr == (
        f"images.nix: line 20: ghcr.io/acme/web:1@{D2}: it was loaded as web; "
        "image.override { name = …; } does that in Nix\n"
    )


def test_what_cannot_be_taken_over_is_told_and_the_rest_is_there(project: Project) -> None:
    text = f"""{{ dockerTools, lib, tag }}: [
      (dockerTools.pullImage {{ imageName = "a"; imageDigest = "{D1}"; finalImageTag = "1"; }})
      (dockerTools.pullImage {{ imageName = "b-${{tag}}"; imageDigest = "{D1}"; }})
      (dockerTools.pullImage {{ imageName = "c"; imageDigest = lib.fakeHash; }})
      (dockerTools.pullImage (lib.importJSON ./redis.json))
      (dockerTools.pullImage pinned.elsewhere)
      (dockerTools.pullImage {{ imageName = "D"; imageDigest = "{D1}"; }})
    ]"""
    done = project.try_run("import", write(project, "images.nix", text), "absent.nix")
    assert done.returncode == 1
    assert done.stdout == f'{HEADER}\n[images.a]\nimage = "a:1@{D1}"\n'
    yourself = "write the image into images.toml yourself"
    assert done.stderr.splitlines() == [
        f"nixfetch-docker: images.nix: line 3: its imageName is not written out here; {yourself}",
        "nixfetch-docker: images.nix: line 4: c: its imageDigest is not written out here; "
        f"{yourself}",
        "nixfetch-docker: images.nix: line 7: 'D' has upper case in its repository; "
        "write it in lower case",
        "nixfetch-docker: images.nix: line 5: what pullImage is given is not written out here; "
        "import the file that it is in",
        "nixfetch-docker: images.nix: line 6: what pullImage is given is not written out here; "
        "import the file that it is in",
        "nixfetch-docker: absent.nix: there is no such file; is its name right?",
    ]


CONTAINERS = f"""
{{ config, lib, pkgs, ... }}:
let
  version = "2.1";
  web = "ghcr.io/acme/web:2@{D2}";
in
{{
  options.services.shop.image = lib.mkOption {{ default = "no container's"; }};
  config.virtualisation.oci-containers = {{
    backend = "podman";
    containers = {{
      redis = {{
        image = "redis:7.4@{D1}";
        ports = [ "6379:6379" ];
        environment = {{ image = "of no container"; }};
      }};
      web = lib.mkIf config.services.shop.enable {{ image = web; }};
      built = {{
        image = "localhost/built:1";
        imageFile = pkgs.dockerTools.buildImage {{ name = "localhost/built"; tag = "1"; }};
      }};
    }};
    containers."the site".image = "nginx";
    containers.worker = {{
      image = "ghcr.io/acme/worker:${{version}}";
    }};
    containers.mail = {{
      image = "ghcr.io/acme/mail:${{config.services.mail.version}}";
    }};
  }};
  containers.nspawn.config.image = "another option";
}}
"""


def test_containers_of_nixos(project: Project) -> None:
    done = project.try_run("import", write(project, "containers.nix", CONTAINERS))
    assert done.returncode == 1
    assert done.stdout == (
        f'{HEADER}\n[images.redis]\nimage = "redis:7.4@{D1}"\n'
        f'\n[images.web]\nimage = "ghcr.io/acme/web:2@{D2}"\n'
        '\n[images.the-site]\nimage = "nginx:latest"\n'
        '\n[images.worker]\nimage = "ghcr.io/acme/worker:2.1"\n'
    )
    assert done.stderr == (
        "nixfetch-docker: containers.nix: line 28: the image of 'mail' is not written out here; "
        "write the image into images.toml yourself\n"
    )


def test_pull_image_of_what_is_named_before(project: Project) -> None:
    text = f"""{{ pkgs, ... }}:
    let
      name = "redis"; version = "7.4";
      pinned.redis = {{
        imageName = name; imageDigest = "{D1}"; finalImageTag = "${{version}}-alpine";
      }};
      web = {{ imageName = "web"; imageDigest = "{D2}"; }};
    in
    {{
      services.k3s.images = map pkgs.dockerTools.pullImage [ web ];
      virtualisation.oci-containers.containers.${{name}} = {{
        image = "${{name}}:${{version}}";
        imageFile = pkgs.dockerTools.pullImage pinned.redis;
      }};
      site = pkgs.dockerTools.pullImage web // {{ arch = "amd64"; }};
    }}
    """
    assert project.read("import", write(project, "images.nix", text)).decode() == (
        f'{HEADER}\n[images.redis]\nimage = "redis:7.4-alpine@{D1}"\n'
        f'\n[images.web]\nimage = "web:latest@{D2}"\n'
    )


NOT_HERE = "what pullImage is given is not written out here; import the file that it is in"


@pytest.mark.parametrize(
    ("text", "images", "said"),
    [
        pytest.param(
            """pullImage { imageName = "a"; imageDigest = "D1"; finalImageTag = "v" + version; }""",
            {"a": "a@D1"},
            "a.nix: line 1: a@D1: its finalImageTag is not written out here; write it yourself",
            id="computed tag",
        ),
        pytest.param(
            """pullImage ({ imageName = "a"; } // { imageDigest = "D1"; finalImageTag = "1"; })""",
            {},
            f"nixfetch-docker: a.nix: line 1: {NOT_HERE}",
            id="merged",
        ),
        pytest.param(
            "map pullImage [ (import ./a.nix) ]",
            {},
            f"nixfetch-docker: a.nix: line 1: {NOT_HERE}",
            id="list of imports",
        ),
        pytest.param(
            """{ inherit (dockerTools) pullImage buildImage; containers.a.image = "a:1"; }""",
            {"a": "a:1"},
            "",
            id="inherited pullImage",
        ),
        pytest.param(
            """let image = "a:1"; in { containers.a = { inherit image; }; }""",
            {"a": "a:1"},
            "",
            id="inherited image",
        ),
        pytest.param(
            """{ containers.a = { inherit imageFile; image = "mine:1"; };
            containers.b.image = "b:1"; }""",
            {"b": "b:1"},
            "",
            id="inherited file",
        ),
        pytest.param(
            """{ containers.a = let image = "a"; tag = "1"; in { image = "${image}:${tag}"; }; }""",
            {"a": "a:1"},
            "",
            id="let in a container",
        ),
        pytest.param(
            """let v = "7"; in map (v: { containers.a.image = "a:${v}"; }) [ "6" ]""",
            {},
            "nixfetch-docker: a.nix: line 1: the image of 'a' is not written out here; "
            "write the image into images.toml yourself",
            id="argument",
        ),
        pytest.param(
            """let v = "7"; in { v, w ? { }, ... }@args: { containers.a.image = "a:${v}"; }""",
            {},
            "nixfetch-docker: a.nix: line 1: the image of 'a' is not written out here; "
            "write the image into images.toml yourself",
            id="arguments",
        ),
        pytest.param(
            """{ containers.a.image = lib.mkDefault "a:1"; containers.b.image = mkForce "b:1"; }""",
            {"a": "a:1", "b": "b:1"},
            "",
            id="priorities",
        ),
        pytest.param(
            """{ containers.a.image = { repository = "x"; tag = "1"; };
            options.containers.b.image = mkOption { }; containers.c.image = "c:1"; }""",
            {"c": "c:1"},
            "",
            id="no images",
        ),
        pytest.param(
            """{ containers."a\nb".image = tag; }""",
            {},
            "nixfetch-docker: a.nix: line 1: the image of 'a\\nb' is not written out here; "
            "write the image into images.toml yourself",
            id="name with a newline",
        ),
        pytest.param(
            """{ containers.a.image = "localhost/a"; }""",
            {},
            "nixfetch-docker: a.nix: line 1: localhost/a:latest is podman's name for what was "
            "built here; push it to a registry, or build it with Nix",
            id="built here",
        ),
        pytest.param(
            """pullImage { imageName = "docker.io/library/fedora"; imageDigest = "D1"; }""",
            {"fedora": "docker.io/library/fedora:latest@D1"},
            "",
            id="alias",
        ),
    ],
)
def test_nix_as_people_write_it(
    text: str, images: dict[str, str], said: str, project: Project
) -> None:
    aliases = project.home / ".config/containers/registries.conf"
    aliases.parent.mkdir(parents=True)
    aliases.write_text('[aliases]\nfedora = "registry.fedoraproject.org/fedora"\n')
    file = write(project, "a.nix", text.replace("D1", D1))
    done = project.try_run("import", file)
    found = tomli.loads(done.stdout).get("images", {})
    assert {name: one["image"].replace(D1, "D1") for name, one in found.items()} == images
    assert done.stderr.replace(D1, "D1").rstrip("\n") == said
    assert done.returncode == (1 if said.startswith("nixfetch-docker:") else 0)


PREFETCHED = {
    "imageName": "redis",
    "imageDigest": D1,
    "sha256": "0" * 52,
    "finalImageName": "redis",
    "finalImageTag": "7.4",
}


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("redis.json", json.dumps(PREFETCHED), id="JSON"),
        pytest.param("all.json", json.dumps([PREFETCHED, PREFETCHED]), id="a list of JSON"),
        pytest.param("all.json", json.dumps({"a": PREFETCHED}), id="JSON under names"),
        pytest.param("bom.json", "\ufeff" + json.dumps(PREFETCHED), id="JSON of Windows"),
        pytest.param(
            "redis.nix",
            "{\n" + "".join(f'  {key} = "{value}";\n' for key, value in PREFETCHED.items()) + "}\n",
            id="Nix",
        ),
    ],
)
def test_what_nix_prefetch_docker_prints(name: str, text: str, project: Project) -> None:
    expected = f'{HEADER}\n[images.redis]\nimage = "redis:7.4@{D1}"\n'
    assert project.read("import", write(project, name, text)).decode() == expected
    assert project.read("import", "-", data=text.encode()).decode() == expected


COMPOSE = f"""
services:
  db:
    image: "postgres:16@{D1}"
  web:
    image: ghcr.io/acme/web:1
    platform: linux/arm64
  worker: {{image: "ghcr.io/acme/web:1", platform: linux/arm64, command: [work]}}
  "the site":
    image: nginx
  own:
    build: .
"""
COMPOSED = (
    f'{HEADER}\n[images.db]\nimage = "postgres:16@{D1}"\n'
    '\n[images.web]\nimage = "ghcr.io/acme/web:1"\nplatforms = ["linux/arm64"]\n'
    '\n[images.the-site]\nimage = "nginx:latest"\n'
)


def test_a_compose_file(project: Project) -> None:
    import yaml

    assert project.run("import", write(project, "compose.yaml", COMPOSE)) == COMPOSED
    resolved = json.dumps({"name": "shop", **yaml.safe_load(COMPOSE)})
    assert project.run("import", write(project, "compose.json", resolved)) == COMPOSED
    assert project.run("import", "--compose-json", "compose.json") == COMPOSED
    piped = project.read("import", "--compose-json", "-", data=resolved.encode())
    assert piped.decode() == COMPOSED


RESOLVE = "pass what `docker compose config --format json` prints, by --compose-json"


@pytest.mark.parametrize(
    ("text", "images", "said"),
    [
        pytest.param(
            "include: [more.yml]\nservices: {a: {image: 'a:1'}}",
            {"a": "a:1"},
            [f"nixfetch-docker: FILE: include: it has parts in other files; {RESOLVE}"],
            id="include",
        ),
        pytest.param(
            "services: {a: {image: 'a:1'}, b: {extends: {file: x.yml, service: c}}}",
            {"a": "a:1"},
            [f"nixfetch-docker: FILE: services.b.extends: its image is in another file; {RESOLVE}"],
            id="extends",
        ),
        pytest.param(
            "services:\n  a: {image: 'a:1', build: .}",
            {"a": "a:1"},
            ["FILE: services.a: a:1: it is built here as well; is it in a registry?"],
            id="build",
        ),
        pytest.param(
            "services:\n  1: {image: 'a:1'}", {"1": "a:1"}, [], id="names that are numbers"
        ),
        pytest.param(
            "services:\n  a: {image: 'a:1', platform: '${P}'}",
            {},
            [
                "nixfetch-docker: FILE: services.a.platform: '${P}' has a variable in it; "
                f"{RESOLVE}"
            ],
            id="variable",
        ),
        pytest.param(
            "services:\n  a: {image: 'a:1', ports: !reset []}",
            {},
            [
                "nixfetch-docker: FILE: line 2: it is not YAML (could not determine a constructor "
                f"for the tag '!reset'); {RESOLVE}"
            ],
            id="tag",
        ),
    ],
)
@pytest.mark.parametrize("name", ["compose.YML", "-"])
def test_compose_as_people_write_it(
    name: str, text: str, images: dict[str, str], said: list[str], project: Project
) -> None:
    if name != "-":
        write(project, name, text)
    done = project.raw("import", name, data=text.encode())
    found = tomli.loads(done.stdout.decode()).get("images", {})
    assert {key: one["image"] for key, one in found.items()} == images
    place = "stdin" if name == "-" else name
    assert done.stderr.decode().splitlines() == [line.replace("FILE", place) for line in said]


def test_variables_in_a_compose_file_are_left_to_docker(project: Project) -> None:
    text = "services: {web: {image: 'web:${TAG:-1}'}, db: {image: postgres:16}}"
    done = project.try_run("import", write(project, "compose.yml", text))
    assert done.returncode == 1
    assert done.stdout == f'{HEADER}\n[images.db]\nimage = "postgres:16"\n'
    assert done.stderr == (
        "nixfetch-docker: compose.yml: services.web.image: 'web:${TAG:-1}' has a variable in it; "
        "pass what `docker compose config --format json` prints, by --compose-json\n"
    )


def test_without_pyyaml_the_way_by_json_is_told(project: Project, tmp_path: Path) -> None:
    (tmp_path / "modules").mkdir()
    (tmp_path / "modules/yaml.py").write_text("raise ImportError")
    project.env["PYTHONPATH"] = str(tmp_path / "modules")
    done = project.try_run("import", write(project, "compose.yml", COMPOSE))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "nixfetch-docker: compose.yml: to read YAML takes PyYAML, which is not here; "
        "pass what `docker compose config --format json` prints, by --compose-json\n"
    )


def base_32(digest: str) -> str:
    """A sha256 as Nix writes it."""
    number = int.from_bytes(bytes.fromhex(digest.removeprefix("sha256:")), "little")
    letters = "0123456789abcdfghijklmnpqrsvwxyz"
    return "".join(letters[number >> (5 * place) & 31] for place in reversed(range(52)))


def docker2nix(registry: str, image: oci.Image) -> str:
    """As docker2nix wrote it."""
    layers = "".join(
        f"""
        layer{number} = fetchDockerLayer {{
          inherit registry repository imageName;
          layerDigest = "{oci.digest(layer.data)[7:]}";
          sha256 = "{base_32(oci.digest(layer.data))}";
          }};"""
        for number, layer in enumerate(image.layers)
    )
    return f"""{{ fetchDockerConfig, fetchDockerLayer, fetchdocker }}:
  fetchdocker rec {{
    name = "web";
    registry = "{registry}";
    repository = "acme";
    imageName = "web";
    tag = "1";
    imageConfig = fetchDockerConfig {{
      inherit tag registry repository imageName;
      sha256 = "{base_32(image.id)}";
      }};
    imageLayers = let{layers}
    in [ layer0 ];
    }}
"""


def test_what_docker2nix_pinned_stays_pinned(registry: Registry, project: Project) -> None:
    pinned = oci.image(BASE)
    other = oci.image(BASE, platform="linux/arm64")
    registry.push("acme/web:1", other, pinned)
    text = docker2nix(f"http://{registry.host}/v2/", pinned)
    file = write(project, "web.nix", text)
    image = f"{registry.host}/acme/web:1"
    plain = f'\n[registries."{registry.host}"]\nplain-http = true\n'
    expected = (
        f'[images.web]\nimage = "{image}@{pinned.digest}"\nplatforms = ["linux/amd64"]\n{plain}'
    )
    assert project.read("import", file).decode() == f"{HEADER}\n{expected}"
    assert project.read("import", "-", data=text.encode()).decode() == f"{HEADER}\n{expected}"

    registry.push("acme/web:1", other)
    moved = project.try_run("import", file)
    assert (moved.returncode, moved.stdout) == (1, "")
    assert moved.stderr == (
        f"nixfetch-docker: web.nix: line 2: {image}: no image there has the config {pinned.id} any "
        "more; find its digest, or pass --follow-tags for the tag as it is now\n"
    )
    followed = project.read("import", file, "--follow-tags").decode()
    assert followed == f'{HEADER}\n[images.web]\nimage = "{image}"\n{plain}'


def test_what_was_imported_locks_to_what_was_pinned(registry: Registry, project: Project) -> None:
    old = oci.image(BASE)
    registry.push("acme/web:1", old)
    text = f"""dockerTools.pullImage {{
      imageName = "{registry.host}/acme/web";
      imageDigest = "{old.digest}";
      finalImageTag = "1";
    }}"""
    registry.push("acme/web:1", oci.image(oci.layer({"etc/new": b""})))
    assert project.run("import", write(project, "web.nix", text), "-o", "images.toml") == ""
    project.run("lock")
    locked = tomli.loads(project.lock.read_text())["images"]["web"]
    assert (locked["tag"], locked["digest"]) == ("1", old.digest)


def test_a_file_that_is_there_stays_as_it_is(project: Project) -> None:
    project.images.write_text("mine")
    done = project.try_run("import", write(project, "i.nix", PULL_IMAGE), "-o", "images.toml")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "nixfetch-docker: images.toml: it is there already; "
        "name a new file; without -o the text goes to stdout\n"
    )
    assert project.images.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param("a.nix", "{ }", "no image is named there; name another file", id="empty"),
        pytest.param("a.nix", '{ a = "', "line 1: a string never ends", id="string"),
        pytest.param("a.nix", "{\n/* a", "line 2: a comment never ends", id="comment"),
        pytest.param(
            "a.json",
            "{]",
            "line 1, column 2: this is not JSON",
            id="JSON",
        ),
        pytest.param(
            "a.json",
            "{}",
            "the document: this is no compose file, and nothing of "
            "nix-prefetch-docker's; name a file that has 'services' or 'imageName'",
            id="other JSON",
        ),
        pytest.param(
            "a.yml",
            "a: [",
            "line 1: it is not YAML (expected the node content, but found '<stream end>')",
            id="YAML",
        ),
        pytest.param("a.yml", "a: 1", "the document: 'services' is missing", id="other YAML"),
        pytest.param("a.yml", "- 1", "the document: expected a table, found an array", id="array"),
    ],
)
def test_what_is_no_such_file(name: str, text: str, message: str, project: Project) -> None:
    done = project.try_run("import", write(project, name, text))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"nixfetch-docker: {name}: {message}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "there is nothing to import; name a file", id="nothing"),
        pytest.param(["-", "--compose-json", "-"], "stdin can be read once", id="stdin twice"),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, project: Project) -> None:
    done = project.try_run("import", *arguments)
    assert (done.returncode, done.stderr) == (2, f"nixfetch-docker: {message}\n")
