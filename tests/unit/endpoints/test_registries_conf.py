from __future__ import annotations

from pathlib import Path

import pytest

from nixfetch_docker.endpoints.location import Location, Locations
from nixfetch_docker.endpoints.registries_conf import AmbiguousName, RegistriesConf
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.reference import InvalidReference, Reference

AT = f"@sha256:{'f' * 64}"
MAN = """
unqualified-search-registries = ["example.com"]
short-name-mode = "enforcing"
credential-helpers = ["pass"]

[[registry]]
prefix = "example.com/foo"
insecure = false
blocked = false
location = "internal.example.net/bar"

[[registry.mirror]]
location = "mirror-0.local/mirror-for-foo/"

[[registry.mirror]]
location = "mirror-1.local:5000/mirrors/foo"
insecure = true

[[registry]]
location = "registry.com"

[[registry.mirror]]
location = "mirror.registry.com"
"""


def read(text: str) -> RegistriesConf:
    return RegistriesConf.parse(text, "/r.conf")


def locations(text: str, image: str) -> Locations:
    return read(text).locations(Reference.parse(image))


def at(host: str, repository: str, *, insecure: bool = False) -> Location:
    return Location(host=host, repository=repository, insecure=insecure)


def registry(prefix: str, location: str = "", more: str = "") -> str:
    place = f'location = "{location}"\n' if location else ""
    return f'[[registry]]\nprefix = "{prefix}"\n{place}{more}\n'


@pytest.mark.parametrize(
    ("image", "origin", "mirrors"),
    [
        pytest.param(
            "example.com/foo/image",
            at("internal.example.net", "bar/image"),
            (
                at("mirror-0.local", "mirror-for-foo/image"),
                at("mirror-1.local:5000", "mirrors/foo/image", insecure=True),
            ),
            id="rewritten",
        ),
        pytest.param(
            "registry.com/image",
            at("registry.com", "image"),
            (at("mirror.registry.com", "image"),),
            id="a location alone",
        ),
        pytest.param("example.com/bar", at("example.com", "bar"), (), id="not mentioned"),
        pytest.param("redis", at("docker.io", "library/redis"), (), id="short name"),
    ],
)
def test_the_example_of_the_manual(
    image: str, origin: Location, mirrors: tuple[Location, ...]
) -> None:
    for suffix in ("", ":latest", AT, f":7{AT}"):
        assert locations(MAN, image + suffix) == Locations(origin=origin, mirrors=mirrors)


def test_the_place_is_that_of_the_registry() -> None:
    assert locations(MAN, "registry.com/image").place == "/r.conf: registry[1]"
    assert locations(MAN, "redis").place == ""


@pytest.mark.parametrize(
    ("prefixes", "image", "expected"),
    [
        pytest.param(["a.io", "a.io/x", "a.io/x/y"], "a.io/x/y", "a.io/x/y", id="longest"),
        pytest.param(["a.io/x/y", "a.io/x", "a.io"], "a.io/x/z", "a.io/x", id="longest, reversed"),
        pytest.param(["*.a.io", "*.b.a.io"], "c.b.a.io/x", "*.b.a.io", id="longest wildcard"),
        pytest.param(["*.a.io", "b.a.io"], "b.a.io/x", "b.a.io", id="name before wildcard"),
        pytest.param(["b.a.io", "*.a.io"], "b.a.io/x", "b.a.io", id="the same, reversed"),
        pytest.param(["*.a.io", "b.a.io"], "c.a.io/x", "*.a.io", id="wildcard"),
    ],
)
def test_the_longest_prefix_applies(prefixes: list[str], image: str, expected: str) -> None:
    text = "".join(registry(prefix) for prefix in prefixes)
    found = locations(text, image)
    assert found.place == f"/r.conf: registry[{prefixes.index(expected)}]"


def test_of_two_rules_with_one_prefix_the_first_applies() -> None:
    text = registry("a.io", "first.io") + registry("a.io", "second.io")
    assert locations(text, "a.io/x").origin == at("first.io", "x")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "[[registry]]\nprefix = nothing\n",
            "/r.conf: line 2, column 10: Invalid value; correct the TOML there",
            id="no TOML",
        ),
        pytest.param(
            "registry = 1", "/r.conf: registry: expected an array, found an integer", id="no array"
        ),
        pytest.param(
            "[registries.insecure]\nregistries = ['a.io']",
            "/r.conf: registries.insecure: version 1 of the format is not supported; "
            "write a [[registry]] with its location and insecure = true",
            id="version 1, insecure",
        ),
        pytest.param(
            "[registries.block]\nregistries = ['a.io']",
            "/r.conf: registries.block: version 1 of the format is not supported; "
            "write a [[registry]] with its location and blocked = true",
            id="version 1, block",
        ),
        pytest.param(
            '[aliases]\nx = "x"',
            "/r.conf: aliases.x: 'x' is not the full name of a repository; "
            "write HOST/NAME without a tag",
            id="alias of a short name",
        ),
        pytest.param(
            '[aliases]\nx = "a.io/x:1"',
            "/r.conf: aliases.x: 'a.io/x:1' is not the full name of a repository; "
            "write HOST/NAME without a tag",
            id="alias of a tag",
        ),
        pytest.param(
            "[aliases]\nx = 1",
            "/r.conf: aliases.x: expected a string, found an integer",
            id="alias",
        ),
        pytest.param(
            registry("a.io", more="[[registry.mirror]]\nlocation = 1"),
            "/r.conf: registry[0].mirror[0].location: expected a string, found an integer",
            id="type in a mirror",
        ),
    ],
)
def test_a_malformed_file_is_an_error_with_its_place(text: str, message: str) -> None:
    with pytest.raises(NixfetchError) as error:
        read(text)
    assert str(error.value) == message


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="empty"),
        pytest.param("future = 1\n[[registry]]\nlocation = 'a.io'\nnew = 1", id="unknown keys"),
        # NixOS writes this by default (virtualisation.containers.registries).
        pytest.param(
            "[registries.block]\nregistries = []\n[registries.insecure]\nregistries = []\n"
            "[registries.search]\nregistries = ['docker.io', 'quay.io']",
            id="version 1, search",
        ),
    ],
)
def test_unknown_keys_are_ignored(text: str) -> None:
    assert locations(text, "redis") == Locations(origin=at("docker.io", "library/redis"))


ALIASES = """
[aliases]
fedora = "registry.fedoraproject.org/fedora"
redis = "docker.io/library/redis"
debian = "docker.io/acme/debian"
"acme/app" = "localhost/acme/app"
erased = ""
"""


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("redis", id="alias to the same"),
        pytest.param("redis:7", id="alias to the same, tag"),
        pytest.param("alpine", id="no alias"),
        pytest.param("erased", id="alias revoked"),
        pytest.param("docker.io/fedora", id="full name"),
        pytest.param("index.docker.io/fedora", id="full name, old host"),
        pytest.param("docker.io/acme/app", id="full name, user"),
        pytest.param("registry.fedoraproject.org/fedora", id="another registry"),
        pytest.param("library/fedora", id="longer short name"),
    ],
)
def test_a_name_without_an_alias_to_another_image_is_accepted(text: str) -> None:
    read(ALIASES).check_short_name(text)


@pytest.mark.parametrize(
    ("text", "name", "there", "here"),
    [
        pytest.param(
            "fedora",
            "fedora",
            "registry.fedoraproject.org/fedora",
            "docker.io/library/fedora",
            id="name",
        ),
        pytest.param(
            "fedora:40",
            "fedora",
            "registry.fedoraproject.org/fedora:40",
            "docker.io/library/fedora:40",
            id="tag",
        ),
        pytest.param(
            f"fedora:40{AT}",
            "fedora",
            f"registry.fedoraproject.org/fedora:40{AT}",
            f"docker.io/library/fedora:40{AT}",
            id="tag and digest",
        ),
        pytest.param(
            "debian",
            "debian",
            "docker.io/acme/debian",
            "docker.io/library/debian",
            id="another repository",
        ),
        pytest.param(
            "acme/app:1",
            '"acme/app"',
            "localhost/acme/app:1",
            "docker.io/acme/app:1",
            id="with a slash",
        ),
    ],
)
def test_a_short_name_with_an_alias_to_another_image_is_an_error(
    text: str, name: str, there: str, here: str
) -> None:
    with pytest.raises(AmbiguousName) as error:
        read(ALIASES).check_short_name(text)
    assert str(error.value) == (
        f"/r.conf: aliases.{name}: the short name {text!r} is {there} for podman, "
        f"and {here} for nixfetch-docker; write the full name of the image that you mean"
    )


def test_a_text_that_is_not_a_reference_is_an_error() -> None:
    with pytest.raises(InvalidReference):
        read("").check_short_name("Not An Image")


@pytest.fixture
def system(tmp_path: Path) -> Path:
    return tmp_path / "etc"


@pytest.fixture
def user(tmp_path: Path) -> Path:
    return tmp_path / "home/.config/containers"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {"HOME": str(tmp_path / "home")}


@pytest.fixture(autouse=True)
def _home(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def hosts(environment: dict[str, str], system: Path, *images: str) -> list[str]:
    conf = RegistriesConf.from_environment(environment, system=system)
    return [conf.locations(Reference.parse(image)).origin.host for image in images]


def test_without_files_there_is_no_configuration(environment: dict[str, str], system: Path) -> None:
    empty = RegistriesConf(rules={}, aliases={})
    assert RegistriesConf.from_environment(environment, system=system) == empty
    assert RegistriesConf.from_environment({}, system=system) == empty
    assert RegistriesConf.from_environment({"HOME": "/dev/null"}, system=system) == empty


def test_the_files_are_found_in_their_order(
    environment: dict[str, str], system: Path, user: Path, tmp_path: Path
) -> None:
    write(system / "registries.conf", registry("a.io", "etc.io"))
    assert hosts(environment, system, "a.io/x") == ["etc.io"]
    write(user / "registries.conf", registry("a.io", "home.io"))
    assert hosts(environment, system, "a.io/x") == ["home.io"]
    xdg = tmp_path / "xdg"
    assert hosts({**environment, "XDG_CONFIG_HOME": str(xdg)}, system, "a.io/x") == ["etc.io"]
    write(xdg / "containers/registries.conf", registry("a.io", "xdg.io"))
    assert hosts({**environment, "XDG_CONFIG_HOME": str(xdg)}, system, "a.io/x") == ["xdg.io"]
    named = {**environment, "CONTAINERS_REGISTRIES_CONF": str(tmp_path / "named")}
    write(tmp_path / "named", registry("a.io", "named.io"))
    assert hosts(named, system, "a.io/x") == ["named.io"]
    assert hosts({**named, "CONTAINERS_REGISTRIES_CONF": ""}, system, "a.io/x") == ["home.io"]


def test_a_later_drop_in_replaces_what_has_the_same_prefix(
    environment: dict[str, str], system: Path, user: Path
) -> None:
    write(system / "registries.conf", registry("a.io", "main.io") + registry("b.io", "main.io"))
    write(system / "registries.conf.d/10.conf", registry("a.io", "ten.io"))
    write(system / "registries.conf.d/20.conf", registry("a.io", "twenty.io"))
    write(system / "registries.conf.d/30.txt", registry("a.io", "never.io"))
    write(system / "registries.conf.d/40.conf/50.conf", registry("a.io", "never.io"))
    assert hosts(environment, system, "a.io/x", "b.io/x") == ["twenty.io", "main.io"]
    write(user / "registries.conf.d/00.conf", registry("a.io", "home.io"))
    assert hosts(environment, system, "a.io/x", "b.io/x") == ["home.io", "main.io"]


def test_with_the_users_file_only_the_users_drop_ins_are_read(
    environment: dict[str, str], system: Path, user: Path
) -> None:
    write(system / "registries.conf.d/10.conf", registry("a.io", "etc.io"))
    write(user / "registries.conf.d/10.conf", registry("b.io", "home.io"))
    assert hosts(environment, system, "a.io/x", "b.io/x") == ["etc.io", "home.io"]
    write(user / "registries.conf", "")
    assert hosts(environment, system, "a.io/x", "b.io/x") == ["a.io", "home.io"]


def test_a_file_that_is_named_is_read_alone(
    environment: dict[str, str], system: Path, tmp_path: Path
) -> None:
    write(system / "registries.conf.d/10.conf", registry("a.io", "etc.io"))
    write(tmp_path / "named", "")
    named = {**environment, "CONTAINERS_REGISTRIES_CONF": str(tmp_path / "named")}
    assert hosts(named, system, "a.io/x") == ["a.io"]


def test_a_file_that_is_named_and_missing_is_an_error(
    environment: dict[str, str], system: Path, tmp_path: Path
) -> None:
    named = {**environment, "CONTAINERS_REGISTRIES_CONF": str(tmp_path / "named")}
    with pytest.raises(NixfetchError) as error:
        RegistriesConf.from_environment(named, system=system)
    assert str(error.value) == (
        f"{tmp_path / 'named'}: there is no such file; correct or unset CONTAINERS_REGISTRIES_CONF"
    )


def test_a_drop_in_revokes_an_alias(environment: dict[str, str], system: Path, user: Path) -> None:
    shortnames = system / "registries.conf.d/shortnames.conf"
    write(shortnames, ALIASES)
    conf = RegistriesConf.from_environment(environment, system=system)
    with pytest.raises(AmbiguousName) as error:
        conf.check_short_name("fedora")
    assert str(error.value).startswith(f"{shortnames}: aliases.fedora: ")
    write(user / "registries.conf.d/mine.conf", '[aliases]\nfedora = ""')
    RegistriesConf.from_environment(environment, system=system).check_short_name("fedora")


@pytest.mark.parametrize(
    ("path", "content", "message"),
    [
        pytest.param(
            "registries.conf",
            b"\xff",
            "byte 0 (line 1, column 1) is not UTF-8; save it as UTF-8",
            id="main",
        ),
        pytest.param(
            "registries.conf.d/10.conf",
            b"\xff",
            "byte 0 (line 1, column 1) is not UTF-8; save it as UTF-8",
            id="drop-in",
        ),
        pytest.param(
            "registries.conf.d",
            b"",
            "cannot be read (Not a directory); make it readable, or remove it",
            id="not a directory",
        ),
        pytest.param(
            "registries.conf.d/10.conf",
            b"[[registry]]\nblocked = 1",
            'registry[0]: the registry has no location; set it, as in location = "example.org"',
            id="malformed drop-in",
        ),
    ],
)
def test_a_file_that_cannot_be_read_is_an_error_with_its_path(
    environment: dict[str, str], system: Path, path: str, content: bytes, message: str
) -> None:
    (system / path).parent.mkdir(parents=True)
    (system / path).write_bytes(content)
    with pytest.raises(NixfetchError) as error:
        RegistriesConf.from_environment(environment, system=system)
    assert str(error.value) == f"{system / path}: {message}"
