from __future__ import annotations

import pytest

from nixfetch_docker.base import toml
from nixfetch_docker.endpoints.location import Location, Locations
from nixfetch_docker.endpoints.registry_rule import RegistryRule
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.reference import Reference

AT = f"@sha256:{'f' * 64}"


def rule(text: str) -> RegistryRule:
    """The rule in the text of a file with one `[[registry]]`."""
    (table,) = toml.parse(text).tables("registry")
    return RegistryRule.from_table(table, "/r.conf")


def locations(text: str, image: str) -> Locations:
    return rule(text).locations(Reference.parse(image))


def at(host: str, repository: str, *, insecure: bool = False) -> Location:
    return Location(host=host, repository=repository, insecure=insecure)


def registry(prefix: str, location: str = "", more: str = "") -> str:
    place = f'location = "{location}"\n' if location else ""
    return f'[[registry]]\nprefix = "{prefix}"\n{place}{more}\n'


@pytest.mark.parametrize(
    ("prefix", "image", "matches"),
    [
        pytest.param("a.io", "a.io/x", True, id="host"),
        pytest.param("a.io/", "a.io/x", True, id="slash last"),
        pytest.param("a.io", "a.io.evil/x", False, id="longer host"),
        pytest.param("a.io", "b.a.io/x", False, id="subdomain"),
        pytest.param("a.io", "a.io:5000/x", False, id="a port is another registry"),
        pytest.param("[::1]", "[::1]:5000/x", False, id="IPv6 and a port"),
        pytest.param("a.io:5000", "a.io:5000/x", True, id="host and port"),
        pytest.param("a.io:500", "a.io:5000/x", False, id="part of a port"),
        pytest.param("a.io/x", "a.io/x", True, id="repository"),
        pytest.param("a.io/x", "a.io/x:1", True, id="before a tag"),
        pytest.param("a.io/x", f"a.io/x{AT}", True, id="before a digest"),
        pytest.param("a.io/x", "a.io/x/y", True, id="namespace"),
        pytest.param("a.io/x", "a.io/xy", False, id="part of a name"),
        pytest.param("a.io/x:1", "a.io/x:1", True, id="tag"),
        pytest.param("a.io/x:1", f"a.io/x:1{AT}", True, id="tag before a digest"),
        pytest.param("a.io/x:1", "a.io/x:12", False, id="part of a tag"),
        pytest.param("*.a.io", "b.a.io/x", True, id="wildcard"),
        pytest.param("*.a.io", "c.b.a.io/x", True, id="wildcard for two"),
        pytest.param("*.a.io", "b.a.io:5000/x", True, id="wildcard and a port"),
        pytest.param("*.a.io", "a.io/x", False, id="wildcard for none"),
        pytest.param("*.a.io", "ba.io/x", False, id="wildcard without a dot"),
        pytest.param("*.a.io", "b.c/x.a.io/y", False, id="wildcard in a path"),
        pytest.param("docker.io", "redis", True, id="docker.io"),
        pytest.param("docker.io/library", "redis", True, id="docker.io's library"),
        pytest.param("docker.io/redis", "redis", False, id="without library"),
    ],
)
def test_a_prefix_ends_where_a_part_of_the_name_ends(
    prefix: str, image: str, matches: bool
) -> None:
    covered = rule(registry(prefix)).covers(Reference.parse(image))
    assert (covered > 0) is matches


@pytest.mark.parametrize(
    ("text", "image", "origin"),
    [
        pytest.param(registry("a.io", "b.io"), "a.io/x/y", at("b.io", "x/y"), id="host"),
        pytest.param(registry("a.io", "b.io:5000/p"), "a.io/x", at("b.io:5000", "p/x"), id="path"),
        pytest.param(registry("a.io/x", "b.io/y"), "a.io/x", at("b.io", "y"), id="whole name"),
        pytest.param(registry("a.io/x/y", "b.io"), "a.io/x/y/z", at("b.io", "z"), id="shorter"),
        pytest.param(
            registry("docker.io", "b.io/hub"), "redis", at("b.io", "hub/library/redis"), id="hub"
        ),
        pytest.param(
            registry("a.io", "docker.io/library"),
            "a.io/x",
            at("docker.io", "library/x"),
            id="to hub",
        ),
        pytest.param(registry("*.a.io", "b.io/p"), "c.a.io/x", at("b.io", "p/x"), id="wildcard"),
        pytest.param(
            registry("*.a.io", "b.io/p"), "c.a.io:5/x", at("b.io", "p/x"), id="wildcard, port"
        ),
        pytest.param(
            registry("*.a.io", more="insecure = true"),
            "c.a.io/x",
            at("c.a.io", "x", insecure=True),
            id="wildcard, no location",
        ),
        pytest.param(
            registry("a.io", more="insecure = true"),
            "a.io/x",
            at("a.io", "x", insecure=True),
            id="no location",
        ),
        pytest.param(
            registry("a.io/x:1", "b.io/y:1"), f"a.io/x:1{AT}", at("b.io", "y"), id="the same tag"
        ),
    ],
)
def test_the_location_replaces_the_prefix(text: str, image: str, origin: Location) -> None:
    assert locations(text, image).origin == origin


MIRRORS = """
[[registry]]
location = "a.io"
[[registry.mirror]]
location = "always.io"
pull-from-mirror = "all"
[[registry.mirror]]
location = "digest.io"
pull-from-mirror = "digest-only"
[[registry.mirror]]
location = "tag.io"
pull-from-mirror = "tag-only"
[[registry.mirror]]
location = "empty.io"
pull-from-mirror = ""
"""
BY_DIGEST = """
[[registry]]
location = "a.io"
mirror-by-digest-only = true
[[registry.mirror]]
location = "mirror.io"
"""


@pytest.mark.parametrize(
    ("text", "image", "hosts"),
    [
        pytest.param(MIRRORS, "a.io/x", ["always.io", "tag.io", "empty.io"], id="name"),
        pytest.param(MIRRORS, "a.io/x:1", ["always.io", "tag.io", "empty.io"], id="tag"),
        pytest.param(MIRRORS, f"a.io/x{AT}", ["always.io", "digest.io", "empty.io"], id="digest"),
        pytest.param(MIRRORS, f"a.io/x:1{AT}", ["always.io", "digest.io", "empty.io"], id="both"),
        pytest.param(BY_DIGEST, "a.io/x:1", [], id="all by digest, tag"),
        pytest.param(BY_DIGEST, f"a.io/x:1{AT}", ["mirror.io"], id="all by digest, digest"),
    ],
)
def test_a_mirror_may_serve_only_tags_or_only_digests(
    text: str, image: str, hosts: list[str]
) -> None:
    found = locations(text, image)
    assert [mirror.host for mirror in found.mirrors] == hosts
    assert found.origin == at("a.io", "x")


@pytest.mark.parametrize(
    ("text", "image", "message"),
    [
        pytest.param(
            registry("a.io", "mirror"),
            "a.io/x",
            "/r.conf: registry[0].location: this turns a.io/x into 'mirror/x', "
            "which is not the full name of an image; "
            "begin with the host, as in example.org:5000/path or docker.io/library",
            id="no host",
        ),
        pytest.param(
            registry("a.io", more='[[registry.mirror]]\nlocation = "docker.io"'),
            "a.io/x:1",
            "/r.conf: registry[0].mirror[0].location: this turns a.io/x:1 into "
            "'docker.io/x:1', which is not the full name of an image; "
            "begin with the host, as in example.org:5000/path or docker.io/library",
            id="docker.io without library",
        ),
        pytest.param(
            registry("a.io/x", "b.io/Y"),
            "a.io/x",
            "/r.conf: registry[0].location: this turns a.io/x into 'b.io/Y', "
            "which is not the full name of an image; "
            "begin with the host, as in example.org:5000/path or docker.io/library",
            id="no reference",
        ),
        pytest.param(
            registry("a.io/x:1", "b.io/x:2"),
            "a.io/x:1",
            "/r.conf: registry[0].location: this turns a.io/x:1 into 'b.io/x:2', "
            "which has another tag; end the prefix and the location before the tag",
            id="another tag",
        ),
    ],
)
def test_a_location_that_makes_no_reference_is_an_error(
    text: str, image: str, message: str
) -> None:
    with pytest.raises(NixfetchError) as error:
        locations(text, image)
    assert str(error.value) == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            registry("a.io", more='blocked = "yes"'),
            "registry[0].blocked: expected true or false, found a string",
            id="type",
        ),
        pytest.param(
            registry("a.io", more="[[registry.mirror]]\nlocation = 1"),
            "registry[0].mirror[0].location: expected a string, found an integer",
            id="type in a mirror",
        ),
        pytest.param(
            "[[registry]]\ninsecure = true",
            'registry[0]: the registry has no location; set it, as in location = "example.org"',
            id="no prefix",
        ),
        pytest.param(
            registry("a.io", more="[[registry.mirror]]\ninsecure = true"),
            "registry[0].mirror[0]: the mirror has no location; "
            'set it, as in location = "mirror.example.org"',
            id="no mirror",
        ),
        pytest.param(
            registry("a.io", "https://me:secret@b.io"),
            "registry[0].location: expected host[:port][/path], found a URL; remove its scheme",
            id="URL",
        ),
        *(
            pytest.param(
                f"[[registry]]\n{text}",
                f"registry[0].{where}: this has a login in it; "
                "leave it out, and log in with docker login or podman login",
                id=f"login in {text!r}",
            )
            for text, where in (
                ('location = "ann:PW@a.b/x"', "location"),
                ('location = "PW@a.b"', "location"),
                ('location = "ann:PW%40a.b"', "location"),
                ('prefix = "*.ann:PW@a.b"', "prefix"),
                ('prefix = "a.b"\nlocation = "//ann:PW@a.b"', "location"),
                ('location = "a.b"\nmirror = [{ location = "ann:PW@m.b" }]', "mirror[0].location"),
            )
        ),
        pytest.param(
            registry("*.a.io/x"),
            "registry[0].prefix: '*.a.io/x' has a wildcard in the wrong place; "
            "write it for whole subdomains, as in *.example.org",
            id="wildcard and path",
        ),
        pytest.param(
            registry("a.*.io"),
            "registry[0].prefix: 'a.*.io' has a wildcard in the wrong place; "
            "write it for whole subdomains, as in *.example.org",
            id="wildcard inside",
        ),
        pytest.param(
            MIRRORS.replace('"all"', '"never"'),
            "registry[0].mirror[0].pull-from-mirror: 'never' is not a rule for mirrors; "
            "write all, digest-only or tag-only",
            id="pull-from-mirror",
        ),
        pytest.param(
            f'{BY_DIGEST}pull-from-mirror = "all"',
            "registry[0].mirror[0].pull-from-mirror: "
            "the registry has mirror-by-digest-only = true as well; remove one of the two",
            id="two rules for a mirror",
        ),
        pytest.param(
            registry("a.io", more='pull-from-mirror = "all"'),
            "registry[0].pull-from-mirror: this is a key of mirrors; "
            "move it to a [[registry.mirror]]",
            id="pull-from-mirror on a registry",
        ),
    ],
)
def test_a_malformed_table_is_an_error_with_its_place(text: str, message: str) -> None:
    with pytest.raises(NixfetchError) as error:
        rule(text)
    assert str(error.value) == message
