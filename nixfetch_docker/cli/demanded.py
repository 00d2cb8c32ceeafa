"""Who must have signed an image that a command names: what the images.toml here says of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import argparse

    from ..oci.reference import Reference
    from ..signatures.signer import Requirement


def take_images(arguments: argparse.Namespace) -> None:
    """Set `file` of the arguments, where none is given, to the nearest images.toml, if any."""
    if arguments.file is None:
        from ..lockfile.search import find_images

        path = find_images()
        arguments.file = path if path.is_file() else None


def demanded_of(arguments: argparse.Namespace, asked: Reference) -> tuple[Requirement, ...]:
    """What must hold for an image, by `file` of the arguments; raises `NixfetchError`."""
    if arguments.file is None:
        return ()
    from ..lockfile.demands import Demands
    from ..lockfile.project import Project

    project = Project.at(arguments.file)
    return Demands(project.read_images(), project.directory).of_image(asked)
