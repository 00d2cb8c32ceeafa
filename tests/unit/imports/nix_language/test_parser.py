from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import read_or_refused

from nixfetch_docker.imports.nix_language import syntax
from nixfetch_docker.imports.nix_language.lexer import InvalidNix
from nixfetch_docker.imports.nix_language.parser import parse

PIECES = ["{", "}", "(", ")", "[", "]", "=", ";", "let ", " in ", "rec ", "inherit ", '"', "''"]
PIECES += ["${", "$", "\\", "a", "b.c", "with ", ":", "?", "/*", "*/", "#", "\n", "pullImage "]


def shown(expression: syntax.Expression) -> str:
    """An expression with a bracket around each part."""
    return SHOWN[type(expression)](expression)


def shown_function(one: syntax.Function) -> str:
    taken = [name if not value else f"{name}={shown(value)}" for name, value in one.names or ()]
    return f"({one.parameter}{{{' '.join(taken)}}}: {shown(one.body)})"


def shown_select(one: syntax.Select) -> str:
    other = f" or {shown(one.default)}" if one.default is not None else ""
    return f"({shown(one.base)}.{shown(one.key)}{other})"


def bound(binds: tuple[syntax.Bind, ...]) -> str:
    return " ".join(f"{'.'.join(map(shown, one.path))}={shown(one.value)};" for one in binds)


SHOWN: dict[type, Callable[[Any], str]] = {
    syntax.Name: lambda one: one.text,
    syntax.Number: lambda one: one.text,
    syntax.Text: lambda one: "".join(
        part if isinstance(part, str) else shown(part) for part in one.parts
    ),
    syntax.Other: lambda one: one.text or f"<{' '.join(map(shown, one.parts))}>",
    syntax.Operation: lambda one: f"({shown(one.left)} {one.sign} {shown(one.right)})",
    syntax.Call: lambda one: f"({shown(one.function)} {shown(one.argument)})",
    syntax.Select: shown_select,
    syntax.If: lambda one: f"({shown(one.condition)} ? {shown(one.this)} : {shown(one.that)})",
    syntax.Function: shown_function,
    syntax.With: lambda one: f"(with {shown(one.attributes)}; {shown(one.body)})",
    syntax.Items: lambda one: f"[{' '.join(map(shown, one.items))}]",
    syntax.Let: lambda one: f"(let {bound(one.binds)} in {shown(one.body)})",
    syntax.AttributeSet: lambda one: f"{'rec ' * one.is_recursive}{{{bound(one.binds)}}}",
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("", "{}", id="nothing"),
        pytest.param("a + b + c", "((a + b) + c)", id="from the left"),
        pytest.param("a // b // c", "(a // (b // c))", id="from the right"),
        pytest.param("a ++ f b c ++ [ d ]", "(a ++ (((f b) c) ++ [d]))", id="calls come first"),
        pytest.param("!a == b && c -> d", "(((<a> == b) && c) -> d)", id="levels"),
        pytest.param("-a * b + c", "((<a> * b) + c)", id="signs"),
        pytest.param("a ? b.c && d", "(<a b c> && d)", id="has"),
        pytest.param("a |> b |> c", "((a |> b) |> c)", id="pipes"),
        pytest.param("a.b.c or d.e f", "(((a.b).c or (d.e)) f)", id="or"),
        pytest.param('a."b c".${d}', "((a.b c).d)", id="keys"),
        pytest.param("[ a.b (f c) -1 ]", None, id="an operation in a list"),
        pytest.param("[ a.b (f c) ]", "[(a.b) (f c)]", id="list"),
        pytest.param("a: { b, c ? 1, ... }@d: e", "(a{}: (d{b c=1}: e))", id="functions"),
        pytest.param("a@{ b }: c", "(a{b}: c)", id="named before"),
        pytest.param("{ }: a", "({}: a)", id="no parameters"),
        pytest.param("{ }", "{}", id="empty set"),
        pytest.param("with { }; a", "(with {}; a)", id="with a set"),
        pytest.param("assert { } == b; a", "a", id="assert"),
        pytest.param("if a then b else if c then d else e", "(a ? b : (c ? d : e))", id="if"),
        pytest.param("rec { a = 1; inherit b; }", "rec {a=1; b=b;}", id="recursive"),
        pytest.param("let { a = 1; }", "rec {a=1;}", id="old let"),
        pytest.param("let a.b = c; inherit (d) e; in f", "(let a.b=c; e=(d.e); in f)", id="let"),
        pytest.param("f ./a/${b}.nix <c> 1.5", "(((f <>) <c>) 1.5)", id="paths"),
        pytest.param("a b: c", None, id="a function for an argument"),
        pytest.param("a b:c", "(a b:c)", id="a URL for an argument"),
        pytest.param("{ a = 1 }", None, id="no semicolon"),
        pytest.param("(a", None, id="no end"),
        pytest.param("if a then b", None, id="no else"),
        pytest.param("{ a, = }: b", None, id="no parameter"),
        pytest.param("a b = c", None, id="more than an expression"),
        pytest.param("# a page of text\nSome words, and more.", None, id="prose"),
    ],
)
def test_an_expression_is_read_as_nix_reads_it(text: str, expected: str | None) -> None:
    found = read_or_refused(parse, text)
    assert (None if found is None else shown(found)) == expected


def test_what_is_no_nix_is_told_with_its_line() -> None:
    with pytest.raises(InvalidNix) as caught:
        parse("{\n  a = 1\n}")
    assert str(caught.value) == (
        "line 3: this is not Nix: expected ;, found }; name a file that Nix can read"
    )


def test_deep_nesting_is_refused() -> None:
    with pytest.raises(InvalidNix, match=r"^line \d+: its expressions are nested too deeply; "):
        parse("\n" * 8 + "[\n" * 100_000)
    with pytest.raises(InvalidNix, match=r"^line \d+: its strings are nested too deeply; "):
        parse("\n" * 8 + '"\n${' * 100_000)


@given(st.lists(st.sampled_from(PIECES)).map("".join))
def test_any_text_is_read_or_refused(text: str) -> None:
    read_or_refused(parse, text)
