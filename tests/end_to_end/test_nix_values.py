"""What `import` finds out that expressions stand for, with Nix as the judge."""

from __future__ import annotations

import pytest
from support.nix import evaluate

from nixfetch_docker.imports.nix_language.file import File
from nixfetch_docker.imports.nix_language.value import Value

# Those whose value is the one that Nix has.
KNOWN = [
    '"a:" + "1"',
    '"a${"b"}c"',
    r'"$${a}" + "$$${"a"}" + "\${a}" + "\$${"a"}"',
    "''a''${b}'' + ''a$${b}'' + '''''a''''' + ''a''\\nb'' + ''''$''",
    "''\n    a\n  b\n''",
    "''  a${\"b\"}\n    c''",
    "''\n  ${\"x\"}\n y\n''",
    "nginx:1.25",
    "docker:nginx",
    "toString 007",
    'toString 7 + ":" + toString 0',
    'let b = "x"; in let a = b; b = "y"; in a',
    'let a = "0"; in with { a = "1"; }; a',
    'with { a = "1"; }; with { a = "2"; }; a',
    'let x = "1"; in (rec { x = "2"; y = with { x = "3"; }; x; }).y',
    '(rec { t = "1"; i = "a:${t}"; } // { t = "2"; }).i',
    'let b = "o"; s = { b = "i"; }; in (rec { b = "r"; inherit (s) c; } // { c = b; }).c',
    'let c = { a.x = "1"; }; in c.a.x or "z"',
    'let c = { a.x = "1"; }; c.a.y = "2"; in c.a.x or "z"',
    'let c = { x = "1"; }; c = { y = "2"; }; in c.x or "z"',
    'let x = "q"; in (rec { a = rec { x = "1"; }; a.y = x; }).a.y',
    '({ a.b = "1"; a.c = "2"; } // { a.d = "3"; }).a.b or "gone"',
    'let x = "out"; n = "x"; in (rec { ${n} = "in"; y = x; }).y',
    'let n = "z"; in (rec { n = "x"; ${n} = "v"; }).z or "none"',
    'let n = "z"; in (rec { n = "x"; ${n} = "v"; }).x or "none"',
    'let f = { a, b ? a + "1" }: a + b; in f { a = "x"; }',
    'let f = { x ? "1", ... }@a: x + (a.x or "none"); in f { }',
    'let fix = f: let x = f x; in x; in (fix (self: { a = "1"; b = self.a + "2"; })).b',
    'let compose = f: g: x: f (g x); in compose (x: x + "1") (x: x + "2") "a"',
    'builtins.concatStringsSep ":" (let x = [ "a" ]; in x ++ x)',
    'builtins.concatStringsSep ":" (map (x: x + "1") [ "a" "b" "a" ])',
    '(builtins.listToAttrs [ { name = "a"; value = "1"; } { name = "a"; value = "2"; } ]).a',
    '(builtins.mapAttrs (n: v: n + v) { a = "1"; b = "2"; }).b',
]
# Those that a condition, or what is not in the file, chooses: none of them is one string.
OPEN = [
    "toString (1 + 2)",
    '"a:" + toString (3 + 4)',
    "toString 1.0",
    "toString 1.25",
    "toString true",
    'toString [ "a" "b" ]',
    '(if true then { a = "x"; } else { a = "y"; }).a',
    '(if false then { a = "x"; } else { }).a or "y"',
    '((if false then { a = "x"; } else { }) // { b = "z"; }).a or "y"',
    '({ x = "1"; } // (if true then { x = "2"; } else { })).x',
    '({ t ? "d" }: t) (if true then { } else { t = "1"; })',
    '(if true then (x: x + "1") else (x: x + "2")) "a"',
    'let t = if true then "1" else "2"; in "${t}-${t}"',
    'builtins.concatStringsSep ":" ([ "a" ] ++ (if true then [ "1" ] else [ "2" ]))',
    'builtins.concatStringsSep ":" (map (x: x) (if true then [ "1" ] else [ "2" ]))',
    """(builtins.listToAttrs (map (v: { name = "a"; value = v; })
      (if false then [ "1" ] else [ "2" ]))).a""",
    '(builtins.removeAttrs { a = "1"; } [ "a" ]).a or "gone"',
    '(builtins.intersectAttrs { a = 1; } { a = "1"; b = "2"; }).b or "gone"',
]


def value_of(expression: str) -> Value:
    file = File(f"{{ found = {expression}; }}")
    (later,) = (one.later for one in file.bindings if one.path == ("found",))
    return file.evaluation.value(later)


@pytest.fixture(scope="module")
def judged() -> dict[str, str]:
    """The strings that Nix finds, by their expressions."""
    expressions = KNOWN + OPEN
    strings = evaluate(f"[ {' '.join(f'({one})' for one in expressions)} ]")
    return dict(zip(expressions, strings, strict=True))


@pytest.mark.parametrize("expression", KNOWN)
def test_a_string_that_is_known_is_the_one_of_nix(judged: dict[str, str], expression: str) -> None:
    value = value_of(expression)
    assert (value.only_string, value.notes) == (judged[expression], ())


@pytest.mark.parametrize("expression", OPEN)
def test_a_string_that_may_be_another_is_never_told_as_the_only_one(
    judged: dict[str, str], expression: str
) -> None:
    value = value_of(expression)
    assert value.unknown or (judged[expression] in value.strings and value.notes)


def test_what_is_merged_from_elsewhere_may_replace_a_string() -> None:
    expression = """({ t = "1"; } // builtins.fromJSON ''{ "t": "2" }'').t"""
    assert evaluate(expression) == "2"
    assert value_of(expression).notes == (
        "what is merged over it here, and is not in this file, may replace it",
    )
