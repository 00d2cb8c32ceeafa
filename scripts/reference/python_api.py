"""The page of the Python API, made of the docstrings of the names in `nixfetch_docker.__all__`."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import nixfetch_docker

from . import markdown

_PACKAGE = Path(nixfetch_docker.__file__).parent
# A longer signature has a line for each parameter.
_WIDTH = 88
_MARK = "excerpt: a signature, and no program"

_HEAD = f"""\
# Python API
{markdown.NOTE}

Other programs may import the names on this page from `nixfetch_docker`, and no others. They are typed. Every error
derives from [`NixfetchError`](#nixfetcherror). Importing the package imports nothing else: each name is loaded when it
is first used.

```python
import sys
from pathlib import Path

import nixfetch_docker

platform = nixfetch_docker.Platform.parse("linux/arm64")
try:
    with nixfetch_docker.connect() as client:
        image = client.image("redis:7.4-alpine", platform)
        print(image.digest, image.size)
        print([layer.digest for layer in image.layers])
        nixfetch_docker.write_archive(client, image, Path("redis.tar"))
except nixfetch_docker.NixfetchError as error:
    sys.exit(str(error))
```

`nixfetch_docker.__version__` is the version, a string.

"""


class _Defaults(ast.NodeTransformer):
    """Puts the numbers of a module's constants in their place, and "..." for its own functions."""

    def __init__(self, names: dict[str, object]) -> None:
        self._names = names

    def visit_arguments(self, node: ast.arguments) -> ast.arguments:
        node.defaults = list(map(self._shown, node.defaults))
        node.kw_defaults = [one and self._shown(one) for one in node.kw_defaults]
        return node

    def _shown(self, default: ast.expr) -> ast.expr:
        value = self._names.get(default.id) if isinstance(default, ast.Name) else None
        if isinstance(value, int):
            return ast.Constant(value)
        return ast.Constant(...) if callable(value) or isinstance(default, ast.Lambda) else default


Function = ast.FunctionDef | ast.AsyncFunctionDef


def page() -> str:
    """The text of the page."""
    names = [name for name in nixfetch_docker.__all__ if name != "__version__"]
    # Functions first: a program begins with `connect`.
    nodes = {name: _find(name) for name in names}
    functions = [name for name in names if isinstance(nodes[name], Function)]
    classes = [name for name in names if isinstance(nodes[name], ast.ClassDef)]
    parts = [_HEAD, "## Functions\n\n"]
    for name in functions:
        parts += _function(nodes[name], f"### {name}")
    for name in classes:
        parts += _class(nodes[name])
    return "".join(parts).rstrip() + "\n"


def _find(name: str) -> ast.stmt:
    """The definition of a public name in its module, with defaults that readers understand."""
    module = inspect.getmodule(getattr(nixfetch_docker, name))
    assert module is not None
    assert module.__file__ is not None
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, Function | ast.ClassDef) and node.name == name:
            return _Defaults(vars(module)).visit(node)  # type: ignore[no-any-return]
    raise LookupError(f"{module.__file__} has no {name}")


def _function(node: ast.stmt, heading: str) -> Iterator[str]:
    assert isinstance(node, Function)
    yield f"{heading}\n\n"
    yield f"{markdown.fence('python', _signature(node), _MARK)}\n"
    yield _docstring(node)


def _class(node: ast.stmt) -> Iterator[str]:
    assert isinstance(node, ast.ClassDef)
    bases = [ast.unparse(base) for base in node.bases]
    yield f"## {node.name}\n\n"
    if bases:
        yield f"Derives from {', '.join(map(markdown.code, bases))}.\n\n"
    yield _docstring(node)
    fields = [one for one in node.body if isinstance(one, ast.AnnAssign) and _is_public(one)]
    if fields:
        yield "Fields, which are keyword arguments of its constructor:\n\n"
        yield "".join(f"- {markdown.code(ast.unparse(one))}\n" for one in fields)
        yield "\n"
    for one in node.body:
        if isinstance(one, Function) and not one.name.startswith("_"):
            yield from _method(node.name, one)


def _is_public(field: ast.AnnAssign) -> bool:
    return isinstance(field.target, ast.Name) and not field.target.id.startswith("_")


def _method(owner: str, node: Function) -> Iterator[str]:
    yield from _function(node, f"### {owner}.{node.name}")


def _signature(node: Function) -> str:
    decorators = [ast.unparse(one) for one in node.decorator_list]
    lines = [f"@{one}" for one in decorators if one != "contextmanager"]
    returns = "" if node.returns is None else ast.unparse(node.returns)
    if "contextmanager" in decorators:
        # How a caller sees it.
        returns = returns.replace("Iterator[", "AbstractContextManager[")
    end = f") -> {returns}: ..." if returns else "): ..."
    start = f"def {node.name}("
    parameters = list(_parameters(node.args))
    whole = f"{start}{', '.join(parameters)}{end}"
    if len(whole) <= _WIDTH:
        return "\n".join([*lines, whole])
    return "\n".join([*lines, start, *(f"    {one}," for one in parameters), end])


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    """The parameters, each with its annotation and its default."""
    positional = [*arguments.posonlyargs, *arguments.args]
    missing = [None] * (len(positional) - len(arguments.defaults))
    for one, default in zip(positional, [*missing, *arguments.defaults], strict=True):
        yield _parameter(one, default)
    if arguments.vararg is not None:
        yield f"*{ast.unparse(arguments.vararg)}"
    elif arguments.kwonlyargs:
        yield "*"
    for one, default in zip(arguments.kwonlyargs, arguments.kw_defaults, strict=True):
        yield _parameter(one, default)


def _parameter(one: ast.arg, default: ast.expr | None) -> str:
    if default is None:
        return ast.unparse(one)
    value = ast.unparse(default)
    # As ruff writes them.
    value = value.replace("'", '"') if '"' not in value else value
    equals = " = " if one.annotation is not None else "="
    return f"{ast.unparse(one)}{equals}{value}"


def _docstring(node: Function | ast.ClassDef) -> str:
    text = ast.get_docstring(node)
    assert text is not None, node.name
    paragraphs = [
        part if part.startswith("    ") else markdown.escaped(part.replace("::\n", ":\n"))
        for part in text.split("\n\n")
    ]
    return "\n\n".join(paragraphs) + "\n\n"
