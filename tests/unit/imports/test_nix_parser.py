from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.imports.nix_lexer import InvalidNix
from nixfetch_docker.imports.nix_parser import AttributeSet, parse

PIECES = ["{", "}", "(", ")", "[", "]", "=", ";", "let ", " in ", "rec ", "inherit ", '"', "''"]
PIECES += ["${", "$", "\\", "a", "b.c", "with ", ":", "?", "/*", "*/", "#", "\n", "pullImage "]


def last_set(text: str) -> AttributeSet:
    return parse(text).sets[-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{ a = "b"; }', "b", id="string"),
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
        pytest.param('let b = "x"; in b: { a = b; }', None, id="parameter hides a let"),
        pytest.param('let b = "x"; in { b, ... }@c: { a = b; }', None, id="named parameter hides"),
        pytest.param('{ a = mkDefault "b"; }', "b", id="mkDefault"),
        pytest.param('{ a = lib.mkForce "b"; }', "b", id="mkForce"),
        pytest.param('{ a = lib.mkAfter "b"; }', None, id="another function"),
        pytest.param('{ b = "}${"{"}"; a = "c"; }', "c", id="braces in strings"),
        pytest.param("{ b = ./a/${c}.nix; d = <nixpkgs/lib>; a = ''e''; }", "e", id="paths"),
    ],
)
def test_an_attribute_is_a_string_or_computed(text: str, expected: str | None) -> None:
    assert last_set(text).string("a") == expected


def doubled(first: str, count: int) -> str:
    """Templates in lines of their own, each of which is the one before it, twice."""
    names = "".join(f'\n  n{n} = "${{n{n - 1}}}${{n{n - 1}}}";' for n in range(1, count + 1))
    return f"let n0 = {first};{names} in {{ a = n{count}; }}"


def chained(template: str, count: int) -> str:
    names = "".join(f"\n  n{n} = {template.format(n - 1)};" for n in range(1, count + 1))
    return f'let n0 = "x";{names} in {{ a = n{count}; }}'


LONG = "the string in line {} is longer than 4096 characters"
DEEP = "its string is made of more than 100 names in a row, the last of them '{}' in line {}"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(doubled('"x"', 60), LONG.format(14), id="doubled"),
        pytest.param(doubled('"' + "x" * 4096 + '"', 1), LONG.format(2), id="at once"),
        pytest.param(
            'let b = "' + "x" * 100 + '"; in { a = "' + "${b}" * 100_000 + '"; }',
            LONG.format(1),
            id="one template",
        ),
        pytest.param(chained("n{}", 5000), DEEP.format("n4900", 4901), id="a chain of names"),
        pytest.param(
            chained('"${{n{}}}"', 5000), DEEP.format("n4900", 4901), id="a chain of templates"
        ),
        pytest.param(
            "{ a = b; }: " + chained('"${{n{}}}y"', 200), DEEP.format("n100", 101), id="that grow"
        ),
    ],
)
def test_a_string_that_grows_without_bound_is_refused_with_its_line(
    text: str, message: str
) -> None:
    with pytest.raises(InvalidNix) as caught:
        last_set(text).string("a")
    assert str(caught.value) == f"{message}; add its images to images.toml yourself"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(doubled('""', 90), "", id="empty"),
        pytest.param(doubled("f x", 90), None, id="computed"),
        pytest.param(doubled('"x"', 12), "x" * 4096, id="as long as may be"),
        pytest.param(chained('"${{n{}}}"', 98), "x", id="as deep as may be"),
    ],
)
def test_a_name_is_looked_up_once(text: str, expected: str | None) -> None:
    assert last_set(text).string("a") == expected


@pytest.mark.parametrize(
    ("text", "head"),
    [
        pytest.param("pullImage { }", "pullImage", id="call"),
        pytest.param("dockerTools.pullImage rec { }", "pullImage", id="recursive"),
        pytest.param("[ { } ]", "", id="none"),
    ],
)
def test_the_head_of_a_set_is_the_name_before_it(text: str, head: str) -> None:
    assert last_set(text).head == head


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


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(InvalidNix, match=r"^line \d+: its expressions are nested too deeply; "):
        parse("\n" * 8 + "[\n" * 100_000)
    with pytest.raises(InvalidNix, match=r"^line \d+: its strings are nested too deeply; "):
        parse("\n" * 8 + '"\n${' * 100_000)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(parse, text)
