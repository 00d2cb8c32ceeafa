from __future__ import annotations

import pytest

from nixfetch_docker.imports.found.image import Findings
from nixfetch_docker.imports.nix_files.images import find_in_nix

OUT = "which is left out; add the image to images.toml yourself"


def of_script(script: str) -> Findings:
    return find_in_nix(f"{{ pkgs, config, ... }}: {{ x.script = ''\n{script}\n''; }}")


def said(findings: Findings) -> list[str]:
    return [str(problem) for problem in findings.problems]


@pytest.mark.parametrize(
    ("command", "image"),
    [
        pytest.param("docker run redis:7", "docker run` takes 'redis:7'", id="run"),
        pytest.param("docker pull redis", "docker pull` takes 'redis:latest'", id="pull"),
        pytest.param("podman create a/b", "podman create` takes 'a/b:latest'", id="create"),
        pytest.param(
            "${pkgs.podman}/bin/podman run --rm ghcr.io/a/b:1 --flag",
            "podman run` takes 'ghcr.io/a/b:1'",
            id="a program of Nix",
        ),
        pytest.param(
            'sudo podman run -it --name x -p 80:80 -v "/a b:/c" \\\n -e A="b c" redis:7 redis',
            "podman run` takes 'redis:7'",
            id="options with values",
        ),
        pytest.param(
            "docker run -dp 1:1 --env=A --network host -- redis:7",
            "`docker run`",
            id="other options",
        ),
        pytest.param(
            "docker --host tcp://x image pull redis:7", "docker pull` takes 'redis:7'", id="before"
        ),
        pytest.param(
            "nerdctl --namespace k8s.io run -d redis:7",
            "nerdctl run` takes 'redis:7'",
            id="nerdctl",
        ),
        pytest.param(
            "podman pull docker://redis:7", "podman pull` takes 'redis:7'", id="with a transport"
        ),
    ],
)
def test_an_image_that_a_command_takes_is_told(command: str, image: str) -> None:
    (text,) = said(of_script(command))
    assert text.startswith("line 1: `")
    assert image in text
    assert text.endswith(OUT)


def test_each_command_of_a_text_is_told() -> None:
    texts = said(
        of_script("docker pull a:1 && docker run b:2; docker pull c:3 | cat\npodman run d:4")
    )
    assert [text.partition("takes '")[2][:3] for text in texts] == ["a:1", "b:2", "c:3", "d:4"]


@pytest.mark.parametrize(
    "command", ["docker run ${config.x}", "docker run $IMAGE", "docker pull a:$T"]
)
def test_an_image_whose_name_is_computed_is_told(command: str) -> None:
    (text,) = said(of_script(command))
    assert "takes an image whose name is computed" in text


def test_a_name_of_the_file_is_known() -> None:
    text = 'let i = "redis:7"; in { a = "docker run --rm ${i}"; }'
    assert said(find_in_nix(text)) == [f"line 1: `docker run` takes 'redis:7', {OUT}"]


@pytest.mark.parametrize(
    "command",
    [
        pytest.param("docker run --rm -it", id="an alias"),
        pytest.param('docker run "$@"', id="all arguments"),
        pytest.param("docker network create web", id="a network"),
        pytest.param("podman volume create web", id="a volume"),
        pytest.param("docker compose pull web", id="compose"),
        pytest.param("docker exec web run x", id="exec"),
        pytest.param("docker start web", id="start"),
        pytest.param("podman run localhost/web", id="local"),
        pytest.param("podman run oci-archive:x.tar", id="a file"),
        pytest.param("docker run 'Not An Image!'", id="no image"),
    ],
)
def test_other_commands_are_not_told(command: str) -> None:
    assert said(of_script(command)) == []


@pytest.mark.parametrize("name", ["description", "example", "message"])
def test_a_text_for_people_is_not_told(name: str) -> None:
    assert said(find_in_nix(f'{{ {name} = "Passed to docker run redis:7."; }}')) == []


def test_an_image_of_a_container_is_not_told_again() -> None:
    text = '{ oci-containers.containers.a.image = "a:1"; b.script = "docker pull a:1"; }'
    findings = find_in_nix(text)
    assert (said(findings), len(findings.images)) == ([], 1)


@pytest.mark.parametrize("option", ["-t acme/web", "--tag acme/web:latest", "--tag=acme/web -f x"])
def test_what_a_command_builds_is_left_out(option: str) -> None:
    text = (
        '{ oci-containers.containers.a.image = "acme/web"; '
        f'b.script = "docker build {option} . && docker run acme/web"; }}'
    )
    findings = find_in_nix(text)
    assert findings.images == []
    assert said(findings) == [
        "line 1: a command of this file builds 'acme/web:latest', so it is left out; "
        "if a registry has it too, add it to images.toml yourself"
    ]


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        pytest.param(
            '{ ExecStart = "${pkgs.podman}/bin/podman run --rm ghcr.io/acme/tool:1"; }',
            ["line 1: `podman run` takes 'ghcr.io/acme/tool:1'"],
            id="a unit",
        ),
        pytest.param(
            '{ x = "${lib.getExe pkgs.docker} run -it acme/x"; }',
            ["line 1: `docker run` takes 'acme/x:latest'"],
            id="getExe",
        ),
        pytest.param(
            '{ x = "${pkgs.docker-client}/bin/docker pull acme/x"; }',
            ["line 1: `docker pull` takes 'acme/x:latest'"],
            id="another package",
        ),
        pytest.param(
            """{\n  x = writeShellScript "x" ''\n    set -e\n    exec podman container run \\\n"""
            """      -v /a:/b a:1\n    nerdctl create b:1\n  '';\n}""",
            ["line 2: `podman run` takes 'a:1'", "line 2: `nerdctl create` takes 'b:1'"],
            id="a script with two",
        ),
        pytest.param(
            '{ a = { command = "docker"; args = [ "run" "--rm" "acme/mcp:latest" ]; }; }',
            ["line 1: `docker run` takes 'acme/mcp:latest'"],
            id="arguments",
        ),
        pytest.param(
            '{ a = { command = "${pkgs.podman}/bin/podman"; args = [ "run" "acme/mcp" ]; }; }',
            ["line 1: `podman run` takes 'acme/mcp:latest'"],
            id="arguments of a program of Nix",
        ),
        pytest.param(
            '{ a = escapeShellArgs [ "${pkgs.podman}/bin/podman" "pull" "acme/x:1" ]; }',
            ["line 1: `podman pull` takes 'acme/x:1'"],
            id="a list of words",
        ),
        pytest.param(
            '{ a = [ (lib.getExe pkgs.podman) "run" "acme/x:1" ]; }',
            ["line 1: `podman run` takes 'acme/x:1'"],
            id="a list with a program that is found",
        ),
        pytest.param('{ description = "more for podman run --rm"; }', [], id="a description"),
        pytest.param('{ x = "\\n  # podman run a:1\\n"; }', [], id="a comment"),
        pytest.param('{ x = "docker-compose run a"; y = "cargo run --a"; }', [], id="others"),
        pytest.param('{ a = { command = "cargo"; args = [ "run" "a:1" ]; }; }', [], id="cargo"),
        pytest.param('{ x = "podman ps; podman runs"; }', [], id="other verbs"),
    ],
)
def test_a_command_of_an_engine_is_told(text: str, messages: list[str]) -> None:
    texts = said(find_in_nix(text))
    assert [text.partition(", which")[0] for text in texts] == messages
    assert all(text.endswith(OUT) for text in texts)


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ('let image = "ghcr.io/a/b:1"; in { x = "podman run ${image} sync"; }', 0),
        ('{ image = "ghcr.io/a/b:1"; x = "podman run -d \'ghcr.io/a/b:1\'"; }', 0),
        ('{ containers.a.image = "a:1"; x = [ "podman" "run" "a:1" ]; }', 0),
        ('{ image = "ghcr.io/a/b:1"; x = "podman run ghcr.io/a/b:1.2"; }', 1),
        ('{ image = "a/b:1"; x = "podman run a/b:1; podman run a/c:1"; }', 1),
    ],
)
def test_a_command_of_an_image_that_is_known_is_not_told(text: str, count: int) -> None:
    findings = find_in_nix(text)
    assert len(findings.images) == 1
    assert len(findings.problems) == count
