"""The same client against docker-registry in the ways that people run it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support import oci
from support.certificates import Authority
from support.command import Project
from support.nix import Nix
from support.proxy import proxy as run_proxy
from support.registry import Registry, password_file
from support.registry import registry as run_registry
from support.tokens import tokens as run_tokens

IMAGE = oci.image(oci.layer({"etc/a": b"a"}), oci.layer({"etc/b": b"b" * 3000}, "none"))
ADDED = f"web: added 1 {IMAGE.digest[:19]}"
LAYER = IMAGE.layers[1]


def ask_for(project: Project, image: str, settings: str = "") -> None:
    project.images.write_text(f'[images.web]\nimage = "{image}"\n{settings}')


def fetch(project: Project, repository: str, settings: str = "{}") -> bytes:
    """A layer, by `fetch-blob`."""
    digest, size = oci.digest(LAYER.data), str(len(LAYER.data))
    project.run(
        *["fetch-blob", repository, digest, "--size", size, "-o", "layer"],
        *["--registries", settings],
    )
    return (project.directory / "layer").read_bytes()


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Registry]:
    config = password_file(tmp_path / "htpasswd")
    with run_registry(tmp_path / "private", config) as running:
        running.push_credentials = "someone:secret"
        running.push("acme/web:1", IMAGE)
        yield running


def test_a_login_opens_a_registry_with_passwords(private: Registry, project: Project) -> None:
    image = f"{private.host}/acme/web:1"
    ask_for(project, image)
    anonymous = project.try_run("update")
    assert anonymous.returncode == 1
    assert anonymous.stderr.splitlines()[0] == (
        f"nixfetch-docker: web: {image}: {private.host} "
        "answered 401 (UNAUTHORIZED: authentication required); does the image exist, and is its "
        "name right? If it is private, log in with docker login or podman login"
    )

    project.log_in(private.host, "someone", "secret")
    assert project.run("update").startswith(ADDED)
    assert fetch(project, f"{private.host}/acme/web") == LAYER.data


def test_a_login_that_is_refused_is_named(private: Registry, project: Project) -> None:
    file = project.log_in(private.host, "someone", "wr0ng-p4ss")
    image = f"{private.host}/acme/web:1"
    ask_for(project, image)
    done = project.try_run("update")
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == (
        f"nixfetch-docker: web: {image}: {private.host} "
        "answered 401 (UNAUTHORIZED: authentication required); the login from "
        f"{file} was sent; is the image's name right? If it is, log in again, or pass --anonymous "
        "for a public image"
    )
    assert "wr0ng" not in done.stdout + done.stderr


def test_a_login_fetches_tokens(tmp_path: Path, project: Project) -> None:
    with (
        run_tokens(tmp_path / "tokens", password=("someone", "secret")) as tokens,
        run_registry(tmp_path / "registry", tokens.registry_config) as registry,
    ):
        registry.push_credentials = "someone:secret"
        registry.push("acme/web:1", IMAGE)
        ask_for(project, f"{registry.host}/acme/web:1")
        assert project.try_run("update").returncode == 1
        file = project.log_in(registry.host, "someone", "secret")
        assert project.run("update").startswith(ADDED)
        assert fetch(project, f"{registry.host}/acme/web") == LAYER.data

        file.write_text(file.read_text().replace('auth": "', 'auth": "eDp5'))
        refused = project.try_run("update", "--anonymous")
        assert refused.returncode == 1


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path / "authority")


def test_a_private_ca_is_trusted_where_it_is_named(
    tmp_path: Path, authority: Authority, project: Project, nix: Nix
) -> None:
    with run_registry(tmp_path / "tls", tls=authority.server()) as registry:
        registry.push("acme/web:1", IMAGE)
        image = f"{registry.host}/acme/web:1"
        ask_for(project, image, f'[registries."{registry.host}"]\nplain-http = false\n')
        failed = project.try_run("update")
        assert failed.returncode == 1
        assert "its certificate is not trusted" in failed.stderr
        assert (
            f'; set ca-file under [registries."{registry.host}"], or name its CA in SSL_CERT_FILE'
            in failed.stderr
        )

        (project.directory / "ca.pem").write_bytes(authority.file.read_bytes())
        ask_for(project, image, f'[registries."{registry.host}"]\nca-file = "ca.pem"\n')
        assert project.run("update").startswith(ADDED)
        settings = f'{{"{registry.host}": {{"ca-file": "{authority.file}"}}}}'
        assert fetch(project, f"{registry.host}/acme/web", settings) == LAYER.data
        assert nix.build(project.images, "web").is_dir()

        project.lock.unlink()
        project.env["SSL_CERT_FILE"] = str(authority.file)
        ask_for(project, image, f'[registries."{registry.host}"]\nplain-http = false\n')
        assert project.run("update").startswith(ADDED)


def test_certs_d_is_honoured(tmp_path: Path, authority: Authority, project: Project) -> None:
    with run_registry(tmp_path / "tls", tls=authority.server()) as registry:
        registry.push("acme/web:1", IMAGE)
        directory = project.home / ".config/containers/certs.d" / registry.host
        directory.mkdir(parents=True)
        (directory / "ca.crt").write_bytes(authority.file.read_bytes())
        ask_for(
            project,
            f"{registry.host}/acme/web:1",
            f'[registries."{registry.host}"]\nplain-http = false\n',
        )
        assert project.run("update").startswith(ADDED)


def test_a_pull_through_cache_serves_as_a_mirror_and_may_fail(
    tmp_path: Path, registry: Registry, project: Project, nix: Nix
) -> None:
    registry.push("acme/web:1", IMAGE)
    config = [f"proxy: {{remoteurl: 'http://{registry.host}'}}"]
    with run_registry(tmp_path / "cache", config) as cache:
        settings = f'[registries."{registry.host}"]\nmirrors = ["http://{cache.host}"]\n'
        ask_for(project, f"{registry.host}/acme/web:1", settings)
        assert project.run("update").startswith(ADDED)
        assert [line for line in cache.asked() if line.startswith("GET")]
        assert registry.asked() == []
        assert nix.build(project.images, "web", "config").is_file()
        assert registry.asked() == []

    project.lock.unlink()
    done = project.try_run("update")
    assert (done.returncode, done.stdout.startswith(ADDED)) == (0, True)
    assert done.stderr.splitlines()[0] == (
        f"{cache.host}: cannot connect ([Errno 111] Connection refused); trying the next place"
    )


def test_wrong_bytes_of_a_mirror_are_passed_over(
    tmp_path: Path, registry: Registry, project: Project, nix: Nix
) -> None:
    registry.push("acme/web:1", IMAGE)
    with run_registry(tmp_path / "mirror") as mirror:
        mirror.push("acme/web:1", IMAGE)
        digest = oci.digest(LAYER.data)
        mirror.blob_file(digest).write_bytes(bytes(len(LAYER.data)))
        settings = f'[registries."{registry.host}"]\nmirrors = ["http://{mirror.host}"]\n'
        ask_for(project, f"{registry.host}/acme/web:1", settings)
        project.run("update")
        layout = nix.build(project.images, "web")
    assert (layout / "blobs" / digest.replace(":", "/")).read_bytes() == LAYER.data
    assert registry.asked() == [f"GET acme/web/blobs/{digest}"]


def test_registries_conf_names_mirrors_and_blocks(
    tmp_path: Path, registry: Registry, project: Project
) -> None:
    registry.push("cache/acme/web:1", IMAGE)
    conf = tmp_path / "registries.conf"
    conf.write_text(
        "[[registry]]\n"
        'prefix = "registry.example.org"\n'
        f'location = "{registry.host}/cache"\n'
        "[[registry]]\n"
        'prefix = "blocked.example.org"\nblocked = true\n'
    )
    project.env["CONTAINERS_REGISTRIES_CONF"] = str(conf)
    ask_for(project, "registry.example.org/acme/web:1")
    assert project.run("update").startswith(ADDED)
    assert 'repository = "registry.example.org/acme/web"' in project.lock.read_text()

    ask_for(project, "blocked.example.org/acme/web:1")
    assert project.try_run("update").stderr.splitlines()[0] == (
        "nixfetch-docker: web: blocked.example.org/acme/web:1: "
        f"{conf}: registry[1]: blocked.example.org is blocked; use another registry, or unblock it"
    )


@pytest.mark.parametrize("plain", [True, False], ids=["plain HTTP", "TLS"])
def test_a_proxy_is_used_where_the_environment_names_one(
    plain: bool, tmp_path: Path, authority: Authority, project: Project, nix: Nix
) -> None:
    tls = None if plain else authority.server("registry.test", "127.0.0.1")
    with (
        run_registry(tmp_path / "registry", tls=tls) as registry,
        run_proxy({"registry.test": "127.0.0.1"}) as proxy,
    ):
        registry.push("acme/web:1", IMAGE)
        host = registry.host.replace("127.0.0.1", "registry.test")
        # Beside images.toml, from where it travels into the sandbox.
        (project.directory / "ca.pem").write_bytes(authority.file.read_bytes())
        setting = "plain-http = true" if plain else 'ca-file = "ca.pem"'
        ask_for(project, f"{host}/acme/web:1", f'[registries."{host}"]\n{setting}\n')
        direct = project.try_run("update")
        assert direct.returncode == 1
        # Without a network there is nobody who could say that there is no such name.
        assert f"web: {host}/acme/web:1: its name " in direct.stderr
        assert "resolve" in direct.stderr

        project.env["HTTP_PROXY" if plain else "HTTPS_PROXY"] = proxy.url
        project.env["NO_PROXY"] = "10.0.0.0/8,::1,fe80::/10,*.example.org,localhost"
        assert project.run("update").startswith(ADDED)
        scheme = "GET http://" if plain else "CONNECT "
        assert [line for line in proxy.requests() if line.startswith(f"{scheme}{host}")]

        # Nix knows these variables in lower case.
        nix.env |= {name.lower(): value for name, value in project.env.items() if "PROXY" in name}
        before = len(proxy.requests())
        assert nix.build(project.images, "web").is_dir()
        assert [one for one in proxy.requests()[before:] if one.startswith(f"{scheme}{host}")]
