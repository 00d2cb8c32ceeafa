"""The services of a project of compose: those of its files, and of files that they include.

https://github.com/compose-spec/compose-spec/blob/main/13-merge.md
https://github.com/compose-spec/compose-spec/blob/main/14-include.md
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ...base.redact import quote
from ...base.table import InvalidField, Table
from ...errors import NixfetchError
from ..found.image import Findings, NotImportable
from ..yaml_files.tags import Override, Reset, is_reset
from .files import Files
from .services import File, ServiceReader, at, table_of
from .settings import project_name
from .surroundings import Surroundings
from .texts import Texts
from .values import Service, Services, services_of


class Project:
    """Files with the same variables.

    Problems of services, and sentences about images that another file replaces, go to `findings`.
    Raises `NixfetchError` for `.env` files that cannot be read.
    """

    def __init__(self, surroundings: Surroundings, files: Files, findings: Findings) -> None:
        self._surroundings = surroundings
        self._files = files
        self._findings = findings
        self._texts = Texts(surroundings)
        self.variables = self._texts.variables
        self._reader = ServiceReader(self._texts, files, findings)

    def services(self, files: Sequence[tuple[str, Any]]) -> Services:
        """The services of files, each a label for messages and the value of a parser.

        A later file overrides those before it. Raises `NixfetchError` for a project that cannot be
        read as a whole.
        """
        tables = [table_of(label, document) for label, document in files]
        name = project_name(tables, self._surroundings.directory, self.variables)
        if name is not None:
            self.variables.setdefault("COMPOSE_PROJECT_NAME", name)
        merged: Services = {}
        for (label, _), table in zip(files, tables, strict=True):
            own = self._of_file(label, table)
            if isinstance(table.values.get("services"), (Override, Reset)):
                place = ": ".join(filter(None, [label, "services"]))
                self._findings.left_out.extend(
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
            self._findings.left_out.append(
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
                self._findings.problems.append(error.at(place))
        if "services" not in table and "include" in table:
            return found
        try:
            services = services_of(table)
        except NixfetchError as error:
            raise at(error, label) from None
        file = File(label, self._surroundings.directory, services)
        for name in file.services.values:
            try:
                self._add(found, name, self._reader.service(file, name))
            except NixfetchError as error:
                self._findings.problems.append(at(error, label))
        return found

    def _add(self, found: Services, name: str, service: Service) -> None:
        """Put a service among those of a file and of what it includes."""
        if name in found and _content(found[name]) != _content(service):
            self._findings.problems.append(
                NotImportable(
                    f"the service of {found[name].place} has the same name",
                    hint="compose refuses that; rename one of the two",
                ).at(service.place)
            )
        found[name] = service

    def _include(self, entry: Any) -> Services:
        entry = {"path": entry} if isinstance(entry, str) else entry
        table = Table.of(entry)
        paths = [self._texts.path(one) for one in _listed(table.values.get("path"))]
        if not paths:
            raise InvalidField("'path' is missing")
        directory = paths[0].parent
        if table.values.get("project_directory") is not None:
            directory = self._texts.path(table.values["project_directory"])
        named = table.values.get("env_file")
        env_files = None if named is None else [self._texts.path(one) for one in _listed(named)]
        inner = self._surroundings.included(directory, env_files, self.variables)
        with self._files.included(paths) as files:
            return Project(inner, self._files, self._findings).services(files)


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _content(service: Service) -> dict[str, Any]:
    return {key: value.value for key, value in service.values.items()}
