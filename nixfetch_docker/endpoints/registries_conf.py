"""registries.conf, in which podman and skopeo keep the locations of images. It is only read.

The rules are those of containers-registries.conf(5) and containers-registries.conf.d(5):
https://github.com/containers/image/blob/v5.34.2/docs/containers-registries.conf.5.md
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from pathlib import Path
from typing import Self

from ..base import files, toml
from ..base.redact import literal
from ..base.table import InvalidField, Table
from ..base.values import dataclass, field, replace
from ..errors import NixfetchError
from ..oci.reference import DOCKER_HUB, Reference
from .conf_files import DROP_INS, NAME, SYSTEM_DIRECTORY, VARIABLE, user_directory
from .location import Location, Locations
from .registry_rule import RegistryRule

_HINT = "make it readable, or remove it"


class AmbiguousName(NixfetchError):
    """A short name that names another image for podman than for nixfetch-docker."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alias:
    """The repository that a short name stands for; None revokes the alias of an earlier file.

    `place` names the file and the key.
    """

    target: Reference | None
    place: str

    @classmethod
    def from_table(cls, table: Table, name: str, source: str) -> Self:
        """Read the entry `name` of `[aliases]`; raises `InvalidField`."""
        place = f"{source}: {table.where(name)}"
        text = table.require(name, str)
        if not text:
            return cls(target=None, place=place)
        target = table.parse(name, Reference.parse)
        if target != target.name or _is_short(text, target):
            raise InvalidField(
                f"{literal(text)} is not the full name of a repository",
                hint="write HOST/NAME without a tag",
            ).at(table.where(name))
        return cls(target=target, place=place)


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistriesConf:
    """The rules of all files by prefix, and their aliases by short name.

    `unqualified-search-registries` is ignored: nixfetch-docker reads a short name as docker.io's.
    """

    rules: Mapping[str, RegistryRule] = field(default_factory=dict)
    aliases: Mapping[str, Alias] = field(default_factory=dict)

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], *, system: Path = SYSTEM_DIRECTORY
    ) -> Self:
        """Read the files that podman reads; the result is empty where there are none.

        A file that `CONTAINERS_REGISTRIES_CONF` names is read alone. Otherwise, the user's file
        and drop-ins replace those of the directory `system`. Without the user's file, the user's
        drop-ins are read after the system's. Raises `NixfetchError`, which names the file.
        """
        if named := environment.get(VARIABLE):
            conf = cls._read(Path(named))
            if conf is None:
                raise files.FileError(
                    "there is no such file", hint=f"correct or unset {VARIABLE}"
                ).at(named)
            return conf
        user = user_directory(environment)
        directories = [system] if user is None else [system, user]
        conf = None if user is None else cls._read(user / NAME)
        if conf is None:
            conf = cls._read(system / NAME) or cls()
        else:
            directories.remove(system)
        for directory in directories:
            for path in _drop_ins(directory):
                conf = conf.updated(cls._read(path) or cls())
        return conf

    @classmethod
    def parse(cls, text: str, source: str) -> Self:
        """Read the text of one file; raises `NixfetchError`.

        Errors name the file, which is `source`, with a line or a dotted path.
        """
        try:
            document = toml.parse(text)
            _refuse_version_1(document)
            rules = [
                RegistryRule.from_table(table, source)
                for table in document.tables_or_empty("registry")
            ]
            aliases = document.table_or_empty("aliases")
            return cls(
                # Of several rules with one prefix in one file, the first applies.
                rules={rule.prefix: rule for rule in reversed(rules)},
                aliases={name: Alias.from_table(aliases, name, source) for name in aliases.values},
            )
        except NixfetchError as error:
            raise error.at(source) from None

    @classmethod
    def _read(cls, path: Path) -> Self | None:
        """Read one file; None where it does not exist."""
        try:
            text = files.read(path)
        except FileNotFoundError:
            return None
        except NixfetchError as error:
            error.hint = error.hint or _HINT
            raise error.at(str(path)) from None
        return cls.parse(text, str(path))

    def updated(self, later: Self) -> Self:
        """Both together; of two rules for one prefix, or two aliases of one name, the later's."""
        return replace(
            self,
            rules={**self.rules, **later.rules},
            aliases={**self.aliases, **later.aliases},
        )

    def locations(self, image: Reference) -> Locations:
        """The locations of an image, by the rule with the longest prefix of its name.

        Without a rule, the only location is the one that the image's name gives. Raises
        `InvalidField`.
        """
        covering = [rule for rule in self.rules.values() if rule.covers(image)]
        if covering:
            return max(covering, key=attrgetter("rank")).locations(image)
        return Locations(origin=Location(host=image.registry, repository=image.repository))

    def check_short_name(self, text: str) -> None:
        """Raise `AmbiguousName` for a reference's text that is a short name for another image.

        Only a short name can have an alias. Raises `InvalidReference` for a text that is not a
        reference.
        """
        image = Reference.parse(text)
        if not _is_short(text, image):
            return
        alias = self.aliases.get(text.partition("@")[0].partition(":")[0])
        if alias is None or alias.target is None or alias.target == image.name:
            return
        aliased = replace(alias.target, tag=image.tag, digest=image.digest)
        raise AmbiguousName(
            f"the short name {literal(text)} is {aliased} for podman, "
            f"and {image} for nixfetch-docker",
            hint="write the full name of the image that you mean",
        ).at(alias.place)


def _drop_ins(directory: Path) -> list[Path]:
    folder = directory / DROP_INS
    try:
        return sorted(
            path for path in folder.iterdir() if path.suffix == ".conf" and not path.is_dir()
        )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise files.unreadable(folder, error, hint=_HINT) from None


def _refuse_version_1(document: Table) -> None:
    if not isinstance(document.values.get("registries"), dict):
        return
    old = document.table_or_empty("registries")
    for key, setting in (("insecure", "insecure"), ("block", "blocked")):
        # NixOS writes version 1 by default, with a search list alone, which is ignored in version
        # 2 as well. The other two settings must not be lost silently.
        if old.table_or_empty(key).strings("registries"):
            raise InvalidField(
                "version 1 of the format is not supported",
                hint=f"write a [[registry]] with its location and {setting} = true",
            ).at(old.where(key))


def _is_short(text: str, image: Reference) -> bool:
    """Whether `text`, the text of the reference `image`, names no registry."""
    first, slash, _ = text.partition("/")
    return image.registry == DOCKER_HUB and not (slash and first.endswith(DOCKER_HUB))
