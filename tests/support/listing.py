"""A program that lists a tree as JSON: of each file all that a container can see of it.

usage: listing.py DIRECTORY
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import sys


def listing(root: str) -> dict[str, dict[str, object]]:
    """The files below a directory by their paths, with that itself."""
    found: dict[str, dict[str, object]] = {}
    paths = [b"."]
    first_of_inode: dict[tuple[int, int], str] = {}
    for path in paths:
        full = os.path.join(os.fsencode(root), path)  # noqa: PTH118 - bytes
        try:
            status = os.lstat(full)
        except FileNotFoundError:
            # overlayfs names a whiteout in a directory that no lower layer has, and finds no file.
            continue
        name = base64.b85encode(path).decode() if not path.isascii() else path.decode()
        mode = status.st_mode
        one: dict[str, object] = {
            "mode": oct(mode),
            "owner": [status.st_uid, status.st_gid],
            "time": status.st_mtime_ns,
            "xattrs": {
                key: os.getxattr(full, key, follow_symlinks=False).hex()
                for key in sorted(os.listxattr(full, follow_symlinks=False))
            },
        }
        if stat.S_ISDIR(mode):
            paths += [path + b"/" + inner for inner in sorted(os.listdir(full))]  # noqa: PTH208 - bytes
        else:
            one["links"] = status.st_nlink
            one["same as"] = first_of_inode.setdefault((status.st_dev, status.st_ino), name)
            one["size"] = status.st_size
        if stat.S_ISREG(mode):
            with open(full, "rb") as file:  # noqa: PTH123 - bytes
                one["content"] = hashlib.file_digest(file, "sha256").hexdigest()
        elif stat.S_ISLNK(mode):
            one["target"] = os.readlink(full).hex()  # noqa: PTH115 - bytes
        elif stat.S_ISCHR(mode) or stat.S_ISBLK(mode):
            one["device"] = [os.major(status.st_rdev), os.minor(status.st_rdev)]
        found[name] = one
    return found


if __name__ == "__main__":
    json.dump(listing(sys.argv[1]), sys.stdout)
