"""What the commands about one image share: the reference, the logins, the way to its registry."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from ..errors import NixfetchError, UsageError
from . import options

if TYPE_CHECKING:
    from ..client import Client
    from ..credential_files import Login
    from ..images import RegistrySettings
    from ..platform import Platform
    from ..reference import Reference


class _Refused(argparse.Action):
    """An option that would put a secret where everybody on the machine can see it."""

    def __call__(self, parser: argparse.ArgumentParser, *_: object) -> NoReturn:
        parser.error("a password is not for the command line; pass --password-stdin")


def add_reference(parser: argparse.ArgumentParser) -> None:
    """`REF`, and how to reach it."""
    parser.add_argument("reference", metavar="REF", help="as docker pull takes it: redis:7.4")
    group = parser.add_argument_group(
        "registry", "without these, the logins of docker and podman are used"
    )
    group.add_argument("--username", "-u", metavar="NAME", help="log in under this name")
    group.add_argument(
        "--password-stdin", action="store_true", help="read the password for it from stdin"
    )
    group.add_argument("--password", "-p", nargs="?", action=_Refused, help=argparse.SUPPRESS)
    group.add_argument(
        "--token",
        metavar="TOKEN",
        help="a Bearer token, which others here can see in a list of "
        "processes: a --token-file keeps it",
    )
    group.add_argument(
        "--token-file", type=Path, metavar="FILE", help="a file with a Bearer token; - is stdin"
    )
    group.add_argument(
        "--credentials-file",
        type=Path,
        metavar="FILE",
        help="a file with the lines USERNAME=… and PASSWORD=…, or BEARER_TOKEN=…",
    )
    group.add_argument(
        "--registry",
        metavar="URL",
        help="the registry that REF is in, as in https://registry.lab:5000; http:// is plain HTTP",
    )
    group.add_argument(
        "--file", "-f", type=Path, metavar="PATH", help="take the [registries] of this images.toml"
    )
    options.add_anonymous(parser)


def add_platform(parser: argparse.ArgumentParser) -> None:
    """`--platform`: which image of an index."""
    parser.add_argument(
        "--platform",
        metavar="OS/ARCH[/VARIANT]",
        help="which image, where there are several (default: Linux on this machine's CPU)",
    )


def platform(arguments: argparse.Namespace) -> Platform | None:
    """The platform asked for, or None; raises `InvalidPlatform`."""
    from ..platform import Platform

    return None if arguments.platform is None else Platform.parse(arguments.platform)


def reference(arguments: argparse.Namespace) -> Reference:
    """The reference, in the registry that was named apart from it; raises `NixfetchError`."""
    from ..local_reference import LocalReference
    from ..reference import Reference

    if LocalReference.is_meant(arguments.reference):
        raise NixfetchError(
            "it lies in a file, and this asks a registry", hint="skopeo and podman read such files"
        ).at(arguments.reference)
    if arguments.registry is None:
        return Reference.parse(arguments.reference)
    from ..registry_url import RegistryUrl

    registry = RegistryUrl.parse(arguments.registry)
    return Reference.parse(f"{registry.host}/{arguments.reference}")


@contextmanager
def connected(
    arguments: argparse.Namespace, *, jobs: int = 1
) -> Iterator[tuple[Client, Reference]]:
    """A client that is logged in as the arguments say, and the reference they name.

    Raises `NixfetchError`.
    """
    from .. import console
    from ..client import connect

    asked = reference(arguments)
    login = _login(arguments)
    settings, directory = _settings(arguments)
    with connect(
        anonymous=arguments.anonymous,
        logins={asked.registry: login} if login is not None else {},
        registries=settings,
        directory=directory,
        connections=jobs,
        say=console.note,
        log=console.detail,
    ) as client:
        if arguments.registry is None:
            client.check(arguments.reference)
        yield client, asked


def settings_for_build(
    arguments: argparse.Namespace, asked: Reference, directory: Path
) -> RegistrySettings | None:
    """How the arguments say that a registry is reached, its CA file's path from `directory`."""
    settings, start = _settings(arguments)
    found = settings.get(asked.registry)
    if found is None or found.ca_file is None:
        return found
    path = os.path.relpath(os.path.realpath(start / found.ca_file), os.path.realpath(directory))
    return replace(found, ca_file=Path(path))


def _settings(arguments: argparse.Namespace) -> tuple[dict[str, RegistrySettings], Path]:
    """The settings of registries, and the directory that their file names are relative to."""
    settings: dict[str, RegistrySettings] = {}
    directory = Path()
    if arguments.file is not None:
        from ..project import Project

        settings |= Project.at(arguments.file).read_images().registries
        directory = arguments.file.parent
    if arguments.registry is not None:
        from ..images import RegistrySettings
        from ..registry_url import RegistryUrl

        registry = RegistryUrl.parse(arguments.registry)
        if registry.plain_http is not None:
            settings[registry.host] = replace(
                settings.get(registry.host, RegistrySettings()), plain_http=registry.plain_http
            )
    return settings, directory


def _login(arguments: argparse.Namespace) -> Login | None:
    """The login that the arguments give, if any; it is in no message."""
    given = {
        "--anonymous": arguments.anonymous,
        "--username": arguments.username is not None,
        "--token": arguments.token is not None,
        "--token-file": arguments.token_file is not None,
        "--credentials-file": arguments.credentials_file is not None,
    }
    named = [option for option, is_given in given.items() if is_given]
    if len(named) > 1:
        raise UsageError(f"{named[0]} and {named[1]} are two ways to log in; pass one")
    if (arguments.username is not None) != arguments.password_stdin:
        raise UsageError("--username and --password-stdin go together; pass both")
    if not named or arguments.anonymous:
        return None
    from ..given_login import from_credentials_file, from_password, from_token

    if arguments.username is not None:
        return from_password(arguments.username, _read_stdin())
    if arguments.token is not None:
        return from_token(arguments.token, "--token")
    if arguments.token_file == Path("-"):
        return from_token(_read_stdin(), "stdin")
    path: Path = arguments.token_file or arguments.credentials_file
    from .. import files

    try:
        text = files.read(path)
        if arguments.token_file is not None:
            return from_token(text, str(path))
        return from_credentials_file(text, str(path))
    except FileNotFoundError:
        raise files.FileError("there is no such file", hint="name the file of a login").at(
            str(path)
        ) from None
    except NixfetchError as error:
        raise error.at(str(path)) from None


def _read_stdin() -> str:
    try:
        return sys.stdin.read()
    except UnicodeDecodeError:
        raise NixfetchError("stdin is not UTF-8", hint="pass the login as text") from None
