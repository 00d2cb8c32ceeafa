from __future__ import annotations

import sys
from types import FrameType

import pytest

from nixfetch_docker.imports.nix_files.images import find_in_nix
from nixfetch_docker.imports.nix_language.file import File
from nixfetch_docker.imports.nix_language.value import Value


def value_of(text: str, name: str) -> Value:
    """The value of the last attribute with this name."""
    file = File(text)
    found = [one for one in file.bindings if one.path[-1] == name and not one.is_local]
    return file.evaluation.value(found[-1].later)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{ a = "b"; }', "b", id="string"),
        pytest.param('{ a = "${b}"; }', None, id="interpolation"),
        pytest.param('let b = "x"; c = "y"; in { a = "1${b}2${c}"; }', "1x2y", id="template"),
        pytest.param('let b = "x"; c = "y${b}"; in { a = "${c}${c}"; }', "yxyx", id="templates"),
        pytest.param('let b = "x"; in { a = "${b}" + c; }', None, id="template in expression"),
        pytest.param('let b = "x"; in { a = "${b}${c}"; }', None, id="template with unknown"),
        pytest.param('let b.c = "x"; in { a = "${b.c}"; }', "x", id="template with a path"),
        pytest.param("let b = \"x\"; in { a = ''${b}''; }", "x", id="indented template"),
        pytest.param('rec { a = "${b}"; b = "${a}"; }', None, id="templates in a circle"),
        pytest.param('let b = "x"; in rec { inherit b; a = "${b}"; }', "x", id="template inherits"),
        pytest.param('{ a = "x" + "y"; }', "xy", id="expression"),
        pytest.param('{ a = { b = "x"; }; }', None, id="a set"),
        pytest.param('let b = "x"; in { a = b; }', "x", id="let"),
        pytest.param('let a = "x"; in { inherit a; }', "x", id="inherit"),
        pytest.param('let a = "x"; in rec { inherit a; }', "x", id="inherit in rec"),
        pytest.param('let b = "x"; in { b = "y"; a = b; }', "x", id="not recursive"),
        pytest.param('let b = "x"; in rec { b = "y"; a = b; }', "y", id="recursive"),
        pytest.param("rec { a = b; b = a; }", None, id="circle"),
        pytest.param("{ inherit (b) a; }", None, id="inherit from"),
        pytest.param('{ a = with b; assert c; "d"; }', "d", id="with"),
        pytest.param('{ b = let a = "x"; in a; c = [ { } ]; a = "z"; }', "z", id="let in a value"),
        pytest.param('{ # a = "b";\n /* a = "c"; */ a = "d"; }', "d", id="comments"),
        pytest.param('{ "a" = "b"; }', "b", id="quoted name"),
        pytest.param('{ ${"x"} = "y"; a = "b"; }', "b", id="computed name"),
        pytest.param('{ x ? { y = "z"; }, ... }: { a = "b"; }', "b", id="function"),
        pytest.param('let b = "x"; in b: { a = b; }', None, id="parameter hides a let"),
        pytest.param('let b = "x"; in { b, ... }@c: { a = b; }', None, id="named parameter hides"),
        pytest.param('{ a = mkDefault "b"; }', "b", id="mkDefault"),
        pytest.param('{ a = lib.mkForce "b"; }', "b", id="mkForce"),
        pytest.param('{ a = lib.mkAfter "b"; }', "b", id="mkAfter"),
        pytest.param('{ a = lib.other "b"; }', None, id="another function"),
        pytest.param('{ b = "}${"{"}"; a = "c"; }', "c", id="braces in strings"),
        pytest.param("{ b = ./a/${c}.nix; d = <nixpkgs/lib>; a = ''e''; }", "e", id="paths"),
    ],
)
def test_an_attribute_is_a_string_or_computed(text: str, expected: str | None) -> None:
    assert value_of(text, "a").only_string == expected


def doubled(first: str, count: int) -> str:
    """Templates in lines of their own, each of which is the one before it, twice."""
    names = "".join(f'\n  n{n} = "${{n{n - 1}}}${{n{n - 1}}}";' for n in range(1, count + 1))
    return f"let n0 = {first};{names} in {{ a = n{count}; }}"


def chained(template: str, count: int) -> str:
    names = "".join(f"\n  n{n} = {template.format(n - 1)};" for n in range(1, count + 1))
    return f'let n0 = "x";{names} in {{ a = n{count}; }}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(doubled('"x"', 60), id="doubled"),
        pytest.param(doubled('"' + "x" * 4096 + '"', 1), id="at once"),
        pytest.param(
            'let b = "' + "x" * 100 + '"; in { a = "' + "${b}" * 10_000 + '"; }', id="one template"
        ),
        pytest.param(chained("n{}", 5000), id="a chain of names"),
        pytest.param(chained('"${{n{}}}"', 5000), id="a chain of templates"),
        pytest.param("{ b }: " + chained('"${{n{}}}y"', 200), id="that grow"),
    ],
)
def test_a_string_that_grows_without_bound_is_refused_with_its_line(text: str) -> None:
    findings = find_in_nix(text.replace("{ a = ", "\n{ containers.a.image = "))
    line = text.count("\n") + 2
    assert findings.images == []
    assert [one.cause for one in findings.problems] == [
        f"line {line}: the image of 'a' is not a string in this file"
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(doubled('""', 40), "", id="empty"),
        pytest.param(doubled("f x", 90), None, id="computed"),
        pytest.param(doubled('"x"', 12), "x" * 4096, id="as long as may be"),
        pytest.param(chained('"${{n{}}}"', 40), "x", id="as deep as may be"),
    ],
)
def test_a_name_is_looked_up_once(text: str, expected: str | None) -> None:
    assert value_of(text, "a").only_string == expected


BOTH = ("a condition chooses among several; all of them are taken",)


@pytest.mark.parametrize(
    ("text", "strings", "notes"),
    [
        pytest.param('{ a = "x" + ":" + "y"; }', ["x:y"], (), id="concatenation"),
        pytest.param('{ a = if b then "x" else "y"; }', ["x", "y"], BOTH, id="if"),
        pytest.param('{ a = "x:${if b then "1" else "2"}"; }', ["x:1", "x:2"], BOTH, id="part"),
        pytest.param('{ a = "x" + lib.optionalString b "y"; }', ["xy", "x"], BOTH, id="optional"),
        pytest.param('{ a = lib.mkIf b "x"; }', ["x"], (), id="mkIf"),
        pytest.param('{ a = mkOverride 50 (mkDefault "x"); }', ["x"], (), id="priorities"),
        pytest.param('{ a = mkMerge [ (mkIf b "x") (mkIf c "y") ]; }', ["x", "y"], (), id="merge"),
        pytest.param('{ a = with { t = "1"; }; "x:${t}"; }', ["x:1"], (), id="with a set"),
        pytest.param('let t = "1"; in with f x; { a = "x:${t}"; }', ["x:1"], (), id="let wins"),
        pytest.param('with { t = "1"; }; with f; { a = t; }', [], (), id="with what is unknown"),
        pytest.param('{ a = (f: t: "${f}:${t}") "x" "1"; }', ["x:1"], (), id="function"),
        pytest.param('{ a = ({ f, t ? "1" }: "${f}:${t}") { f = "x"; }; }', ["x:1"], (), id="set"),
        pytest.param('let b = { c = "x"; }; in { a = b.c; }', ["x"], (), id="attribute"),
        pytest.param('let b = { }; in { a = b.c or "x"; }', ["x"], (), id="or"),
        pytest.param("{ a = toString 7; }", ["7"], (), id="number"),
        pytest.param('{ a = lib.concatStringsSep ":" [ "x" "1" ]; }', ["x:1"], (), id="joined"),
        pytest.param('let b = { c = "x"; } // { c = "y"; }; in { a = b.c; }', ["y"], (), id="//"),
        pytest.param(
            'let a1 = "x"; b.c = a1; b.d = "y"; in { a = b.c + b.d; }', ["xy"], (), id="p"
        ),
        pytest.param('let mkIf = a: b: a; in { a = mkIf "x" "y"; }', ["x"], (), id="own mkIf"),
        pytest.param(
            'let cfg = config.s; in { options.s.i = mkOption { default = "x"; }; a = cfg.i; }',
            ["x"],
            ("it is the default of an option",),
            id="default of an option",
        ),
        pytest.param('{ s.i = "x"; a = config.s.i; }', ["x"], (), id="option with a value"),
        pytest.param('{ a = f "x"; }', [], (), id="unknown function"),
        pytest.param("{ a = null; }", [], (), id="null"),
        pytest.param('{ a = "x" + ./b; }', [], (), id="path"),
        pytest.param("let f = x: f x; in { a = f 1; }", [], (), id="no end"),
        pytest.param('let f = x: f (x + x); in { a = f "x"; }', [], (), id="grows"),
    ],
)
def test_a_string_is_found_out_where_all_its_parts_are_written_down(
    text: str, strings: list[str], notes: tuple[str, ...]
) -> None:
    value = value_of(text, "a")
    assert (list(value.strings), value.notes) == (strings, notes)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param('{ a.b.c = "x"; }', {"a.b.c": "x"}, id="path"),
        pytest.param('{ a = { b.c = "x"; }; }', {"a": None, "a.b.c": "x"}, id="nested"),
        pytest.param('{ a."b.c" = "x"; }', {"a.b.c": "x"}, id="quoted"),
        pytest.param(
            '{ a.${"b"}.c = "x"; a.${f}.d = "y"; }', {"a.b.c": "x", "a..d": "y"}, id="computed"
        ),
        pytest.param('{ ${f { d = "y"; }} = "x"; }', {"": "x"}, id="computed by a set"),
        pytest.param(
            'f: { a = mkIf b (c [ { d = "x"; } ]); e = "y"; }',
            {"a": None, "a.d": "x", "e": "y"},
            id="call",
        ),
        pytest.param('let a.b = "x"; in { c = d; }', {".a.b": "x", "c": None}, id="let"),
    ],
)
def test_bindings_have_whole_paths(text: str, expected: dict[str, str | None]) -> None:
    file = File(text)
    found = {
        ".".join(one.path): file.evaluation.value(one.later).only_string for one in file.bindings
    }
    assert found == expected


REPLACED = "what is merged over it here, and is not in this file, may replace it"
CHANGED = "a function that is not in this file may change it"


@pytest.mark.parametrize(
    ("container", "images", "remark"),
    [
        pytest.param('{ image = "x:1"; }', ["x:1"], "", id="a set"),
        pytest.param('common // { image = "x:1"; }', ["x:1"], "", id="over what is not here"),
        pytest.param('{ image = "x:1"; } // common', ["x:1"], REPLACED, id="below it"),
        pytest.param('{ image = "x:1"; } // { ${n} = 1; }', ["x:1"], "", id="below a name"),
        pytest.param('mk { image = "x:1"; }', ["x:1"], CHANGED, id="given to a function"),
        pytest.param('mk "a" { image = "x:1"; }', ["x:1"], CHANGED, id="and more"),
        pytest.param(
            'if c then { image = "x:1"; } else { image = "y:1"; }',
            ["x:1", "y:1"],
            BOTH[0],
            id="one of two sets",
        ),
        pytest.param(
            '{ image = "x:1"; } // lib.optionalAttrs c { image = "y:1"; }',
            ["x:1", "y:1"],
            BOTH[0],
            id="perhaps another",
        ),
        pytest.param('lib.optionalAttrs c { image = "x:1"; }', ["x:1"], "", id="perhaps"),
        pytest.param(
            '{ image = (if c then { i = "x:1"; } else { }).i or "y:1"; }',
            ["x:1", "y:1"],
            BOTH[0],
            id="what may lack",
        ),
    ],
)
def test_an_image_that_may_be_another_is_taken_with_a_remark(
    container: str, images: list[str], remark: str
) -> None:
    findings = find_in_nix(f"{{ containers.a = {container}; }}")
    assert findings.problems == []
    assert [one.reference.familiar for one in findings.images] == images
    assert {one.remark for one in findings.images} == {remark}


def lines(template: str, count: int) -> str:
    return "\n".join(template.replace("N", str(number)) for number in range(count))


@pytest.mark.parametrize(
    ("before", "template", "after"),
    [
        pytest.param("{", "xN.image = f N;", "}", id="computed images"),
        pytest.param("{", 'containers.xN.image = f "N";', "}", id="computed containers"),
        pytest.param("{", 'containers.xN.image = "aN:1"; yN = "text N";', "}", id="other texts"),
        pytest.param("{ containers.a.image = ''", "${f x} N", "''; }", id="one long text"),
        pytest.param("{ containers = mkMerge [", '{ a.image = "x:1"; }', "]; }", id="merged"),
        pytest.param("let", 'c.xN.image = "aN:1";', "in { containers = c; }", id="paths of a set"),
        pytest.param("let", 'c = { xN.image = "aN:1"; };', "in { containers = c; }", id="a set"),
    ],
)
def test_work_grows_with_the_text(before: str, template: str, after: str) -> None:
    def work(count: int) -> int:
        """How many functions and generators Python enters."""
        entered = 0

        def count_one(_frame: FrameType, event: str, _argument: object) -> None:
            nonlocal entered
            entered += event == "call"

        text = f"{before}\n{lines(template, count)}\n{after}"
        outer = sys.getprofile()
        sys.setprofile(count_one)
        try:
            find_in_nix(text)
        finally:
            sys.setprofile(outer)
        return entered

    assert work(500) < 6 * work(100)
