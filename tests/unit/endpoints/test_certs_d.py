from __future__ import annotations

from pathlib import Path

import pytest
from support.users import unprivileged

from nixfetch_docker.endpoints.certs_d import Certificates, InvalidCertificates, find_certificates
from nixfetch_docker.errors import NixfetchError

HOST = "registry.lab:5000"


@pytest.fixture
def roots(tmp_path: Path) -> tuple[Path, Path]:
    return tmp_path / "containers", tmp_path / "docker"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home")}


def fill(root: Path, *names: str, host: str = HOST) -> Path:
    directory = root / host
    directory.mkdir(parents=True)
    for name in names:
        (directory / name).write_text("PEM")
    return directory


@pytest.mark.parametrize(
    ("names", "ca_files", "client"),
    [
        pytest.param([], [], None, id="nothing"),
        pytest.param(["ca.crt"], ["ca.crt"], None, id="CA"),
        pytest.param(["b.crt", "a.crt"], ["a.crt", "b.crt"], None, id="CAs in order"),
        pytest.param(["client.cert", "client.key"], [], "client", id="client"),
        pytest.param(["ca.crt", "my.own.cert", "my.own.key"], ["ca.crt"], "my.own", id="both"),
        pytest.param(["b.cert", "b.key", "a.key", "a.cert"], [], "a", id="two clients"),
        pytest.param(["README", "ca.pem", "ca.crt.bak"], [], None, id="other files"),
    ],
)
def test_files_are_told_apart_by_their_names(
    roots: tuple[Path, Path],
    environment: dict[str, str],
    names: list[str],
    ca_files: list[str],
    client: str | None,
) -> None:
    directory = fill(roots[0], *names)
    found = find_certificates(HOST, environment, roots)
    assert found == Certificates(
        ca_files=tuple(directory / name for name in ca_files),
        client_certificate=directory / f"{client}.cert" if client else None,
        client_key=directory / f"{client}.key" if client else None,
    )
    assert bool(found) == bool(ca_files or client)


def test_only_the_first_directory_is_used(
    tmp_path: Path, roots: tuple[Path, Path], environment: dict[str, str]
) -> None:
    docker = fill(roots[1], "docker.crt", "client.cert", "client.key")
    assert find_certificates(HOST, environment, roots).ca_files == (docker / "docker.crt",)
    system = fill(roots[0], "system.crt")
    found = find_certificates(HOST, environment, roots)
    assert found == Certificates(ca_files=(system / "system.crt",))
    own = fill(tmp_path / "home/.config/containers/certs.d", "own.crt")
    found = find_certificates(HOST, environment, roots)
    assert found == Certificates(ca_files=(own / "own.crt",))
    assert find_certificates(HOST, {}, roots).ca_files == (system / "system.crt",)


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("registry.lab", id="another port"),
        pytest.param("docker.io", id="another host"),
        pytest.param("[::1]:5000", id="IPv6"),
    ],
)
def test_another_host_has_no_certificates(
    roots: tuple[Path, Path], environment: dict[str, str], host: str
) -> None:
    fill(roots[0], "ca.crt")
    assert find_certificates(host, environment, roots) == Certificates()
    fill(roots[0], "ca.crt", host=host)
    assert find_certificates(host, environment, roots)


@pytest.mark.parametrize(
    "host",
    ["", ".", "..", "../etc", "/etc", "a/b", "a\\b", ".hidden", "host:", "host:port", "a\n", "a\0"],
)
def test_a_malformed_host_is_an_error(roots: tuple[Path, Path], host: str) -> None:
    with pytest.raises(InvalidCertificates) as error:
        find_certificates(host, {}, roots)
    assert str(error.value) == (
        f"{host!r} is not a host[:port]; "
        "write it as example.org, example.org:5000 or [2001:db8::1]:5000"
    )


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param(
            "client.cert",
            "this client certificate has no client.key beside it; "
            "add the key; if it is a CA's certificate, its name must end in .crt",
            id="no key",
        ),
        pytest.param(
            "client.key",
            "this key has no client.cert beside it; "
            "add the client certificate that it belongs to, or remove the key",
            id="no certificate",
        ),
    ],
)
def test_half_a_client_certificate_is_an_error(
    roots: tuple[Path, Path], environment: dict[str, str], name: str, message: str
) -> None:
    directory = fill(roots[0], "other.cert", "other.key", name)
    with pytest.raises(InvalidCertificates) as error:
        find_certificates(HOST, environment, roots)
    assert str(error.value) == f"{directory / name}: {message}"


@pytest.mark.parametrize("name", ["ca.crt", "client.cert", "client.key"])
def test_a_file_that_cannot_be_read_is_an_error(
    roots: tuple[Path, Path], environment: dict[str, str], name: str
) -> None:
    names = {"ca.crt", "client.cert", "client.key"} - {name}
    directory = fill(roots[0], *names)
    (directory / name).symlink_to("nowhere")
    with pytest.raises(NixfetchError) as error:
        find_certificates(HOST, environment, roots)
    assert str(error.value) == (
        f"{directory / name}: cannot be read (No such file or directory); "
        "make it readable, or remove it"
    )


def test_a_file_in_the_place_of_the_directory_is_an_error(
    roots: tuple[Path, Path], environment: dict[str, str]
) -> None:
    roots[0].mkdir()
    (roots[0] / HOST).write_text("PEM")
    with pytest.raises(NixfetchError) as error:
        find_certificates(HOST, environment, roots)
    assert str(error.value) == (
        f"{roots[0] / HOST}: cannot be read (Not a directory); make it readable, or remove it"
    )


def test_a_link_to_itself_is_an_error(
    roots: tuple[Path, Path], environment: dict[str, str]
) -> None:
    roots[0].mkdir()
    (roots[0] / HOST).symlink_to(HOST)
    with pytest.raises(NixfetchError, match="Too many levels of symbolic links"):
        find_certificates(HOST, environment, roots)


def test_a_home_that_is_not_a_directory_has_none(roots: tuple[Path, Path]) -> None:
    ca_file = fill(roots[0], "ca.crt") / "ca.crt"
    found = find_certificates(HOST, {"HOME": "/dev/null"}, roots)
    assert found == Certificates(ca_files=(ca_file,))


def test_a_directory_that_is_closed_to_the_user_is_skipped(roots: tuple[Path, Path]) -> None:
    fill(roots[0], "ca.crt")
    roots[0].chmod(0)
    try:
        with unprivileged():
            found = find_certificates(HOST, {}, roots[:1])
    finally:
        roots[0].chmod(0o700)
    assert found == Certificates()
