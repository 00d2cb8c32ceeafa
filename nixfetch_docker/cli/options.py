"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

DEFAULT_JOBS = 8
# Stdin or stdout, in the place of a file.
STDIO = Path("-")


def path_or_stdio(text: str) -> Path:
    """The path that an argument names, `-` being stdin or stdout, and `./-` a file."""
    path = Path(text)
    return path.absolute() if path == STDIO and text != "-" else path


def add_file(parser: argparse.ArgumentParser) -> None:
    """`--file`: where images.toml is."""
    parser.add_argument(
        "--file",
        "-f",
        type=Path,
        default=Path("images.toml"),
        metavar="PATH",
        help="the images asked for; the lock is beside it (default: %(default)s)",
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """`--jobs`: how much is done at once."""
    parser.add_argument(
        "--jobs",
        "-j",
        type=positive,
        default=DEFAULT_JOBS,
        metavar="N",
        help="how many images to resolve at once (default: %(default)s)",
    )


def add_anonymous(parser: argparse.ArgumentParser) -> None:
    """`--anonymous`: leave the person's logins alone."""
    parser.add_argument(
        "--anonymous",
        action="store_true",
        help="use no login, as when an old one keeps a registry from giving public images",
    )


def add_prefetch(parser: argparse.ArgumentParser) -> None:
    """`--platform`, `--all-platforms` and `--store`: what goes where."""
    platforms = parser.add_mutually_exclusive_group()
    platforms.add_argument(
        "--platform",
        action="append",
        default=[],
        metavar="PLATFORM",
        help="for this platform, such as linux/arm64; may be repeated (default: this machine's)",
    )
    platforms.add_argument(
        "--all-platforms", action="store_true", help="for every platform that is locked"
    )
    parser.add_argument("--store", metavar="URI", help="the Nix store, as Nix's own --store")


def add_level(parser: argparse.ArgumentParser) -> None:
    """`--quiet` and `--verbose`: how much is said beside results and errors."""
    levels = parser.add_mutually_exclusive_group()
    levels.add_argument("--quiet", "-q", action="store_true", help="print results and errors alone")
    levels.add_argument("--verbose", "-v", action="store_true", help="print every request")


def natural(text: str) -> int:
    """A number that is not negative."""
    number = int(text)
    if number < 0:
        raise ValueError(text)
    return number


def positive(text: str) -> int:
    """A number of one or more."""
    number = natural(text)
    if number == 0:
        raise ValueError(text)
    return number
