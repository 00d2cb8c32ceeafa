from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.imports.nix_lexer import InvalidNix
from nixfetch_docker.imports.nix_parser import parse
from nixfetch_docker.nix.expression import string


def only_string(text: str) -> str | None:
    """What the attribute `a` of the last set in a text is."""
    return parse(text).sets[-1].string("a")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{ a = "b"; }', "b", id="string"),
        pytest.param(r'{ a = "\"\\\n\r\t\x\${b}"; }', '"\\\n\r\tx${b}', id="escapes"),
        pytest.param('{ a = "$${b}$"; }', "$${b}$", id="dollars"),
        pytest.param("{ a = ''b''; }", "b", id="indented"),
        pytest.param("{ a = ''\n    b\n      c\n  ''; }", "b\n  c\n", id="indentation"),
        pytest.param("{ a = ''\n\tb\n\n   \n  c''; }", "\tb\n\n   \n  c", id="tabs"),
        pytest.param("{ a = ''   \n    b\n      \n   c''; }", " b\n   \nc", id="blank lines"),
        pytest.param("{ a = ''  ''\\tb\n  c  ''; }", "\tb\nc  ", id="escapes are no indentation"),
        pytest.param("{ a = ''''${b}'''''\\n''; }", "${b}''\n", id="indented escapes"),
        pytest.param("{ a = https://x.org/y?z=1; }", "https://x.org/y?z=1", id="URL"),
        pytest.param('{ a = "${b}"; }', None, id="interpolation"),
        pytest.param('let b = "x"; c = "y"; in { a = "1${b}2${c}"; }', "1x2y", id="template"),
        pytest.param('let b = "x"; c = "y${b}"; in { a = "${c}${c}"; }', "yxyx", id="templates"),
        pytest.param('let b = "x"; in { a = "${b}" + c; }', None, id="template in expression"),
        pytest.param('let b = "x"; in { a = "${b}${c}"; }', None, id="template with unknown"),
        pytest.param('let b = "x"; in { a = "${b.c}"; }', None, id="template with a path"),
        pytest.param("let b = \"x\"; in { a = ''${b}''; }", None, id="indented template"),
        pytest.param('rec { a = "${b}"; b = "${a}"; }', None, id="templates in a circle"),
        pytest.param('let b = "x"; in rec { inherit b; a = "${b}"; }', "x", id="template inherits"),
        pytest.param('{ a = "x" + "y"; }', None, id="expression"),
        pytest.param('{ a.b = "x"; }', None, id="path"),
        pytest.param('let b = "x"; in { a = b; }', "x", id="let"),
        pytest.param('let a = "x"; in { inherit a; }', "x", id="inherit"),
        pytest.param('let a = "x"; in rec { inherit a; }', "x", id="inherit in rec"),
        pytest.param('let b = "x"; in { b = "y"; a = b; }', "x", id="not recursive"),
        pytest.param('let b = "x"; in rec { b = "y"; a = b; }', "y", id="recursive"),
        pytest.param("rec { a = b; b = a; }", None, id="circle"),
        pytest.param("{ inherit (b) a; }", None, id="inherit from"),
        pytest.param('{ a = with b; assert c; "d"; }', None, id="with"),
        pytest.param('{ b = let a = "x"; in a; c = [ { } ]; a = "z"; }', "z", id="let in a value"),
        pytest.param('{ # a = "b";\n /* a = "c"; */ a = "d"; }', "d", id="comments"),
        pytest.param('{ "a" = "b"; }', "b", id="quoted name"),
        pytest.param('{ ${"x"} = "y"; a = "b"; }', "b", id="computed name"),
        pytest.param('{ x ? { y = "z"; }, ... }: { a = "b"; }', "b", id="function"),
        pytest.param('{ b = "}${"{"}"; a = "c"; }', "c", id="braces in strings"),
        pytest.param("{ b = ./a/${c}.nix; d = <nixpkgs/lib>; a = ''e''; }", "e", id="paths"),
    ],
)
def test_an_attribute_is(text: str, expected: str | None) -> None:
    assert only_string(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{ a.b.c = "x"; }', {"a.b.c": "x"}, id="path"),
        pytest.param('{ a = { b.c = "x"; }; }', {"a": None, "a.b.c": "x"}, id="nested"),
        pytest.param('{ a."b.c" = "x"; }', {"a.b.c": "x"}, id="quoted"),
        pytest.param('{ a.${"b"}.c = "x"; }', {"a..c": "x"}, id="computed"),
        pytest.param('{ ${f { d = "y"; }} = "x"; }', {"d": "y", "": "x"}, id="computed by a set"),
        pytest.param(
            'f: { a = mkIf b (c [ { d = "x"; } ]); e = "y"; }',
            {"a": None, "a.d": "x", "e": "y"},
            id="call",
        ),
        pytest.param('let a.b = "x"; in { c = d; }', {"a.b": "x", "c": None}, id="let"),
    ],
)
def test_bindings_have_whole_paths(text: str, expected: dict[str, str | None]) -> None:
    found = {".".join(binding.path): binding.string for binding in parse(text).bindings}
    assert found == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param('\n"a', "line 2: a string never ends", id="string"),
        pytest.param("''a'", "line 1: a string never ends", id="indented string"),
        pytest.param('"${a', "line 1: a string never ends", id="interpolation"),
        pytest.param("a /* b", "line 1: a comment never ends", id="comment"),
        pytest.param("[" * 100_000, "it is nested too deeply", id="nesting"),
    ],
)
def test_what_never_ends_is_refused(text: str, message: str) -> None:
    with pytest.raises(InvalidNix) as caught:
        parse(text)
    assert str(caught.value) == message


PIECES = ["{", "}", "(", ")", "[", "]", "=", ";", "let ", " in ", "rec ", "inherit ", '"', "''"]
PIECES += ["${", "$", "\\", "a", "b.c", "with ", ":", "?", "/*", "*/", "#", "\n", "pullImage "]


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(parse, text)


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")))
def test_what_is_written_is_read_back(text: str) -> None:
    assert only_string(f"{{ a = {string(text)}; }}") == text
