"""Images of containers that a Nix file declares, and those that it computes."""

from __future__ import annotations

from collections.abc import Iterator

from ...base.redact import literal
from ...base.values import dataclass
from ...errors import NixfetchError
from ..found.image import Findings, FoundImage, NotImportable, Use
from ..found.podman_name import is_pulled, parse_name
from ..nix_language.file import Binding, File
from ..nix_language.syntax import Expression, Text, call, children, last_name
from ..nix_language.value import Later, Unknown, Value, union
from .options import CONTAINER_OPTIONS, ContainerOption

# Sets of options that have containers, beside others.
_CONTAINERS = "containers"
_GROUPS = frozenset({"containers", "images"})
# The option of this project that names an image of images.toml.
_LOCKED = "locked"
# Attributes of a container in which its image is.
_WITH_IMAGE = frozenset({"containerConfig", "imageConfig", "image", "rawConfig"})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Container:
    option: ContainerOption
    name: str
    loaded: bool = False


class Containers:
    """Finds the containers of a file; `findings` has what was found."""

    def __init__(self, file: File) -> None:
        self.findings = Findings()
        self.texts: set[str] = set()
        # Those in which an image stands.
        self._parts: set[int] = set()
        self._file = file
        self._evaluation = file.evaluation
        self._seen: set[object] = set()

    def has(self, later: Later) -> bool:
        """Whether an image was looked at here."""
        return later.key in self._seen

    def is_part(self, expression: Expression) -> bool:
        """Whether an expression is the image of a container, or a part of it."""
        return id(expression) in self._parts

    def find(self) -> None:
        """Find all of them."""
        for binding in self._file.bindings:
            if binding.is_local and binding.path[-1] != "containers":
                continue
            if "options" in binding.path[:1] or _is_declared(binding.later):
                continue
            for option, rest in _options(binding):
                self._bound(option, binding, rest)
            for option in CONTAINER_OPTIONS:
                if option.is_sure and binding.path[-len(option.keys) + 1 :] == option.keys[:-1]:
                    self._group(option, binding)

    def _bound(self, option: ContainerOption, binding: Binding, rest: tuple[str, ...]) -> None:
        below = rest[1:]
        if below == (_LOCKED,) and option.keys[-1] == _CONTAINERS:
            self._use(rest[0], binding.later)
        if below != option.image[: len(below)]:
            return
        value = self._evaluation.opened(self._evaluation.value(binding.later))
        if not rest:
            self._all(option, value)
            return
        outside = binding.path[: len(binding.path) - len(below)]
        loaded = any(self._file.is_bound((*outside, name)) for name in option.files)
        container = _Container(option=option, name=rest[0], loaded=loaded)
        self._below(container, value, [binding.later], option.image[len(below) :])

    def _group(self, option: ContainerOption, binding: Binding) -> None:
        """Find the containers in a set of several options, such as that of quadlet-nix."""
        value = self._evaluation.opened(self._evaluation.value(binding.later))
        if (definitions := value.attributes.get(option.keys[-1])) is not None:
            self._all(option, self._merged(definitions))
        if not _GROUPS & value.attributes.keys():
            self._tell_all(option, value)

    def _all(self, option: ContainerOption, value: Value) -> None:
        """Find the images of all containers in a value."""
        for name, definitions in value.attributes.items():
            container = _Container(option=option, name=name)
            whole = self._merged(definitions)
            self._below(container, whole, list(definitions), option.image)
        # Nothing else says that this is an option of containers, where it may be another.
        if option.is_sure or option.files:
            self._tell_all(option, value)

    def _tell_all(self, option: ContainerOption, value: Value) -> None:
        is_whole = not (value.attributes or value.strings or value.items)
        what = "containers are computed" if is_whole else "some containers are computed"
        for unknown in value.unknown:
            self._tell(option, what, unknown)

    def _merged(self, definitions: tuple[Later, ...]) -> Value:
        return self._evaluation.opened(union(map(self._evaluation.value, definitions)))

    def _below(
        self, container: _Container, value: Value, laters: list[Later], keys: tuple[str, ...]
    ) -> None:
        """Find the image at `keys` below a value that `laters` define."""
        option = container.option
        if any(name in value.attributes for name in option.files):
            container = _Container(option=option, name=container.name, loaded=True)
        if keys == option.image and option.keys[-1] == _CONTAINERS:
            for later in value.attributes.get(_LOCKED, ()):
                self._use(container.name, later)
        if not keys:
            for later in laters:
                self._image(container, later)
            return
        definitions = value.attributes.get(keys[0])
        if definitions is not None:
            self._below(container, self._merged(definitions), list(definitions), keys[1:])
        elif _is_container(option, keys) and not _WITH_IMAGE & value.attributes.keys():
            for unknown in value.unknown:
                what = "the container " * bool(container.name) + _called(container.name)
                self._tell(option, f"{what} is computed", unknown)

    def _use(self, name: str, later: Later) -> None:
        """Note the name of images.toml that a container has in its option `locked`."""
        if later.key in self._seen:
            return
        self._seen.add(later.key)
        place = f"line {later.expression.line}"
        value = self._evaluation.value(later)
        for text in value.strings:
            self.findings.uses.append(Use(place=place, name=text))
            self._leave_out(place, name, f"it is {literal(text)} of an images.toml already")
        if value.unknown and not value.strings:
            self._leave_out(place, name, "it is one of an images.toml already")

    def _tell(self, option: ContainerOption, what: str, unknown: Unknown) -> None:
        if unknown.is_name or ("computed", unknown.line) in self._seen:
            return
        self._seen.add(("computed", unknown.line))
        self.findings.problems.append(
            NotImportable(what, hint=_hint(option)).at(f"line {unknown.line}")
        )

    def _image(self, container: _Container, later: Later) -> None:
        if later.key in self._seen:
            return
        self._seen.add(later.key)
        self._parts.update(map(id, _with_parts(later.expression)))
        place = f"line {later.expression.line}"
        value = self._evaluation.value(later)
        self.texts.update(value.strings)
        if container.loaded:
            self._leave_out(
                place,
                container.name,
                "it is loaded from a file; a pullImage that fetches the file is imported by itself",
            )
            return
        if (reason := _not_pulled(later, value)) is not None:
            self._leave_out(place, container.name, reason)
            return
        for text in value.strings:
            self._add(container, place, text, value)
        is_other = value.attributes or value.items or value.closures or value.numbers
        unknowns = value.unknown or ((Unknown(line=later.expression.line),) if is_other else ())
        for unknown in unknowns:
            error = NotImportable(
                f"the image of {_called(container.name)} is not a string in this file",
                hint=_hint(container.option),
            )
            at = place if len(unknowns) == 1 else f"line {unknown.line}"
            self.findings.problems.append(error.at(at))

    def _add(self, container: _Container, place: str, text: str, value: Value) -> None:
        if not is_pulled(text):
            self._leave_out(place, container.name, f"{literal(text)} is not pulled from a registry")
            return
        try:
            image = FoundImage(
                place=place,
                name=container.name,
                reference=parse_name(text),
                remark="; ".join(value.notes),
            )
        except NixfetchError as error:
            self.findings.problems.append(error.at(place))
        else:
            self.findings.images.append(image)

    def _leave_out(self, place: str, name: str, reason: str) -> None:
        self.findings.left_out.append(
            f"{place}: the image of {_called(name)} is left out: {reason}"
        )


def _options(binding: Binding) -> Iterator[tuple[ContainerOption, tuple[str, ...]]]:
    """The options that a path is in, each with the rest of the path; a sure one is the only one."""
    path = binding.path
    for option in CONTAINER_OPTIONS:
        length = len(option.keys)
        for first in range(len(path) - length + 1):
            # What a function returns is found where it is called.
            is_whole = first + length > binding.outside or not binding.outside
            if path[first : first + length] == option.keys and is_whole:
                yield option, path[first + length :]
                if option.is_sure:
                    return
                break


def _called(name: str) -> str:
    """What a message calls a container, which may have a computed name."""
    return literal(name) if name else "a container"


def _is_container(option: ContainerOption, keys: tuple[str, ...]) -> bool:
    """Whether a value is certainly a container, with `keys` of the path of its image left."""
    return option.is_sure or bool(option.files) or len(keys) < len(option.image)


def _is_declared(later: Later) -> bool:
    """Whether an option is declared here, and not defined."""
    return last_name(call(later.expression)[0]) == "mkOption"


def _hint(option: ContainerOption) -> str:
    return f"import the output of `{option.command}`"


def _not_pulled(later: Later, value: Value) -> str | None:
    """Why an image that is not known is none of a registry, or None."""
    match later.expression, value.path:
        case Text(parts=(str() as first, *_)), _ if not is_pulled(first):
            return "it is not pulled from a registry"
        case _, [*_, "images" | "builds" as kind, name, "ref"]:
            return f"it is the one of {kind}.{name}"
        case _:
            return None


def _with_parts(expression: Expression) -> Iterator[Expression]:
    """An expression and those inside it, apart from those that are bound to names."""
    yield expression
    for child in children(expression):
        yield from _with_parts(child)
