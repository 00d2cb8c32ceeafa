"""What people write in a TOML document by habits of YAML, JSON and Nix."""

from __future__ import annotations

import pytest

from nixfetch_docker.base.toml import InvalidDocument
from nixfetch_docker.base.toml_habits import advice, tables_of_yaml

TABLE = "a table has its name between brackets"
LIST = "a list of YAML is an array in TOML"


@pytest.mark.parametrize(
    ("text", "number", "what", "hint"),
    [
        pytest.param("a\nb", 2, "what", "hint", id="nothing known"),
        pytest.param("a\n[b] c = 1", 0, "what", "hint", id="the whole document"),
        pytest.param(
            ' \n{"a": 1}',
            1,
            "this is JSON or Nix, and not TOML",
            'write tables such as [images.redis], and below it image = "redis:7"',
            id="JSON",
        ),
        pytest.param(
            "x = 1\n  [a.b] c = 2X\r\nd",
            2,
            "a header stands on a line of its own",
            "write [a.b], and on the next line c = 2X",
            id="two lines in one",
        ),
        pytest.param("[a.b] c = 2\n[d]", 2, "what", "hint", id="in another line"),
        *(
            pytest.param(
                f"x = 1\n{line}\n[d]",
                2,
                "a key stands on a line of its own",
                f"write {first}, and on the next line c.d = 'e'",
                id=f"two keys: {line.strip()}",
            )
            for line, first in [
                ("a = \"b\", c.d = 'e'", 'a = "b"'),
                ("  a = 'b' c.d = 'e'\r", "a = 'b'"),
                ("a-b=[1, 2]; c.d = 'e'  ", "a-b=[1, 2]"),
                ("a = true,c.d = 'e'", "a = true"),
            ]
        ),
        *(
            pytest.param(
                line,
                1,
                "the names in a header have dots between them",
                "write [images.my-web]",
                id=f"no dot: {line}",
            )
            for line in ["[images my-web]", " [ images/my-web ]\r", "[images: my-web]"]
        ),
        *(
            pytest.param(
                line,
                1,
                "a table has its name between brackets",
                "write [images.web]",
                id=f"no brackets: {line}",
            )
            for line in ["images.web", "  images.web \r"]
        ),
        *(
            pytest.param(line, 1, what, "write each on its own", id=f"a login: {line}")
            for line, what in [
                (
                    '[a] image = "https://ann:hunter22@lab.example/x"',
                    "a header stands on a line of its own",
                ),
                (
                    'image = "ann:hunter22@lab.example/x" b = 1',
                    "a key stands on a line of its own",
                ),
                (
                    'b = true, image = "https://ann:hunter22@lab.example/x"',
                    "a key stands on a line of its own",
                ),
            ]
        ),
        *(
            pytest.param(line, 1, "what", "hint", id=f"a long line: {line[:9]}")
            for line in [
                f"images.{'x' * 600} = 1",
                f"[a] b = '{'x' * 600}'",
                f"a = true b = '{'x' * 600}'",
                f"[images {'x' * 600}.y]",
            ]
        ),
        pytest.param(
            f"images.{'x' * 493}", 1, TABLE, f"write [images.{'x' * 493}]", id="as long as may be"
        ),
        pytest.param(f"images.{'x' * 494}", 1, "what", "hint", id="longer by one"),
        pytest.param("[a b c]", 1, "what", "hint", id="three names"),
        pytest.param("a", 1, "what", "hint", id="a name alone"),
    ],
)
def test_a_habit_has_its_advice(text: str, number: int, what: str, hint: str) -> None:
    assert advice(text, number, InvalidDocument("what", hint="hint")) == (what, hint)


@pytest.mark.parametrize(
    ("text", "number", "meant"),
    [
        pytest.param("a:\n", 1, [(TABLE, "[a]")], id="table"),
        pytest.param("a:  # b\r\n", 1, [(TABLE, "[a]# b")], id="comment"),
        pytest.param("a: # b \n", 1, [(TABLE, "[a]# b ")], id="a blank behind the comment"),
        pytest.param("[a]\n  b:\n", 2, [(TABLE, "  [a.b]")], id="in a table"),
        pytest.param("[a]\n  [a.b]\n  c:\n", 3, [(TABLE, "  [a.c]")], id="beside a table"),
        pytest.param("[a]\nb:\n", 2, [(TABLE, "[b]")], id="behind a table"),
        pytest.param("x:\n [a]\n", 1, [(TABLE, "[x]")], id="before a table"),
        pytest.param(" x:\n[a]\n", 1, [(TABLE, " [x]")], id="before one that stands further left"),
        pytest.param(
            " a:\n - b\n - 'Xc'\n -  \"dX\" # e\r\n",
            1,
            [(LIST, ' a = ["b", "Xc", "dX"]'), (TABLE, " [a]")],
            id="list",
        ),
        pytest.param("a:\r\n- bX\r\n", 1, [(LIST, 'a = ["bX"]'), (TABLE, "[a]")], id="CRLF"),
        pytest.param(
            "a:\n- b\nc\n- d\n", 1, [(LIST, 'a = ["b"]'), (TABLE, "[a]")], id="end of the list"
        ),
        pytest.param("a: b\n", 1, [], id="value"),
        pytest.param("a b:\n", 1, [], id="no name"),
    ],
)
def test_yaml_means_a_table_or_an_array(
    text: str, number: int, meant: list[tuple[str, str]]
) -> None:
    found = tables_of_yaml(text.split("\n"), number)
    assert [(one.what, one.line) for one in found] == meant
