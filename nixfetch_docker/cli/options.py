"""Options that several commands share, and types of their values."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..oci.platform import Platform

DEFAULT_JOBS = 8
# Of images whose registry is far away: each takes a few round trips, however many are asked for.
FAR_JOBS = 64
# A path that means stdin or stdout.
STDIO = Path("-")


def path_or_stdio(text: str) -> Path:
    """The path that an argument names. `-` is `STDIO`; `./-` is a file of that name."""
    path = Path(text)
    return path.absolute() if path == STDIO and text != "-" else path


def add_file(parser: argparse.ArgumentParser) -> None:
    """Declare `--file`: the path of images.toml."""
    parser.add_argument(
        "--file",
        "-f",
        type=Path,
        metavar="PATH",
        help="the images to pin; the lock is beside this file (default: images.toml, here or in a "
        "directory above, up to the root of the git repository)",
    )


def add_jobs(parser: argparse.ArgumentParser) -> None:
    """Declare `--jobs`: the number of images or blobs in work at once.

    `has_jobs` of the arguments says whether it is given.
    """
    from argparse import Action

    class Jobs(Action):
        """Stores the number, and that it was given."""

        def __call__(
            self,
            _parser: argparse.ArgumentParser,
            namespace: argparse.Namespace,
            values: object,
            _option: str | None = None,
        ) -> None:
            namespace.jobs, namespace.has_jobs = values, True

    parser.set_defaults(has_jobs=False)
    parser.add_argument(
        "--jobs",
        "-j",
        action=Jobs,
        type=positive,
        default=DEFAULT_JOBS,
        metavar="N",
        help="how many images or blobs to work on at once (default: %(default)s)",
    )


def far_jobs(arguments: argparse.Namespace) -> int:
    """How many images to resolve at once where their registry is far away."""
    return int(arguments.jobs) if arguments.has_jobs else FAR_JOBS


def add_anonymous(parser: argparse.ArgumentParser) -> None:
    """Declare `--anonymous`: use none of the user's logins."""
    parser.add_argument(
        "--anonymous",
        action="store_true",
        help="use no login; an old one can keep a registry from giving out a public image",
    )


def add_prefetch(parser: argparse.ArgumentParser) -> None:
    """Declare `--platform`, `--all-platforms` and `--store`: the blobs to fetch, and where to."""
    platforms = parser.add_mutually_exclusive_group()
    platforms.add_argument(
        "--platform",
        action="append",
        default=[],
        metavar="PLATFORM",
        help="fetch for this platform, such as linux/arm64; may be repeated "
        "(default: this machine's)",
    )
    platforms.add_argument(
        "--all-platforms", action="store_true", help="fetch for every locked platform"
    )
    parser.add_argument(
        "--store", metavar="URI", help="the Nix store to fetch into, as in Nix's own --store"
    )


def add_level(parser: argparse.ArgumentParser) -> None:
    """Declare `--quiet` and `--verbose`: the notes to print beside results and errors."""
    levels = parser.add_mutually_exclusive_group()
    levels.add_argument("--quiet", "-q", action="store_true", help="print results and errors alone")
    levels.add_argument(
        "--verbose", "-v", action="store_true", help="print every request, and URLs in errors"
    )


def read_platform(text: str, *, is_exact: bool = False) -> Platform:
    """The platform that `--platform` names; raises `UsageError`.

    With `is_exact` it must have its usual name, as in images.toml.
    """
    from ..errors import UsageError
    from ..oci.platform import InvalidPlatform, Platform

    try:
        platform = Platform.parse_asked(text)
        return Platform.parse_exact(text) if is_exact else platform
    except InvalidPlatform as error:
        raise UsageError(error.what, hint=error.hint).at("--platform") from None


def natural(text: str) -> int:
    """An integer of 0 or more; raises `argparse.ArgumentTypeError`."""
    return _integer(text, least=0)


def positive(text: str) -> int:
    """An integer of 1 or more; raises `argparse.ArgumentTypeError`."""
    return _integer(text, least=1)


def _integer(text: str, *, least: int) -> int:
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if number < least:
        from argparse import ArgumentTypeError

        raise ArgumentTypeError(f"expected an integer of {least} or more, found {text!r}")
    return number
