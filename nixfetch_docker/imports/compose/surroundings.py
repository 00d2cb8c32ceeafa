"""What compose files are read with, beside their own text: variables, and other files.

https://docs.docker.com/compose/how-tos/environment-variables/envvars-precedence/
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Self

from ...base.redact import quote
from ...base.values import dataclass, field, replace
from ...errors import NixfetchError
from ..found.image import absent
from .env_file import parse_env_file


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """The variables of a project of compose, and the files that it may read.

    `directory` is that of the project. `read` returns the text of a file, and raises
    `FileNotFoundError` and `NixfetchError`; without it, no other file is read. `env_files` are
    read instead of the `.env` of the directory. `environment` goes before all of them.
    """

    directory: Path = field(default_factory=Path)
    environment: Mapping[str, str] = field(default_factory=dict)
    env_files: Sequence[Path] | None = None
    read: Callable[[Path], str] | None = None

    def at(self, directory: Path) -> Self:
        """The same for a project in another directory."""
        return replace(self, directory=directory)

    def included(
        self, directory: Path, env_files: Sequence[Path] | None, variables: Mapping[str, str]
    ) -> Self:
        """Those of a project that this one includes: its `variables` go before those there."""
        return replace(self, directory=directory, environment=variables, env_files=env_files)

    def variables(self) -> dict[str, str]:
        """All variables of the project, also those of its `.env`.

        Raises `NixfetchError`, placed, for a file that is wrong, or named and not there.
        """
        found: dict[str, str] = {}
        for path in [self.directory / ".env"] if self.env_files is None else self.env_files:
            try:
                text = self.text_of(path)
                found |= parse_env_file(text, {**found, **self.environment}.get)
            except NixfetchError as error:
                raise error.at(quote(str(path))) from None
            except FileNotFoundError:
                if self.env_files is not None:
                    raise absent(path) from None
        return {**found, **self.environment}

    def text_of(self, path: Path) -> str:
        """The text of another file; raises `FileNotFoundError`, and `NixfetchError`."""
        if self.read is None:
            raise FileNotFoundError
        return self.read(path)
