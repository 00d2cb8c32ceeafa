"""The services of compose files, with what they extend, include and override.

https://github.com/compose-spec/compose-spec/blob/main/13-merge.md
https://github.com/compose-spec/compose-spec/blob/main/14-include.md
https://github.com/compose-spec/compose-spec/blob/main/05-services.md#extends
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeAlias

from ..base import strict_json
from ..base.redact import literal, quote
from ..base.table import InvalidField, Table, kind_of
from ..base.values import dataclass, field
from ..errors import NixfetchError
from .compose_project import image_volumes, project_name, with_platforms
from .compose_values import Override, Reset, Service, Services, Value, is_reset, services_of
from .found import NotImportable
from .interpolation import interpolate
from .surroundings import Surroundings, absent
from .yaml_text import RESOLVE, documents

_KEYS = ("image", "platform", "build")
_DEEPEST = 50
_MOST_FILES = 200
_REMOTE = ("http://", "https://", "ssh://", "git://", "oci://", "git@", "github.com/")

# The files and the names of services that extend each other.
Chain: TypeAlias = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _File:
    """A compose file: its name for messages, the directory of its paths, and its services."""

    label: str
    directory: Path
    services: Table
    done: dict[str, Service] = field(default_factory=dict)


class Reader:
    """Reads the services of projects. What goes wrong is in `problems`.

    `replaced` has a sentence for each image that another file replaces.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self.problems: list[NixfetchError] = []
        self.replaced: list[str] = []
        self._surroundings = surroundings
        self._projects: list[Path] = []
        self._documents: dict[Path, Any] = {}
        self._read = 0

    def project(self, files: Sequence[tuple[str, Any]]) -> Services:
        """The services of files, each a label for messages and the value of a parser.

        A later file overrides those before it. Raises `NixfetchError` for a project that cannot be
        read as a whole.
        """
        project = _Project(self, self._surroundings)
        return with_platforms(project.services(files), project.variables)

    def included(self, surroundings: Surroundings, paths: Sequence[Path]) -> Services:
        """The services of a project that another one includes; raises `NixfetchError`."""
        inside = [path for path in paths if path in self._projects]
        if inside:
            raise NotImportable("it includes itself", hint="remove one of the includes")
        if len(self._projects) > _DEEPEST:
            raise NotImportable(f"files include each other more than {_DEEPEST} deep", hint=RESOLVE)
        self._projects.extend(paths)
        try:
            files = [(quote(str(path)), self.document(path)) for path in paths]
            return _Project(self, surroundings).services(files)
        finally:
            del self._projects[-len(paths) :]

    def document(self, path: Path) -> Any:
        """The value of another compose file; raises `NixfetchError` with its path."""
        if str(path).startswith(_REMOTE):
            raise NotImportable(f"{literal(str(path))} is not on this machine", hint=RESOLVE)
        self._read += 1
        if self._read > _MOST_FILES:
            raise NotImportable(f"more than {_MOST_FILES} files are included", hint=RESOLVE)
        if self._surroundings.read is None:
            raise NotImportable("it is in another file", hint=RESOLVE).at(quote(str(path)))
        try:
            if path not in self._documents:
                text = self._surroundings.text_of(path)
                is_json = path.suffix.lower() == ".json"
                read = strict_json.parse(text) if is_json else only(documents(text))
                self._documents[path] = read
        except NixfetchError as error:
            raise error.at(quote(str(path))) from None
        except FileNotFoundError:
            raise absent(path) from None
        return self._documents[path]


def only(values: Sequence[Any]) -> Any:
    """The value of the one document of a compose file; raises `InvalidField` for several."""
    if len(values) > 1:
        raise InvalidField(f"expected one document of YAML, found {len(values)}").at("the document")
    return values[0] if values else None


class _Project:
    """Files with the same variables."""

    def __init__(self, reader: Reader, surroundings: Surroundings) -> None:
        self._reader = reader
        self._surroundings = surroundings
        self.variables = surroundings.variables()
        self._others: dict[Path, _File] = {}

    def services(self, files: Sequence[tuple[str, Any]]) -> Services:
        tables = [_table(label, document) for label, document in files]
        name = project_name(tables, self._surroundings.directory, self.variables)
        if name is not None:
            self.variables.setdefault("COMPOSE_PROJECT_NAME", name)
        merged: Services = {}
        for (label, _), table in zip(files, tables, strict=True):
            own = self._of_file(label, table)
            if isinstance(table.values.get("services"), (Override, Reset)):
                place = ": ".join(filter(None, [label, "services"]))
                self._reader.replaced.extend(
                    f"{one.place}: it is left out, because {place} replaces all services"
                    for one in merged.values()
                )
                merged.clear()
            for name, service in own.items():
                merged[name] = self._merged(merged.get(name), service)
        return merged

    def _merged(self, old: Service | None, new: Service) -> Service:
        if old is None:
            return new
        before, after = old.values.get("image"), new.values.get("image")
        if before and after and before.value != after.value and not is_reset(after.value):
            self._reader.replaced.append(
                f"{before.where}: {quote(before.shown)} is left out, because {after.where} has "
                "another image"
            )
        kept = {} if new.is_whole else old.values
        return Service(old.place, {**kept, **new.values})

    def _of_file(self, label: str, table: Table) -> Services:
        """The services of a file, after those that it includes."""
        found: Services = {}
        for position, entry in enumerate(_listed(table.values.get("include"))):
            place = ": ".join(filter(None, [label, f"include[{position}]"]))
            try:
                for name, service in self._include(entry).items():
                    self._add(found, name, service)
            except NixfetchError as error:
                self._reader.problems.append(error.at(place))
        if "services" not in table and "include" in table:
            return found
        try:
            services = services_of(table)
        except NixfetchError as error:
            raise _at(error, label) from None
        file = _File(label, self._surroundings.directory, services)
        for name in file.services.values:
            try:
                self._add(found, name, self._service(file, name, ()))
            except NixfetchError as error:
                self._reader.problems.append(_at(error, label))
        return found

    def _add(self, found: Services, name: str, service: Service) -> None:
        """Put a service among those of a file and of what it includes."""
        if name in found and _content(found[name]) != _content(service):
            self._reader.problems.append(
                NotImportable(
                    f"the service of {found[name].place} has the same name",
                    hint="compose refuses that; rename one of the two",
                ).at(service.place)
            )
        found[name] = service

    def _include(self, entry: Any) -> Services:
        entry = {"path": entry} if isinstance(entry, str) else entry
        table = Table.of(entry)
        paths = [self._path(one) for one in _listed(table.values.get("path"))]
        if not paths:
            raise InvalidField("'path' is missing")
        directory = paths[0].parent
        if table.values.get("project_directory") is not None:
            directory = self._path(table.values["project_directory"])
        named = table.values.get("env_file")
        env_files = None if named is None else [self._path(one) for one in _listed(named)]
        inner = self._surroundings.included(directory, env_files, self.variables)
        return self._reader.included(inner, paths)

    def _path(self, text: Any, directory: Path | None = None) -> Path:
        found = self._text(Table({"path": text}).require("path", str))
        if found.startswith(_REMOTE):
            raise NotImportable(f"{literal(found)} is not on this machine", hint=RESOLVE)
        base = self._surroundings.directory if directory is None else directory
        # As compose does, without a look at the disk: two paths of one file are equal.
        return _normal(base / found)

    def _text(self, text: str) -> str:
        """A text with its variables, which must have values."""
        found = interpolate(text, self.variables.get)
        if found.missing:
            raise NotImportable(
                f"{literal(text)} needs the variable {quote(next(iter(found.missing)))}, which has "
                "no value",
                hint=SET_IT,
            )
        return found.text

    def _service(self, file: _File, name: str, chain: Chain) -> Service:
        """A service of a file, with what it extends."""
        if name in file.done:
            return file.done[name]
        table = file.services.table(name)
        if (file.label, name) in chain:
            raise NotImportable("it extends itself", hint="compose refuses that").at(table.path)
        if len(chain) > _DEEPEST:
            raise NotImportable(f"it extends more than {_DEEPEST} others").at(table.path)
        values: dict[str, Value] = {}
        extends = table.values.get("extends")
        if extends is not None and not is_reset(extends):
            try:
                base = self._extended(file, extends, (*chain, (file.label, name)))
            except NixfetchError as error:
                # Of a chain, the first and the last are named.
                raise error if chain else error.at(table.where("extends")) from None
            values.update(base.values)
        place = ": ".join(filter(None, [file.label, table.path]))
        for key in _KEYS:
            if (value := table.values.get(key)) is not None:
                where = ": ".join(filter(None, [file.label, table.where(key)]))
                try:
                    values[key] = self._value(value, where)
                except NixfetchError as error:
                    raise error.at(table.where(key)) from None
        self._reader.problems.extend(_at(one, file.label) for one in image_volumes(table))
        file.done[name] = Service(place, values, isinstance(table.values, Override))
        return file.done[name]

    def _value(self, value: Any, where: str) -> Value:
        if not isinstance(value, str):
            return Value(value, where, kind_of(value))
        found = interpolate(value, self.variables.get)
        return Value(found.text, where, value if found.missing else found.text, found.missing)

    def _extended(self, file: _File, extends: Any, chain: Chain) -> Service:
        table = Table.of({"service": extends} if isinstance(extends, str) else extends)
        name = self._text(str(table.values.get("service")))
        if table.values.get("file") is None:
            other = file
        else:
            path = self._path(table.values["file"], file.directory)
            if path not in self._others:
                whole = _table(quote(str(path)), self._reader.document(path))
                self._others[path] = _File(quote(str(path)), path.parent, services_of(whole))
            other = self._others[path]
        if name not in other.services.values:
            raise NotImportable(f"{other.label or 'this file'} has no service {literal(name)}")
        try:
            return self._service(other, name, chain)
        except NixfetchError as error:
            raise _at(error, other.label if other is not file else "") from None


SET_IT = "set it in .env beside the file, in the environment, or in a file that --env-file names"


def _table(label: str, document: Any) -> Table:
    try:
        return Table.of(document)
    except NixfetchError as error:
        raise _at(error, label) from None


def _at(error: NixfetchError, label: str) -> NixfetchError:
    return error.at(label) if label else error


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _content(service: Service) -> dict[str, Any]:
    return {key: value.value for key, value in service.values.items()}


def _normal(path: Path) -> Path:
    import os.path

    return Path(os.path.normpath(path))
