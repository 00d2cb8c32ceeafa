"""Logins that are handed over for one run, and the registry by its URL."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support import oci
from support.certificates import Authority
from support.command import Project
from support.faults.registry import faults
from support.registry import Registry, password_file
from support.registry import registry as run_registry
from support.tokens import tokens as run_tokens

IMAGE = oci.image(oci.layer({"etc/a": b"a"}))
FOUND = f"{IMAGE.digest}\n"
SECRET = "hunter2-of-someone"  # noqa: S105 (of nobody)


@pytest.fixture
def private(tmp_path: Path) -> Iterator[Registry]:
    """A registry that lets in `someone` with the password `secret`."""
    with run_registry(tmp_path / "private", password_file(tmp_path / "htpasswd")) as running:
        running.push_credentials = "someone:secret"
        running.push("acme/web:1", IMAGE)
        yield running


def test_docker_and_podmans_logins_are_used(private: Registry, project: Project) -> None:
    image = f"{private.host}/acme/web:1"
    assert project.raw("digest", image).returncode == 1
    project.log_in(private.host, "someone", "secret")
    assert project.run("digest", image) == FOUND
    assert project.try_run("digest", image, "--anonymous").returncode == 1


def test_a_password_comes_from_stdin(private: Registry, project: Project) -> None:
    image = f"{private.host}/acme/web:1"
    # Before one that is there already.
    project.log_in(private.host, "someone", "wrong")
    options = ["--username", "someone", "--password-stdin"]
    for command in ("digest", "manifest", "config", "tags", "inspect", "nix"):
        assert project.raw(command, image, *options, data=b"secret\n").returncode == 0
    refused = project.raw("manifest", image, *options, data=SECRET.encode())
    assert refused.returncode == 1
    assert refused.stderr.decode() == (
        f"nixfetch-docker: {image}: {private.host} answered 401 "
        "(UNAUTHORIZED: authentication required); the login from --username was sent; is "
        "the image's name right? If it is, log in again, or pass --anonymous for a public image\n"
    )


def test_hockers_credentials_file(private: Registry, project: Project) -> None:
    file = project.directory / "credentials"
    file.write_text("USERNAME=someone\nPASSWORD=secret\n")
    image = f"{private.host}/acme/web:1"
    assert project.run("digest", image, "--credentials-file", "credentials") == FOUND
    file.write_text(f"USERNAME=someone\nPASWORD={SECRET}\n")
    wrong = project.try_run("digest", image, "--credentials-file", "credentials")
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr == (
        "nixfetch-docker: credentials: line 2: expected USERNAME=, PASSWORD= or "
        "BEARER_TOKEN=, each once; correct the line\n"
    )


def test_a_token_is_sent_as_it_is(tmp_path: Path, project: Project) -> None:
    with (
        run_tokens(tmp_path / "tokens", password=("someone", "secret")) as tokens,
        run_registry(tmp_path / "registry", tokens.registry_config) as registry,
    ):
        registry.push_credentials = "someone:secret"
        registry.push("acme/web:1", IMAGE)
        asked = httpx.get(
            f"{tokens.url}/token",
            params={"scope": "repository:acme/web:pull"},
            auth=("someone", "secret"),
        )
        token = asked.json()["token"]
        image = f"{registry.host}/acme/web:1"
        (project.directory / "token").write_text(f"{token}\n")
        (project.directory / "credentials").write_text(f"BEARER_TOKEN={token}\n")
        assert project.try_run("digest", image).returncode == 1
        assert project.run("digest", image, "--token", token) == FOUND
        assert project.run("digest", image, "--token-file", "token") == FOUND
        assert project.run("digest", image, "--credentials-file", "credentials") == FOUND
        piped = project.raw("digest", image, "--token-file", "-", data=token.encode())
        assert piped.stdout.decode() == FOUND
        refused = project.try_run("manifest", image, "--token", SECRET)
        assert refused.returncode == 1
        assert SECRET not in refused.stderr


def test_a_given_login_goes_to_the_images_registry_alone(project: Project) -> None:
    with faults() as registry, faults() as mirror:
        registry.add("web:1", IMAGE)
        registry.require_basic("someone", SECRET)
        mirror.require_basic("someone", SECRET)
        project.images.write_text(
            f'[registries."{registry.host}"]\nmirrors = ["{mirror.url}"]\nplain-http = true\n'
        )
        found = project.raw(
            *["manifest", f"{registry.host}/web:1", "--file", "images.toml"],
            *["--username", "someone", "--password-stdin"],
            data=SECRET.encode(),
        )
        assert found.stdout == IMAGE.manifest
        assert [one.route for one in mirror.requests] == ["/v2/web/manifests/1"]
        assert "authorization" not in str(mirror.requests[0].headers).lower()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        pytest.param(
            ["--username", "someone"],
            "--username and --password-stdin go together; pass both",
            id="half",
        ),
        pytest.param(
            ["--password-stdin"],
            "--username and --password-stdin go together; pass both",
            id="the other half",
        ),
        pytest.param(
            ["--token", SECRET, "--credentials-file", "x"],
            "--token and --credentials-file are two ways to log in; pass one",
            id="two",
        ),
        pytest.param(
            ["--anonymous", "--token", SECRET],
            "--anonymous and --token are two ways to log in; pass one",
            id="none and one",
        ),
    ],
)
def test_logins_that_make_no_sense(options: list[str], message: str, project: Project) -> None:
    done = project.try_run("digest", "redis:7", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"nixfetch-docker: {message}\n"


@pytest.mark.parametrize(
    "options", [["--password", SECRET], [f"--password={SECRET}"], ["-p", SECRET]]
)
def test_a_password_on_the_command_line_is_refused_and_not_repeated(
    options: list[str], project: Project
) -> None:
    done = project.try_run("digest", "redis:7", *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-2] == (
        "nixfetch-docker: other users could see a password in the command line; "
        "pass --password-stdin"
    )
    assert SECRET not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param(
            ["--token-file", "absent"],
            "absent: there is no such file; name the file of a login",
            id="no file",
        ),
        pytest.param(
            ["--token", "two words"],
            "this is not a token; a token is one word of printable ASCII",
            id="no token",
        ),
        pytest.param(
            ["--registry", f"https://me:{SECRET}@registry.lab"],
            "the URL of a registry has no login; log in with docker login or podman login",
            id="password in a URL",
        ),
    ],
)
def test_what_is_no_login_is_told_without_it(
    arguments: list[str], message: str, project: Project
) -> None:
    done = project.try_run("digest", "redis:7", *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"nixfetch-docker: {message}\n"


def test_the_registry_may_be_named_apart(
    registry: Registry, tmp_path: Path, project: Project
) -> None:
    registry.push("acme/web:1", IMAGE)
    for url in (registry.host, f"http://{registry.host}", f"http://{registry.host}/v2/"):
        assert project.run("digest", "--registry", url, "acme/web:1") == FOUND
    authority = Authority(tmp_path / "authority")
    project.env["SSL_CERT_FILE"] = str(authority.file)
    with run_registry(tmp_path / "tls", tls=authority.server()) as secure:
        secure.push("acme/web:1", IMAGE)
        found = project.run("digest", "--registry", f"https://{secure.host}/v2/", "acme/web:1")
        assert found == FOUND
