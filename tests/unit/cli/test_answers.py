"""The messages that docs/answers quotes are those that the program prints."""

from __future__ import annotations

import json
import os
import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from support import answers, oci, program
from support.answers import Quote
from support.builders import locked_image, request
from support.certificates import Authority
from support.faults.answers import body, html, json_error, redirect, status, wrong_bytes
from support.faults.registry import FaultRegistry, faults

from nixfetch_docker.cli.main import main
from nixfetch_docker.lockfile.lock import Lock

LAYER = oci.layer({"etc/one": b"1"})
DIGEST = oci.digest(LAYER.data)
IMAGE = oci.image(LAYER)
OTHER = oci.image(oci.layer({"etc/one": b"2"}))
ARM = oci.image(LAYER, platform="linux/arm64")
HOST = "registry.lab:5000"
SETTINGS = '[registries."{host}"]\n'


@dataclass(kw_only=True)
class Scene:
    """An empty directory with registries, and what the program printed in it."""

    directory: Path
    monkeypatch: pytest.MonkeyPatch
    capsys: pytest.CaptureFixture[str]
    at_end: ExitStack
    names: dict[str, str] = field(default_factory=dict)
    printed: str = ""

    def registry(self, **arguments: object) -> FaultRegistry:
        """A registry, which pages call registry.lab:5000; it has web:1 for linux/amd64."""
        found = self.at_end.enter_context(faults(**arguments))  # type: ignore[arg-type]
        found.add("web:1", IMAGE)
        self.names[found.host] = HOST
        return found

    def free_host(self, name: str) -> str:
        """A host where nothing listens, which pages call so."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            host = f"127.0.0.1:{free.getsockname()[1]}"
        self.names[host] = name
        return host

    def ask(self, image: str, *lines: str) -> None:
        """Write an images.toml with one image, `web`."""
        text = "\n".join([f'image = "{image}"', *lines])
        Path("images.toml").write_text(f"[images.web]\n{text}\n")

    def lock(self, image: str = "redis:7", *platforms: str) -> None:
        """Write a lock for the image `web` that is asked for so."""
        locked = locked_image(request(image, *platforms))
        Path("images.lock.toml").write_text(Lock(images={"web": locked}).to_toml())

    def run(self, *words: str) -> None:
        """Run the program, and add what it prints to `printed`."""
        status = main(list(words))
        shown = self.capsys.readouterr()
        text = shown.out + shown.err
        for host, name in self.names.items():
            text = text.replace(host, name)
        text = text.replace(f"{self.directory}/", "/home/ann/project/")
        self.printed += re.sub("^nixfetch-docker: ", "", text, flags=re.MULTILINE)
        self.printed += f"exit status {status}\n"


Case = Callable[[Scene], None]
CASES: dict[str, Case] = {}


def case(function: Case) -> Case:
    CASES[function.__name__.replace("_", " ")] = function
    return function


@pytest.fixture
def scene(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Scene]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in [*os.environ]:
        if name in {"DOCKER_CONFIG", "REGISTRY_AUTH_FILE", "XDG_RUNTIME_DIR", "NIX_BUILD_TOP"}:
            monkeypatch.delenv(name)
        if name.lower().endswith("_proxy") or name.startswith("NIXFETCH_"):
            monkeypatch.delenv(name)
    with ExitStack() as at_end:
        yield Scene(directory=tmp_path, monkeypatch=monkeypatch, capsys=capsys, at_end=at_end)


# images.toml and its lock.


@case
def no_images_toml(scene: Scene) -> None:
    scene.run("update")


@case
def unknown_key(scene: Scene) -> None:
    Path("images.toml").write_text('[images.web]\nimage = "ghcr.io/acme/web"\nverison = "^2"\n')
    scene.run("update")


@case
def several_faults(scene: Scene) -> None:
    Path("images.toml").write_text('[images.web]\nimage = redis:7\nplatform = ["linux/amd64"]\n')
    scene.run("update")


@case
def version_is_no_string(scene: Scene) -> None:
    scene.ask("redis", "version = 7.10")
    scene.run("update")


@case
def version_is_foreign(scene: Scene) -> None:
    scene.ask("redis", 'version = "~> 7.2"')
    scene.run("update")


@case
def version_and_a_tag(scene: Scene) -> None:
    scene.ask("redis:7", 'version = "^7"')
    scene.run("update")


@case
def no_group(scene: Scene) -> None:
    scene.ask("quay.io/minio/minio", "tag-pattern = '^RELEASE'")
    scene.run("update")


@case
def other_name_of_a_platform(scene: Scene) -> None:
    scene.ask("redis:7", 'platforms = ["linux/x86_64"]')
    scene.run("update")


@case
def a_system_of_nix(scene: Scene) -> None:
    scene.ask("redis:7", 'platforms = ["aarch64-linux"]')
    scene.run("update")


@case
def a_login_in_the_file(scene: Scene) -> None:
    scene.ask("ann:secret@ghcr.io/acme/web:1")
    scene.run("update")


@case
def a_compose_file(scene: Scene) -> None:
    Path("images.toml").write_text("services:\n  web:\n    image: redis:7\n")
    scene.run("update")


@case
def a_conflict_in_images_toml(scene: Scene) -> None:
    Path("images.toml").write_text(
        '[images.web]\n<<<<<<< HEAD\nimage = "redis:7"\n=======\nimage = "redis:8"\n>>>>>>> topic\n'
    )
    scene.run("update")


@case
def a_conflict_in_the_lock(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.lock()
    lock = Path("images.lock.toml")
    lock.write_text(f"<<<<<<< HEAD\n{lock.read_text()}=======\n>>>>>>> topic\n")
    scene.run("show")


@case
def a_lock_that_was_edited(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.lock()
    lock = Path("images.lock.toml")
    lock.write_text(lock.read_text().replace('tag = "7"', 'tag = "8"'))
    scene.run("show")


@case
def a_lock_of_a_later_version(scene: Scene) -> None:
    scene.ask("redis:7")
    Path("images.lock.toml").write_text("version = 2\n")
    scene.run("show")


@case
def no_such_name(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.run("update", "wbe")


@case
def freeze_before_lock(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.run("freeze", "web")


@case
def freeze_after_an_edit(scene: Scene) -> None:
    scene.ask("redis:8")
    scene.lock()
    scene.run("freeze", "web")


# Answers of registries.


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


# TLS and proxies.


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


# What a tag means.


@case
def platform_is_missing(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("web:2", ARM)
    scene.ask(f"{registry.host}/web:2", 'platforms = ["linux/amd64"]')
    scene.run("update")


@case
def platform_is_lost(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("web:2", IMAGE, ARM)
    scene.ask(f"{registry.host}/web:2")
    scene.run("update")
    registry.add("web:2", IMAGE)
    scene.run("update")


def _follow(scene: Scene, version: str, *tags: str) -> None:
    registry = scene.registry()
    for tag in tags:
        registry.add(f"app:{tag}", IMAGE)
    scene.ask(f"{registry.host}/app", f'version = "{version}"')
    scene.run("update")


@case
def no_such_version(scene: Scene) -> None:
    _follow(scene, "^8", "7.2.1", "7.4.0", "latest")


@case
def another_suffix(scene: Scene) -> None:
    _follow(scene, "^7", "7.2.1-alpine", "7.4.0-alpine")


@case
def only_names(scene: Scene) -> None:
    _follow(scene, "^7", "latest", "stable")


@case
def pushed_again(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("web:7.4.1", IMAGE)
    scene.ask(f"{registry.host}/web:7.4.1")
    scene.run("update")
    registry.add("web:7.4.1", OTHER)
    scene.run("update")


@case
def frozen(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("web:7", IMAGE)
    scene.ask(f"{registry.host}/web:7")
    scene.run("update")
    scene.run("freeze", "web")
    registry.add("web:7", OTHER)
    scene.run("update", "--verbose")


@case
def a_chart(scene: Scene) -> None:
    registry = scene.registry()
    manifest = {
        "schemaVersion": 2,
        "mediaType": oci.MANIFEST,
        "config": {
            "mediaType": "application/vnd.cncf.helm.config.v1+json",
            "digest": registry.add_blob(b"{}"),
            "size": 2,
        },
        "layers": [],
    }
    registry.add_manifest("chart:1", json.dumps(manifest).encode(), oci.MANIFEST)
    scene.ask(f"{registry.host}/chart:1")
    scene.run("update")


# Logins.


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


# Builds.


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


# Files.


@case
def a_file_that_is_there_already(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.run("init")


@case
def an_import_of_a_function(scene: Scene) -> None:
    Path("images.nix").write_text("{ dockerTools, args }: dockerTools.pullImage args\n")
    scene.run("import", "images.nix")


@case
def an_import_without_images(scene: Scene) -> None:
    Path("images.nix").write_text("{ }\n")
    scene.run("import", "images.nix")


@case
def an_import_of_a_computed_name(scene: Scene) -> None:
    Path("images.nix").write_text(
        "{ dockerTools, name }: dockerTools.pullImage { imageName = name; }\n"
    )
    scene.run("import", "images.nix")


@case
def an_import_of_other_files(scene: Scene) -> None:
    Path("compose.json").write_text('{"include": ["other.yml"], "services": {}}')
    scene.run("import", "compose.json")


@case
def an_import_of_a_variable(scene: Scene) -> None:
    Path("compose.json").write_text('{"services": {"web": {"image": "web:${TAG}"}}}')
    scene.run("import", "compose.json")


@case
def an_import_of_a_local_image(scene: Scene) -> None:
    Path("compose.json").write_text('{"services": {"web": {"image": "localhost/web:1"}}}')
    scene.run("import", "compose.json")


@case
def an_import_of_a_build(scene: Scene) -> None:
    Path("compose.json").write_text('{"services": {"web": {"build": "."}}}')
    scene.run("import", "compose.json")


@case
def a_full_disk(scene: Scene) -> None:
    scene.ask("redis:7")
    scene.lock()
    with Path("/dev/full").open("w") as full:
        done = program.run(scene.directory, "show", stdout=full.fileno())
    scene.printed += done.stderr.replace("nixfetch-docker: ", "")


def _reference(text: str) -> Case:
    def ask(scene: Scene) -> None:
        scene.ask(text)
        scene.run("update")

    return ask


def _lines(image: str, *lines: str) -> Case:
    def ask(scene: Scene) -> None:
        scene.ask(image, *lines)
        scene.run("update")

    return ask


def _text(text: str, *words: str) -> Case:
    def ask(scene: Scene) -> None:
        Path("images.toml").write_text(text)
        scene.run(*(words or ("update",)))

    return ask


WEB = '[images.web]\nimage = "registry.lab:5000/web:1"\n'
CASES |= {
    "upper case": _reference("ghcr.io/Acme/web"),
    "a url": _reference("https://ghcr.io/acme/web"),
    "an image id": _reference("0123456789abcdef" * 4),
    "a wrong tag": _reference("redis:7.4 alpine"),
    "a short digest": _reference("redis@sha256:8b81dd37ff02"),
    "no layout": _reference("oci:./web"),
    "a suffix alone": _lines("redis", 'suffix = "alpine"'),
    "patterns alone": _lines("redis", 'ignore = ["7.1.*"]'),
    "a pattern that is none": _lines("redis", "tag-pattern = '^(?P<version>.+$'"),
    "a misspelt platform": _lines("redis:7", 'platforms = ["linux/amd46"]'),
    "no platform": _lines("redis:7", "platforms = []"),
    "a name with a blank": _text('[images."my web"]\nimage = "redis:7"\n'),
    "one name twice": _text(f'{WEB}\n[images.web]\nimage = "redis:7"\n'),
    "a name that is taken": _text(WEB, "add", "redis:7", "--name", "web"),
    "a registry with a scheme": _text(f'{WEB}[registries."https://registry.lab:5000"]\n'),
    "a mirror without a scheme": _text(
        f'{WEB}[registries."docker.io"]\nmirrors = ["mirror.lab"]\n'
    ),
    "a certificate without its key": _text(
        f'{WEB}{SETTINGS.format(host=HOST)}client-certificate = "client.pem"\n'
    ),
    "plain http and a ca": _text(
        f'{WEB}{SETTINGS.format(host=HOST)}plain-http = true\nca-file = "lab-ca.pem"\n'
    ),
    "a form that cannot be edited": _text(
        'images = { web = { image = "redis:7" } }\n', "add", "busybox"
    ),
    "another ending": _text(WEB, "update", "--file", "images.txt"),
    "a lock as a file": _text(WEB, "update", "--file", "images.lock.toml"),
    "no quotation marks": _text("[images.web]\nimage = redis:7\n"),
    "yaml in toml": _text('[images.web]\nimage: "redis:7"\n'),
    "a string that is not closed": _text('[images.web]\nimage = "redis:7\n'),
    "no string": _text("[images.web]\nimage = 7\n"),
    "no table": _text('[images]\nweb = "redis:7"\n'),
    "no array": _lines("redis:7", 'platforms = "linux/amd64"'),
    "no image": _text('[images.web]\nplatforms = ["linux/amd64"]\n'),
    "a version of a file": _lines("oci:./web", 'version = "^1"'),
    "a version of a tag that is added": _text(WEB, "add", "redis:7", "--version", "^7"),
    "a login in a mirror": _text(
        f'{WEB}[registries."docker.io"]\nmirrors = ["https://ann:secret@mirror.lab"]\n'
    ),
    "a misspelt command": _text(WEB, "updte"),
    "a misspelt option": _text(WEB, "update", "--pretch"),
    "a file in place of a reference": _text(WEB, "digest", "oci:./web"),
    "a prefetch before lock": _text(WEB, "prefetch", "web"),
    "show before lock": _text(WEB, "show", "web"),
}


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
def a_manifest_that_is_gone(scene: Scene) -> None:
    registry = scene.registry()
    registry.add_manifest("web:2", oci.index([IMAGE, ARM]), oci.INDEX)
    registry.add("web:x", IMAGE)
    scene.ask(f"{registry.host}/web:2")
    scene.run("update")


@case
def schema_1(scene: Scene) -> None:
    registry = scene.registry()
    media_type = "application/vnd.docker.distribution.manifest.v1+prettyjws"
    document = {"schemaVersion": 1, "name": "old", "tag": "1", "fsLayers": [], "history": []}
    data = json.dumps(document).encode()
    registry.script("GET", "/web/manifests/1", *[body(data, {"Content-Type": media_type})] * 9)
    scene.ask(f"{registry.host}/web:1")
    scene.run("update")


@case
def no_tags(scene: Scene) -> None:
    registry = scene.registry()
    registry.add_manifest("app", IMAGE.manifest, oci.MANIFEST)
    scene.ask(f"{registry.host}/app", 'version = "^1"')
    scene.run("update")


@case
def a_mirror_that_is_down(scene: Scene) -> None:
    registry = scene.registry()
    mirror = scene.free_host("mirror.lab:5000")
    scene.ask(f"{registry.host}/web:1")
    with Path("images.toml").open("a") as file:
        file.write(SETTINGS.format(host=registry.host) + f'mirrors = ["http://{mirror}"]\n')
    scene.run("update")


@case
def a_prefetch_for_another_platform(scene: Scene) -> None:
    scene.ask("redis:7", 'platforms = ["linux/amd64"]')
    scene.lock("redis:7", "linux/amd64")
    scene.run("prefetch", "web", "--platform", "linux/arm64")


@case
def a_file_that_is_no_image(scene: Scene) -> None:
    Path("web.tar").write_text("This is a text.\n")
    scene.ask("docker-archive:./web.tar")
    scene.run("update")


@case
def passed_by(scene: Scene) -> None:
    registry = scene.registry()
    registry.add("app:2.1", IMAGE, ARM)
    scene.ask(f"{registry.host}/app", 'version = "^2"')
    scene.run("update")
    registry.add("app:2.2", IMAGE)
    scene.run("update", "--verbose")


@case
def a_check_of_what_is_gone(scene: Scene) -> None:
    registry = scene.registry()
    scene.ask(f"{registry.host}/web:1")
    scene.run("update")
    registry.script("HEAD", f"/blobs/{DIGEST}", *[status(404)] * 9)
    scene.run("check")


@pytest.mark.parametrize("quote", answers.quotes("said"), ids=str)
def test_a_page_quotes_what_the_program_prints(quote: Quote, scene: Scene) -> None:
    CASES[quote.source](scene)
    assert not quote.lacks(scene.printed), scene.printed


def test_each_case_is_on_a_page() -> None:
    assert sorted(quote.source for quote in answers.quotes("said")) == sorted(CASES)


@pytest.mark.parametrize("quote", answers.quotes("written"), ids=str)
def test_a_page_quotes_what_a_file_has(quote: Quote) -> None:
    assert quote.in_source
    text = answers.source_text(quote.source)
    assert [part for part in quote.in_source if part not in text] == []


@pytest.mark.parametrize("page", answers.pages(), ids=lambda page: page.stem)
def test_a_page_says_what_is_seen_why_and_what_to_do(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# ")
    assert re.findall("^## (.+)$", text, re.MULTILINE)[-2:] == ["Why", "What to do"]
    assert re.findall("^<!-- part: (.+) -->$", text, re.MULTILINE)[0] in answers.PARTS


def test_each_block_of_text_says_where_it_comes_from() -> None:
    known = {"said", "evaluated", "written"}
    assert [str(quote) for quote in answers.quotes() if quote.kind not in known] == []
    assert [str(quote) for quote in answers.quotes() if not quote.text] == []


def test_the_index_has_every_page() -> None:
    path = answers.ANSWERS / "index.md"
    head, mark, _ = path.read_text(encoding="utf-8").partition("<!-- the pages -->\n")
    new = answers.index_text(head + mark)
    nav = path.with_name(".nav.yml")
    if os.environ.get("RENEW_GOLDEN"):
        path.write_text(new, encoding="utf-8")
        nav.write_text(answers.nav_text(), encoding="utf-8")
    assert path.read_text(encoding="utf-8") == new
    assert nav.read_text(encoding="utf-8") == answers.nav_text()
    assert all(f"]({page.name})" in new for page in answers.pages())
