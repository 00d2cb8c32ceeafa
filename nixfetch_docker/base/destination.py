"""Destinations: the paths that new files are renamed to, with what is known of the old ones."""

from __future__ import annotations

import errno
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import Self

from ..errors import NixfetchError
from .values import dataclass

_MOST_LINKS = 40
_MOUNTS = Path("/proc/self/mountinfo")
# Access lists, labels of SELinux, and what users write. The others belong to the old content.
_KEPT_ATTRIBUTES = ("user.", "system.posix_acl_access", "security.selinux")
_WRITE = os.O_WRONLY | os.O_NONBLOCK | os.O_NOFOLLOW


class Irreplaceable(NixfetchError):
    """A path that a new file cannot, or must not, be renamed to, which is its place."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """A path without symbolic links; `old` is the status of what is there, None for nothing."""

    path: Path
    old: os.stat_result | None

    @classmethod
    def of(cls, path: Path) -> Self:
        """The destination that `path` means, by its symbolic links.

        In a directory where everybody may write, such as /tmp, what another user put there is
        refused, whatever its kind: it waits there for somebody to write through it. This is what
        Linux does where fs.protected_symlinks, protected_regular and protected_fifos are on:
        https://docs.kernel.org/admin-guide/sysctl/fs.html

        Raises `Irreplaceable` and `OSError`.
        """
        path = _followed(path)
        try:
            old = os.lstat(path)
        except FileNotFoundError:
            return cls(path=path, old=None)
        _check_owner(path, old)
        return cls(path=path, old=old)

    def check_file(self) -> None:
        """Check that a new file can replace what is there, before any work is done for it.

        Raises `Irreplaceable` for a device, a pipe and a mount point, and `OSError` for a directory
        and for a file that may not be written.
        """
        if self.old is None:
            return
        if stat.S_ISDIR(self.old.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(self.old.st_mode):
            hint = "name a file, or a new one"
            raise Irreplaceable("it is no regular file", hint=hint).at(str(self.path))
        try:
            os.close(os.open(self.path, _WRITE))
        except OSError as error:
            if error.errno != errno.ETXTBSY:  # A program that runs can be replaced.
                raise
        if is_mount_point(self.path):
            raise Irreplaceable(
                "it is a mount point, which cannot be replaced",
                hint="mount the directory that it is in, or name another file",
            ).at(str(self.path))

    def keep_attributes(self, handle: int) -> None:
        """Give an open new file the owner, group, mode and access list of the old one.

        Only root can give a file away: other users keep the group where it is one of theirs.
        """
        if self.old is None:
            return
        mode = stat.S_IMODE(self.old.st_mode)
        new = os.fstat(handle)
        if (new.st_uid, new.st_gid) != (self.old.st_uid, self.old.st_gid):
            try:
                os.fchown(handle, self.old.st_uid, self.old.st_gid)
            except OSError:
                mode &= 0o777  # Set-user-ID would be for another user.
                with suppress(OSError):
                    os.fchown(handle, -1, self.old.st_gid)
        if hasattr(os, "listxattr"):
            with suppress(OSError):
                for name in os.listxattr(self.path):
                    if name.startswith(_KEPT_ATTRIBUTES):
                        with suppress(OSError):
                            os.setxattr(handle, name, os.getxattr(self.path, name))
        os.fchmod(handle, mode)


def is_mount_point(path: Path, mounts: Path = _MOUNTS) -> bool:
    """Whether a file system, or a part of one, is mounted at `path`, which has no links.

    `mounts` is Linux's list, by proc_pid_mountinfo(5).
    """
    try:
        lines = mounts.read_bytes().splitlines()
    except OSError:
        return os.path.ismount(path)
    return any(line.split()[4:5] == [_escaped(path)] for line in lines)


def may_follow(status: os.stat_result, directory: os.stat_result, user: int) -> bool:
    """Whether `user` may write to, or by way of, a file or link that lies in `directory`."""
    is_shared = directory.st_mode & stat.S_ISVTX and directory.st_mode & stat.S_IWOTH
    return not is_shared or status.st_uid in (user, directory.st_uid)


def _escaped(path: Path) -> bytes:
    return b"".join(
        b"\\%03o" % byte if byte in b" \t\n\\" else bytes([byte]) for byte in os.fsencode(path)
    )


def _check_owner(path: Path, status: os.stat_result) -> None:
    if not may_follow(status, os.lstat(path.parent), os.geteuid()):
        raise Irreplaceable(
            "another user put this into a directory where everybody may write",
            hint="name another file, or remove this one",
        ).at(str(path))


def _followed(path: Path) -> Path:
    """`path` without symbolic links, as realpath(3) finds it; its last part may be missing."""
    # Not by abspath, which takes "a/.." for nothing, also where a is a link.
    rest = list(reversed((Path.cwd() / path).parts[1:]))
    at = Path("/")
    links = 0
    while rest:
        part = rest.pop()
        if part == "..":
            at = at.parent
            continue
        one = at / part
        try:
            status = os.lstat(one)
        except FileNotFoundError:
            at = one
            continue
        if not stat.S_ISLNK(status.st_mode):
            at = one
            continue
        _check_owner(one, status)
        links += 1
        if links > _MOST_LINKS:
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        meant = one.readlink()
        if meant.is_absolute():
            at = Path("/")
        rest += reversed(meant.relative_to(meant.anchor).parts)
    return at
