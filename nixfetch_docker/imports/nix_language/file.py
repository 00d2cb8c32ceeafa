"""What stands where in a Nix file: its attributes by their paths, its sets, calls and strings."""

from __future__ import annotations

from ...base.values import dataclass
from .evaluation import Evaluation
from .parser import parse
from .syntax import (
    AttributeSet,
    Bind,
    Call,
    Expression,
    Function,
    Items,
    Let,
    Name,
    Operation,
    Other,
    Select,
    Text,
    children,
    last_name,
)
from .value import NOTHING, Later, Scope, Value, union

_NO_DEFAULT = Other(line=0)
_DEFAULT = "it is the default of an option"


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """`path = …;`. The path begins with the paths of the bindings around it.

    A computed part of the path is "". A name that `let` binds begins a path of its own. `outside`
    is how much of the path stands outside of the innermost function.
    """

    path: tuple[str, ...]
    line: int
    later: Later
    is_local: bool = False
    outside: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A set, a call or a string, in the scope and below the path that it stands in."""

    expression: Expression
    scope: Scope
    path: tuple[str, ...]


class File:
    """A Nix file; `evaluation` knows what its expressions stand for."""

    def __init__(self, text: str) -> None:
        self.evaluation = Evaluation(self._option)
        self.bindings: list[Binding] = []
        self.sets: list[Place] = []
        self.calls: list[Place] = []
        self.texts: list[Place] = []
        self.lists: list[Place] = []
        self.names: list[Name | Select] = []
        self._of_kind: dict[type, list[Place]] = {
            Call: self.calls,
            Text: self.texts,
            Items: self.lists,
        }
        self._outside = 0
        self._summands: set[int] = set()
        self._by_path: dict[tuple[str, ...], list[Later]] = {}
        self._visit(parse(text), Scope(names={}), ())
        for binding in self.bindings:
            if not binding.is_local:
                path = binding.path[1:] if binding.path[:1] == ("config",) else binding.path
                self._by_path.setdefault(path, []).append(binding.later)

    def is_bound(self, path: tuple[str, ...]) -> bool:
        """Whether an attribute with this whole path is written down."""
        return path in self._by_path

    @property
    def pieces(self) -> set[int]:
        """The `id` of each string that others are made of: in sums, or bound to a name in use."""
        used = {last_name(name) for name in self.names}
        bound = (one for one in self.bindings if one.path[-1] in used)
        return self._summands | {id(binding.later.expression) for binding in bound}

    def _option(self, path: tuple[str, ...]) -> Value:
        """The value that this file gives an option, or else its default."""
        if definitions := self._by_path.get(path):
            return union(map(self.evaluation.value, definitions))
        defaults = self._by_path.get(("options", *path, "default"))
        if not defaults:
            return NOTHING
        return union(map(self.evaluation.value, defaults), note=_DEFAULT)

    def _visit(self, expression: Expression, scope: Scope, path: tuple[str, ...]) -> None:
        inner = self.evaluation.scopes.inner(expression, scope)
        place = Place(expression=expression, scope=scope, path=path)
        match expression:
            case AttributeSet(binds=binds):
                self.sets.append(place)
                self._visit_binds(binds, inner, scope, path)
            case Let(binds=binds):
                self._visit_binds(binds, inner, scope, ("",), is_local=True)
            case Function(names=names):
                for _, default in names or ():
                    self._visit(default or _NO_DEFAULT, inner, ("",))
            case Call() | Text() | Items():
                self._of_kind[type(expression)].append(place)
            case Operation(sign="+", left=left, right=right):
                self._summands |= {id(left), id(right)}
            case Name() | Select():
                self.names.append(expression)
        outside = self._outside
        if isinstance(expression, Function):
            self._outside = len(path)
        for child in children(expression):
            self._visit(child, inner, path)
        self._outside = outside

    def _visit_binds(
        self,
        binds: tuple[Bind, ...],
        scope: Scope,
        outer: Scope,
        path: tuple[str, ...],
        *,
        is_local: bool = False,
    ) -> None:
        for bind in binds:
            keys = tuple(self.evaluation.at(key, scope).only_string or "" for key in bind.path)
            home = outer if bind.is_inherited else scope
            whole = path + keys
            self.bindings.append(
                Binding(
                    path=whole,
                    line=bind.line,
                    later=Later(expression=bind.value, scope=home),
                    is_local=is_local and len(keys) == 1,
                    outside=self._outside,
                )
            )
            self._visit(bind.value, home, whole)
