"""Arguments that the commands about one image share, and the client that they ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..base.values import replace
from ..errors import NixfetchError, UsageError
from . import login_options, options

if TYPE_CHECKING:
    import argparse

    from ..endpoints.settings import RegistrySettings
    from ..oci.platform import Platform
    from ..oci.reference import Reference
    from ..registry.client import Client


def add_reference(
    parser: argparse.ArgumentParser, file: str = "take the [registries] of this images.toml"
) -> None:
    """Declare `REF`, and the options for its registry; `file` is the help of `--file`."""
    parser.add_argument("reference", metavar="REF", help="as docker pull takes it: redis:7.4")
    group = parser.add_argument_group(
        "registry", "without these, the logins of docker and podman are used"
    )
    login_options.add_login(group)
    group.add_argument(
        "--registry",
        metavar="URL",
        help="the registry that REF is in, as in https://registry.lab:5000; http:// is plain HTTP",
    )
    group.add_argument("--file", "-f", type=Path, metavar="PATH", help=file)
    options.add_anonymous(parser)


def add_platform(parser: argparse.ArgumentParser) -> None:
    """Declare `--platform`, which chooses an image of an index."""
    parser.add_argument(
        "--platform",
        metavar="OS/ARCH[/VARIANT]",
        help="which image, where there are several (default: Linux on this machine's CPU)",
    )


def platform(arguments: argparse.Namespace) -> Platform | None:
    """The platform that `--platform` names, or None; raises `UsageError`."""
    return None if arguments.platform is None else options.read_platform(arguments.platform)


def reference(arguments: argparse.Namespace) -> Reference:
    """The reference that `REF` and `--registry` name together; raises `NixfetchError`."""
    from ..archives.local_reference import LocalReference
    from ..oci.reference import Reference

    if LocalReference.is_meant(arguments.reference):
        # No login stands in a reference that can be read, so that the place may show it.
        LocalReference.parse(arguments.reference)
        raise NixfetchError(
            "this image is in a file, and the command asks a registry",
            hint="skopeo and podman read such files",
        ).at(arguments.reference)
    if arguments.registry is None:
        return Reference.parse(arguments.reference)
    from ..endpoints.registry_url import RegistryUrl

    registry = RegistryUrl.parse(arguments.registry)
    # Without a "/" nothing in it is a host: the "7" of "redis:7" is a tag, and no port.
    named, slash, _ = arguments.reference.partition("/")
    if slash and Reference.parse(f"{named}/image").registry in {named, registry.host}:
        raise UsageError(
            f"{arguments.reference} names a registry itself; leave that out, or --registry"
        )
    return Reference.parse(f"{registry.host}/{arguments.reference}")


@contextmanager
def connected(
    arguments: argparse.Namespace, *, jobs: int = 1
) -> Iterator[tuple[Client, Reference]]:
    """A client with the login of the arguments, and the reference that they name.

    `jobs` is the number of connections. Raises `NixfetchError`.
    """
    from ..registry.client import connect
    from . import console, failures

    asked = reference(arguments)
    own = login_options.read(arguments)
    settings, directory = _settings(arguments)
    with connect(
        anonymous=arguments.anonymous,
        logins={asked.registry: own} if own is not None else {},
        registries=settings,
        directory=directory,
        connections=jobs,
        say=failures.detour,
        log=console.detail,
    ) as client:
        if arguments.registry is None:
            client.check(arguments.reference)
        yield client, asked


def settings_for_build(
    arguments: argparse.Namespace, asked: Reference, directory: Path
) -> RegistrySettings | None:
    """The settings of the registry of `asked`, or None; the CA file is relative to `directory`."""
    settings, start = _settings(arguments)
    found = settings.get(asked.registry)
    if found is None or found.ca_file is None:
        return found
    path = os.path.relpath(os.path.realpath(start / found.ca_file), os.path.realpath(directory))
    return replace(found, ca_file=Path(path))


def _settings(arguments: argparse.Namespace) -> tuple[dict[str, RegistrySettings], Path]:
    """The settings of `--file` and `--registry`, and the directory that their paths start from."""
    settings: dict[str, RegistrySettings] = {}
    directory = Path()
    if arguments.file is not None:
        from ..lockfile.project import Project

        settings |= Project.at(arguments.file).read_images().registries
        directory = arguments.file.parent
    if arguments.registry is not None:
        from ..endpoints.registry_url import RegistryUrl
        from ..endpoints.settings import RegistrySettings

        registry = RegistryUrl.parse(arguments.registry)
        if registry.plain_http is not None:
            settings[registry.host] = replace(
                settings.get(registry.host, RegistrySettings()), plain_http=registry.plain_http
            )
    return settings, directory
