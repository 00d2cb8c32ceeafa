"""What is tortured: a command, the files before it, and those after it."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from ..command import Project
from ..faults.registry import FaultRegistry
from .runs import Command, Ended, finish
from .world import State, World

_LEFTOVER = re.compile(r"\..+\.part|nixfetch-docker-.*")


class Case:
    """One command, or several at once: its files are the old ones or the new ones, and no third."""

    def __init__(
        self,
        name: str,
        project: Project,
        *commands: Sequence[str],
        again: Sequence[str] | None = None,
        registry: FaultRegistry | None = None,
        world: World | None = None,
    ) -> None:
        """The files are in `project` as they are before the command.

        `again` is the command that goes on after an interruption: the first of all, without it.
        `registry` is the one that the command asks, where it is one that can fail.
        """
        self.name = name
        self.registry = registry
        self.project = project
        self.temporary = project.directory.with_name(f"{project.directory.name}-tmp")
        self.temporary.mkdir(exist_ok=True)
        nowhere = {"NIX_REMOTE": "unix:///nowhere/socket"}
        self.env = {**project.env, "TMPDIR": str(self.temporary), **nowhere}
        self.commands = [self.command(arguments) for arguments in commands]
        self._again = self.command(again or commands[0])
        self.world = world or World(project.directory, self.temporary)
        self._copy = project.directory.with_name(f"{project.directory.name}-before")
        self.seconds = 0.0
        self.output = b""
        self.old: State = {}
        self.new: State = {}

    def command(self, arguments: Sequence[str]) -> Command:
        """A command in the project."""
        return Command(arguments=arguments, env=self.env, directory=self.project.directory)

    def prepare(self) -> None:
        """Note the files before, run the command, and note the files after it."""
        self.old = self.world.state()
        self.world.save(self._copy)
        for command in self.commands:
            ended = finish(command)
            assert ended.status == 0, f"{self.name}: {ended.stderr}"
            self.seconds = max(self.seconds, ended.seconds)
            self.output = ended.stdout
        self.new = self.world.state()

    def reset(self) -> None:
        """Make all files as they were before."""
        self.world.restore(self._copy)

    def faults_in(self, *, killed: bool) -> Iterator[str]:
        """Say what is neither old nor new; only a process that was `killed` may leave a part."""
        now = self.world.state()
        for path in {**self.old, **self.new, **now}:
            found = now.get(path)
            if found in (self.old.get(path), self.new.get(path)) or self.is_whole(path):
                continue
            if path in self.old or path in self.new:
                yield f"{path.name} is neither the old one nor the new one"
            elif not _LEFTOVER.fullmatch(path.name):
                yield f"{path.name} has a name that nothing should have"
            elif not killed:
                yield f"{path.name} was left behind"

    def leftovers(self) -> int:
        """How many things are there that are neither there before nor after the command."""
        return len(self.world.paths() - self.old.keys() - self.new.keys())

    def is_whole(self, _path: Path) -> bool:
        """Whether a file is right that is neither the old one nor the new one."""
        return False

    def is_new(self) -> bool:
        """Whether the command has done all of its work."""
        return self.world.state() == self.new

    def go_on(self) -> Iterator[Ended]:
        """Run what a person would run next."""
        yield finish(self._again)

    def faults_at_last(self) -> Iterator[str]:
        """Say what is wrong once the next run has ended well."""
        now = self.world.state()
        for path in now.keys() | self.new.keys():
            if path not in self.new:
                yield f"{path.name} is still there after the next run"
            elif now.get(path) != self.new[path]:
                yield f"{path.name} is not right after the next run"


class Directory(Case):
    """`image` into a directory, which refuses one that is complete already.

    A new directory appears whole. One that was there and empty, perhaps a mount point, is filled
    with whole files in the end; the next run goes on where that was interrupted.
    """

    def prepare(self) -> None:
        super().prepare()
        self._path = self.project.directory / "out"
        self._was_there = self._path in self.old
        self._entries = World(self._path).state()

    def is_whole(self, path: Path) -> bool:
        if path != self._path or not self._was_there or not path.is_dir():
            return False
        return all(
            self._entries.get(entry) == found or _LEFTOVER.fullmatch(entry.name)
            for entry, found in World(path).state().items()
        )

    def go_on(self) -> Iterator[Ended]:
        if not self.is_new():
            yield from super().go_on()


class Streaming(Case):
    """A command that writes to stdout, where it can take nothing back."""

    def faults_in_output(self, ended: Ended, happened: Collection[str]) -> Iterator[str]:
        """Say what is wrong with the bytes that came, after what `happened` to the command."""
        if not self.output.startswith(ended.stdout) and not self._may_be_wrong(ended, happened):
            yield "stdout got wrong bytes"
        elif ended.status == 0 and ended.stdout != self.output:
            yield "stdout got too few bytes, and status 0"

    def _may_be_wrong(self, _ended: Ended, _happened: Collection[str]) -> bool:
        return False


class Unverified(Streaming):
    """A command that passes bytes on while it verifies them, as `layer` does to a pipe.

    Its status alone tells whether they were right.
    """

    def _may_be_wrong(self, ended: Ended, happened: Collection[str]) -> bool:
        return ended.status != 0 and "wrong bytes" in happened


class Locking(Case):
    """Commands that write the lock, in which each image may be the old or the new one.

    Of several at once, each changes some. One alone writes those that are done where it is
    interrupted, or where a registry fails for the others.
    """

    def is_whole(self, path: Path) -> bool:
        if path != self.project.lock or not path.exists():
            return False
        found = _entries(path.read_text())
        return found <= self._before | self._after and len(found) >= self._least

    def prepare(self) -> None:
        self._before = _entries(self.project.lock.read_text())
        super().prepare()
        self._after = _entries(self.project.lock.read_text())
        self._least = min(len(self._before), len(self._after)) - 1


class Adding(Locking):
    """`add`, which writes images.toml and then the lock."""

    def go_on(self) -> Iterator[Ended]:
        images = self.project.images
        added = self.world.state()[images] == self.new[images]
        yield finish(self.command(["lock"]) if added else self.commands[0])


def _entries(lock: str) -> set[str]:
    """The texts of the images of a lock, and its head."""
    return {entry.strip() for entry in re.split(r"\n(?=\[images\.[^.\]]+\]\n)", lock)}
