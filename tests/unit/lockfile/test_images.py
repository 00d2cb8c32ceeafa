from __future__ import annotations

import pytest
import tomli
from hypothesis import example, given
from hypothesis import strategies as st
from support.builders import read_or_refused, request

from nixfetch_docker.base import toml_writer
from nixfetch_docker.base.table import InvalidField, Table
from nixfetch_docker.endpoints.settings import RegistrySettings
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.images import Images


def test_an_image_is_what_the_file_asks_for() -> None:
    images = Images.parse(
        """
        [images.redis]
        image = "redis:7.4-alpine"

        [images.web]
        image = "ghcr.io/acme/web"
        platforms = ["linux/arm64", "linux/amd64"]
        """
    )
    assert images.requests == {
        "redis": request("redis:7.4-alpine"),
        "web": request("ghcr.io/acme/web", "linux/arm64", "linux/amd64"),
    }
    assert images.registries == {}


def test_an_empty_file_asks_for_nothing() -> None:
    assert Images.parse("") == Images(requests={})


def test_defaults_apply_where_an_image_has_no_platforms() -> None:
    images = Images.parse(
        """
        [defaults]
        platforms = ["linux/amd64"]

        [images]
        a.image = "a"
        b = { image = "b", platforms = ["linux/arm/v7"] }
        """
    )
    assert images.requests == {
        "a": request("a", "linux/amd64"),
        "b": request("b", "linux/arm/v7"),
    }


def test_registries_have_their_settings() -> None:
    images = Images.parse(
        """
        [registries."registry.lab:5000"]
        plain-http = true

        [registries."127.0.0.1:5000"]
        plain-http = false

        [registries."docker.io"]
        """
    )
    assert images.registries == {
        "registry.lab:5000": RegistrySettings(plain_http=True),
        "127.0.0.1:5000": RegistrySettings(plain_http=False),
        "docker.io": RegistrySettings(plain_http=None),
    }


@pytest.mark.parametrize(
    ("platforms", "text"),
    [
        pytest.param([], '{ image = "redis:7" }', id="no platforms"),
        pytest.param(
            ["linux/amd64", "linux/arm/v7"],
            '{ image = "redis:7", platforms = ["linux/amd64", "linux/arm/v7"] }',
            id="platforms",
        ),
    ],
)
def test_a_request_is_repeated_to_the_letter(platforms: list[str], text: str) -> None:
    asked = request("redis:7", *platforms)
    assert asked.to_toml() == text
    assert type(asked).from_table(Table(tomli.loads(f"x = {text}")["x"])) == asked


def image(**values: object) -> str:
    lines = {"image": '"redis:7"', **values}
    return "[images.redis]\n" + "".join(f"{key} = {value}\n" for key, value in lines.items())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            "[images.redis]\nimage = redis\n",
            "line 2, column 9: Invalid value; correct the TOML there",
            id="malformed",
        ),
        pytest.param(
            image() + image(),
            "line 3, column 14: two images are named 'redis'; give one of them another name",
            id="two images with one name",
        ),
        pytest.param(
            "[image.redis]\n", "image: unknown key; did you mean 'images'?", id="unknown table"
        ),
        pytest.param(
            image(platform='"linux/amd64"'),
            "images.redis.platform: unknown key; did you mean 'platforms'?",
            id="unknown key of an image",
        ),
        pytest.param(
            "[defaults]\nplatform = []\n",
            "defaults.platform: unknown key; did you mean 'platforms'?",
            id="unknown key of the defaults",
        ),
        pytest.param(
            '[registries."docker.io"]\nplain_http = true\n',
            "registries.\"docker.io\".plain_http: unknown key; did you mean 'plain-http'?",
            id="unknown key of a registry",
        ),
        pytest.param(
            "[images.redis]\n",
            "images.redis: 'image' is missing; write image = \"redis:7\", for example",
            id="no reference",
        ),
        pytest.param(
            image(image='"acme/App"'),
            "images.redis.image: 'acme/App' has upper case in its repository; "
            "write it in lower case",
            id="bad reference",
        ),
        pytest.param(
            image(image="7"),
            "images.redis.image: expected a string, found an integer",
            id="reference of another type",
        ),
        pytest.param(
            '[images]\nredis = "redis:7"\n',
            "images.redis: expected a table, found a string",
            id="image of another type",
        ),
        pytest.param(
            "images = []\n", "images: expected a table, found an array", id="images of another type"
        ),
        pytest.param(
            '[images."a b"]\nimage = "a"\n',
            'images."a b": this cannot name an image; '
            "use letters, digits, '_', '-', '.' and '+', and start with a letter, a digit or '_'",
            id="bad name",
        ),
        pytest.param(
            image(platforms='["linux"]'),
            "images.redis.platforms[0]: 'linux' is not a platform; "
            "write it as linux/amd64 or linux/arm/v7",
            id="bad platform",
        ),
        pytest.param(
            image(platforms='["linux/amd46"]'),
            "images.redis.platforms[0]: 'linux/amd46' is no platform that is known; "
            "did you mean linux/amd64?",
            id="misspelt platform",
        ),
        pytest.param(
            image(platforms='["linux/amd64", "linux/amd64"]'),
            "images.redis.platforms: 'linux/amd64' is there twice; remove one of the two",
            id="platform twice",
        ),
        pytest.param(
            image(platforms='["linux/arm64", "linux/arm64/v8"]'),
            "images.redis.platforms: 'linux/arm64/v8' means the same as 'linux/arm64'; "
            "remove one of the two",
            id="platform twice under two names",
        ),
        pytest.param(
            image(platforms='["linux/amd64", "linux/aarch64"]'),
            "images.redis.platforms[1]: 'linux/aarch64' is called 'linux/arm64' in image indexes; "
            "write that",
            id="another name of a platform",
        ),
        pytest.param(
            image(platforms="[]"),
            "images.redis.platforms: it names no platform; "
            'name one, as in ["linux/amd64"], or remove the key',
            id="no platform",
        ),
        pytest.param(
            image(platforms='"linux/amd64"'),
            "images.redis.platforms: expected an array, found a string",
            id="platforms of another type",
        ),
        pytest.param(
            '[defaults]\nplatforms = ["linux/amd64", 7]\n',
            "defaults.platforms[1]: expected a string, found an integer",
            id="default platform of another type",
        ),
        pytest.param(
            image(version='"^7"'),
            "images.redis.version: the image already names a tag or a digest; remove that, or this",
            id="version beside a tag",
        ),
        pytest.param(
            image(image='"oci:./redis"', version='"^7"'),
            "images.redis.version: an image in a file has no tags to follow; remove this",
            id="version of a file",
        ),
        pytest.param(
            '[registries."registry.lab"]\nplain-http = "yes"\n',
            'registries."registry.lab".plain-http: expected true or false, found a string',
            id="setting of another type",
        ),
        pytest.param(
            '[registries."https://a.b"]\n',
            'registries."https://a.b": this is not a registry; '
            'write host and port as in the images\' names: "docker.io", "registry.lab:5000"',
            id="URL for a registry",
        ),
    ],
)
def test_a_mistake_is_named_with_its_place_and_its_remedy(text: str, message: str) -> None:
    with pytest.raises(NixfetchError) as caught:
        Images.parse(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "host",
    [
        pytest.param("index.docker.io", id="Docker Hub's other name"),
        pytest.param("registry", id="no host before a repository"),
        pytest.param("registry.lab/acme", id="path"),
        pytest.param("", id="empty"),
    ],
)
def test_settings_that_no_reference_would_use_are_refused(host: str) -> None:
    with pytest.raises(InvalidField):
        Images.parse(f'[registries."{host}"]\n')


def inline(value: object) -> str:
    """Any TOML value on one line."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return toml_writer.string(value)
        case list():
            return f"[{', '.join(map(inline, value))}]"
        case dict():
            return toml_writer.inline_table((key, inline(item)) for key, item in value.items())
        case _:
            return str(value)


TEXTS = st.text(max_size=5) | st.sampled_from(["redis:7", "linux/amd64", "a.b:1", "docker.io"])
KEYS = st.text(max_size=5) | st.sampled_from(
    ["defaults", "images", "registries", "image", "platforms", "plain-http", "docker.io"]
)
VALUES = st.recursive(
    st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(
    st.text()
    | st.dictionaries(KEYS, VALUES, max_size=4).map(
        lambda tables: "".join(
            f"{toml_writer.key(key)} = {inline(v)}\n" for key, v in tables.items()
        )
    )
)
@example('[images."a\\nb"]\n')
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    images = read_or_refused(Images.parse, text)
    if images is not None:
        assert images.requests.keys() == tomli.loads(text).get("images", {}).keys()
