"""The schema of images.toml for editors, and the page about its keys: what the program reads."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import images_schema
import jsonschema
import pytest
import tomli
from jsonschema.protocols import Validator

from nixfetch_docker.base.schema import Group, Named
from nixfetch_docker.cli.commands.init import TEXT
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.images_schema import DOCUMENT, IMAGE, REGISTRY
from nixfetch_docker.lockfile.schema_line import SCHEMA_LINE, SCHEMA_URL

ROOT = Path(__file__).parents[3]
SHA256 = f"sha256:{'ab' * 32}"
VALIDATOR: Validator = jsonschema.Draft7Validator(images_schema.document())


def is_read(text: str) -> bool:
    """Whether the program reads a document."""
    try:
        Images.parse(text)
    except NixfetchError:
        return False
    return True


def is_valid(text: str) -> bool:
    """Whether the schema takes a document."""
    return VALIDATOR.is_valid(tomli.loads(text))


def image(*lines: str) -> str:
    return "\n".join(["[images.web]", *lines])


def registry(*lines: str) -> str:
    return "\n".join(['[registries."registry.lab:5000"]', *lines])


REFERENCES = [
    "redis",
    "redis:7",
    "redis:7.4-alpine",
    f"redis@{SHA256}",
    f"redis:7@{SHA256}",
    f"redis@sha512:{'c' * 128}",
    "ghcr.io/acme/web",
    "ghcr.io/acme/web:v1_2.3-rc",
    "registry.lab:5000/a/b/c:1",
    "localhost/web:1",
    "localhost:5000/web",
    "localhost:05000/web",
    "localhost:5000",
    "127.0.0.1:5000/web",
    "[::1]:5000/web:1",
    "Registry/web",
    "index.docker.io/library/redis",
    "a__b/c--d/e.f_g",
    "docker-archive:latest",
    "oci:5000/web",
    "oci:./web",
    "oci:../a b/web:1.0",
    "oci:/srv/web",
    "docker-archive:./old.tar",
    "docker-archive:./old.tar:acme/web:1.0",
    f"oci:./web:acme/web@{SHA256}",
]
NO_REFERENCES = [
    "",
    " redis",
    "redis ",
    "redis:",
    "redis:7:8",
    "redis:-7",
    "redis:a b",
    f"redis:{'a' * 129}",
    "redis@7",
    "redis@sha256:ab",
    f"redis@sha256:{'AB' * 32}",
    f"redis@sha384:{'a' * 96}",
    "a" * 64,
    "Redis",
    "acme/Web",
    "ghcr.io/Acme/web",
    "ghcr.io//web",
    "ghcr.io/",
    "/web",
    "_web",
    "web-",
    "a___b",
    "a..b/c/d",
    "-host.example/web",
    "host_1.example/web",
    "registry.lab:x/web",
    "registry.lab:0/web",
    "https://ghcr.io/acme/web",
    "docker://redis:7",
    "ann:secret@ghcr.io/web",
    "ann@ghcr.io/web",
    "oci:web/",
    "oci:./",
    "oci:./a:b c",
    "oci:./a\x7f",
    "oci:./a:b\x85",
    "oci:./a:ann:pw@x",
    "docker-archive:.",
    "docker-archive:/",
]
PLATFORMS = [
    *images_schema.PLATFORMS,
    "linux/mips64le",
    "linux/loong64",
    "linux/arm64/v9",
    "linux/amd64/v3",
    "freebsd/amd64",
    "darwin/arm64",
    "plan9/newcpu",
    "linux/arm/v5",
]
NO_PLATFORMS = [
    "",
    "linux",
    "amd64",
    "linux/",
    "/amd64",
    "linux/amd64/v1/x",
    "linux//v7",
    "Linux/amd64",
    "linux/AMD64",
    "linux/x86_64",
    "linux/x86-64",
    "linux/aarch64",
    "linux/aarch64/v8",
    "linux/i386",
    "linux/i686",
    "linux/armhf",
    "linux/armv7l",
    "linux/arm64v8",
    "linux/arm/7",
    "linux/arm64/8",
    "linux/386/sse2",
    "linux/x64",
    "linux/powerpc64le",
    "macos/arm64",
    "amd64/linux",
    "aarch64/linux",
    "x86_64-linux",
    "aarch64-darwin",
    "linux amd64",
    "linux/amd64,linux/arm64",
    "linux-amd64",
    "*",
]
VERSIONS = [
    "7",
    "v7",
    "7.4",
    "7.x",
    "7.4.X",
    "7.*",
    "x",
    "*",
    "^2.1",
    "^0.3",
    "~7.4.1",
    ">=1.2, <2",
    ">=1.2 <2",
    ">= 1.2,<2",
    "> =1.2, < = 2",
    "> 1.2",
    " ^1 || ^3 ",
    "^1||^3",
    "^1, !=1.8.1259",
    "=1.2",
    "^7.2-alpine",
    "*-alpine3.20",
    ">=8-rc",
    ">=8.0-rc.2",
    "^1-alpine || ^2-alpine",
    "999999999",
]
NO_VERSIONS = [
    "",
    " ",
    "latest",
    "stable",
    "==1.2",
    "~>1.2",
    "~=1.2",
    "1.2 - 1.4",
    "1..2",
    "1.",
    ".1",
    "^",
    "^^1",
    "1 ||",
    "|| 1",
    "1 | 2",
    "1,,2",
    ",1",
    "[1,2)",
    "1.2.3.x.4",
    "x.1",
    "7.4-",
    "7.4-1",
    "7.4-al/pine",
    "7.4+build",
    "1234567890",
    "seven",
    "7" + " 7" * 300,
]
HOSTS = [
    "docker.io",
    "ghcr.io",
    "registry.lab:5000",
    "localhost",
    "localhost:5000",
    "127.0.0.1",
    "127.0.0.1:5000",
    "[::1]:5000",
    "lab:5000",
    "LAB",
    "a-b.example",
]
NO_HOSTS = [
    "",
    "lab",
    "https://ghcr.io",
    "ghcr.io/",
    "ghcr.io/acme",
    "ann:pw@ghcr.io",
    "ann@ghcr.io",
    "ghcr.io:",
    "ghcr.io:x",
    "ghcr.io:0",
    "-a.example",
    "a-.example",
    "a..example",
    "a_b.example",
    "a b.example",
    "index.docker.io",
    "*.example.org",
]
MIRRORS = [
    "https://mirror.example.org",
    "https://mirror.example.org/",
    "http://mirror.example.org:5000",
    "https://harbor.lab/proxy",
    "https://harbor.lab/proxy/hub/",
    "http://localhost:5000",
    "http://127.0.0.1:5000/a-b",
    "https://LAB/x",
]
NO_MIRRORS = [
    "",
    "mirror.example.org",
    "ftp://mirror.example.org",
    "HTTPS://mirror.example.org",
    "https:/mirror.example.org",
    "https://",
    "https:///proxy",
    "https://lab",
    "https://mirror.example.org:00",
    "https://ann:pw@mirror.example.org",
    "https://ann@mirror.example.org",
    "https://mirror.example.org/Proxy",
    "https://mirror.example.org/a//b",
    "https://mirror.example.org?x=1",
    "https://mirror.example.org/#a",
    "https://mirror.example.org/a b",
    "https://index.docker.io",
]
FILES = ["ca.pem", "./ca.pem", "/etc/ssl/ca.pem", "../a b/ca.pem", "ca:1.pem", "ca@1.pem", "~/ca"]
NO_FILES = [
    "",
    "https://example.org/ca.pem",
    "file:/etc/ca.pem",
    "ann:pw@example.org/ca.pem",
    "ca.pem\0",
    "//ann:pw@example.org",
]
NAMES = ["redis", "Redis", "_a", "7", "a.b", "a+b-c_d", "a" * 128]
NO_NAMES = ["", "-a", ".a", "+a", "a b", "a/b", "é", "a:b", "a" * 129]
AGES = ["3 days", "1 day", "12 hours", "90 minutes", "1 week", "9999 weeks", "1 days", "2 hour"]
NO_AGES = [
    "",
    "3",
    "3d",
    "3days",
    "3  days",
    " 3 days",
    "3 days ",
    "3 Days",
    "0 days",
    "-3 days",
    "1.5 days",
    "03 days",
    "10000 days",
    "3 months",
    "3 seconds",
    "a day",
    "3 days, 2 hours",
    "P3D",
    "٣ days",
    "3 days\0",
]
SIGNED_BY = ["signed-by", "signed-by-all"]
SIGNERS = [
    '["a.pub"]',
    '["keys/a.pub", "/etc/b.pub"]',
    '[{ key = "a.pub" }]',
    '["a.pub", { key = "a.pub", annotations = { env = "prod" } }]',
    '[{ key = "a.pub", annotations = {} }]',
    """[{ key = "a.pub", annotations = { "a b" = "", 'c"d' = "é" } }]""",
    '[{ identity = "ann@acme.example", issuer = "https://acme.example" }]',
    '[{ identity = "a", issuer = "b", trusted-root = "root.json" }]',
    '["a.pub", { identity = "a", issuer = "b" }]',
]
NO_SIGNERS = [
    '"a.pub"',
    '{ key = "a.pub" }',
    "[7]",
    "[[]]",
    '["a.pub", "a.pub"]',
    "[{}]",
    "[{ key = 7 }]",
    '[{ key = "a.pub", annotation = { env = "prod" } }]',
    '[{ key = "a.pub", annotations = ["env"] }]',
    '[{ key = "a.pub", annotations = { env = true } }]',
    '[{ key = "a.pub", annotations = { "" = "x" } }]',
    '[{ annotations = { env = "prod" } }]',
    '[{ key = "a.pub", identity = "a", issuer = "b" }]',
    '[{ key = "a.pub", trusted-root = "root.json" }]',
    '[{ identity = "a" }]',
    '[{ issuer = "b" }]',
    '[{ identity = "", issuer = "b" }]',
    '[{ identity = "a", issuer = "b", annotations = {} }]',
    '[{ identity = "a", issuer = "b", trusted-root = "" }]',
    '[{ identity = "a\\u0000", issuer = "b" }]',
    '[{ trusted-root = "root.json" }]',
]
QUOTED = json.dumps

RIGHT = [
    "",
    "[images]",
    "[defaults]",
    "[registries]",
    '[defaults]\nplatforms = ["linux/amd64"]\n[images.a]\nimage = "a"\n[images.b]\nimage = "b:1"',
    'images.a.image = "a"',
    *(image(f"image = {QUOTED(one)}") for one in REFERENCES),
    *(image('image = "a"', f"platforms = [{QUOTED(one)}]") for one in PLATFORMS),
    image('image = "a"', 'platforms = ["linux/arm64", "linux/arm/v7", "linux/amd64"]'),
    *(image('image = "ghcr.io/a/b"', f"version = {QUOTED(one)}") for one in VERSIONS),
    image('image = "a"', 'version = "^7"', 'suffix = "alpine"'),
    image('image = "a"', 'version = "^7"', 'suffix = ""'),
    *(
        image('image = "a"', f'version = "{one}"', 'suffix = "alpine"')
        for one in (
            ">=8-rc",
            "^8-RC",
            ">=8.0-rc.2",
            "8-beta1",
            "8-Alpha",
            "8-preview.1",
            "8-PREVIEW",
        )
    ),
    image('image = "a"', 'version = "^7"', 'ignore = ["7.1.*"]'),
    image('image = "a"', 'version = "^7"', "ignore = []"),
    *(image('image = "a"', 'version = "^7"', f"minimum-age = {QUOTED(one)}") for one in AGES),
    image('image = "a"', "tag-pattern = '(?P<version>.+)'", 'minimum-age = "3 days"'),
    image('image = "a"', "tag-pattern = '^RELEASE\\.(?P<version>.+Z)$'", 'ignore = ["*-x"]'),
    image('image = "a"', "tag-pattern = '(?P<version>.+)'", 'version = "^1"'),
    image('image = "a:1"', "frozen = true"),
    image('image = "a"', 'version = "1"', "frozen = false"),
    *(f'[images.{QUOTED(one, ensure_ascii=False)}]\nimage = "a"' for one in NAMES),
    *(f"[registries.{QUOTED(one)}]" for one in HOSTS),
    *(registry(f"mirrors = [{QUOTED(one)}]") for one in MIRRORS),
    registry("mirrors = []"),
    registry(f"mirrors = {QUOTED(MIRRORS)}"),
    *(registry(f"ca-file = {QUOTED(one)}") for one in FILES),
    registry('client-certificate = "a.pem"', 'client-key = "a.key"'),
    registry("plain-http = true"),
    registry("plain-http = true", 'mirrors = ["https://mirror.example.org"]'),
    registry("plain-http = false", 'ca-file = "a.pem"'),
    *(image('image = "a:1"', f"{key} = {one}") for one in SIGNERS for key in SIGNED_BY),
    *(registry(f"{key} = {one}") for one in SIGNERS for key in SIGNED_BY),
    image('image = "a"', 'version = "7"', 'signed-by = ["a.pub"]'),
    image('image = "a"', "signed-by = []"),
    registry("signed-by = []"),
    *(image('image = "a"', f"signed-by = [{QUOTED(one)}]") for one in FILES),
]
WRONG = [
    'image = "redis"',
    "[image.redis]",
    "version = 1",
    "images = []",
    'images = ["redis:7"]',
    "images = true",
    "defaults = []",
    "registries = 7",
    '[images]\nredis = "redis:7"',
    '[[images.redis]]\nimage = "redis:7"',
    "[images.redis]",
    image('platforms = ["linux/amd64"]'),
    *(image(f"image = {QUOTED(one)}") for one in NO_REFERENCES),
    *(image('image = "a"', f"platforms = [{QUOTED(one)}]") for one in NO_PLATFORMS),
    image('image = "a"', "platforms = []"),
    image('image = "a"', 'platforms = ["linux/amd64", "linux/amd64"]'),
    "[defaults]\nplatforms = []",
    '[defaults]\nplatforms = ["linux/x86_64"]',
    '[defaults]\nimage = "a"',
    '[defaults]\nversion = "7"',
    *(image('image = "a"', f"version = {QUOTED(one)}") for one in NO_VERSIONS),
    image('image = "a:7"', 'version = "7"'),
    image(f'image = "a@{SHA256}"', 'version = "7"'),
    image(f'image = "registry.lab:5000/a:7@{SHA256}"', 'version = "7"'),
    image('image = "oci:./a"', 'version = "7"'),
    image('image = "a:7"', "tag-pattern = '(?P<version>.+)'"),
    image('image = "docker-archive:./a.tar"', "tag-pattern = '(?P<version>.+)'"),
    image('image = "a"', 'suffix = "alpine"'),
    image('image = "a"', "tag-pattern = '(?P<version>.+)'", 'suffix = "alpine"'),
    image('image = "a"', 'version = "7-alpine"', 'suffix = "alpine"'),
    image('image = "a"', 'version = "8-rc-alpine"', 'suffix = "alpine"'),
    image('image = "a"', 'version = "8-development"', 'suffix = "alpine"'),
    image('image = "a"', 'version = "7"', 'suffix = "al/pine"'),
    image('image = "a"', 'version = "7"', f'suffix = "{"a" * 129}"'),
    image('image = "a"', 'version = "8-previews"', 'suffix = "alpine"'),
    image('image = "a"', 'ignore = ["7.1"]'),
    image('image = "a"', 'version = "7"', 'ignore = ["7\\u0000"]'),
    image('image = "a"', 'tag-pattern = "(?P<version>.+)\\u0000"'),
    image('image = "a:7"', "ignore = []"),
    *(image('image = "a"', 'version = "^7"', f"minimum-age = {QUOTED(one)}") for one in NO_AGES),
    image('image = "a"', 'minimum-age = "3 days"'),
    image('image = "a:7"', 'minimum-age = "3 days"'),
    image('image = "a"', "tag-pattern = '.+'"),
    image('image = "a"', "tag-pattern = '(?P<name>.+)'"),
    image('image = "a"', "tag-pattern = ''"),
    image('image = "a"', f"tag-pattern = '(?P<version>.+){'a' * 500}'"),
    *(f'[images.{QUOTED(one, ensure_ascii=False)}]\nimage = "a"' for one in NO_NAMES),
    *(f"[registries.{QUOTED(one)}]" for one in NO_HOSTS),
    '[registries]\n"ghcr.io" = "https://mirror.example.org"',
    *(registry(f"mirrors = [{QUOTED(one)}]") for one in NO_MIRRORS),
    *(registry(f"ca-file = {QUOTED(one)}") for one in NO_FILES),
    registry('client-certificate = ""', 'client-key = "a.key"'),
    registry('client-certificate = "a.pem"', 'client-key = ""'),
    registry('client-certificate = "a.pem"'),
    registry('client-key = "a.key"'),
    registry("plain-http = true", 'ca-file = "a.pem"'),
    registry("plain-http = true", 'client-certificate = "a.pem"', 'client-key = "a.key"'),
    *(image('image = "a:1"', f"{key} = {one}") for one in NO_SIGNERS for key in SIGNED_BY),
    *(registry(f"{key} = {one}") for one in NO_SIGNERS for key in SIGNED_BY),
    image('image = "a"', "signed-by-all = []"),
    registry("signed-by-all = []"),
    image('image = "a"', 'signed-by = ["a.pub"]', 'signed-by-all = ["b.pub"]'),
    registry("signed-by = []", 'signed-by-all = ["b.pub"]'),
    image('image = "oci:./a"', 'signed-by = ["a.pub"]'),
    image('image = "docker-archive:./a.tar"', "signed-by = []"),
    *(image('image = "a"', f"signed-by = [{QUOTED(one)}]") for one in NO_FILES),
    *(image('image = "a"', f"signed-by = [{{ key = {QUOTED(one)} }}]") for one in NO_FILES),
    '[defaults]\nsigned-by = ["a.pub"]',
]
# What the program refuses and JSON Schema has no words for, with the reason.
UNSAID = [
    pytest.param(
        image('image = "registry.lab:99999/web"'), id="a port beyond 65535: no arithmetic on texts"
    ),
    pytest.param(
        image('image = "1.2.3.400/web"'), id="an address that cannot be: no arithmetic on texts"
    ),
    pytest.param(
        image(f'image = "{"a/" * 128}a"'), id="a long repository: no length of a part of a text"
    ),
    pytest.param(
        image(f'image = "{"a" * 64}.{"b" * 200}/web"'),
        id="a long registry: no length of a part of a text",
    ),
    pytest.param(
        image('image = "a"', 'platforms = ["linux/amd46"]'),
        id="a platform that is like a known one: no likeness of texts",
    ),
    pytest.param(
        image('image = "a"', 'platforms = ["linx/amd64"]'),
        id="a system that is like a known one: no likeness of texts",
    ),
    pytest.param(
        image('image = "a"', 'platforms = ["linux/arm", "linux/arm/v7"]'),
        id="two names of one platform: items are compared as they are written",
    ),
    pytest.param(
        image('image = "a"', 'version = "7-alpine || 8-slim"'),
        id="two suffixes: no comparison of parts of a text",
    ),
    pytest.param(
        image('image = "a"', 'version = ">8-rc.2"'),
        id="a sign that no pre-release may have: the grammar would be there twice",
    ),
    pytest.param(
        image('image = "a"', 'version = "*-rc.2"'),
        id="a term that no pre-release may have: the grammar would be there twice",
    ),
    pytest.param(
        image('image = "oci:./\u202eweb"'),
        id="a letter that nobody sees: no class of those in all engines",
    ),
    pytest.param(
        image('image = "a"', 'version = "8-rc2alpine"', 'suffix = "slim"'),
        id="a suffix that begins like a pre-release: the grammar would be there twice",
    ),
    pytest.param(
        image('image = "a"', "tag-pattern = '(?P<version>'"),
        id="no regular expression of Python's: no parser of those",
    ),
    pytest.param(
        image('image = "a"', r"tag-pattern = '\(?P<version>.+'"),
        id="a group whose bracket is escaped: no parser of regular expressions",
    ),
    pytest.param(
        image('image = "oci:./a:ann%40example.org"'),
        id="an @ that is percent-encoded, perhaps more than once",
    ),
]


@pytest.mark.parametrize("text", RIGHT)
def test_both_take_what_is_right(text: str) -> None:
    assert is_read(text)
    VALIDATOR.validate(tomli.loads(text))


@pytest.mark.parametrize("text", WRONG)
def test_both_refuse_what_is_wrong(text: str) -> None:
    assert (is_read(text), is_valid(text)) == (False, False)


@pytest.mark.parametrize("text", UNSAID)
def test_the_program_alone_refuses_what_json_schema_cannot_say(text: str) -> None:
    assert (is_read(text), is_valid(text)) == (False, True)


def misspelt() -> Iterator[str]:
    """Documents with a key that is not quite one of those there are."""
    for head, group in (
        ("", DOCUMENT),
        ("[defaults]\n", DOCUMENT.keys["defaults"]),
        ('[images.web]\nimage = "a"\n', IMAGE),
        ('[registries."a.example"]\n', REGISTRY),
    ):
        assert isinstance(group, Group)
        for key in group.keys:
            swapped = key[1] + key[0] + key[2:]
            for wrong in (key[:-1], f"{key}s", key.upper(), key.replace("-", "_"), swapped):
                if wrong not in group.keys:
                    yield f'{head}{wrong} = "x"\n'


@pytest.mark.parametrize("text", list(misspelt()))
def test_both_refuse_a_key_that_is_misspelt(text: str) -> None:
    assert (is_read(text), is_valid(text)) == (False, False)


VALUES = ["7", "7.5", "true", '"7"', '"true"', "[]", "[7]", '["7"]', '[["7"]]', "{}", '{ a = "7" }']


def of_all_types() -> Iterator[str]:
    """Documents with a value of each type at each key."""
    for value in VALUES:
        for key in DOCUMENT.keys:
            yield f"{key} = {value}"
        yield f"[defaults]\nplatforms = {value}"
        yield f"[images]\na = {value}"
        yield f'[registries]\n"a.example" = {value}'
        for key in IMAGE.keys:
            rest = [] if key == "image" else ['image = "a"']
            yield image(*rest, f"{key} = {value}")
            yield image(*rest, 'version = "7"' * (key != "version"), f"{key} = {value}")
        for key in REGISTRY.keys:
            yield registry(f"{key} = {value}")


@pytest.mark.parametrize("text", list(dict.fromkeys(of_all_types())))
def test_both_say_the_same_of_a_value_of_each_type(text: str) -> None:
    assert is_valid(text) == is_read(text)


def written() -> Iterator[str]:
    """The documents that this project shows and writes."""
    yield re.sub(r"^#(?=[a-z\[])", "", TEXT, flags=re.MULTILINE)
    for path in [*ROOT.glob("templates/**/images.toml"), *ROOT.glob("tests/**/images.toml")]:
        yield path.read_text(encoding="utf-8")
    blocks = re.compile(r"^```toml\n(.*?)^```$", re.DOTALL | re.MULTILINE)
    for path in [ROOT / "README.md", *ROOT.glob("docs/**/*.md")]:
        for found in blocks.findall(path.read_text(encoding="utf-8")):
            if re.search(r"^\[(images|defaults|registries)\b", found, re.MULTILINE):
                yield found.replace("sha256:…", SHA256)


@pytest.mark.parametrize("text", list(written()))
def test_the_schema_takes_what_this_project_shows(text: str) -> None:
    assert is_valid(text) == is_read(text)


def test_the_schema_is_one_and_has_the_address_that_files_name() -> None:
    schema = json.loads(images_schema.SCHEMA.read_text(encoding="utf-8"))
    jsonschema.Draft7Validator.check_schema(schema)
    assert schema["$id"] == SCHEMA_URL
    assert SCHEMA_URL.endswith(str(images_schema.SCHEMA.relative_to(ROOT)))


def test_the_files_of_init_and_of_the_template_begin_with_that_address() -> None:
    assert TEXT.startswith(SCHEMA_LINE)
    for path in ROOT.glob("templates/**/images.toml"):
        assert path.read_text(encoding="utf-8").startswith(SCHEMA_LINE), path


def test_the_committed_files_are_what_the_script_writes(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert images_schema.main(["--check"]) == 0, capsys.readouterr().out


def test_every_key_says_what_it_means() -> None:
    def without(shape: object, path: str) -> Iterator[str]:
        if not getattr(shape, "about", ""):
            yield path
        if isinstance(shape, Group):
            for key, one in shape.keys.items():
                yield from without(one, f"{path}.{key}")
        if isinstance(shape, Named):
            yield from without(shape.shape, f"{path}.*")

    assert list(without(DOCUMENT, "")) == []


def test_the_page_has_a_table_for_each_group_of_keys() -> None:
    page = images_schema.PAGE.read_text(encoding="utf-8")
    named = re.findall(r"<!-- keys of (.+?) -->", page)
    assert sorted(named) == sorted(name for name, _ in images_schema.tables())
