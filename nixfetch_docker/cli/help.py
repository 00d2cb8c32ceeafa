"""The version, and the help on the whole program: commands, examples, exit statuses, files."""

from __future__ import annotations

from .. import __version__
from . import console
from .commands import COMMANDS, GROUPS

_WIDTH = 13
_EXAMPLES = (
    ("add redis:7.4-alpine", "pin an image in images.toml and its lock"),
    ("update --commit", "follow its tag, and commit what changed"),
    ("image redis:7.4-alpine -o - | podman load", "one image, without Nix"),
)


def version() -> str:
    """The text of `--version`: the name of the program and its version."""
    return f"{console.PROGRAM} {__version__}"


def overview() -> str:
    """The text of `--help`, in lines of at most 80 characters."""
    lines = [
        f"usage: {console.PROGRAM} COMMAND [OPTION...] [ARGUMENT...]",
        "",
        "Pin container images in images.lock.toml, and fetch them layer by layer.",
    ]
    for group in GROUPS:
        lines += ["", f"{group}:"]
        lines += [
            f"  {name:<{_WIDTH}}{command.help}"
            for name, command in COMMANDS.items()
            if command.group == group and not command.is_hidden
        ]
    lines += ["", "Examples:"]
    lines += [f"  {console.PROGRAM} {words}\n      {purpose}" for words, purpose in _EXAMPLES]
    lines += [
        "",
        "Files:",
        "  images.toml        the images that you want; in this directory, or --file PATH",
        "  images.lock.toml   beside it, what they are pinned to; commit both",
        "",
        "Exit status: 0 success, 1 an error, 2 wrong usage, 3 `--check` found changes.",
        f"`{console.PROGRAM} help COMMAND` describes one command, `man {console.PROGRAM}` all.",
    ]
    return "".join(f"{line}\n" for line in lines)
