"""Image configs: the platform of an image, its history, and how a container of it runs.

https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Self

from ..base.redact import quote
from ..base.table import Table
from ..base.units import count
from ..base.values import dataclass
from .digest import Digest
from .document import CONFIG_SHAPE, InvalidManifest, parse_object, reading
from .platform import Platform


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """A config, parsed once.

    Each property checks its own value when it is read, and raises `InvalidManifest` for a value of
    the wrong type: an image with a malformed label can still be locked.
    """

    document: Table

    @classmethod
    def parse(cls, data: bytes) -> Self:
        """Read a config's bytes; raises `InvalidManifest` for bytes that are not a JSON object."""
        return cls(parse_object(data, CONFIG_SHAPE))

    @property
    def platform(self) -> Platform:
        """The platform of the image.

        Images made before there were several platforms name none: they are linux/amd64.
        """
        with reading():
            os = self.document.get("os", str) or "linux"
            return Platform.from_table(self.document) or Platform.of(os, "amd64")

    def check_layers(self, number: int) -> None:
        """Raise `InvalidManifest` unless the config lists `number` layers, as its manifest does.

        Engines unpack as many layers as `rootfs.diff_ids` has, and refuse any other number.
        """
        self._diff_ids(number)

    def diff_ids(self, number: int) -> Sequence[Digest]:
        """The digests of the `number` layers' tars, the base layer's first.

        Raises `InvalidManifest` where they are more or fewer, or one is no digest.
        """
        with reading():
            return [Digest.parse(text) for text in self._diff_ids(number)]

    @property
    def created(self) -> str | None:
        """The date and time of the build, in RFC 3339."""
        return self._text("created")

    @property
    def author(self) -> str | None:
        """The person or program that built the image."""
        return self._text("author")

    @property
    def user(self) -> str | None:
        """The user that a container runs as."""
        return self._run_text("User")

    @property
    def working_directory(self) -> str | None:
        """The directory that a container starts in."""
        return self._run_text("WorkingDir")

    @property
    def entrypoint(self) -> Sequence[str]:
        """The program that runs every command, with its first arguments."""
        return self._run_texts("Entrypoint")

    @property
    def command(self) -> Sequence[str]:
        """The default arguments of the entrypoint, or the default command where there is none."""
        return self._run_texts("Cmd")

    @property
    def environment(self) -> Sequence[str]:
        """The environment variables, as NAME=value."""
        return self._run_texts("Env")

    @property
    def ports(self) -> Sequence[str]:
        """The ports that a container listens on, as 80/tcp."""
        return self._run_keys("ExposedPorts")

    @property
    def volumes(self) -> Sequence[str]:
        """The directories that a container keeps data in."""
        return self._run_keys("Volumes")

    @property
    def labels(self) -> Mapping[str, str]:
        """The labels, sorted by name."""
        with reading():
            labels = self._run().table_or_empty("Labels")
            return {name: labels.require(name, str) for name in sorted(labels.values)}

    @property
    def history(self) -> Sequence[str]:
        """The command that made each layer, quoted; commands that made none are left out."""
        with reading():
            steps = self.document.tables_or_empty("history")
            made = [step for step in steps if not step.get("empty_layer", bool)]
            return [quote(step.get("created_by", str) or "") for step in made]

    def _diff_ids(self, number: int) -> Sequence[str]:
        with reading():
            found = self.document.table("rootfs").strings("diff_ids") or []
        if len(found) != number:
            raise InvalidManifest(
                f"it lists {count(len(found), 'layer')}, and its manifest {number}",
                hint="no engine loads that; push the image again",
            )
        return found

    def _run(self) -> Table:
        """The values that a container runs with; the image spec calls them `config` too."""
        return self.document.table_or_empty("config")

    def _text(self, key: str) -> str | None:
        with reading():
            return self.document.get(key, str)

    def _run_text(self, key: str) -> str | None:
        with reading():
            return self._run().get(key, str)

    def _run_texts(self, key: str) -> Sequence[str]:
        with reading():
            return self._run().strings(key) or []

    def _run_keys(self, key: str) -> Sequence[str]:
        with reading():
            return sorted(self._run().table_or_empty(key).values)
