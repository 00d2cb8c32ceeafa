"""Additions to a project: the entry that `add` appends to images.toml, and its pin in the lock."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from typing import Self

from ..base.redact import literal
from ..base.table import InvalidField
from ..base.values import dataclass
from ..errors import UsageError, placed
from ..versions.constraint import Constraint, InvalidConstraint
from . import images_text
from .change import Change, apply
from .image_name import parse_image_name
from .images import Images, Request
from .lock import LockedImage
from .place import Place, in_registry, parse_place, short_name
from .project import LockFile, Project
from .report import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Addition:
    """An image that is to be added to a project; nothing is written yet.

    `images` has the new image beside those of `old_text`, which is the text of images.toml so far.
    """

    project: Project
    name: str
    images: Images
    old_text: str
    new_text: str
    lock_file: LockFile

    @classmethod
    def prepare(
        cls,
        project: Project,
        image: str,
        *,
        name: str | None = None,
        version: str | None = None,
        platforms: Sequence[str] = (),
    ) -> Self:
        """An addition of the reference `image`, named after its repository or file by default.

        Raises `UsageError` for a name that images.toml has already or that is none, and for a
        version that is none or that the image leaves no choice for; and the errors of both files
        and of the new entry.
        """
        place = parse_place(image)
        _check_version(place, version)
        name = short_name(place) if name is None else _checked_name(name)
        old_text = project.read_images_text_if_any()
        if name in project.parse_images(old_text).requests:
            raise UsageError(f"an image is named {name!r} already", hint="give another --name")
        with placed(project.images_path):
            new_text = images_text.add_image(
                old_text, name, image, version=version, platforms=platforms
            )
        return cls(
            project=project,
            name=name,
            images=project.new_images(new_text),
            old_text=old_text,
            new_text=new_text,
            lock_file=project.read_lock(),
        )

    @property
    def request(self) -> Request:
        """The request of the new image."""
        return self.images.requests[self.name]

    def write(self, locked: LockedImage) -> Report:
        """Write images.toml and, with the pin `locked`, the lock; the report on the new image.

        Raises `FileError` where images.toml was changed since, or a file cannot be written.
        """
        before = self.lock_file.lock
        had = {blob.digest for image in before.images.values() for blob in image.blobs()}
        change = Change(name=self.name, after=locked)
        self.project.write_images(self.new_text, instead_of=self.old_text)
        self.project.change_lock(lambda lock: apply(lock, [change]), read=self.lock_file)
        return Report(change=change, had=had)


def _checked_name(name: str) -> str:
    try:
        return parse_image_name(name)
    except InvalidField as error:
        raise UsageError(f"{literal(name)} cannot name an image", hint=error.hint).at(
            "--name"
        ) from None


def _check_version(place: Place, version: str | None) -> None:
    if version is None:
        return
    if not in_registry(place):
        raise UsageError("an image in a file has no tags to follow", hint="leave out --version")
    if place != place.name:
        raise UsageError(
            f"{place} names a tag or a digest already, so --version has nothing to choose",
            hint=f"write {place.name} --version {shlex.quote(version)}, or leave out --version",
        )
    try:
        Constraint.parse(version)
    except InvalidConstraint as error:
        raise UsageError(error.what, hint=error.hint).at("--version") from None
