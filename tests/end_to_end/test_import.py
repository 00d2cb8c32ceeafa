"""`import`: an images.toml made from Nix and compose files, and what it locks to."""

from __future__ import annotations

import json

import pytest
import tomli
from support import oci
from support.command import Project
from support.registry import Registry

from nixfetch_docker.lockfile.schema_line import SCHEMA_LINE
from nixfetch_docker.nix import base32

HEADER = f"{SCHEMA_LINE}# Written by `nixfetch-docker import`; `nixfetch-docker lock` locks it.\n"
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


def test_what_cannot_be_imported_is_an_error_and_the_rest_is_written(project: Project) -> None:
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
    yourself = "add the image to images.toml yourself"
    assert done.stderr.splitlines() == [
        "nixfetch-docker: images.nix: line 3: its imageName is not a string in this file; "
        f"{yourself}",
        "nixfetch-docker: images.nix: line 4: c: its imageDigest is not a string in this file; "
        f"{yourself}",
        "nixfetch-docker: images.nix: line 7: 'D' has upper case in its repository; "
        "write it in lower case",
        "nixfetch-docker: images.nix: line 5: the argument of pullImage is not in this file; "
        "import the file that defines it",
        "nixfetch-docker: images.nix: line 6: the argument of pullImage is not in this file; "
        "import the file that defines it",
        "nixfetch-docker: absent.nix: there is no such file; check its name",
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
        "nixfetch-docker: containers.nix: line 28: the image of 'mail' is not a string in this "
        "file; import the output of `nix eval --json "
        ".#nixosConfigurations.HOST.config.virtualisation.oci-containers.containers`\n"
        "containers.nix: line 19: the image of 'built' is left out: it is loaded from a file; "
        "a pullImage that fetches the file is imported by itself\n"
    )


def test_a_short_name_that_is_an_alias_here_is_written_in_full(project: Project) -> None:
    aliases = project.home / ".config/containers/registries.conf"
    aliases.parent.mkdir(parents=True)
    aliases.write_text('[aliases]\nfedora = "registry.fedoraproject.org/fedora"\n')
    text = f'pullImage {{ imageName = "docker.io/library/fedora"; imageDigest = "{D1}"; }}'
    assert project.run("import", write(project, "a.nix", text)) == (
        f'{HEADER}\n[images.fedora]\nimage = "docker.io/library/fedora:latest@{D1}"\n'
    )


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
        pytest.param(
            "redis.nix",
            "{\n" + "".join(f'  {key} = "{value}";\n' for key, value in PREFETCHED.items()) + "}\n",
            id="Nix",
        ),
    ],
)
def test_output_of_nix_prefetch_docker(name: str, text: str, project: Project) -> None:
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

    left_out = "services.own: it is built and names no image, so it is left out"
    write(project, "compose.yaml", COMPOSE)
    write(project, "compose.json", json.dumps({"name": "shop", **yaml.safe_load(COMPOSE)}))
    for arguments in (["compose.yaml"], ["compose.json"], ["--compose-json", "compose.json"]):
        done = project.try_run("import", *arguments)
        assert (done.returncode, done.stdout) == (0, COMPOSED)
        assert done.stderr == f"{arguments[-1]}: {left_out}\n"
    resolved = (project.directory / "compose.json").read_text()
    piped = project.raw("import", "--compose-json", "-", data=resolved.encode())
    assert (piped.returncode, piped.stdout.decode()) == (0, COMPOSED)
    assert piped.stderr.decode() == f"stdin: {left_out}\n"


def test_compose_files_with_variables_that_are_elsewhere(project: Project) -> None:
    """Variables of `.env`, of the environment and of --env-file; other files; several at once."""
    write(
        project,
        "compose.yml",
        """
include: [shared/compose.yml]
services:
  web: {image: "ghcr.io/acme/web:${WEB:-latest}"}
  db: {image: "postgres:$PG-alpine"}
  worker: {extends: {file: shared/compose.yml, service: queue}}
  mail: {image: "ghcr.io/acme/mail:${MAIL}"}
  spam: {image: "ghcr.io/acme/spam:${MAIL}"}
  key: {image: "ghcr.io/acme/key:${KEY:?choose one}"}
  own: {image: "ghcr.io/acme/own", build: .}
""",
    )
    (project.directory / "shared").mkdir()
    write(project, "shared/compose.yml", "services: {queue: {image: 'queue:${QUEUE-3}'}}")
    write(project, ".env", "PG=16\n")
    write(project, "shared/.env", "QUEUE=4 # the last one\n")
    project.env["WEB"] = "2.1"
    done = project.try_run("import", "compose.yml")
    assert done.returncode == 1
    assert done.stdout == (
        f'{HEADER}\n[images.queue]\nimage = "queue:4"\n'
        '\n[images.web]\nimage = "ghcr.io/acme/web:2.1"\n'
        '\n[images.db]\nimage = "postgres:16-alpine"\n'
        '\n[images.worker]\nimage = "queue:3"\n'
    )
    set_it = (
        "set it in .env beside the file, in the environment, or in a file that --env-file names"
    )
    assert done.stderr.splitlines() == [
        "nixfetch-docker: compose.yml: services.own.image: the service is built here, so its image "
        "ghcr.io/acme/own is left out; if a registry has it too, add it to images.toml yourself",
        "nixfetch-docker: compose.yml: the variable MAIL has no value, so services.mail, "
        f"services.spam are left out; {set_it}",
        "nixfetch-docker: compose.yml: the variable KEY has no value (choose one), so services.key "
        f"is left out; {set_it}",
    ]

    write(project, "compose.prod.yml", "services: {mail: {image: 'mail:1'}, own: {build: !reset }}")
    write(project, "prod.env", "PG=17\nMAIL=$PG\nKEY='a'\n")
    files = ("compose.yml", "compose.prod.yml")
    del project.env["WEB"]
    done = project.try_run("import", *files, "--env-file", "prod.env")
    assert done.returncode == 0
    assert [line for line in done.stdout.splitlines() if line.startswith("image =")] == [
        'image = "queue:4"',
        'image = "ghcr.io/acme/web:latest"',
        'image = "postgres:17-alpine"',
        'image = "queue:3"',
        'image = "mail:1"',
        'image = "ghcr.io/acme/spam:17"',
        'image = "ghcr.io/acme/key:a"',
        'image = "ghcr.io/acme/own:latest"',
    ]
    assert done.stderr == (
        "compose.yml: services.mail.image: ghcr.io/acme/mail:17 is left out, because "
        "compose.prod.yml: services.mail.image has another image\n"
    )


def test_a_directory_in_the_place_of_variables_has_none(project: Project) -> None:
    (project.directory / ".env").mkdir()
    write(project, "compose.yml", "services: {web: {image: 'web:${TAG:-2}'}}")
    done = project.try_run("import", "compose.yml")
    assert (done.returncode, done.stderr) == (0, "")
    assert 'image = "web:2"' in done.stdout


@pytest.mark.parametrize("path", [r"a\0b.yml", "gone.yml", "x.yml/a.yml", "a" * 300, "directory"])
def test_a_file_that_cannot_be_included_is_told(path: str, project: Project) -> None:
    (project.directory / "directory").mkdir()
    write(project, "x.yml", f'include: ["{path}"]\nservices: {{web: {{image: "web:1"}}}}\n')
    done = project.try_run("import", "x.yml")
    assert done.returncode == 1
    assert 'image = "web:1"' in done.stdout
    (line,) = done.stderr.splitlines()
    assert line.startswith("nixfetch-docker: x.yml: include[0]: ")


def test_manifests_of_kubernetes_and_a_job_of_nomad(project: Project) -> None:
    manifests = """
---
# Source: shop/templates/web.yaml
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec: {template: {spec: {containers: [{name: web, image: "ghcr.io/acme/web:2.1"}]}}}
---
apiVersion: example.com/v1
kind: Database
metadata: {name: db}
spec: {image: "postgres:16"}
"""
    job = {
        "Job": {"TaskGroups": [{"Tasks": [{"Name": "cache", "Config": {"image": "redis:7.4"}}]}]}
    }
    write(project, "job.json", json.dumps(job))
    write(project, "values.yaml", "image:\n  repository: ghcr.io/acme/web\n")
    write(project, "silent.json", '{"services": {}, "x-image": {"image": 1}}')
    done = project.raw(
        "import", "-", "job.json", "values.yaml", "silent.json", data=manifests.encode()
    )
    assert done.returncode == 1
    assert done.stdout.decode() == (
        f'{HEADER}\n[images.web]\nimage = "ghcr.io/acme/web:2.1"\n'
        '\n[images.cache]\nimage = "redis:7.4"\n'
    )
    yourself = "add the image to images.toml yourself"
    assert done.stderr.decode().splitlines() == [
        "nixfetch-docker: stdin: Database db: spec.image: 'postgres:16' is not the image of a "
        f"container; {yourself}",
        "nixfetch-docker: values.yaml: the document: 'services' is missing; every compose file has "
        "it; of a chart, import what `helm template` prints",
        "nixfetch-docker: silent.json: line 1: an image is mentioned, and none was found; "
        f"{yourself}",
    ]


def base32_of(digest: str) -> str:
    return base32.encode(bytes.fromhex(digest.removeprefix("sha256:")))


def docker2nix(registry: str, image: oci.Image) -> str:
    """The expression that docker2nix wrote for an image."""
    layers = "".join(
        f"""
        layer{number} = fetchDockerLayer {{
          inherit registry repository imageName;
          layerDigest = "{oci.digest(layer.data)[7:]}";
          sha256 = "{base32_of(oci.digest(layer.data))}";
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
      sha256 = "{base32_of(image.id)}";
      }};
    imageLayers = let{layers}
    in [ layer0 ];
    }}
"""


def test_an_image_of_docker2nix_is_pinned_by_its_manifest(
    registry: Registry, project: Project
) -> None:
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
        "more; find its digest, or pass --follow-tags to follow the tag instead\n"
    )
    followed = project.read("import", file, "--follow-tags").decode()
    assert followed == f'{HEADER}\n[images.web]\nimage = "{image}"\n{plain}'


def test_an_imported_image_locks_to_its_pinned_digest(registry: Registry, project: Project) -> None:
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


def test_what_is_not_pinned_any_more_is_said_and_no_registry_is_asked(project: Project) -> None:
    pinned = write(project, "web.nix", docker2nix("http://127.0.0.1:1/v2/", oci.image(BASE)))
    compose = write(project, "compose.json", f'{{"services": {{"db": {{"image": "redis@{D1}"}}}}}}')
    done = project.try_run("import", "--unpin", pinned, compose)
    assert done.returncode == 1
    assert done.stdout == (
        f'{HEADER}\n[images.web]\nimage = "127.0.0.1:1/acme/web:1"\n'
        f'\n[images.db]\nimage = "redis@{D1}"\n'
        '\n[registries."127.0.0.1:1"]\nplain-http = true\n'
    )
    assert done.stderr == (
        f"nixfetch-docker: compose.json: services.db: redis@{D1}: no tag is written beside its "
        "digest, so it stays pinned; write the tag to follow into images.toml, in place of the "
        "digest\n"
        "web.nix: line 2: 127.0.0.1:1/acme/web:1: it follows its tag now, no longer "
        f"{oci.image(BASE).id}\n"
    )


def test_a_check_says_what_differs_and_writes_nothing(project: Project) -> None:
    compose = write(project, "compose.json", '{"services": {"db": {"image": "postgres:16"}}}')
    project.images.write_text('[images.cache]\nimage = "redis"\nversion = "^7"\n')
    before = sorted(path.name for path in project.directory.iterdir())
    done = project.try_run("import", "--check", compose)
    assert (done.returncode, done.stderr) == (3, "")
    assert done.stdout == (
        "compose.json: services.db: postgres:16 is not in images.toml\n"
        'images.toml: images.cache: image = "redis", version = "^7" is in none of the files\n'
    )
    document = json.loads(project.try_run("import", "--check", "--json", compose).stdout)
    assert [one["kind"] for one in document["differences"]] == ["missing", "extra"]

    (project.directory / "sub").mkdir()
    other = write(
        project, "sub/images.toml", '[images.x]\nimage = "docker.io/library/postgres:16"\n'
    )
    done = project.try_run("import", "--check", compose, "--file", other)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "sub/images.toml has the 1 image of the files\n"
    assert sorted(path.name for path in project.directory.iterdir()) == sorted([*before, "sub"])


def test_a_check_that_cannot_read_all_is_not_in_step(project: Project) -> None:
    compose = write(project, "compose.json", '{"services": {"db": {"image": "db:$TAG"}}}')
    project.images.write_text("")
    done = project.try_run("import", "--check", compose)
    assert done.returncode == 1
    assert (
        done.stdout == "images.toml has the 0 images of the files, as far as they could be read\n"
    )
    assert "the variable TAG has no value" in done.stderr
    project.images.write_text('[images.cache]\nimage = "redis:7"\n')
    gone = project.try_run("import", "--check", compose, "gone.yml")
    assert (gone.returncode, gone.stdout) == (1, "")
    assert gone.stderr == "nixfetch-docker: gone.yml: there is no such file; check its name\n"


def test_an_existing_file_is_not_overwritten(project: Project) -> None:
    project.images.write_text("mine")
    done = project.try_run("import", write(project, "i.nix", PULL_IMAGE), "-o", "images.toml")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "nixfetch-docker: images.toml: it exists already; "
        "name a new file; without -o the text goes to stdout\n"
    )
    assert project.images.read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        pytest.param("a.nix", "{ }", "no image was found; name another file", id="empty"),
        pytest.param(
            "a.nix",
            '{ a = "',
            "line 1: this string has no end; close it with the quotes that open it",
            id="broken",
        ),
    ],
)
def test_a_file_without_images_is_an_error(
    name: str, text: str, message: str, project: Project
) -> None:
    done = project.try_run("import", write(project, name, text))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"nixfetch-docker: {name}: {message}\n"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param([], "there is nothing to import; name a file", id="nothing"),
        pytest.param(
            ["-", "--compose-json", "-"],
            "stdin can be read only once; pass one -",
            id="stdin twice",
        ),
    ],
)
def test_wrong_usage(arguments: list[str], message: str, project: Project) -> None:
    done = project.try_run("import", *arguments)
    assert (done.returncode, done.stderr) == (2, f"nixfetch-docker: {message}\n")


def test_a_module_that_was_not_named_is_told(project: Project) -> None:
    (project.directory / "web").mkdir()
    containers = '{ virtualisation.oci-containers.containers.web.image = "redis:7"; }'
    write(project, "web/default.nix", containers)
    name = write(project, "configuration.nix", "{ imports = [ ./web ]; }")
    project.images.write_text("")
    for options in ([], ["--check"]):
        done = project.try_run("import", name, *options)
        assert done.returncode == 1
        assert done.stderr == (
            "nixfetch-docker: configuration.nix: line 1: it imports web/default.nix, which "
            "mentions images and was not named; name it too\n"
        )
