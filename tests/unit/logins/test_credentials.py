from __future__ import annotations

import base64
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.builders import Json, encode

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.logins.credentials import Credentials, GivenLogins
from nixfetch_docker.logins.login import Login

SECRET = "hunter2"  # noqa: S105 - a test's
HUB = "https://index.docker.io/v1/"
REPOSITORY = "acme/app"


def entry(user: str) -> Json:
    return {"auth": base64.b64encode(f"{user}:{SECRET}".encode()).decode()}


def auths(**users: str) -> Json:
    return {"auths": {host.replace("_", "."): entry(user) for host, user in users.items()}}


class Person:
    """A user with a home directory, and with helpers on the PATH."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.helpers = root / "bin"
        self.helpers.mkdir()
        self.environment = {
            "HOME": str(root / "home"),
            "XDG_RUNTIME_DIR": str(root / "run"),
            "PATH": f"{self.helpers}:/usr/bin:/bin",
        }

    def write(self, name: str, document: Json | str) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(document.encode() if isinstance(document, str) else encode(document))
        return path

    def install(self, name: str, script: str) -> None:
        """Install a helper that notes each question in the file `asked`."""
        path = self.helpers / f"docker-credential-{name}"
        noting = f'server=$(cat); echo "{name} $server" >> {self.root}/asked'
        path.write_text(f"#!/bin/sh\n{noting}\n{script}\n")
        path.chmod(0o755)

    def install_keychain(self, name: str, **users: str) -> None:
        """Install a helper with some users by host, with underscores for dots."""
        cases = "".join(
            f'{host.replace("_", ".")}) echo \'{{"Username": "{user}", "Secret": "{SECRET}"}}\';;\n'
            for host, user in users.items()
        )
        nothing = "*) echo credentials not found in native keychain; exit 1;;"
        self.install(name, f'case "$server" in\n{cases}{nothing}\nesac')

    @property
    def asked(self) -> list[str]:
        path = self.root / "asked"
        return path.read_text().splitlines() if path.exists() else []

    def credentials(self, *, time_limit: float = 20.0) -> Credentials:
        return Credentials.from_environment(
            self.environment, time_limit=time_limit, system_directory=self.root / "system"
        )

    def login(self, registry: str = "a.b") -> Login | None:
        return self.credentials().find(registry, REPOSITORY)

    def user(self, registry: str = "a.b") -> str | None:
        login = self.login(registry)
        return login.username if login is not None else None

    def refused(self, registry: str = "a.b") -> str:
        with pytest.raises(NixfetchError) as caught:
            self.login(registry)
        assert SECRET not in f"{caught.value}{caught.value!r}"
        return str(caught.value)


@pytest.fixture
def person(tmp_path: Path) -> Person:
    return Person(tmp_path)


RUNTIME = "run/containers/auth.json"
CONFIG = "home/.config/containers/auth.json"
DOCKER = "home/.docker/config.json"
LEGACY = "home/.dockercfg"


def test_without_files_there_is_no_login(person: Person) -> None:
    assert person.login() is None


def test_the_first_file_with_a_login_is_used(person: Person) -> None:
    path = person.write(LEGACY, auths(a_b="legacy")["auths"])
    assert person.login() == Login(username="legacy", password=SECRET, source=str(path))
    for name in (DOCKER, CONFIG, RUNTIME):
        before = person.user()
        person.write(name, auths(c_d="of another host"))
        assert person.user() == before
        path = person.write(name, auths(a_b=name))
        assert person.login() == Login(username=name, password=SECRET, source=str(path))
    person.environment["DOCKER_AUTH_CONFIG"] = encode(auths(a_b="variable")).decode()
    assert person.login() == Login(
        username="variable", password=SECRET, source="DOCKER_AUTH_CONFIG"
    )


@pytest.mark.parametrize(
    ("variable", "value", "name"),
    [
        pytest.param("XDG_RUNTIME_DIR", "r", "r/containers/auth.json", id="runtime"),
        pytest.param("XDG_CONFIG_HOME", "c", "c/containers/auth.json", id="config"),
        pytest.param("DOCKER_CONFIG", "d", "d/config.json", id="docker"),
        pytest.param("REGISTRY_AUTH_FILE", "f.json", "f.json", id="file"),
        pytest.param("HOME", "h", "h/.docker/config.json", id="home"),
        pytest.param("HOME", "h", "h/.config/containers/auth.json", id="config in the home"),
    ],
)
def test_a_variable_names_the_place_of_a_file(
    person: Person, variable: str, value: str, name: str
) -> None:
    person.environment[variable] = str(person.root / value)
    path = person.write(name, auths(a_b="me"))
    assert person.login() == Login(username="me", password=SECRET, source=str(path))


def test_without_a_runtime_directory_there_is_one_by_user_id(person: Person) -> None:
    person.write(f"system/{os.getuid()}/auth.json", auths(a_b="me"))
    assert person.user() is None
    del person.environment["XDG_RUNTIME_DIR"]
    assert person.user() == "me"


def test_without_a_home_the_other_files_are_searched(person: Person) -> None:
    for name in (CONFIG, DOCKER, LEGACY):
        person.write(name, "hunter2")
    person.write(RUNTIME, auths(a_b="me"))
    del person.environment["HOME"]
    assert (person.user(), person.user("c.d")) == ("me", None)


def test_a_named_file_replaces_those_of_podman(person: Person) -> None:
    person.write(RUNTIME, auths(a_b="runtime"))
    person.write(CONFIG, auths(a_b="config"))
    person.write(DOCKER, auths(a_b="docker"))
    person.environment["REGISTRY_AUTH_FILE"] = str(person.write("f.json", auths(c_d="me")))
    assert (person.user("c.d"), person.user("a.b")) == ("me", "docker")


def test_a_named_file_must_exist(person: Person) -> None:
    path = person.root / "none.json"
    person.environment["REGISTRY_AUTH_FILE"] = str(path)
    assert person.refused() == (
        f"{path}: there is no such file; create it with podman login, or unset REGISTRY_AUTH_FILE"
    )


@pytest.mark.parametrize("name", [RUNTIME, CONFIG, DOCKER, LEGACY])
def test_a_malformed_file_is_named(person: Person, name: str) -> None:
    path = person.write(name, "hunter2")
    assert person.refused() == (
        f"{path}: line 1, column 1: this is not JSON; correct it, or log in again"
    )


@pytest.mark.parametrize(
    ("value", "what"),
    [
        pytest.param("hunter2", "line 1, column 1: this is not JSON", id="no JSON"),
        pytest.param("hunter2\udcff", "byte 7 is not UTF-8", id="no UTF-8"),
    ],
)
def test_a_malformed_variable_is_named(person: Person, value: str, what: str) -> None:
    person.environment["DOCKER_AUTH_CONFIG"] = value
    assert person.refused() == f"DOCKER_AUTH_CONFIG: {what}; correct it, or log in again"


def test_files_are_read_late_and_once(person: Person) -> None:
    credentials = person.credentials()
    path = person.write(DOCKER, auths(a_b="me", c_d="you"))
    assert credentials.find("a.b", REPOSITORY) is not None
    path.unlink()
    assert credentials.find("c.d", REPOSITORY) is not None


def test_a_malformed_file_after_the_login_is_not_read(person: Person) -> None:
    person.write(RUNTIME, auths(a_b="me"))
    person.write(DOCKER, "hunter2")
    assert person.user() == "me"


def test_each_search_raises_an_error_of_its_own(person: Person) -> None:
    path = person.write(DOCKER, "hunter2")
    credentials = person.credentials()
    messages = []
    for place in ("one", "two"):
        with pytest.raises(NixfetchError) as caught:
            credentials.find("a.b", REPOSITORY)
        messages.append(str(caught.value.at(place)))
    what = f"{path}: line 1, column 1: this is not JSON; correct it, or log in again"
    assert messages == [f"one: {what}", f"two: {what}"]


def test_no_credentials_have_no_login() -> None:
    assert Credentials.none().find("a.b", REPOSITORY) is None


def test_given_logins_go_before_others(person: Person) -> None:
    person.write(DOCKER, auths(a_b="other", c_d="other"))
    given = Login(username="given", password=SECRET)
    logins = GivenLogins({"a.b": given}, person.credentials())
    found = [logins.find(registry, REPOSITORY) for registry in ("a.b", "c.d", "e.f")]
    assert [login and login.username for login in found] == ["given", "other", None]


class TestHelpers:
    def test_a_registrys_helper_is_asked_before_the_store_and_the_file(
        self, person: Person
    ) -> None:
        person.install_keychain("own", a_b="of its own")
        person.install_keychain("store", a_b="x", c_d="of the store")
        helpers = {"a.b": "own", "c.d": "own", "e.f": "own", "off.x": ""}
        person.write(
            DOCKER,
            {
                "credHelpers": helpers,
                "credsStore": "store",
                **auths(a_b="x", c_d="x", e_f="of the file", g_h="of the file", off_x="without"),
            },
        )
        assert [person.user(host) for host in ("a.b", "c.d", "e.f", "g.h", "off.x", "i.j")] == [
            "of its own",
            "of the store",
            "of the file",
            "of the file",
            "without",
            None,
        ]
        assert person.asked == [
            "own a.b",
            *("own c.d", "store c.d"),
            *("own e.f", "store e.f"),
            "store g.h",
            "store i.j",
        ]

    def test_an_entry_that_docker_leaves_empty_is_not_a_login(self, person: Person) -> None:
        person.install_keychain("store")
        person.write(DOCKER, {"credsStore": "store", "auths": {"a.b": {}, HUB: {}}})
        person.write(LEGACY, {"a.b": entry("legacy")})
        assert (person.user(), person.user("docker.io")) == ("legacy", None)

    def test_docker_hub_is_asked_for_by_its_server_url(self, person: Person) -> None:
        person.install("store", 'echo \'{"Username": "<token>", "Secret": "hunter2"}\'')
        person.write(DOCKER, {"credsStore": "store", "auths": {HUB: {}}})
        assert person.login("docker.io") == Login(
            identity_token=SECRET, source="docker-credential-store"
        )
        assert person.asked == [f"store {HUB}"]

    def test_podmans_files_may_name_helpers(self, person: Person) -> None:
        person.install_keychain("own", a_b="me")
        person.write(RUNTIME, {"auths": {"a.b": {}}, "credHelpers": {"a.b": "own"}})
        assert person.user() == "me"

    def test_a_missing_helper_is_named_with_the_key_that_names_it(self, person: Person) -> None:
        path = person.write(DOCKER, {"credHelpers": {"a.b": "gone"}, **auths(a_b="me")})
        assert person.refused() == (
            f'{path}: credHelpers."a.b": docker-credential-gone is not on PATH; '
            "install it, or remove its name there; for a public image, pass --anonymous"
        )

    def test_a_failing_helper_is_asked_once_and_named_each_time(self, person: Person) -> None:
        person.install("store", "echo locked hunter; exit 2")
        path = person.write(DOCKER, {"credsStore": "store"})
        credentials = person.credentials()
        for _ in range(2):
            with pytest.raises(NixfetchError) as caught:
                credentials.find("a.b", REPOSITORY)
            assert str(caught.value) == (
                f"{path}: credsStore: docker-credential-store for a.b: "
                "it ended with exit status 2 (locked hunter); "
                "run it yourself: echo a.b | docker-credential-store get"
            )
        assert person.asked == ["store a.b"]

    def test_a_hanging_helper_is_ended(self, person: Person) -> None:
        person.install("store", "sleep 300")
        path = person.write(DOCKER, {"credsStore": "store"})
        with pytest.raises(NixfetchError) as caught:
            person.credentials(time_limit=0.3).find("a.b", REPOSITORY)
        assert str(caught.value) == (
            f"{path}: credsStore: docker-credential-store for a.b: "
            "it gave no answer within 0.3 s, and was ended; "
            "unlock it, if it is locked; for a public image, pass --anonymous"
        )

    def test_a_helper_that_several_files_name_is_asked_once(self, person: Person) -> None:
        person.install_keychain("store")
        for name in (RUNTIME, CONFIG, DOCKER):
            person.write(name, {"credsStore": "store", "credHelpers": {"a.b": "store"}})
        assert person.login() is None
        assert person.asked == ["store a.b"]

    def test_many_threads_ask_a_slow_helper_once_for_each_server(self, person: Person) -> None:
        # Each answers when both are being asked.
        both = "while [ $(wc -l < asked) -lt 2 ]; do sleep 0.01; done; sleep 0.2"
        said = '"{\\"Username\\": \\"$server\\", \\"Secret\\": \\"hunter2\\"}"'
        person.install("store", f"cd {person.root}; {both}; echo {said}")
        person.write(DOCKER, {"credsStore": "store"})
        credentials = person.credentials()
        hosts = ["a.b", "c.d"] * 8
        with ThreadPoolExecutor(len(hosts)) as pool:
            logins = list(pool.map(lambda host: credentials.find(host, REPOSITORY), hosts))
        assert [login and login.username for login in logins] == hosts
        assert sorted(person.asked) == ["store a.b", "store c.d"]
