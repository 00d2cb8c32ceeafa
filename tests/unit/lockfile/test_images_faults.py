"""All faults of an images.toml in one error: the line, the column and the text to write."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixfetch_docker.endpoints.settings import RegistrySettings
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.images import Images
from nixfetch_docker.lockfile.images_faults import all_faults
from nixfetch_docker.lockfile.images_schema import DOCUMENT, IMAGE, REGISTRY
from nixfetch_docker.lockfile.project import Project


def fault(text: str) -> NixfetchError:
    """The error that the reading of a text ends in."""
    with pytest.raises(NixfetchError) as caught:
        Project(images_path=Path("images.toml")).parse_images(text)
    return caught.value


def told(text: str) -> list[str]:
    """A line for each fault, from its line number on, without the lines that show the place."""
    error = fault(text)
    lines = [str(error).removeprefix("images.toml: "), *map(str.strip, error.details)]
    return [line for line in lines if line.startswith("line ")]


RENAME = "give one of them another name:"
HEAD = "[images.redis]\n"
SECOND_LINES = [
    pytest.param(
        "image = “redis:7”",
        '9: “ (U+201C) is no quotation mark of TOML; write image = "redis:7"',
        id="typographic",
    ),
    pytest.param(
        "image = „redis:7“",
        '9: „ (U+201E) is no quotation mark of TOML; write image = "redis:7"',
        id="German",
    ),
    pytest.param(
        "image = ‘redis:7’",
        '9: ‘ (U+2018) is no quotation mark of TOML; write image = "redis:7"',
        id="single typographic",
    ),
    pytest.param(
        "image = «redis:7»",
        '9: « (U+00AB) is no quotation mark of TOML; write image = "redis:7"',
        id="French",
    ),
    pytest.param(
        "image = `redis:7`",
        '9: ` (U+0060) is no quotation mark of TOML; write image = "redis:7"',
        id="backquotes",
    ),
    pytest.param(
        '“image” = "redis:7"',
        '1: “ (U+201C) is no quotation mark of TOML; write image = "redis:7"',
        id="typographic key",
    ),
    pytest.param(
        'image = "redis:7', '17: the string is not closed; write image = "redis:7"', id="not closed"
    ),
    pytest.param(
        'image = "redis:7 # comment',
        '17: the string is not closed; write image = "redis:7"',
        id="not closed, with a comment",
    ),
    pytest.param(
        "image = 'redis:7",
        '9: the string is not closed; write image = "redis:7"',
        id="single quotes not closed",
    ),
    pytest.param(
        "image = \"redis:7'",
        '17: the string is not closed; write image = "redis:7"',
        id="two kinds of quotes",
    ),
    pytest.param(
        "image = redis:7", '9: the quotation marks are missing; write image = "redis:7"', id="bare"
    ),
    pytest.param("image =", '8: the key has no value; write image = "redis:7"', id="no value"),
    pytest.param("image", '6: the key has no value; write image = "redis:7"', id="a key alone"),
    pytest.param(
        "image: redis:7", "6: ':' stands where '=' belongs; write image = \"redis:7\"", id="YAML"
    ),
    pytest.param(
        'image: "redis:7"',
        "6: ':' stands where '=' belongs; write image = \"redis:7\"",
        id="YAML with quotes",
    ),
    pytest.param(
        'image => "redis:7"',
        "8: '=>' stands where '=' belongs; write image = \"redis:7\"",
        id="arrow",
    ),
    pytest.param(
        'image "redis:7"',
        "7: the '=' behind the key is missing; write image = \"redis:7\"",
        id="no equals sign",
    ),
    pytest.param(
        'image = "redis:7";',
        '18: a semicolon stands behind the value; write image = "redis:7"',
        id="Nix",
    ),
    pytest.param(
        "image = ''redis:7'';",
        "9: '' is a quotation mark of Nix, not of TOML; write image = \"redis:7\"",
        id="Nix's string",
    ),
    pytest.param(
        'image = "redis:7" // the "cache"',
        "19: a comment begins with #, not with '//'; write image = \"redis:7\"",
        id="comment of C",
    ),
    pytest.param(
        "image = 'redis:7' -- it's the cache",
        "19: a comment begins with #, not with '--'; write image = 'redis:7'",
        id="comment of Lua",
    ),
    pytest.param(
        'image = "redis:7" /* a cache */',
        "19: a comment begins with #, not with '/*'; write image = \"redis:7\"",
        id="comment of Nix",
    ),
    pytest.param(
        'image = "redis:7",',
        '18: a comma stands behind the value; write image = "redis:7"',
        id="JSON",
    ),
    pytest.param(
        'image\u00a0= "redis:7"',
        '6: a space is no plain one, but U+00A0; write image = "redis:7"',
        id="no-break space",
    ),
    pytest.param(
        'image = ["redis:7"]',
        '9: images.redis.image: expected a string, found an array; write image = "redis:7"',
        id="an array for a string",
    ),
    pytest.param(
        'image = { name = "redis:7" }',
        '9: images.redis.image: expected a string, found a table; write image = "redis:7"',
        id="a table for a string",
    ),
    pytest.param('image = "redis:7"\nimage = "redis:8"', None, id="second value"),
    pytest.param(
        "minimum-age = 3",
        '15: images.redis.minimum-age: expected a string, found an integer; write minimum-age = "3 '
        'days"',
        id="an age without its unit",
    ),
    pytest.param(
        'image = "Redis:7"',
        "9: images.redis.image: 'Redis:7' has upper case in its repository; write it in lower case",
        id="reference",
    ),
    pytest.param(
        'imgae = "redis:7"', "1: images.redis.imgae: unknown key; did you mean 'image'?", id="typo"
    ),
    pytest.param(
        'IMAGE = "redis:7"',
        "1: images.redis.IMAGE: unknown key; did you mean 'image'?",
        id="upper case",
    ),
]


SIGNED_BY_LINES = [
    pytest.param(
        'signed-by = "keys/acme.pub"',
        "13: images.redis.signed-by: expected an array, found a string; write signed-by = "
        '["keys/acme.pub"]',
        id="a string for an array that may have tables",
    ),
    pytest.param(
        'signed-by = ["a.pub", 7]',
        "23: images.redis.signed-by[1]: expected a string or a table, found an integer; write "
        '"keys/acme.pub"',
        id="a number for a string or a table",
    ),
    pytest.param(
        'signed-by = [{ kye = "a.pub" }]',
        "1: images.redis.signed-by[0].kye: unknown key; did you mean 'key'?",
        id="a typo in a table of an array",
    ),
    pytest.param(
        'signed-by = ["a.pub", { identity = "ann" }]',
        "1: images.redis.signed-by[1]: 'issuer' is missing; write who vouches for the identity",
        id="an identity without its issuer",
    ),
    pytest.param(
        'signed-by = [{ key = "a.pub", issuer = "x" }]',
        "14: images.redis.signed-by[0].issuer: it does not belong to 'key'; an item has a key and "
        "perhaps annotations, or an identity and its issuer",
        id="a key and an issuer",
    ),
    pytest.param(
        'signed-by = [{ key = "a.pub", annotations = { env = 7 } }]',
        "14: images.redis.signed-by[0].annotations.env: expected a string, found an integer; "
        'write env = "7"',
        id="an annotation that is a number",
    ),
    pytest.param(
        'signed-by = ["gcpkms://projects/x"]',
        "14: images.redis.signed-by[0]: this is not the path of a file; name a file of PEM data",
        id="a key in a service",
    ),
    pytest.param(
        "signed-by-all = []",
        "17: images.redis.signed-by-all: it names nobody; write signed-by = [] to ask for no "
        "signature",
        id="all of nobody",
    ),
]


@pytest.mark.parametrize(("line", "message"), SIGNED_BY_LINES)
@pytest.mark.parametrize(
    ("head", "place"),
    [
        pytest.param(HEAD, "images.redis", id="image"),
        pytest.param('[registries."a.b"]\n', 'registries."a.b"', id="registry"),
    ],
)
def test_who_signs_is_told_with_its_place(line: str, message: str, head: str, place: str) -> None:
    image = 'image = "redis:7"\n' if head == HEAD else ""
    expected = f"line {3 if image else 2}, column {message}".replace("images.redis", place)
    assert told(f"{head}{image}{line}\n") == [expected]


@pytest.mark.parametrize(("line", "message"), SECOND_LINES)
def test_a_fault_has_its_line_its_column_and_the_text_to_write(
    line: str, message: str | None
) -> None:
    expected = (
        f"line 2, column {message}"
        if message is not None
        else "line 3, column 1: this is the second value of its name; remove one of the two (the "
        "first is in line 2, column 1)"
    )
    assert told(f"{HEAD}{line}\n") == [expected]
    assert told(f"{HEAD}{line}") == [expected]
    assert told(f"{HEAD}{line}\r\n".replace("\n", "\r\n").replace("\r\r", "\r")) == [expected]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        pytest.param(
            "version = 7",
            'version: expected a string, found an integer; write version = "7"',
            id="integer",
        ),
        pytest.param(
            "version = 7.10",
            'version: expected a string, found a number; write version = "7.10"',
            id="number",
        ),
        pytest.param(
            "version = 7.4.1",
            'the quotation marks are missing; write version = "7.4.1"',
            id="three numbers",
        ),
        pytest.param(
            "version = ^7", 'the quotation marks are missing; write version = "^7"', id="sign"
        ),
        pytest.param("version = 2024-01-01", None, id="date"),
        pytest.param("version = latest", None, id="bare, and no version"),
        pytest.param(
            'platforms = "linux/amd64"',
            'platforms: expected an array, found a string; write platforms = ["linux/amd64"]',
            id="string for an array",
        ),
        pytest.param(
            'platforms = "linux/amd64, linux/arm64"',
            'platforms: expected an array, found a string; write platforms = ["linux/amd64", '
            '"linux/arm64"]',
            id="two in a string",
        ),
        pytest.param(
            "platforms = linux/amd64",
            'the quotation marks are missing; write platforms = ["linux/amd64"]',
            id="bare for an array",
        ),
        pytest.param(
            "platforms = [linux/amd64, linux/arm64]",
            "an array has commas between its items, and quotation marks around them; write "
            'platforms = ["linux/amd64", "linux/arm64"]',
            id="bare items",
        ),
        pytest.param(
            'platforms = ["linux/amd64" "linux/arm64"];',
            'a semicolon stands behind the value; write platforms = ["linux/amd64", "linux/arm64"]',
            id="Nix's list",
        ),
        pytest.param(
            'platforms = ["linux/amd64, "linux/arm64"]',
            "an array has commas between its items, and quotation marks around them; write "
            'platforms = ["linux/amd64", "linux/arm64"]',
            id="item not closed",
        ),
        pytest.param(
            'platforms = ["linux/amd64"',
            'the array is not closed; write platforms = ["linux/amd64"]',
            id="array not closed",
        ),
        pytest.param(
            "frozen = True",
            "true and false are written so; write frozen = true",
            id="Python's true",
        ),
        pytest.param(
            "frozen = yes", "the quotation marks are missing; write frozen = true", id="YAML's true"
        ),
        pytest.param(
            'frozen = "true"',
            "frozen: expected true or false, found a string; write frozen = true",
            id="string for true",
        ),
        pytest.param(
            'tag-pattern = "^v(?P<version>\\d+)$"',
            "a backslash between these quotation marks begins an escape; write tag-pattern = "
            "'^v(?P<version>\\d+)$'",
            id="backslash",
        ),
        pytest.param(
            'ignore = "*-rc"',
            'ignore: expected an array, found a string; write ignore = ["*-rc"]',
            id="glob",
        ),
    ],
)
def test_other_keys_have_the_same(line: str, message: str | None) -> None:
    version = "" if line.startswith(("version", "tag-pattern")) else 'version = "^7"\n'
    lines = told(f'{HEAD}image = "redis"\n{version}{line}\n')
    if message is None:
        # No text is proposed that is refused then.
        value = line.partition(" = ")[2]
        assert [one.partition(": ")[2].partition(";")[0] for one in lines] == [
            f"images.redis.version: {value!r} is not a version constraint",
        ]
    else:
        (one,) = lines
        assert one.partition(": ")[2].removeprefix("images.redis.") == message


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            '[image.redis]\nimage = "redis:7"\n',
            "image: unknown key; write [images.redis]",
            id="singular",
        ),
        pytest.param(
            '[redis]\nimage = "redis:7"\n',
            "redis: unknown key; write [images.redis]",
            id="no images",
        ),
        pytest.param(
            '[[images.redis]]\nimage = "redis:7"\n',
            "images.redis: expected a table, found an array; write [images.redis]",
            id="array of tables",
        ),
        pytest.param(
            '[images]\nimage = "redis:7"\n',
            "images.image: expected a table, found a string; write [images.NAME]",
            id="no name",
        ),
        *(
            pytest.param(
                text, "redis: unknown key; write [images.redis]", id=f"at the root: {text}"
            )
            for text in (
                'redis = "redis:7"',
                'redis = "ghcr.io/acme/redis"',
                'redis.image = "redis:7"',
                'redis = { image = "redis:7", version = "7" }',
            )
        ),
        *(
            pytest.param(
                text,
                f"{name}: unknown key; known are defaults, images, registries",
                id=f"no image at the root: {text}",
            )
            for name, text in (
                ("owner", 'owner = "me"'),
                ("redis", 'redis = "not: an image"'),
                ("port", "port = 80"),
                ('"a b"', "'a b' = 'redis:7'"),
            )
        ),
        pytest.param(
            '[images.redis]\nimage = "redis", version = "7"\n',
            'a key stands on a line of its own; write image = "redis", and on the next line '
            'version = "7"',
            id="two keys in a line",
        ),
        pytest.param(
            'images.redis = "redis:7"\n',
            "images.redis: expected a table, found a string; write images.redis = { image = "
            '"redis:7" }',
            id="dotted key",
        ),
        pytest.param(
            '[images]\nredis = "redis:7"\n',
            'images.redis: expected a table, found a string; write redis = { image = "redis:7" }',
            id="string",
        ),
        pytest.param(
            '[images."my redis"]\nimage = "redis:7"\n',
            'images."my redis": this cannot name an image; write [images.my-redis]',
            id="name",
        ),
        pytest.param(
            '[images.my redis]\nimage = "redis:7"\n',
            "a name with other characters has quotation marks; write [images.my-redis]",
            id="name without quotes",
        ),
        pytest.param(
            '[images.redis7.4]\nimage = "redis:7"\n',
            'images.redis7.4: unknown key; write [images."redis7.4"]',
            id="dot in a name",
        ),
        pytest.param(
            "[registries.docker.io]\nplain-http = true\n",
            'registries.docker: this is not a registry; write [registries."docker.io"]',
            id="dot in a host",
        ),
        pytest.param(
            "[registries.registry.lab:5000]\nplain-http = true\n",
            "a name with other characters has quotation marks; write "
            '[registries."registry.lab:5000"]',
            id="port",
        ),
        pytest.param(
            '[registries."https://docker.io"]\n',
            'registries."https://docker.io": this is not a registry; write '
            '[registries."docker.io"]',
            id="URL",
        ),
        pytest.param(
            '[images.redis\nimage = "redis:7"\n',
            "the header is not closed; write [images.redis]",
            id="header not closed",
        ),
        pytest.param(
            '[images.redis];\nimage = "redis:7"\n',
            "';' stands behind the header; write [images.redis]",
            id="semicolon",
        ),
        pytest.param(
            '[images.“redis”]\nimage = "redis:7"\n',
            "“ (U+201C) is no quotation mark of TOML; write [images.redis]",
            id="typographic",
        ),
        pytest.param("// mine\n", "a comment begins with #; write # mine", id="comment"),
        pytest.param(
            'images = "redis:7"\n',
            "images: expected a table, found a string; write [images.NAME]",
            id="images of another type",
        ),
    ],
)
def test_a_header_has_the_one_that_was_meant(text: str, message: str) -> None:
    lines = {one.partition(": ")[2] for one in told(text)}
    assert lines == {message}


def test_all_faults_of_all_kinds_are_told_at_once_in_their_order() -> None:
    text = """\
[defaults]
platforms = "linux/amd64"

[image.redis]
imagee = “redis:7”

[images.web]
image = "web
version = 2
platforms = ["linux/amd64", "linux", 3]

[images.web]
image: web:2

[registries."a.b"]
plain-http = "yes"
mirrors = ["a.b"]
"""
    error = fault(text)
    assert str(error) == "images.toml: it has 12 faults"
    assert [line.partition(": ")[0] for line in told(text)] == [
        "line 2, column 13",
        "line 4, column 1",
        "line 5, column 1",
        "line 5, column 10",
        "line 8, column 13",
        "line 9, column 11",
        "line 10, column 29",
        "line 10, column 38",
        "line 12, column 12",
        "line 13, column 6",
        "line 16, column 14",
        "line 17, column 12",
    ]
    assert {'      image = "web', "                  ^"} <= set(error.details)


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        pytest.param(
            '{"images": {"redis": {"image": "redis:7"}}}',
            [("line 1, column 1", "JSON or Nix", "write tables such as [images.redis]")],
            id="JSON",
        ),
        pytest.param(
            '\n{ pkgs, ... }:\n{\n  images.redis.image = "redis:7";\n}\n',
            [("line 2, column 1", "JSON or Nix", "write tables such as [images.redis]")],
            id="Nix",
        ),
        pytest.param(
            '[images.redis] image = "redis:7"\n',
            [
                (
                    "line 1, column 16",
                    "a header stands on a line of its own",
                    'write [images.redis], and on the next line image = "redis:7"',
                )
            ],
            id="header and key",
        ),
        pytest.param(
            f"{HEAD}image = 'redis'\nversion = null\nsuffix = ~ # none\n",
            [
                ("line 3, column 1", "TOML has no null", "remove the line"),
                ("line 4, column 1", "TOML has no null", "remove the line"),
            ],
            id="no value",
        ),
        pytest.param(
            f'{HEAD}image: "redis:7"\nplatforms:\n  - linux/amd64 # this\n  - "linux/arm64"\n',
            [
                ("line 2, column 6", "':' stands", 'write image = "redis:7"'),
                (
                    "line 3, column 10",
                    "a list of YAML is an array in TOML",
                    'write platforms = ["linux/amd64", "linux/arm64"]',
                ),
                ("line 4, column 3", "this is a list of YAML", "remove the line"),
                ("line 5, column 3", "this is a list of YAML", "remove the line"),
            ],
            id="list of YAML",
        ),
    ],
)
def test_habits_of_other_languages_are_named(text: str, faults: list[tuple[str, ...]]) -> None:
    lines = told(text)
    assert len(lines) == len(faults)
    for line, (place, *words) in zip(lines, faults, strict=True):
        assert line.startswith(place)
        assert all(word in line for word in words)


def test_a_fault_of_an_example_is_none() -> None:
    assert told(f'{HEAD}image =\nversion = "^7"\nfrozen = 1\n') == [
        'line 2, column 8: the key has no value; write image = "redis:7"',
        "line 4, column 10: images.redis.frozen: expected true or false, found an integer; "
        "write frozen = true",
    ]


def test_a_fault_of_a_header_and_one_of_its_line_are_two() -> None:
    assert told("[images]\nimage = redis\n") == [
        'line 2, column 9: the quotation marks are missing; write image = "redis"',
        "line 2, column 9: images.image: expected a table, found a string; write [images.NAME]",
    ]


def test_at_most_twenty_faults_are_told_and_the_others_counted() -> None:
    text = "".join(f"[images.a{n}]\nimage = {n}\n" for n in range(27))
    error = fault(text)
    assert str(error) == "images.toml: it has 27 faults"
    assert len(told(text)) == 20
    assert error.details[-1] == "  and 7 more"


def test_the_line_is_shown_with_a_caret() -> None:
    assert list(fault(f"{HEAD}  image = redis:7 # mine\n").details) == [
        "    image = redis:7 # mine",
        "            ^",
    ]


@pytest.mark.parametrize(
    "line",
    [
        "mirrors = [“https://ann:pa55@a.b”]",
        "ca-file = ann:pa55@a.b",
        "mirrors = 'https://ann:pa55@a.b",
    ],
)
def test_a_login_is_in_no_line(line: str) -> None:
    error = fault(f'[registries."a.b"]\n{line}\n')
    assert "pa55" not in "\n".join([str(error), *error.details])
    assert "line 2" in "\n".join([str(error), *error.details])


def test_the_schema_has_the_keys_that_the_readers_take() -> None:
    values = {
        "image": '"redis"', "version": '"^7"', "suffix": '"alpine"', "ignore": '["a"]',
        "tag-pattern": "'(?P<version>.+)'", "platforms": '["linux/amd64"]', "frozen": "true",
        "minimum-age": '"3 days"', "signed-by": '["a.pub"]', "signed-by-all": '["a.pub"]',
    }  # fmt: skip
    assert set(values) == set(IMAGE.keys)
    text = HEAD + "".join(
        f"{key} = {value}\n" for key, value in values.items() if key != "signed-by-all"
    )
    assert Images.parse(text).requests["redis"].follow is not None
    assert REGISTRY.keys.keys() == {
        *(name.replace("_", "-") for name in RegistrySettings.__dataclass_fields__),
        *("signed-by", "signed-by-all"),
    }
    assert list(DOCUMENT.keys) == ["defaults", "images", "registries"]


def test_a_fault_that_no_schema_knows_stays_what_it_is() -> None:
    first = NixfetchError("it is wrong")
    assert all_faults('[images.redis]\nimage = "redis:7"\n', first) is first


@pytest.mark.parametrize(
    ("name", "message"),
    [
        pytest.param("web", f"12: two images are named 'web'; {RENAME} [images.web-2]", id="bare"),
        pytest.param(
            '"a.b"', f"13: two images are named 'a.b'; {RENAME} [images.\"a.b-2\"]", id="dot"
        ),
        pytest.param(
            "'a.b'", f"9: two images are named 'a.b'; {RENAME} [images.\"a.b-2\"]", id="literal"
        ),
        pytest.param(
            '"\\u0061b"', f"9: two images are named 'ab'; {RENAME} [images.ab-2]", id="escape"
        ),
        pytest.param(
            '"a b"', "13: two images are named 'a b'; write [images.a-b-2]", id="no name: space"
        ),
        pytest.param(
            '"a]b"', "13: two images are named 'a]b'; write [images.a-b-2]", id="no name: bracket"
        ),
        pytest.param(
            '"a#b"', "13: two images are named 'a#b'; write [images.a-b-2]", id="no name: number"
        ),
        pytest.param(
            '"it\'s"',
            '14: two images are named "it\'s"; write [images.it-s-2]',
            id="no name: mark",
        ),
    ],
)
def test_a_second_image_is_named_as_it_is_meant(name: str, message: str) -> None:
    text = f'[images.{name}]\nimage = "a:1"\n[images.{name}] # c\nimage = "b:1"\n'
    (one,) = (line for line in told(text) if line.startswith("line 3"))
    assert one == f"line 3, column {message}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(
            '[images.a]\nimage = "a:1"\n[images]\na.version = "7"\n',
            "line 4, column 16: two images are named 'a'; give one of them another name",
            id="dotted key",
        ),
        pytest.param(
            "[images.a]\n[images.a]\n>>>>>>> other\n",
            "line 2, column 10: two images are named 'a'; resolve the merge conflict in it",
            id="merge conflict",
        ),
        pytest.param(
            '[registries."a.b"]\n[registries."a.b"]\n',
            'line 2, column 18: the table registries."a.b" is there twice; write all of its keys '
            "below one header",
            id="registry",
        ),
    ],
)
def test_a_second_table_that_cannot_be_renamed_is_told(text: str, message: str) -> None:
    assert told(text) == [message]


@pytest.mark.parametrize(
    ("text", "kind", "advice"),
    [
        ("services:\n  web:\n    image: nginx:1.27\n", "a compose file", "import compose.yml"),
        (
            "# ours\nname: x\r\nservices: # all\r\n  web:\r\n    image: a\r\n",
            "a compose file",
            "import compose.yml",
        ),
        (
            '{\n  "services": {"web": {"image": "nginx"}}\n}\n',
            "a compose file",
            "import compose.yml",
        ),
        (
            "apiVersion: v1\nkind: Pod\nspec:\n  x: 1\n",
            "a manifest of Kubernetes",
            "[images.redis]",
        ),
        ("# syntax=docker\nFROM nginx:1.27 AS build\nRUN a\n", "a Dockerfile", "[images.redis]"),
        ('{ pkgs }: pkgs.dockerTools.pullImage { imageName = "a"; }\n', "Nix", "import images.nix"),
        ('{"imageName": "a",\n "imageDigest": "sha256:00"}\n', "nix-prefetch-docker", "pin.json"),
    ],
)
def test_a_document_of_another_kind_is_one_fault(text: str, kind: str, advice: str) -> None:
    error = fault(text)
    assert kind in str(error)
    assert advice in str(error)
    assert not error.details


@pytest.mark.parametrize(
    "text",
    ["[images.a]\nservices:\n", "[ images . a ]\nimage = \nFROM x\n", "x = 1\nservices = {}\n"],
)
def test_what_may_be_meant_as_toml_is_no_other_document(text: str) -> None:
    assert "this is" not in str(fault(text))


def test_what_stands_below_a_wrong_header_is_told_once() -> None:
    text = '[registries."https://docker.io"]\nmirrors = "x"\nca-file = 1\n[images."a/b"]\nfoo = 1\n'
    assert [line.split(": ")[:2] for line in told(text)] == [
        ["line 1, column 1", 'registries."https://docker.io"'],
        ["line 2, column 11", 'registries."https://docker.io".mirrors'],
        ["line 3, column 11", 'registries."https://docker.io".ca-file'],
        ["line 4, column 1", 'images."a/b"'],
        ["line 4, column 1", "images.a-b"],
        ["line 5, column 1", 'images."a/b".foo'],
    ]


@pytest.mark.parametrize("letter", ["\ud7ff", "\u202e", "\u2028", "\ufeff"])
@pytest.mark.parametrize(
    "line",
    ["//{}", "image: {}", "image = {}", "[images.b] image = '{}'", "a = 'b' image = '{}'"],
)
def test_no_text_is_proposed_that_cannot_be_printed(letter: str, line: str) -> None:
    error = fault(f"[images.redis]\n{line.format(f'a{letter}b')}\n")
    assert "".join([str(error), *error.details]).isprintable()
