"""`import --check`: whether images.toml has what the files have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..base import units
from . import console, failures
from .project_file import project_of

if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from ..imports.found.image import Findings

EXIT_DIFFERENT = 3


def compare_files(arguments: argparse.Namespace, find: Callable[[], Findings]) -> int:
    """Print where the images that `find` returns and those of images.toml differ.

    The exit status is 3 where they do, else 1 where some image of the files is not known.
    """
    from ..imports.comparison import compare

    project = project_of(arguments)
    images = project.read_images()
    comparison = compare(find(), images, str(project.images_path))
    failures.show([(error.subjects[:1], error) for error in comparison.problems])
    if arguments.json:
        from ..base.printable import json_text

        console.result(json_text(comparison.document))
    else:
        for text in comparison.notes:
            console.note(text)
        for difference in comparison.differences:
            console.result(difference.text)
        if not comparison.differences:
            count = units.count(comparison.count, "image")
            known = "" if comparison.is_certain else ", as far as they could be read"
            console.result(f"{project.images_path} has the {count} of the files{known}")
    if comparison.differences:
        return EXIT_DIFFERENT
    return 0 if comparison.is_certain else 1
