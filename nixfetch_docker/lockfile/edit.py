"""Edits of both files of a project that ask no registry: `remove`, `freeze` and `unfreeze`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Self

from ..base.values import dataclass, replace
from ..errors import UsageError, placed
from . import images_text
from .images import Images
from .lock import Lock, LockedImage
from .project import LockFile, Project
from .selection import all_or_named, choose_from


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """An edit of the images `names`, each once; nothing is written yet.

    `images` is what images.toml says after it, and `old_text` and `new_text` are its texts.
    `read` is the lock so far.
    """

    project: Project
    names: Sequence[str]
    images: Images
    old_text: str
    new_text: str
    read: LockFile

    @classmethod
    def removal(cls, project: Project, names: Sequence[str]) -> Self:
        """The removal of images from both files, also of those that only one of them has.

        Raises `UsageError` for a name that neither has, `NotEditable`, and the errors of both
        files.
        """
        text = old_text = project.read_images_text()
        images, read = project.parse_images(text), project.read_lock()
        known = dict.fromkeys([*images.requests, *read.lock.images])
        for name in names:
            if name not in known:
                raise UsageError(f"no image is named {name!r}", hint=choose_from(known, name))
        chosen = [name for name in known if name in names]
        with placed(project.images_path):
            for name in chosen:
                if name in images.requests:
                    text = images_text.remove_image(text, name)
        return cls._of(project, chosen, old_text, text, read)

    @classmethod
    def freezing(cls, project: Project, names: Sequence[str], *, frozen: bool) -> Self:
        """An edit after which images keep their pins or, without `frozen`, do not any more.

        Raises `UsageError` for a name that images.toml does not have and for an image without a pin
        to keep, `NotEditable`, and the errors of both files.
        """
        text = old_text = project.read_images_text()
        images, read = project.parse_images(text), project.read_lock()
        chosen = all_or_named(images, names)
        with placed(project.images_path):
            for name in chosen:
                request = images.requests[name]
                if frozen:
                    _check_pin(name, images, read.lock, project)
                if bool(request.frozen) == frozen:
                    continue
                if frozen:
                    text = images_text.set_key(text, name, "frozen", "true")
                else:
                    text = images_text.delete_key(text, name, "frozen")
        return cls._of(project, chosen, old_text, text, read)

    @classmethod
    def _of(
        cls, project: Project, names: Sequence[str], old_text: str, text: str, read: LockFile
    ) -> Self:
        return cls(
            project=project,
            names=names,
            images=project.new_images(text),
            old_text=old_text,
            new_text=text,
            read=read,
        )

    @property
    def before(self) -> dict[str, LockedImage | None]:
        """The pin that each of the images had; None for an image that was not locked."""
        return {name: self.read.lock.images.get(name) for name in self.names}

    def write(self) -> bool:
        """Write images.toml and then the lock; returns whether either is another one.

        Where only the first is written, the lock has too much, or a pin that asks for a `lock`: the
        same edit once more ends it. Raises `FileError`, also where images.toml was changed since.
        """
        if self.new_text != self.old_text:
            self.project.write_images(self.new_text, instead_of=self.old_text)
        if self.read.text is None:
            return self.new_text != self.old_text
        after = self.project.change_lock(self._applied, read=self.read)
        return after.changed or self.new_text != self.old_text

    def _applied(self, lock: Lock) -> Lock:
        pins = dict(lock.images)
        for name in self.names:
            request = self.images.requests.get(name)
            if request is None:
                pins.pop(name, None)
            elif name in pins:
                pin = pins[name]
                asked = replace(pin.request, frozen=request.frozen)
                pins[name] = replace(pin, request=asked)
        return Lock(images=pins)


def _check_pin(name: str, images: Images, lock: Lock, project: Project) -> None:
    """Raise for an image whose pin is not there, or answers another entry."""
    pin, request = lock.images.get(name), images.requests[name]
    hint = f"run {project.command('lock')} first"
    if pin is None:
        raise UsageError(f"{name} is not locked yet, so it has no pin to keep", hint=hint)
    if replace(pin.request, frozen=request.frozen) != request:
        raise UsageError(
            f"{name} is locked for another entry than the one in images.toml, so its pin cannot be "
            "kept",
            hint=hint,
        )
