from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.images_text import (
    NotEditable,
    add_image,
    delete_key,
    entry_text,
    remove_image,
    set_key,
)

# Every form that images may have, between things that an edit could take along.
DOCUMENTS = {
    "tables": '# top\n[images.a]\nimage = "a" # x\n\n# about b\n[images.b]\nimage = "b"\n# end\n',
    "CRLF": '# top\r\n[images.a]\r\nimage = "a"\r\n\r\n# about b\r\n[images.b]\r\nimage = "b"\r\n',
    "mixed ends": '# top\n[images.a]\r\nimage = "a"\n\r\n# b\r\n[images.b]\nimage = "b"\r\n',
    "no newline at the end": '[images.a]\nimage = "a"\n[images.b]\nimage = "b"',
    "no newline at the end, CRLF": '[images.b]\r\nimage = "b"\r\n[images.a]\r\nimage = "a"',
    "odd spaces": '  [ images . a ]   # hi\n\timage   =   "a"\t# x\n\n\n\n'
    '   ["images".\'b\']\nimage="b"\n',
    "inline tables": '[images]\na = { image = "a" } # A\n# about b\nb = {image="b"}   # B\n',
    "one inline table": 'images = { a = { image = "a" }, b = { image = "b" } }\n',
    "dotted keys": '[images]\na.image = "a" # A\na.version = "^7"\n# about b\nb.image = "b" # B\n',
    "dotted keys alone": 'images.a.image = "a"\n# b\nimages . b . image = "b" # B\n[defaults]\n',
    "others between": '[images.a]\nimage="a"\n[registries."x"]\nplain-http=true\n'
    '[images.b]\nimage="b"\n[defaults]\nplatforms = [ "linux/amd64" ] # c\n',
    "values of several lines": '[images.a]\nimage = """\\\n  a"""\nplatforms = [\n'
    "  \"linux/amd64\", # one\n  # two ]\n  \"linux/arm64\",\n]\n\n[images.b]\nimage = '''b'''\n",
    "table above its parts": '[images.a]\nimage = "a"\n[images]\nb = {image = "b"}\n',
    "brackets in strings and comments": '# [images.a]\n[images.a] # ]\nimage = "a"\n'
    'ignore = ["[images.b]", \'#\', "\\"]"]\n# x = {\n[images.b]\nimage = "b"\n',
    "other keys": '[images."a"]\n"image" = "a"\n[images.b]\n'
    'ignore = []\nimage = "b"\nfrozen = false\n',
}

anywhere = pytest.mark.parametrize("text", DOCUMENTS.values(), ids=DOCUMENTS.keys())
either = pytest.mark.parametrize("name", ["a", "b"])


def lines_of(text: str) -> list[str]:
    """The lines that say something, with their ends."""
    return [line for line in text.splitlines(keepends=True) if line.strip()]


def is_part(part: list[str], whole: list[str]) -> bool:
    """Whether all of `part` stands in `whole`, in this order."""
    rest = iter(whole)
    return all(line in rest for line in part)


@either
@anywhere
def test_a_new_key_changes_nothing_else_and_goes_without_a_trace(text: str, name: str) -> None:
    edited = set_key(text, name, "suffix", '"alpine"')
    wanted = tomli.loads(text)
    wanted["images"][name]["suffix"] = "alpine"
    assert tomli.loads(edited) == wanted
    assert delete_key(edited, name, "suffix") == text


@either
@anywhere
def test_an_old_key_changes_in_place(text: str, name: str) -> None:
    edited = set_key(text, name, "image", '"new:1"')
    assert tomli.loads(edited)["images"][name]["image"] == "new:1"
    old = tomli.loads(text)["images"][name]["image"]
    if f'"{old}"' in text:
        assert set_key(edited, name, "image", f'"{old}"') == text


@either
@anywhere
def test_an_image_goes_and_all_else_stays(text: str, name: str) -> None:
    edited = remove_image(text, name)
    wanted = tomli.loads(text)
    del wanted["images"][name]
    assert tomli.loads(edited) == wanted
    if text != DOCUMENTS["one inline table"]:
        assert is_part(lines_of(edited), lines_of(text))
        assert [line for line in lines_of(text) if "about" in line or "top" in line] == [
            line for line in lines_of(edited) if "about" in line or "top" in line
        ]


@anywhere
def test_a_new_image_stands_at_the_end_and_goes_without_a_trace(text: str) -> None:
    if text == DOCUMENTS["one inline table"]:
        with pytest.raises(NotEditable) as caught:
            add_image(text, "c.d", "c:1", platforms=["linux/amd64"])
        assert str(caught.value).endswith(
            'add this there yourself: "c.d" = { image = "c:1", platforms = ["linux/amd64"] }'
        )
        return
    edited = add_image(text, "c.d", "c:1")
    assert edited.startswith(text)
    assert tomli.loads(edited)["images"]["c.d"] == {"image": "c:1"}
    assert remove_image(edited, "c.d").rstrip("\r\n") == text.rstrip("\r\n")
    if text.endswith("\n"):
        assert remove_image(edited, "c.d") == text


@pytest.mark.parametrize(
    ("edit", "before", "after"),
    [
        pytest.param(
            lambda text: add_image(text, "c", "c"),
            "a = 1\r\n",
            'a = 1\r\n\r\n[images.c]\r\nimage = "c"\r\n',
            id="added to CRLF",
        ),
        pytest.param(
            lambda text: add_image(text, "c", "c"),
            "x = 1\r\na = 1",
            'x = 1\r\na = 1\r\n\r\n[images.c]\r\nimage = "c"\r\n',
            id="added to CRLF that has no newline at its end",
        ),
        pytest.param(
            lambda text: set_key(text, "a", "frozen", "true"),
            '[images.a]\r\nimage = "a"\r\n',
            '[images.a]\r\nimage = "a"\r\nfrozen = true\r\n',
            id="key in CRLF",
        ),
        pytest.param(
            lambda text: set_key(text, "a", "frozen", "true"),
            '[images.a]\r\nimage = "a"',
            '[images.a]\r\nimage = "a"\r\nfrozen = true',
            id="key at the end without a newline",
        ),
        pytest.param(
            lambda text: set_key(text, "a", "frozen", "true"),
            '\t[images.a]\n\timage = "a" # 7\n\n[images.b]\nimage = "b"\n',
            '\t[images.a]\n\timage = "a" # 7\n\tfrozen = true\n\n[images.b]\nimage = "b"\n',
            id="key with the indentation of the others",
        ),
        pytest.param(
            lambda text: set_key(text, "a", "frozen", "true"),
            'images.a.image = "a"\n',
            'images.a.image = "a"\nimages.a.frozen = true\n',
            id="key in the form of the others",
        ),
        pytest.param(
            lambda text: delete_key(text, "a", "frozen"),
            '[images.a]\nfrozen = true # why\nimage = "a"\n',
            '[images.a]\nimage = "a"\n',
            id="key with a comment on its line",
        ),
        pytest.param(
            lambda text: delete_key(text, "a", "frozen"),
            '[images]\na = { frozen = true, image = "a" }\n',
            '[images]\na = { image = "a" }\n',
            id="first key of an inline table",
        ),
        pytest.param(
            lambda text: delete_key(text, "a", "frozen"),
            '[images.a]\nimage = "a"\n',
            '[images.a]\nimage = "a"\n',
            id="key that is not there",
        ),
        pytest.param(
            lambda text: remove_image(text, "a"),
            '# top\n\n# mine\n[images.a]\n# of a\nimage = "a"\n\n# about b\n[images.b]\n'
            'image = "b"\n',
            '# top\n\n# mine\n\n# about b\n[images.b]\nimage = "b"\n',
            id="table between comments",
        ),
        pytest.param(
            lambda text: remove_image(text, "a"),
            '[images.x]\nimage = "x"\n\n[images.a]\nimage = "a"\n\n[images.b]\nimage = "b"\n',
            '[images.x]\nimage = "x"\n\n[images.b]\nimage = "b"\n',
            id="table between tables leaves one gap",
        ),
        pytest.param(
            lambda text: remove_image(text, "a"),
            'images = { a = { image = "a" } }\n',
            "images = {}\n",
            id="only image of an inline table",
        ),
    ],
)
def test_an_edit_looks_as_a_person_would_write_it(
    edit: Callable[[str], str], before: str, after: str
) -> None:
    assert edit(before) == after


@pytest.mark.parametrize(
    ("edit", "text", "message"),
    [
        pytest.param(
            lambda text: set_key(text, "a", "frozen", "true"),
            '[images.a]\nversion = "1"\n',
            "line 1, column 1: the image 'a' cannot be changed, because of the form that it has; "
            "write frozen = true there yourself",
            id="image without a reference",
        ),
        pytest.param(
            lambda text: add_image(text, "a", "a"),
            "images = []\n",
            "images: expected a table, found an array",
            id="images that are no table",
        ),
    ],
)
def test_an_edit_that_cannot_be_proven_is_refused(
    edit: Callable[[str], str], text: str, message: str
) -> None:
    with pytest.raises(NixfetchError) as caught:
        edit(text)
    assert message in str(caught.value)


COMMENTS = ["", "# c", "# [images.a]", '#"', "#}", "# é"]
VALUES = ['"x"', "'x'", '"""x"""', '"""\\\n x"""', "'''x'''", '"\\"#"', "'#'", '"]"', '"}"', '""']
LISTS = ["[]", '["linux/amd64"]', '[ # [\n "a",\n]', "['']"]


@st.composite
def documents(draw: Any) -> str:
    """Documents with the images a, b and c in any form."""
    lines: list[str] = []
    for name in draw(st.permutations(["a", "b", "c"])):
        image = draw(st.sampled_from(VALUES))
        others = draw(st.sampled_from(LISTS))
        form = draw(st.sampled_from(["[images.{n}]", "[ images.'{n}' ]", "", "inline"]))
        lines += draw(st.lists(st.sampled_from(COMMENTS), max_size=2))
        comment = draw(st.sampled_from(COMMENTS))
        if form == "inline" and "\n" not in image + others:
            lines += ["[images]"] if "[images]" not in lines else [f"[images.{name}]"]
            inline = f"{name} = {{ image={image} ,platforms= {others}}}"
            lines += [f"{inline} {comment}"] if lines[-1] == "[images]" else [f"image = {image}"]
        elif form in ("", "inline"):
            lines += ["[images]"] if "[images]" not in lines else [f"[images.{name}]"]
            prefix = f"{name} . " if lines[-1] == "[images]" else ""
            lines += [f"{prefix}image = {image}{comment}", f"{prefix}platforms={others} {comment}"]
        else:
            lines += [form.format(n=name), comment, f"\timage={image} {comment}"]
            lines += draw(st.sampled_from([[], [f"platforms = {others}"]]))
    end = draw(st.sampled_from(["\n", "\r\n"]))
    last = draw(st.sampled_from(["", end]))
    text = end.join(line.replace("\n", end) for line in lines)
    return f"{text}{last}"


@given(documents(), st.sampled_from("abc"))
def test_any_form_of_images_is_edited(text: str, name: str) -> None:
    frozen = set_key(text, name, "frozen", "true")
    assert delete_key(frozen, name, "frozen") == text
    assert set(tomli.loads(remove_image(text, name))["images"]) == {"a", "b", "c"} - {name}
    added = add_image(text, "d", "d")
    assert added.startswith(text)
    assert remove_image(added, "d").rstrip("\r\n") == text.rstrip("\r\n")


@pytest.mark.parametrize(
    ("options", "entry"),
    [
        pytest.param({}, {"image": "redis"}, id="image alone"),
        pytest.param(
            {"version": "^7.2"}, {"image": "redis", "version": "^7.2"}, id="version to follow"
        ),
        pytest.param(
            {"platforms": ["linux/arm64", "linux/amd64"]},
            {"image": "redis", "platforms": ["linux/arm64", "linux/amd64"]},
            id="platforms",
        ),
    ],
)
@pytest.mark.parametrize("name", ["redis", "redis-7_x", "a.b+c"])
def test_a_table_is_read_as_it_was_asked_for(
    name: str, options: Any, entry: dict[str, object]
) -> None:
    assert tomli.loads(entry_text(name, "redis", **options)) == {"images": {name: entry}}


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        pytest.param("", "", id="empty"),
        pytest.param("# mine\n", "\n", id="after an empty line"),
        pytest.param("# mine", "\n\n", id="no newline at the end"),
    ],
)
def test_a_table_is_appended(text: str, gap: str) -> None:
    assert add_image(text, "a", "a") == f'{text}{gap}[images.a]\nimage = "a"\n'
