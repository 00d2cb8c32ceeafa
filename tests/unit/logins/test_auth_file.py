from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.builders import Json, encode, read_or_refused
from support.users import unprivileged

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.logins.auth_file import CredentialFile, Helper, server_of
from nixfetch_docker.logins.login import Login

SOURCE = "/h/config.json"
SECRET = "hunter2:with:colons"  # noqa: S105 - a test's
HUB = "https://index.docker.io/v1/"
AGAIN = "correct it, or log in again"


def auth(pair: str) -> Json:
    return {"auth": base64.b64encode(pair.encode()).decode()}


def entry(user: str) -> Json:
    return auth(f"{user}:{SECRET}")


def login(user: str = "me", **fields: str) -> Login:
    return Login(**{"username": user, "password": SECRET, "source": SOURCE, **fields})


def parse(document: Json, *, legacy: bool = False) -> CredentialFile:
    return CredentialFile.parse(encode(document), SOURCE, legacy=legacy)


def found(document: Json, registry: str, repository: str = "acme/app") -> str | None:
    """The user name that the document has for a repository."""
    one = parse(document).login(registry, repository)
    return one.username if one is not None else None


def folded(text: str) -> Json:
    """An `auth` with wrapped lines and without padding, as some tools write it."""
    plain = auth(text)["auth"].rstrip("=")
    return {"auth": f" {plain[:4]}\n{plain[4:]}\r\n"}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        pytest.param(entry("me"), login(), id="auth"),
        pytest.param({**entry("me"), "email": "x@y.z"}, login(), id="other keys"),
        pytest.param(folded(f"me:{SECRET}"), login(), id="folded"),
        pytest.param(auth(f"me:{SECRET}\0\0"), login(), id="padded with NULs"),
        pytest.param(auth("me:"), login(password=""), id="empty password"),
        pytest.param(auth("mé:☃"), login("mé", password="☃"), id="not ASCII"),  # noqa: S106
        pytest.param({"username": "me", "password": SECRET}, login(), id="plain"),
        pytest.param(
            {**entry("me"), "username": "you", "password": "x"}, login(), id="auth comes first"
        ),
        pytest.param(
            {"auth": "", "username": "me", "password": SECRET}, login(), id="auth is empty"
        ),
        pytest.param(
            {**auth("me:"), "identitytoken": "T1"},
            login(password="", identity_token="T1"),  # noqa: S106 - a test's
            id="identity token",
        ),
        pytest.param(
            {"registrytoken": "T2"},
            login("", password="", registry_token="T2"),  # noqa: S106 - a test's
            id="registry token",
        ),
        pytest.param({}, None, id="empty"),
        pytest.param({"auth": None, "identitytoken": None}, None, id="nulls"),
        pytest.param({"email": "x@y.z"}, None, id="nothing but other keys"),
        pytest.param(None, None, id="null"),
    ],
)
def test_an_entry_is_read(fields: Json | None, expected: Login | None) -> None:
    assert parse({"auths": {"a.b": fields}}).login("a.b", "acme/app") == expected


@pytest.mark.parametrize(
    "key",
    [
        pytest.param("a.b:5000", id="host"),
        pytest.param("a.b:5000/", id="slash"),
        pytest.param("https://a.b:5000", id="URL"),
        pytest.param("http://a.b:5000", id="plain HTTP"),
        pytest.param("https://a.b:5000/", id="URL with a slash"),
        pytest.param("https://a.b:5000/v1/", id="first API"),
        pytest.param("https://a.b:5000/v2/", id="second API"),
        pytest.param("https://a.b:5000/v2", id="second API without a slash"),
        pytest.param("a.b:5000/v2/", id="second API without a scheme"),
        pytest.param("https://a.b:5000/some/where", id="elsewhere"),
    ],
)
def test_a_host_is_found_as_docker_writes_it(key: str) -> None:
    document = {"auths": {key: entry("me")}}
    assert found(document, "a.b:5000") == "me"
    assert found(document, "a.b") is None
    assert found({"credHelpers": {key: "x"}, **document}, "a.b:5000") == "me"


@pytest.mark.parametrize("registry", ["docker.io", "index.docker.io", "registry-1.docker.io"])
@pytest.mark.parametrize(
    "key", [HUB, "docker.io", "index.docker.io", "registry-1.docker.io", "https://docker.io"]
)
def test_docker_hub_has_many_names(key: str, registry: str) -> None:
    assert found({"auths": {key: entry("me")}}, registry, "library/redis") == "me"
    helpers = parse({"credHelpers": {key: "x"}}).helpers_for(registry)
    assert [helper.name for helper in helpers] == ["x"]


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        pytest.param([f"{HUB}access-token", f"{HUB}refresh-token"], None, id="of other services"),
        pytest.param([f"{HUB}access-token", HUB], "user1", id="before the login"),
        pytest.param([HUB, "docker.io"], "user1", id="by its very name"),
        pytest.param(["https://index.docker.io", HUB], "user1", id="as docker writes it"),
        pytest.param(["https://docker.io", "index.docker.io"], "user0", id="the first of equals"),
    ],
)
def test_docker_hubs_login_has_the_key_of_docker_or_the_plain_host(
    keys: list[str], expected: str | None
) -> None:
    auths = {key: entry(f"user{position}") for position, key in enumerate(keys)}
    assert found({"auths": auths}, "docker.io") == expected


@pytest.mark.parametrize(
    ("repository", "expected"),
    [
        pytest.param("foo/bar/image", "image", id="repository"),
        pytest.param("foo/bar/other", "foo", id="namespace"),
        pytest.param("foo/bar/image/deeper", "image", id="below a repository"),
        pytest.param("foo", "foo", id="namespace itself"),
        pytest.param("food/x", "host", id="whole components alone"),
        pytest.param("v2/x", "host", id="host"),
    ],
)
def test_the_longest_scope_is_used(repository: str, expected: str) -> None:
    # The example of containers-auth.json(5), in no order.
    auths = {
        "a.b/foo": entry("foo"),
        "a.b": entry("host"),
        "a.b/foo/bar/other": {},
        "a.b/foo/bar/image/": entry("image"),
    }
    assert found({"auths": auths}, "a.b", repository) == expected


def test_a_login_for_a_path_is_not_for_its_host() -> None:
    assert found({"auths": {"a.b/acme/app": entry("me")}}, "a.b", "other/app") is None
    assert found({"auths": {"docker.io/acme": entry("me")}}, "docker.io", "acme/app") == "me"


def test_the_legacy_format_has_hosts_alone() -> None:
    document = {HUB: entry("hub"), "https://a.b/v1/": entry("me"), "c.d/v1": entry("you")}
    file = parse(document, legacy=True)
    assert [file.login(host, "acme/app") for host in ("docker.io", "a.b", "c.d", "credsStore")] == [
        login("hub"),
        login("me"),
        login("you"),
        None,
    ]
    assert file.helpers_for("a.b") == []


def helper(name: str, key: str) -> Helper:
    return Helper(name=name, place=f"{SOURCE}: {key}")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        pytest.param({}, [], id="none"),
        pytest.param({"credsStore": ""}, [], id="empty store"),
        pytest.param({"credsStore": "s"}, [helper("s", "credsStore")], id="store"),
        pytest.param(
            {"credHelpers": {"a.b": "h"}}, [helper("h", 'credHelpers."a.b"')], id="helper"
        ),
        pytest.param(
            {"credsStore": "s", "credHelpers": {"a.b": "h"}},
            [helper("h", 'credHelpers."a.b"'), helper("s", "credsStore")],
            id="both",
        ),
        pytest.param(
            {"credsStore": "s", "credHelpers": {"c.d": "h"}},
            [helper("s", "credsStore")],
            id="of another host",
        ),
        pytest.param({"credsStore": "s", "credHelpers": {"a.b": ""}}, [], id="switched off"),
        pytest.param(
            {"credsStore": "ecr-login_2.x+y"},
            [helper("ecr-login_2.x+y", "credsStore")],
            id="all letters",
        ),
    ],
)
def test_helpers_are_asked_in_order(document: Json, expected: list[Helper]) -> None:
    assert parse(document).helpers_for("a.b") == expected


@pytest.mark.parametrize(
    ("registry", "server"),
    [("a.b:5000", "a.b:5000"), ("docker.io", HUB), ("registry-1.docker.io", HUB)],
)
def test_helpers_keep_a_login_by_its_server(registry: str, server: str) -> None:
    assert server_of(registry) == server


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b" \n", id="blank"),
        pytest.param(b"{}", id="empty object"),
        pytest.param(b'{"auths": null, "credHelpers": null, "credsStore": null}', id="nulls"),
        pytest.param(b'{"HttpHeaders": {"a": 1, "a": [1.5]}, "psFormat": 7}', id="other matters"),
    ],
)
def test_a_file_may_hold_no_login(data: bytes) -> None:
    assert CredentialFile.parse(data, SOURCE) == CredentialFile()
    assert CredentialFile.parse(data, SOURCE).login("a.b", "acme/app") is None


def entry_of(value: object) -> bytes:
    return encode({"auths": {"a.b": value}})


@pytest.mark.parametrize(
    ("data", "message"),
    [
        pytest.param(
            b"{\n  hunter2", f"line 2, column 3: this is not JSON; {AGAIN}", id="not JSON"
        ),
        pytest.param(b'"hunter2', f"line 1, column 1: this is not JSON; {AGAIN}", id="string"),
        pytest.param(b"{}hunter2", f"line 1, column 3: this is not JSON; {AGAIN}", id="trailing"),
        pytest.param(b"hunter2\xff", f"byte 7 is not UTF-8; {AGAIN}", id="not UTF-8"),
        pytest.param(b"[" * 100_000, f"its values are nested too deeply; {AGAIN}", id="too deep"),
        pytest.param(b"9" * 5000, f"it has a number that cannot be read; {AGAIN}", id="number"),
        pytest.param(
            b'["hunter2"]', f"the document: expected a table, found an array; {AGAIN}", id="array"
        ),
        pytest.param(
            b'{"auths": "hunter2"}', f"auths: expected a table, found a string; {AGAIN}", id="auths"
        ),
        pytest.param(
            entry_of("hunter2"),
            f'auths."a.b": expected a table, found a string; {AGAIN}',
            id="entry",
        ),
        pytest.param(
            entry_of({"auth": ["hunter2"]}),
            f'auths."a.b".auth: expected a string, found an array; {AGAIN}',
            id="type of auth",
        ),
        pytest.param(
            entry_of({"auth": "hunter2 is not base64!"}),
            f'auths."a.b".auth: this is not the base64 of UTF-8 text; {AGAIN}',
            id="not base64",
        ),
        pytest.param(
            entry_of({"auth": "hunter2ü"}),
            f'auths."a.b".auth: this is not the base64 of UTF-8 text; {AGAIN}',
            id="not ASCII in base64",
        ),
        pytest.param(
            entry_of({"auth": "aHVudG"[:5]}),
            f'auths."a.b".auth: this is not the base64 of UTF-8 text; {AGAIN}',
            id="cut off",
        ),
        pytest.param(
            entry_of({"auth": base64.b64encode(b"me:hunter\xff").decode()}),
            f'auths."a.b".auth: this is not the base64 of UTF-8 text; {AGAIN}',
            id="no UTF-8 in base64",
        ),
        pytest.param(
            entry_of(auth("hunter2")),
            f'auths."a.b".auth: this is not the base64 of USER:PASSWORD; {AGAIN}',
            id="no colon",
        ),
        pytest.param(
            entry_of(auth(":hunter2")),
            f'auths."a.b".auth: this is not the base64 of USER:PASSWORD; {AGAIN}',
            id="no user",
        ),
        pytest.param(
            entry_of({"password": "hunter2"}),
            f'auths."a.b": there is a password, but no user name; {AGAIN}',
            id="password alone",
        ),
        pytest.param(
            entry_of({"username": "me", "password": "hunter2\ud800"}),
            f'auths."a.b".password: this is not valid Unicode; {AGAIN}',
            id="half a character",
        ),
        pytest.param(
            entry_of({"registrytoken": "hunter2\r\nX: y"}),
            'auths."a.b".registrytoken: '
            "this is not a token; a token is one word of printable ASCII",
            id="token that breaks a header",
        ),
        pytest.param(
            b'{"auths": {}, "auths": "hunter2"}',
            "auths: this key is there twice; remove one of the two",
            id="section twice",
        ),
        pytest.param(
            b'{"auths": {"a.b": {}, "c.d": {}, "a.b": null}}',
            'auths."a.b": this key is there twice; remove one of the two',
            id="host twice",
        ),
        pytest.param(
            b'{"auths": {"a.b": {"auth": "hunter2", "auth": "hunter3"}}}',
            'auths."a.b".auth: this key is there twice; remove one of the two',
            id="auth twice",
        ),
        pytest.param(
            b'{"credHelpers": {"a.b": "x", "a.b": "y"}}',
            'credHelpers."a.b": this key is there twice; remove one of the two',
            id="helper twice",
        ),
        pytest.param(
            b'{"credHelpers": ["hunter2"]}',
            f"credHelpers: expected a table, found an array; {AGAIN}",
            id="helpers",
        ),
        pytest.param(
            b'{"credsStore": 7}',
            f"credsStore: expected a string, found an integer; {AGAIN}",
            id="7",
        ),
        pytest.param(
            b'{"credsStore": "../hunter2"}',
            "credsStore: this is not the name of a helper; "
            "write the part of its program's name after docker-credential-",
            id="path for a helper",
        ),
        pytest.param(
            b'{"credHelpers": {"a.b": "x y"}}',
            'credHelpers."a.b": this is not the name of a helper; '
            "write the part of its program's name after docker-credential-",
            id="space in a helper",
        ),
        pytest.param(
            b'{"auths": {"https://me:hunter2@a.b": 7}}',
            f'auths."https://a.b": expected a table, found an integer; {AGAIN}',
            id="password in a key",
        ),
        pytest.param(
            encode({"auths": {"\u202e\x9b\n" + "x" * 300: 7}}),
            f'auths."\\u202e\\u009b\\n{"x" * 179}…: expected a table, found an integer; {AGAIN}',
            id="wild key",
        ),
    ],
)
def test_a_malformed_file_is_named_and_not_shown(data: bytes, message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        CredentialFile.parse(data, SOURCE)
    assert str(caught.value) == f"{SOURCE}: {message}"
    assert "hunter" not in repr(caught.value)


def test_a_file_shows_no_secret() -> None:
    assert "hunter" not in repr(parse({"auths": {"a.b": auth("me:hunter2")}}))


def test_a_file_is_read_and_named(tmp_path: Path) -> None:
    path = tmp_path / "auth.json"
    path.write_bytes(encode({"auths": {"a.b": entry("me")}}))
    file = CredentialFile.read(path)
    assert file is not None
    assert file.login("a.b", "acme/app") == login(source=str(path))
    path.write_text("hunter2")
    with pytest.raises(NixfetchError) as caught:
        CredentialFile.read(path)
    assert str(caught.value) == f"{path}: line 1, column 1: this is not JSON; {AGAIN}"


def test_a_missing_file_is_none(tmp_path: Path) -> None:
    assert CredentialFile.read(tmp_path / "none") is None
    # The home of users that have none may be /dev/null.
    assert CredentialFile.read(Path("/dev/null/.docker/config.json")) is None


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    hint = "make it readable; for a public image, pass --anonymous"
    with pytest.raises(NixfetchError) as caught:
        CredentialFile.read(tmp_path)
    assert str(caught.value) == f"{tmp_path}: cannot be read (Is a directory); {hint}"
    tmp_path.chmod(0)
    try:
        with unprivileged(), pytest.raises(NixfetchError) as caught:
            CredentialFile.read(tmp_path / "config.json")
    finally:
        tmp_path.chmod(0o700)
    assert str(caught.value) == (
        f"{tmp_path / 'config.json'}: cannot be read (Permission denied); {hint}"
    )


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(st.characters())
    | st.sampled_from(["aTp4"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["auths", "a.b", "https://a.b/v1/", "auth", "password", "credHelpers"])
            | st.text(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
ENTRIES = st.dictionaries(st.sampled_from(["a.b", "c"]), VALUES, max_size=2)
DOCUMENTS = st.fixed_dictionaries(
    {}, optional={"auths": ENTRIES, "credHelpers": ENTRIES, "credsStore": VALUES}
)


@given(
    st.one_of(
        st.binary(),
        VALUES.map(json.dumps).map(str.encode),
        DOCUMENTS.map(json.dumps).map(str.encode),
        st.text().map(lambda text: encode({"auths": {"a.b": {"auth": text}}})),
        st.binary().map(
            lambda pair: encode({"auths": {"a.b": {"auth": base64.b64encode(pair).decode()}}})
        ),
    ),
    st.booleans(),
)
@example(b'{"auths": {"\\ud800": {"auth": "\\ud800"}}}', False)
@example(b"\xef\xbb\xbf{}", False)
@example(b'{"auths": NaN}', False)
@example(b'{"a":' * 10_000, True)
def test_any_bytes_are_read_or_refused(data: bytes, legacy: bool) -> None:
    file = read_or_refused(lambda given: CredentialFile.parse(given, SOURCE, legacy=legacy), data)
    if file is not None:
        file.helpers_for("a.b")
        one = file.login("a.b", "acme/app")
        if one is not None:
            f"{one.username}{one.password}{one.identity_token}{one.registry_token}".encode()


PAIR = auth("ann:secret")["auth"]
OTHER = auth("bob:secret")["auth"]


# What skopeo 1.9.3 (`skopeo login --get-login`) says of each is in the comment behind it.
@pytest.mark.parametrize(
    "document",
    [
        pytest.param({"Auths": {"a.b": {"auth": PAIR}}}, id="Auths"),  # ann
        pytest.param({"auths": {"a.b": {"AUTH": PAIR}}}, id="AUTH"),  # ann
        pytest.param({"auth\u017f": {"a.b": {"Auth": PAIR}}}, id="a letter beyond ASCII"),  # ann
        pytest.param({"auths": {"a.b": {"UserName": "ann", "PassWord": "x"}}}, id="plain"),
    ],
)
def test_keys_are_read_in_any_case_as_docker_and_podman_read_them(document: Json) -> None:
    assert found(document, "a.b") == "ann"


def test_a_login_of_a_host_in_another_case_is_of_another_host() -> None:
    assert found({"auths": {"A.b": {"auth": PAIR}}}, "a.b") is None


@pytest.mark.parametrize(
    ("document", "name"),
    [
        pytest.param({"CredHelpers": {"a.b": "one"}}, "one", id="CredHelpers"),
        pytest.param({"credsstore": "one"}, "one", id="credsstore"),
    ],
)
def test_the_keys_of_helpers_are_too(document: Json, name: str) -> None:
    assert [helper.name for helper in parse(document).helpers_for("a.b")] == [name]


@pytest.mark.parametrize(
    ("document", "place", "other"),
    [
        pytest.param(  # bob
            {"auths": {"a.b": {"auth": PAIR}}, "Auths": {"a.b": {"auth": OTHER}}},
            "Auths",
            "auths",
            id="auths",
        ),
        pytest.param(  # none
            {"auths": {"a.b": {"auth": PAIR}}, "Auths": None}, "Auths", "auths", id="a null"
        ),
        pytest.param(  # bob
            {"auths": {"a.b": {"auth": PAIR, "Auth": OTHER}}}, 'auths."a.b".Auth', "auth", id="auth"
        ),
        pytest.param(
            {"auths": {"a.b": {"username": "a", "Username": "b"}}},
            'auths."a.b".Username',
            "username",
            id="username",
        ),
        pytest.param(
            {"credsStore": "a", "CREDSSTORE": "b"}, "CREDSSTORE", "credsStore", id="credsStore"
        ),
    ],
)
def test_two_keys_that_are_one_to_docker_and_podman_are_refused(
    document: Json, place: str, other: str
) -> None:
    with pytest.raises(NixfetchError) as caught:
        parse(document)
    assert str(caught.value) == (
        f"{SOURCE}: {place}: docker and podman take this key and {other!r} for the same one; "
        "remove one of the two"
    )


def test_other_keys_are_left_alone() -> None:
    document = {"HttpHeaders": {"a": 1}, "httpheaders": 2, "auths": {"a.b": {"auth": PAIR}}}
    assert found(document, "a.b") == "ann"
