"""The public parsers of the package, found in its source: each needs a target."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import nixfetch_docker

ROOT = Path(nixfetch_docker.__file__).parent
# The verbs of functions that take foreign values apart, and the types that such values have.
_VERB = re.compile(
    r"(advise|appended|by|check|choose|continues|decode|decompress|display|explain|find|follow|"
    r"from|full|gunzip|is|last|list|locations|natural|next|of|open|parse|proxy|quote|read|redact|"
    r"refusal|secrets|server|strike|tokens)(_|$)"
)
_FOREIGN = re.compile(r"\b(str|bytes|Table|Any|httpx\.Response|FileTree)\b")


def public_parsers() -> set[str]:
    """The names of all public parsers, as `room/module.Class.method`."""
    return {
        f"{path.relative_to(ROOT).with_suffix('')}.{name}"
        for path in ROOT.rglob("*.py")
        if path.relative_to(ROOT).parts[0] not in {"cli", "__init__.py", "__main__.py"}
        for name in _functions(ast.parse(path.read_bytes()))
    }


def _functions(node: ast.AST, inside: str = "") -> Iterator[str]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            if "Protocol" in map(ast.unparse, child.bases):
                continue
            yield from _functions(child, f"{inside}{child.name}.")
        elif isinstance(child, ast.FunctionDef) and _is_parser(child):
            yield f"{inside}{child.name}"


def _is_parser(function: ast.FunctionDef) -> bool:
    arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
    types = [ast.unparse(one.annotation) for one in arguments if one.annotation is not None]
    return _VERB.match(function.name) is not None and any(map(_FOREIGN.search, types))
