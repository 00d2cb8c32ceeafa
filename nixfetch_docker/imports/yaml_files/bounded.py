"""YAML as compose reads it, by PyYAML and within bounds.

Aliases and merge keys let a short text stand for a large document: each of them names the one
before it several times. PyYAML follows merge keys without a bound, and nested values by recursion.
https://yaml.org/spec/1.2.2/#71-alias-nodes and https://yaml.org/type/merge.html

PyYAML also takes the last of two values for one key, and reads YAML 1.1, where `on` and `no` are
booleans and `12:30` is a number. Compose refuses the former and takes the latter for texts.
"""

from __future__ import annotations

from typing import Any

import yaml

from ...base.redact import literal
from ...errors import NixfetchError
from .tags import Override, Reset

_DEEPEST = 100
_MOST_MERGED = 100_000
# Of a number, a date or the like, in characters: Python reads longer ones in quadratic time.
_LONGEST = 200
_MERGE = "tag:yaml.org,2002:merge"
_TEXTS = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:binary")
_BOOLEAN = "tag:yaml.org,2002:bool"
_NUMBERS = ("tag:yaml.org,2002:int", "tag:yaml.org,2002:float")
_BOOLEANS = ("true", "false")


class InvalidYaml(NixfetchError):
    """A text that is not YAML, or cannot be read as YAML here."""


def load_all(text: str) -> list[Any]:
    """The values of the documents of a YAML text.

    Raises `yaml.YAMLError`, and `InvalidYaml` with a line.
    """
    loader = _Loader(text)
    documents = []
    try:
        while loader.check_data():  # type: ignore[no-untyped-call]
            documents.append(loader.get_data())
    except (ValueError, OverflowError):
        # A version of YAML with too many digits, or the number of a character that there is not.
        line = loader.get_mark().line + 1
        raise InvalidYaml("this cannot be read").at(f"line {line}") from None
    finally:
        loader.dispose()
    return documents


class _Loader(yaml.SafeLoader):
    def __init__(self, text: str) -> None:
        super().__init__(text)
        self._depth = 0
        self._merged = 0
        self._merging: list[yaml.Node] = []

    def compose_node(self, parent: Any, index: Any) -> Any:
        """Compose a value, unless it is nested too deeply."""
        if self._depth == _DEEPEST:
            raise _refused(f"its values are nested more than {_DEEPEST} deep", self._next())
        event = self._next()
        if not isinstance(event, yaml.AliasEvent):
            # PyYAML refuses an anchor that is there twice, of which YAML takes the last.
            # https://yaml.org/spec/1.2.2/#71-alias-nodes
            self.anchors.pop(getattr(event, "anchor", None), None)
        self._depth += 1
        try:
            return super().compose_node(parent, index)
        finally:
            self._depth -= 1

    def _next(self) -> yaml.Event:
        event: yaml.Event = self.peek_event()  # type: ignore[no-untyped-call]
        return event

    def resolve(self, kind: Any, value: Any, implicit: Any) -> Any:
        """The tag of a value: a long one, and what YAML 1.2 has not, is text."""
        if kind is yaml.ScalarNode and len(value) > _LONGEST:
            return _TEXTS[0]
        tag = super().resolve(kind, value, implicit)  # type: ignore[no-untyped-call]
        is_older = (
            (tag == _BOOLEAN and value.lower() not in _BOOLEANS)
            or (tag in _NUMBERS and ":" in value)
            or tag == "tag:yaml.org,2002:value"
        )
        return _TEXTS[0] if is_older else tag

    def compose_mapping_node(self, anchor: Any) -> Any:
        """Compose a mapping, unless one of its keys is there twice."""
        node = super().compose_mapping_node(anchor)
        keys = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if (key.tag, key.value) in keys:
                raise _refused(
                    f"the key {literal(key.value)} is there twice", key, "remove one of the two"
                )
            keys.add((key.tag, key.value))
        return node

    def construct_object(self, node: Any, deep: bool = False) -> Any:
        """The value of a node."""
        is_text = not isinstance(node, yaml.ScalarNode) or node.tag in _TEXTS
        if not is_text and len(node.value) > _LONGEST:
            raise _refused(f"this value is longer than {_LONGEST} characters", node)
        try:
            return super().construct_object(node, deep)
        except (ValueError, OverflowError, AttributeError, LookupError):
            # PyYAML takes a value for what its tag says: `!!bool x` is a KeyError.
            raise _refused("this value cannot be read", node) from None

    def flatten_mapping(self, node: Any) -> None:
        """Put the keys that a mapping merges before its own, unless there are too many of them.

        The later of two equal keys has its effect: an own one, or that of the first mapping. PyYAML
        6.0.4 has the order of the mappings the wrong way round.
        """
        if node in self._merging:
            raise _refused("it merges itself", node)
        if len(self._merging) == _DEEPEST:
            raise _refused(f"merge keys are nested more than {_DEEPEST} deep", node)
        self._merging.append(node)
        merged = []
        for key, value in node.value:
            if key.tag == _MERGE:
                found = value.value if isinstance(value, yaml.SequenceNode) else [value]
                for one in reversed(found):
                    if not isinstance(one, yaml.MappingNode):
                        raise _refused("only a mapping can be merged", one)
                    self.flatten_mapping(one)
                    self._count(one)
                    merged.extend(one.value)
        node.value = merged + [pair for pair in node.value if pair[0].tag != _MERGE]
        self._merging.pop()

    def _count(self, node: yaml.MappingNode) -> None:
        self._merged += 1 + len(node.value)
        if self._merged > _MOST_MERGED:
            raise _refused(f"its merge keys stand for more than {_MOST_MERGED} others", node)


def _overriding(loader: _Loader, node: yaml.Node) -> Any:
    """The value behind compose's tag `!override`."""
    if isinstance(node, yaml.MappingNode):
        return Override(loader.construct_mapping(node, deep=True))
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return node.value


_Loader.add_constructor("!reset", lambda _loader, _node: Reset())
_Loader.add_constructor("!override", _overriding)


def _refused(what: str, where: Any, hint: str = "") -> InvalidYaml:
    return InvalidYaml(what, hint=hint).at(f"line {where.start_mark.line + 1}")
