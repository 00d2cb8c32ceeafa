"""The logins of a build, and the hint where a registry denies it an image."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from support.builders import encode

from nixfetch_docker.errors import DeniedError, NixfetchError
from nixfetch_docker.logins import sandbox
from nixfetch_docker.logins.credentials import Credentials
from nixfetch_docker.logins.login import Login

REGISTRY = "a.b:5000"
OWN = "fetch the image with your own login: nixfetch-docker prefetch"


@pytest.fixture
def default(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The default path of the auth file, where no test can find this machine's own."""
    path = tmp_path / "etc/auth.json"
    path.parent.mkdir()
    monkeypatch.setattr(sandbox, "FILE", path)
    return path


@pytest.fixture
def environment() -> dict[str, str]:
    """The environment of a build."""
    return {"NIX_BUILD_TOP": "/build", "HOME": "/homeless-shelter"}


def write(path: Path, user: str, registry: str = REGISTRY) -> Path:
    path.write_bytes(encode({"auths": {registry: {"username": user, "password": "pa55"}}}))
    return path


def find(environment: dict[str, str]) -> Login | None:
    files = sandbox.credential_files(environment)
    return Credentials(files, environment).find(REGISTRY, "acme/app")


def user(environment: dict[str, str]) -> str | None:
    login = find(environment)
    return login.username if login else None


class TestCredentialFiles:
    def test_a_sandbox_may_have_no_file(self, default: Path, environment: dict[str, str]) -> None:
        assert not default.exists()
        assert find(environment) is None

    def test_a_login_in_the_default_file_names_it(
        self, default: Path, environment: dict[str, str]
    ) -> None:
        write(default, "me")
        assert find(environment) == Login(username="me", password="pa55", source=str(default))  # noqa: S106

    def test_a_named_file_goes_before_the_default(
        self, default: Path, environment: dict[str, str], tmp_path: Path
    ) -> None:
        write(default, "default")
        environment[sandbox.VARIABLE] = str(write(tmp_path / "named.json", "named"))
        assert user(environment) == "named"

    def test_a_named_file_may_have_no_login_or_be_missing(
        self, default: Path, environment: dict[str, str], tmp_path: Path
    ) -> None:
        write(default, "default")
        named = write(tmp_path / "named.json", "named", "other.example")
        environment[sandbox.VARIABLE] = str(named)
        assert user(environment) == "default"
        named.unlink()
        assert user(environment) == "default"

    def test_an_empty_variable_names_no_file(
        self, default: Path, environment: dict[str, str]
    ) -> None:
        write(default, "default")
        environment[sandbox.VARIABLE] = ""
        assert user(environment) == "default"

    def test_a_file_that_cannot_be_read_says_who_must_be_able_to(
        self, default: Path, environment: dict[str, str]
    ) -> None:
        default.mkdir()
        with pytest.raises(NixfetchError) as caught:
            find(environment)
        assert str(caught.value) == (
            f"{default}: cannot be read (Is a directory); "
            "let the build users read it: group nixbld, mode 0440"
        )

    def test_a_malformed_file_is_named_and_not_shown(
        self, default: Path, environment: dict[str, str]
    ) -> None:
        default.write_text("pa55")
        with pytest.raises(NixfetchError) as caught:
            find(environment)
        assert str(caught.value) == (
            f"{default}: line 1, column 1: this is not JSON; correct it, or log in again"
        )


class TestExplain:
    def explained(self, environment: dict[str, str], login: str = "") -> str:
        error = DeniedError("it answered 401", hint="log in")
        error.login = login
        sandbox.explain(error, REGISTRY, environment)
        return str(error)

    def test_an_error_outside_of_a_build_is_unchanged(self, default: Path) -> None:
        assert default.parent.is_dir()
        assert self.explained({}) == "it answered 401; log in"

    def test_a_refused_login_is_named(self, default: Path, environment: dict[str, str]) -> None:
        assert self.explained(environment, str(default)) == (
            f"it answered 401; it refused the login from {default}; replace it there, or {OWN}"
        )

    def test_a_missing_file_is_named(self, default: Path, environment: dict[str, str]) -> None:
        assert self.explained(environment) == (
            f"it answered 401; there is no login for {REGISTRY} in {default} (no such file); "
            f"{OWN}, or let a login into the sandbox"
        )

    def test_all_searched_files_are_named(
        self, default: Path, environment: dict[str, str], tmp_path: Path
    ) -> None:
        write(default, "me", "other.example")
        environment[sandbox.VARIABLE] = str(tmp_path / "nowhere")
        assert self.explained(environment) == (
            f"it answered 401; there is no login for {REGISTRY} in {tmp_path / 'nowhere'} "
            f"(no such file) or {default}; {OWN}, or let a login into the sandbox"
        )

    @pytest.mark.parametrize("target", ["nowhere", os.devnull])
    def test_a_symbolic_link_is_told_apart(
        self, default: Path, environment: dict[str, str], target: str
    ) -> None:
        default.symlink_to(target)
        assert self.explained(environment) == (
            f"it answered 401; there is no login for {REGISTRY} in {default} "
            "(a symbolic link, which leads nowhere in the sandbox: name the file itself); "
            f"{OWN}, or let a login into the sandbox"
        )
