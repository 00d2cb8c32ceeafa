"""Messages about registries that refuse or fail: to `update`, and to a build."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

from ..certificates import Authority
from ..faults.answers import html, json_error, redirect, status, wrong_bytes
from .scene import DIGEST, HOST, IMAGE, SETTINGS, Scene, case


@case
def no_login(scene: Scene) -> None:
    registry = scene.registry()
    registry.require_basic("ann", "secret")
    scene.ask(f"{registry.host}/web:1")
    scene.run("update")


@case
def refused_login(scene: Scene) -> None:
    registry = scene.registry()
    registry.grant_tokens(require_basic=("ann", "secret"))
    auth = {registry.host: {"auth": "YW5uOndyb25n"}}
    Path(".docker").mkdir()
    Path(".docker/config.json").write_text(json.dumps({"auths": auth}))
    scene.ask(f"{registry.host}/web:1")
    scene.run("update")


def _answers(scene: Scene, *answer: Callable[..., None]) -> None:
    registry = scene.registry()
    registry.script("HEAD", "/web/manifests/1", *answer * 10)
    registry.script("GET", "/web/manifests/1", *answer * 10)
    scene.ask(f"{registry.host}/web:1")
    scene.run("update")


@case
def forbidden(scene: Scene) -> None:
    _answers(scene, json_error(403, "DENIED", "requested access to the resource is denied"))


@case
def no_such_tag(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("web:1.27.3", IMAGE)
    scene.ask(f"{registry.host}/web:1.27.33")
    scene.run("update")


@case
def no_such_repository(scene: Scene) -> None:
    registry = scene.registry()
    scene.ask(f"{registry.host}/wbe:1")
    scene.run("update")


@case
def too_many_requests(scene: Scene) -> None:
    limited = json_error(
        429, "TOOMANYREQUESTS", "You have reached your pull rate limit.", {"Retry-After": "0"}
    )
    _answers(scene, limited)


@case
def in_trouble(scene: Scene) -> None:
    _answers(scene, status(503, {"Retry-After": "0"}))


@case
def a_login_page(scene: Scene) -> None:
    _answers(scene, html())


@case
def refused_connection(scene: Scene) -> None:
    scene.ask(f"{scene.free_host(HOST)}/web:1")
    scene.run("update")


def _over_tls(scene: Scene, authority: Authority, settings: str = "", **server: object) -> None:
    issued = authority.server(*server.pop("names", ()), expired=bool(server.pop("expired", False)))  # type: ignore[misc]
    context = authority.server_context(issued, **server)  # type: ignore[arg-type]
    registry = scene.registry(tls=context)
    scene.ask(f"{registry.host}/web:1")
    with Path("images.toml").open("a") as file:
        file.write(SETTINGS.format(host=registry.host) + settings)
    scene.run("update")


@case
def unknown_ca(scene: Scene) -> None:
    _over_tls(scene, Authority(Path("ca")), "plain-http = false\n")


@case
def expired_certificate(scene: Scene) -> None:
    _over_tls(scene, Authority(Path("ca")), 'ca-file = "ca/ca.pem"\n', expired=True)


@case
def certificate_of_another_host(scene: Scene) -> None:
    names = ("mirror.lab",)
    _over_tls(scene, Authority(Path("ca")), 'ca-file = "ca/ca.pem"\n', names=names)


@case
def no_client_certificate(scene: Scene) -> None:
    _over_tls(scene, Authority(Path("ca")), 'ca-file = "ca/ca.pem"\n', require_client=True)


@case
def plain_http_where_tls_is_expected(scene: Scene) -> None:
    registry = scene.registry()
    scene.ask(f"{registry.host}/web:1")
    with Path("images.toml").open("a") as file:
        file.write(SETTINGS.format(host=registry.host) + "plain-http = false\n")
    scene.run("update")


@case
def no_such_ca_file(scene: Scene) -> None:
    scene.ask("registry.lab:5000/web:1")
    with Path("images.toml").open("a") as file:
        file.write(SETTINGS.format(host=HOST) + 'ca-file = "lab-ca.pem"\n')
    scene.run("update")


@case
def a_proxy_that_refuses(scene: Scene) -> None:
    registry = scene.registry()
    scene.monkeypatch.setenv("HTTPS_PROXY", registry.url)
    scene.ask("registry.lab:5000/web:1")
    scene.run("update")


@case
def a_proxy_that_is_down(scene: Scene) -> None:
    proxy = scene.free_host("proxy.lab:3128")
    scene.monkeypatch.setenv("HTTPS_PROXY", f"http://{proxy}")
    scene.ask("registry.lab:5000/web:1")
    scene.run("update")


def _with_docker_config(scene: Scene, text: str) -> None:
    registry = scene.registry()
    registry.require_basic("ann", "secret")
    Path(".docker").mkdir()
    Path(".docker/config.json").write_text(text.replace("HOST", registry.host))
    scene.ask(f"{registry.host}/web:1")
    scene.run("update")


@case
def no_such_helper(scene: Scene) -> None:
    _with_docker_config(scene, '{"credHelpers": {"HOST": "pass"}}')


@case
def a_broken_docker_config(scene: Scene) -> None:
    _with_docker_config(scene, '{"auths": {,}}')


def _build(scene: Scene, repository: str, digest: str, *words: str) -> None:
    scene.monkeypatch.setenv("NIX_BUILD_TOP", "/build")
    scene.run("fetch-blob", repository, digest, "-o", "blob", *words)


@case
def no_login_in_the_sandbox(scene: Scene) -> None:
    registry = scene.registry()
    registry.require_basic("ann", "secret")
    _build(scene, f"{registry.host}/web", DIGEST)


@case
def wrong_content(scene: Scene) -> None:
    registry = scene.registry()
    registry.script("GET", f"/blobs/{DIGEST}", *[wrong_bytes()] * 10)
    _build(scene, f"{registry.host}/web", DIGEST)


@case
def a_blob_that_is_gone(scene: Scene) -> None:
    registry = scene.registry()
    _build(scene, f"{registry.host}/web", f"sha256:{'ab' * 32}")


@case
def a_file_in_a_build(scene: Scene) -> None:
    _build(scene, "oci:./web", f"sha256:{'ab' * 32}")


def _registries_conf(scene: Scene, text: str) -> None:
    Path("registries.conf").write_text(text)
    scene.monkeypatch.setenv("CONTAINERS_REGISTRIES_CONF", f"{scene.directory}/registries.conf")


@case
def a_short_name_of_podman(scene: Scene) -> None:
    _registries_conf(scene, '[aliases]\nfedora = "registry.fedoraproject.org/fedora"\n')
    scene.ask("fedora:40")
    scene.run("update")


@case
def a_blocked_registry(scene: Scene) -> None:
    _registries_conf(scene, '[[registry]]\nlocation = "registry.lab:5000"\nblocked = true\n')
    scene.ask("registry.lab:5000/web:1")
    scene.run("update")


@case
def a_helper_that_fails(scene: Scene) -> None:
    helper = Path("docker-credential-pass")
    helper.write_text(f"#!{sys.executable}\nimport sys\nsys.exit('the store is locked')\n")
    helper.chmod(0o755)
    scene.monkeypatch.setenv("PATH", str(scene.directory), prepend=os.pathsep)
    _with_docker_config(scene, '{"credHelpers": {"HOST": "pass"}}')


@case
def a_redirect_to_its_link(scene: Scene) -> None:
    _answers(scene, redirect("http://169.254.169.254/latest"))


@case
def a_mirror_that_is_down(scene: Scene) -> None:
    registry = scene.registry()
    mirror = scene.free_host("mirror.lab:5000")
    scene.ask(f"{registry.host}/web:1")
    with Path("images.toml").open("a") as file:
        file.write(SETTINGS.format(host=registry.host) + f'mirrors = ["http://{mirror}"]\n')
    scene.run("update")
