"""The modules that a Nix file imports by their paths.

https://nixos.org/manual/nixos/stable/#sec-modularity
"""

from __future__ import annotations

from collections.abc import Iterator

from ..found.image import Module
from ..nix_language.file import File
from ..nix_language.syntax import Expression, Name, Operation, Other, Text, children

# Attributes that list modules: those of a module, and of `nixosSystem` in a flake.
_LISTS = frozenset({"imports", "modules"})


def modules_of(file: File) -> Iterator[Module]:
    """The modules that a file lists by paths, also those of one branch of a condition."""
    listed = [binding for binding in file.bindings if binding.path[-1] in _LISTS]
    if not listed:
        return
    bound: dict[str, list[Expression]] = {}
    for binding in file.bindings:
        if binding.is_local:
            bound.setdefault(binding.path[-1], []).append(binding.later.expression)
    # The last one is the next.
    expressions = [binding.later.expression for binding in reversed(listed)]
    seen: set[int] = set()
    while expressions:
        expression = expressions.pop()
        if id(expression) in seen:
            continue
        seen.add(id(expression))
        match expression:
            case Text() | Operation(sign="+"):
                # A path in it is the beginning of another.
                continue
            case Name(text=name):
                expressions += bound.get(name, [])
            case Other(text=path) if path and not path.startswith("<"):
                yield Module(place=f"line {expression.line}", path=path)
        expressions += reversed([*children(expression)])
