from __future__ import annotations

from pathlib import Path

import pytest

from nixfetch_docker.base import toml
from nixfetch_docker.endpoints.settings import RegistrySettings, parse_registries
from nixfetch_docker.errors import NixfetchError

CERTIFICATE = 'client-certificate = "c.pem"\nclient-key = "c.key"'
IS_NO_MIRROR = (
    "is not the URL of a mirror; "
    "write it as https://mirror.example.org or https://mirror.example.org/path"
)


def parse(settings: str, host: str = "a.b") -> RegistrySettings:
    table = toml.parse(f'[registries."{host}"]\n{settings}\n').table("registries")
    return parse_registries(table)[host]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", RegistrySettings(), id="empty"),
        pytest.param("plain-http = true", RegistrySettings(plain_http=True), id="plain HTTP"),
        pytest.param("plain-http = false", RegistrySettings(plain_http=False), id="TLS"),
        pytest.param(
            'mirrors = ["https://m.b", "http://m.c:5000/hub/"]',
            RegistrySettings(mirrors=("https://m.b", "http://m.c:5000/hub/")),
            id="mirrors",
        ),
        pytest.param('ca-file = "ca.pem"', RegistrySettings(ca_file=Path("ca.pem")), id="CA"),
        pytest.param(
            CERTIFICATE,
            RegistrySettings(client_certificate=Path("c.pem"), client_key=Path("c.key")),
            id="client certificate",
        ),
    ],
)
def test_settings_are_read(text: str, expected: RegistrySettings) -> None:
    assert parse(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [("", False), ("plain-http = true", False), ('ca-file = "ca.pem"', True), (CERTIFICATE, True)],
)
def test_settings_know_whether_they_need_tls(text: str, *, expected: bool) -> None:
    assert parse(text).has_certificates is expected


@pytest.mark.parametrize("host", ["docker.io", "a.b:5000", "localhost", "[::1]:5000"])
def test_a_registry_has_the_name_that_references_give_it(host: str) -> None:
    assert parse("", host) == RegistrySettings()


@pytest.mark.parametrize("host", ["", "web", "a.b/acme", "https://a.b", "index.docker.io", "A B"])
def test_another_name_is_refused(host: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        parse("", host)
    assert str(caught.value).endswith(
        "this is not a registry; "
        'write host and port as in the images\' names: "docker.io", "registry.lab:5000"'
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "plain_http = true", "plain_http: unknown key; did you mean 'plain-http'?", id="typo"
        ),
        pytest.param(
            "plain-http = 1",
            "plain-http: expected true or false, found an integer",
            id="type",
        ),
        pytest.param(
            'client-key = "c.key"',
            ": 'client-certificate' is missing; set both or neither",
            id="key alone",
        ),
        pytest.param(
            'client-certificate = "c.pem"',
            ": 'client-key' is missing; set both or neither",
            id="certificate alone",
        ),
        pytest.param(
            'plain-http = true\nca-file = "ca.pem"',
            "plain-http: plain HTTP uses no certificates; remove plain-http or the certificates",
            id="plain HTTP and a CA",
        ),
        pytest.param(
            f"plain-http = true\n{CERTIFICATE}",
            "plain-http: plain HTTP uses no certificates; remove plain-http or the certificates",
            id="plain HTTP and a client certificate",
        ),
        pytest.param(
            'ca-file = ""', "ca-file: the path is empty; name a file, or remove the key", id="path"
        ),
        *(
            pytest.param(
                f'mirrors = ["https://m.b", "{url}"]',
                f"mirrors[1]: '{url}' {IS_NO_MIRROR}",
                id=f"mirror {url!r}",
            )
            for url in ("", "m.b", "https", "ftp://m.b", "https://", "https://m.b/UPPER")
        ),
    ],
)
def test_malformed_settings_are_refused_with_their_place(text: str, message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        parse(text)
    dot = "" if message.startswith(":") else "."
    assert str(caught.value) == f'registries."a.b"{dot}{message}'


HAS_LOGIN = "this has a login in it; leave it out, and log in with docker login or podman login"
LOGINS = [
    "https://ann:PW@m.b",
    "http://PW@m.b:5000",
    "https://ann:PW%40m.b",
    "https://ann:P/PW@m.b",
    "https:/ann:PW@m.b",
    "//ann:PW@m.b",
    "ann:PW@m.b",
    "docker://ann:PW@m.b",
    "https://m.b/ann:PW@x",
]


@pytest.mark.parametrize("url", LOGINS)
def test_a_login_in_a_mirror_s_url_is_refused_and_not_shown(url: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        parse(f'mirrors = ["https://m.c", "{url}"]')
    assert str(caught.value) == f'registries."a.b".mirrors[1]: {HAS_LOGIN}'
    with pytest.raises(NixfetchError) as caught:
        RegistrySettings(mirrors=(url,))
    assert str(caught.value) == f"mirrors[0]: {HAS_LOGIN}"


@pytest.mark.parametrize("host", LOGINS)
def test_a_login_in_the_name_of_a_registry_is_refused_and_not_shown(host: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        parse("", host)
    assert str(caught.value).endswith(HAS_LOGIN)
    assert "PW" not in str(caught.value)


@pytest.mark.parametrize("key", ["proxy", "mirror", "https://ann:PW@m.b"])
def test_an_unknown_key_is_named_without_a_login(key: str) -> None:
    with pytest.raises(NixfetchError, match="unknown key") as caught:
        parse(f'"{key}" = "https://ann:PW@m.b"')
    assert "PW" not in str(caught.value)


@pytest.mark.parametrize("key", ["ca-file", "client-certificate", "client-key"])
@pytest.mark.parametrize(
    "text",
    ["https://ann:PW@m.b/ca.pem", "https:/ann:PW@m.b", "//ann:PW@m.b/ca.pem", "ann:PW@m.b/ca.pem"],
)
def test_a_path_that_is_a_url_is_refused_and_not_shown(text: str, key: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        parse(f'{key} = "{text}"')
    assert str(caught.value) == (
        f'registries."a.b".{key}: this is not the path of a file; name a file of PEM data'
    )


@pytest.mark.parametrize("text", ["a@b.pem", "/srv/me@home/ca.pem", "../x@y:z.pem", "/a:b@c"])
def test_a_path_may_have_an_at_sign(text: str) -> None:
    assert parse(f'ca-file = "{text}"').ca_file == Path(text)


@pytest.mark.parametrize("key", ["ca-file", "client-certificate", "client-key"])
def test_a_path_with_a_null_is_refused(key: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        parse(f'{key} = "a\\u0000b"')
    assert str(caught.value) == (
        f'registries."a.b".{key}: a path cannot have the character U+0000; name a file of PEM data'
    )
