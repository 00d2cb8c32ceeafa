"""Options that several commands share."""

from __future__ import annotations

import argparse
from pathlib import Path

DEFAULT_JOBS = 8


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
