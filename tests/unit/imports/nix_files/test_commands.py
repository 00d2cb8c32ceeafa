from __future__ import annotations

import pytest

from nixfetch_docker.imports.nix_files.images import find_in_nix

TOLD = "line {}: a command of {} names an image here, and commands are not read; "
ADD_IT = "add the image to images.toml yourself"


def told(line: int, engine: str) -> str:
    return TOLD.format(line, engine) + ADD_IT


@pytest.mark.parametrize(
    ("text", "messages"),
    [
        pytest.param(
            '{ ExecStart = "${pkgs.podman}/bin/podman run --rm ghcr.io/acme/tool:1"; }',
            [told(1, "podman")],
            id="a unit",
        ),
        pytest.param(
            '{ x = "${lib.getExe pkgs.docker} run -it acme/x"; }', [told(1, "docker")], id="getExe"
        ),
        pytest.param(
            '{ x = "${pkgs.docker-client}/bin/docker pull acme/x"; }',
            [told(1, "docker")],
            id="another package",
        ),
        pytest.param(
            """{\n  x = writeShellScript "x" ''\n    set -e\n    exec podman container run \\\n"""
            """      -v /a:/b a:1\n    nerdctl create b:1\n  '';\n}""",
            [told(2, "podman"), told(2, "nerdctl")],
            id="a script with two",
        ),
        pytest.param(
            '{ a = { command = "docker"; args = [ "run" "--rm" "acme/mcp:latest" ]; }; }',
            [told(1, "docker")],
            id="arguments",
        ),
        pytest.param(
            '{ a = { command = "${pkgs.podman}/bin/podman"; args = [ "run" "acme/mcp" ]; }; }',
            [told(1, "podman")],
            id="arguments of a program of Nix",
        ),
        pytest.param(
            '{ a = escapeShellArgs [ "${pkgs.podman}/bin/podman" "pull" "acme/x:1" ]; }',
            [told(1, "podman")],
            id="a list of words",
        ),
        pytest.param(
            '{ a = [ (lib.getExe pkgs.podman) "run" "acme/x:1" ]; }',
            [told(1, "podman")],
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
    assert [str(problem) for problem in find_in_nix(text).problems] == messages


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
