"""The modules that the program imports at its start, of which every build of a blob has one."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path

import pytest
from support.builders import locked_image

from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.lock import Lock

# Runs the command line until it ends or connects, and prints the modules imported by then.
PROGRAM = """
import os, sys
before = set(sys.modules)

def end():
    import json
    text = json.dumps(sorted(imported))
    os.write(2, f"\\n{text}".encode())
    os._exit(0)

def hook(event, _):
    global imported
    if event == "socket.connect":
        imported = set(sys.modules) - before
        end()

sys.addaudithook(hook)
from nixfetch_docker.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
imported = set(sys.modules) - before
end()
"""
DIGEST = f"sha256:{'0' * 64}"
FETCH = ["fetch-blob", "127.0.0.1:9/web", DIGEST]
PLAIN = '{"127.0.0.1:9": {"plain-http": true}}'

START = {
    "base",
    "base.printable",
    "cli",
    "cli.builder",
    "cli.commands",
    "cli.console",
    "cli.help",
    "cli.main",
    "cli.parser",
    "cli.process",
    "cli.reference_alone",
    "cli.short_form",
    "cli.terminal",
    "errors",
}


def imported(words: list[str], directory: Path, **variables: str) -> set[str]:
    """The modules that these arguments of the program import."""
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *words],
        capture_output=True,
        check=True,
        cwd=directory,
        text=True,
        env={"HOME": str(directory), "XDG_CONFIG_HOME": str(directory), **variables},
    )
    modules: list[str] = json.loads(done.stderr.splitlines()[-1])
    return set(modules)


def own(modules: set[str]) -> set[str]:
    """The modules of this package, by their names in it."""
    parts = {name.partition(".") for name in modules}
    return {module for package, _, module in parts if package == "nixfetch_docker" and module}


def libraries(modules: set[str]) -> set[str]:
    """The libraries among the modules, without those of Python and this package."""
    top = {name.partition(".")[0] for name in modules if not name.endswith("__mypyc")}
    return top - sys.stdlib_module_names - {"nixfetch_docker", "coverage"}


def write_images(directory: Path, host: str = "127.0.0.1:9") -> None:
    """Write an images.toml with an image of a registry that does not answer."""
    (directory / "images.toml").write_text(
        f'[registries."{host}"]\nplain-http = true\n[images]\nweb.image = "{host}/web"\n'
    )


@pytest.mark.parametrize("option", ["--help", "--version"])
def test_an_option_before_the_command_imports_no_command_and_no_library(
    option: str, tmp_path: Path
) -> None:
    modules = imported([option], tmp_path)
    assert own(modules) <= START
    assert libraries(modules) == set()
    assert not modules & {"argparse", "dataclasses", "enum", "pathlib", "re", "signal", "typing"}


@pytest.mark.parametrize(
    ("command", "rooms"),
    [
        pytest.param("show", {"archives", "endpoints", "lockfile", "oci", "versions"}, id="show"),
        pytest.param("fetch-blob", set(), id="fetch-blob"),
        pytest.param(
            "prefetch", {"archives", "endpoints", "lockfile", "oci", "versions"}, id="prefetch"
        ),
    ],
)
def test_the_help_of_a_command_imports_no_other_command_and_no_library(
    command: str, rooms: set[str], tmp_path: Path
) -> None:
    modules = imported([command, "--help"], tmp_path)
    commands = {name for name in own(modules) if name.startswith("cli.commands.")}
    assert commands == {f"cli.commands.{command.replace('-', '_')}"}
    assert {name.partition(".")[0] for name in own(modules)} <= {"base", "cli", "errors", *rooms}
    assert libraries(modules) == set()


@pytest.mark.parametrize(
    "more", [pytest.param([], id="blob"), pytest.param(["--manifest"], id="manifest")]
)
def test_fetch_blob_imports_until_it_connects_only_what_fetches(
    more: list[str], tmp_path: Path
) -> None:
    modules = imported([*FETCH, "--output", "blob", "--registries", PLAIN, *more], tmp_path)
    assert "registry.transport" in own(modules), "it came as far as the connection"
    assert {name.partition(".")[0] for name in own(modules)} <= {
        *("base", "cli", "endpoints", "errors", "logins", "oci", "registry"),
    }
    needless = {"cli.parser", "logins.credentials", "registry.pooled", "registry.tags"}
    assert not own(modules) & needless
    # Where this machine has a registries.conf, it is read.
    assert libraries(modules) <= {"h11", "tomli"}
    assert not modules & {"argparse", "asyncio", "email.message", "html", "http", "shutil", "ssl"}


def test_digest_imports_until_it_connects_only_what_asks_for_a_digest(tmp_path: Path) -> None:
    modules = imported(["digest", "127.0.0.1:9/web:1"], tmp_path)
    assert "registry.lean" in own(modules), "it came as far as the connection"
    needless = {
        "cli.parser",
        "oci.manifest",
        "registry.blobs",
        "registry.download",
        "registry.manifests",
    }
    assert not own(modules) & needless
    assert libraries(modules) <= {"h11", "tomli"}
    assert not modules & {"argparse", "asyncio", "hashlib", "html", "http"}


@pytest.mark.parametrize("words", [["update"], ["update", "--check"], ["lock"]])
def test_update_imports_httpx_for_a_proxy_alone(words: list[str], tmp_path: Path) -> None:
    write_images(tmp_path)
    modules = imported(words, tmp_path)
    assert "registry.lean" in own(modules), "it came as far as the connection"
    assert libraries(modules) <= {"h11", "tomli"}


@pytest.mark.parametrize("words", [["update"], ["update", "--check"], ["lock"], ["why", "web"]])
def test_no_signature_is_thought_of_where_none_is_asked_for(
    words: list[str], tmp_path: Path
) -> None:
    write_images(tmp_path)
    if words[0] == "why":
        asked = Images.parse((tmp_path / "images.toml").read_text()).requests["web"]
        lock = Lock(images={"web": locked_image(asked)})
        (tmp_path / "images.lock.toml").write_text(lock.to_toml())
    modules = imported(words, tmp_path)
    assert "lockfile.vouching" in own(modules)
    assert {name for name in own(modules) if name.partition(".")[0] == "signatures"} == set()
    assert not {"cryptography", "nacl"} & set(libraries(modules))


def test_a_layer_is_rewritten_without_what_asks_registries(tmp_path: Path) -> None:
    (tmp_path / "layer").write_bytes(b"no tar" * 200)
    modules = imported(["erofs-tar", "layer", "facts"], tmp_path)
    assert "layers.unpacked" in own(modules), "it came as far as the layer"
    assert {name.partition(".")[0] for name in own(modules)} <= {
        *("archives", "base", "cli", "errors", "layers", "oci"),
    }
    assert libraries(modules) == set()


def test_show_of_one_image_imports_no_page_of_html(tmp_path: Path) -> None:
    write_images(tmp_path)
    lock = Lock(images={"web": locked_image(content="web")})
    (tmp_path / "images.lock.toml").write_text(lock.to_toml())
    modules = own(imported(["show", "web"], tmp_path))
    assert "nix.stored_blob" in modules
    assert {name for name in modules if name.partition(".")[0] == "page"} == set()


def test_httpx_comes_without_its_command_line(tmp_path: Path) -> None:
    write_images(tmp_path, "registry.example")
    modules = imported(["update"], tmp_path, http_proxy="http://127.0.0.1:9")
    assert "registry.pooled" in own(modules), "it came as far as the connection"
    assert "httpx" in modules
    assert importlib.util.find_spec("click"), "httpx would import its command line"
    assert not libraries(modules) & {"click", "pygments", "rich"}
