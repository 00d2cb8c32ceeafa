"""The texts of compose files, with the values of their variables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ...base.redact import literal, quote
from ...base.table import Table, kind_of
from ..found.image import NotImportable
from .files import refuse_remote
from .interpolation import interpolate
from .surroundings import Surroundings
from .values import Value

SET_IT = "set it in .env beside the file, in the environment, or in a file that --env-file names"


class Texts:
    """Puts the variables of a project into texts of its files.

    `variables` may be added to. Raises `NixfetchError` for `.env` files that cannot be read.
    """

    def __init__(self, surroundings: Surroundings) -> None:
        self.variables = surroundings.variables()
        self._directory = surroundings.directory

    def text(self, text: str) -> str:
        """A text, whose variables must have values; raises `NotImportable`."""
        found = interpolate(text, self.variables.get)
        if found.missing:
            raise NotImportable(
                f"{literal(text)} needs the variable {quote(next(iter(found.missing)))}, which has "
                "no value",
                hint=SET_IT,
            )
        return found.text

    def path(self, text: Any, directory: Path | None = None) -> Path:
        """A path from `directory`, or else from that of the project; raises `NixfetchError`."""
        import os.path

        found = self.text(Table({"path": text}).require("path", str))
        refuse_remote(found)
        base = self._directory if directory is None else directory
        # As compose does, without a look at the disk: two paths of one file are equal.
        return Path(os.path.normpath(base / found))

    def value(self, value: Any, where: str) -> Value:
        """The value of a key of a service, which may lack those of variables."""
        if not isinstance(value, str):
            return Value(value, where, kind_of(value))
        found = interpolate(value, self.variables.get)
        return Value(found.text, where, value if found.missing else found.text, found.missing)
