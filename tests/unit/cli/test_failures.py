"""One fault of many images, as the commands tell it."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support import oci
from support.certificates import Authority
from support.faults.answers import status
from support.faults.registry import FaultRegistry, faults

from nixfetch_docker.cli.main import main

NAMES = [f"web{number:02}" for number in range(11)]
CONCERNED = "web00, web01, web02 and 8 more"
IMAGE = oci.image(oci.layer({"etc/one": b"1"}))
Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "NIXFETCH_DEBUG"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def registry() -> Iterator[FaultRegistry]:
    with faults() as running:
        for name in NAMES:
            running.add(f"{name}:1", IMAGE)
        yield running


def ask_for(host: str, settings: str = "") -> None:
    lines = [f'[images.{name}]\nimage = "{host}/{name}:1"\n' for name in NAMES]
    Path("images.toml").write_text("".join(lines) + settings)


def log_in(text: str) -> None:
    Path(".docker").mkdir(exist_ok=True)
    Path(".docker/config.json").write_text(text)


def errors(capsys: Capture) -> list[str]:
    return [
        line.removeprefix("nixfetch-docker: ")
        for line in capsys.readouterr().err.splitlines()
        if line.startswith("nixfetch-docker: ")
    ]


def _down(_registry: FaultRegistry, _: pytest.MonkeyPatch) -> str:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        host = f"127.0.0.1:{free.getsockname()[1]}"
    ask_for(host)
    return (
        f"{host}: cannot connect ([Errno 111] Connection refused); "
        "is the registry's name right, and is it up?"
    )


def _in_trouble(registry: FaultRegistry, _: pytest.MonkeyPatch) -> str:
    for name in NAMES:
        registry.script("GET", f"/{name}/manifests/1", *[status(503, {"Retry-After": "0"})] * 10)
    ask_for(registry.host)
    return f"{registry.host} answered 503; the registry is in trouble; try again later"


def _without_login(registry: FaultRegistry, _: pytest.MonkeyPatch) -> str:
    registry.require_basic("ann", "secret")
    ask_for(registry.host)
    return (
        f"{registry.host} answered 401 (UNAUTHORIZED: authentication required); does the "
        "image exist, and is its name right? If it is private, log in with docker login "
        "or podman login"
    )


def _broken_login_file(registry: FaultRegistry, _: pytest.MonkeyPatch) -> str:
    registry.require_basic("ann", "secret")
    log_in("{")
    ask_for(registry.host)
    return f"{Path.cwd()}/.docker/config.json: "


def _missing_helper(registry: FaultRegistry, _: pytest.MonkeyPatch) -> str:
    registry.require_basic("ann", "secret")
    log_in(json.dumps({"credHelpers": {registry.host: "no-such"}}))
    ask_for(registry.host)
    return f"{Path.cwd()}/.docker/config.json: "


def _refusing_proxy(registry: FaultRegistry, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("HTTPS_PROXY", registry.url)
    images = [f'[images.{name}]\nimage = "{name}.example/web:1"\n' for name in NAMES]
    Path("images.toml").write_text("".join(images))
    return "the proxy refuses ("


KINDS = [_down, _in_trouble, _without_login, _broken_login_file, _missing_helper, _refusing_proxy]


@pytest.mark.parametrize("command", [["update"], ["update", "--check"], ["lock", "-j", "3"]])
@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__.strip("_"))
def test_a_fault_of_many_images_is_told_once_without_urls(
    kind: Callable[[FaultRegistry, pytest.MonkeyPatch], str],
    command: list[str],
    registry: FaultRegistry,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> None:
    fault = kind(registry, monkeypatch)
    assert main(command) == 1
    shown = capsys.readouterr().err
    (error,) = [line for line in shown.splitlines() if line.startswith("nixfetch-docker: ")]
    assert error.startswith(f"nixfetch-docker: {CONCERNED}: {fault}")
    assert "/v2/" not in shown
    assert len(shown.splitlines()) <= 3


def test_an_expired_certificate_is_told_once(tmp_path: Path, capsys: Capture) -> None:
    authority = Authority(tmp_path / "ca")
    issued = authority.server(expired=True)
    with faults(tls=authority.server_context(issued)) as registry:
        ask_for(registry.host, f'[registries."{registry.host}"]\nca-file = "{authority.file}"\n')
        assert main(["update"]) == 1
    (error,) = errors(capsys)
    assert error.startswith(f"{CONCERNED}: {registry.host}: its certificate is not valid now (")


def test_verbose_shows_every_image_with_its_url(registry: FaultRegistry, capsys: Capture) -> None:
    ask_for(registry.host)
    for name in NAMES:
        registry.script("GET", f"/{name}/manifests/1", *[status(500, {"Retry-After": "0"})] * 10)
    assert main(["update", "-v"]) == 1
    assert [line.split(" answered ")[0] for line in errors(capsys)] == [
        f"{name}: {registry.host}/{name}:1: GET {registry.url}/v2/{name}/manifests/1"
        for name in NAMES
    ]


def test_debugging_shows_the_url(
    registry: FaultRegistry, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("NIXFETCH_DEBUG", "1")
    assert main(["digest", f"{registry.host}/{NAMES[0]}:2"]) == 1
    assert f"GET {registry.url}/v2/{NAMES[0]}/manifests/2" in capsys.readouterr().err


def test_json_keeps_the_url_of_every_image(registry: FaultRegistry, capsys: Capture) -> None:
    _without_login(registry, pytest.MonkeyPatch())
    assert main(["update", "--json"]) == 1
    document = json.loads(capsys.readouterr().out)
    for image in document["images"]:
        url = f"GET {registry.url}/v2/{image['name']}/manifests/1 answered 401"
        assert url in image["error"]


def test_tries_are_told_once_a_registry(registry: FaultRegistry, capsys: Capture) -> None:
    _in_trouble(registry, pytest.MonkeyPatch())
    main(["update"])
    tries = [line for line in capsys.readouterr().err.splitlines() if "trying again" in line]
    assert tries == [f"{registry.host} answered 503; trying again in 0.0 s"]
    main(["update", "-v"])
    tries = [line for line in capsys.readouterr().err.splitlines() if "trying again" in line]
    assert len(tries) > len(NAMES)
    assert all("/v2/" in line for line in tries)


def test_check_tells_a_fault_once(registry: FaultRegistry, capsys: Capture) -> None:
    ask_for(registry.host)
    assert main(["update", "-q"]) == 0
    capsys.readouterr()
    registry.require_basic("ann", "secret")
    assert main(["check"]) == 1
    (error,) = errors(capsys)
    assert error.startswith(f"{CONCERNED}: {registry.host} answered 401; ")


def test_one_image_names_its_registry_repository_and_tag(
    registry: FaultRegistry, capsys: Capture
) -> None:
    registry.require_basic("ann", "secret")
    Path("images.toml").write_text(f'[images.web]\nimage = "{registry.host}/web00:1"\n')
    assert main(["update"]) == 1
    (error,) = errors(capsys)
    assert error.startswith(
        f"web: {registry.host}/web00:1: {registry.host} answered 401 "
        "(UNAUTHORIZED: authentication required); "
    )
