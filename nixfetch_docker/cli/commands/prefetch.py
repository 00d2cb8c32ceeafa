"""`prefetch`: fetch locked images into the Nix store, with the user's own logins."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from ...base import units
from .. import console, failures, options
from ..project_file import note_if_empty, project_of

if TYPE_CHECKING:
    from ...errors import NixfetchError
    from ...lockfile.images import Images
    from ...lockfile.lock import Lock
    from ...lockfile.project import LockFile, Project
    from ...nix.prefetch import Prefetch
    from ...oci.platform import Platform


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `prefetch`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="an image of images.toml")
    parser.add_argument(
        "--dry-run", action="store_true", help="only say what would be fetched, and fetch nothing"
    )
    options.add_file(parser)
    options.add_jobs(parser)
    options.add_anonymous(parser)
    options.add_prefetch(parser)


def run(arguments: argparse.Namespace) -> int:
    """Fetch the blobs that the store lacks; print a line for every image and platform."""
    from ...lockfile import selection

    _check_usage(arguments)
    project = project_of(arguments)
    images = project.read_images()
    lock_file = project.read_lock()
    lock = lock_file.lock
    names = selection.all_or_named(images, arguments.names)
    note_if_empty(project, images)
    stale = set(names) & set(selection.out_of_date(images, lock))
    for error in _stale_errors(project, images, lock_file, sorted(stale)):
        console.error(error)
    current = [name for name in names if name not in stale]
    status = prefetch(project, images, lock, current, arguments, dry_run=arguments.dry_run)
    return 1 if stale else status


def prefetch(
    project: Project,
    images: Images,
    lock: Lock,
    names: Iterable[str],
    arguments: argparse.Namespace,
    *,
    dry_run: bool = False,
) -> int:
    """Fetch the blobs of some locked images into the store; returns the exit status.

    `arguments` has the options `--jobs`, `--anonymous` and those of `options.add_prefetch`.
    """
    from ...nix.prefetch import Prefetch
    from ...nix.store import Store
    from ...nix.wanted import passed_by, wanted_entries
    from ..progress import Wait, waiting

    entries, lacking = wanted_entries(lock, names, _platforms(arguments))
    # Without a name or a platform, a fleet of several platforms is no mistake.
    is_asked_for = bool(getattr(arguments, "names", []) or arguments.platform)
    for line in [] if is_asked_for else passed_by(lacking):
        console.note(line)
    errors = [one.error(project.update_command) for one in lacking] if is_asked_for else []
    for error in errors:
        console.error(error)
    with Wait("looking into the Nix store"):
        prefetch = Prefetch(entries, Store(os.environ, arguments.store))
    if prefetch.missing_count and not dry_run:
        blobs = units.count(prefetch.missing_count, "blob")
        with waiting(f"asking Nix's substituters for {blobs}"):
            prefetch.substitute(console.note)
    if prefetch.missing_count and not dry_run:
        _fetch(prefetch, project, images, arguments)
    if not dry_run:
        _remove_downloads(prefetch)
    for result in prefetch.results():
        console.result(result.line)
    if dry_run:
        console.result(prefetch.total())
    return 1 if errors or prefetch.has_failed else 0


def _stale_errors(
    project: Project, images: Images, lock_file: LockFile, names: Sequence[str]
) -> Iterator[NixfetchError]:
    """The errors for images that are not locked as images.toml asks; evaluation has the same."""
    from ...errors import NixfetchError
    from ...lockfile.selection import difference

    update = f"run {project.update_command}"
    if names and lock_file.text is None:
        yield NixfetchError(f"{project.lock_path} does not exist", hint=f"{update} to write it")
        return
    for name in names:
        if name not in lock_file.lock.images:
            what = f"an image '{name}' that {project.lock_path} does not have"
        else:
            change = difference(images.requests[name], lock_file.lock.images[name].request)
            what = f"the image '{name}' otherwise than {project.lock_path} has it: {change}"
        yield NixfetchError(f"{project.images_path} asks for {what}", hint=update)


def _check_usage(arguments: argparse.Namespace) -> None:
    from ...errors import UsageError

    for text in arguments.platform:
        options.read_platform(text)
    given = {"--jobs": arguments.has_jobs, "--anonymous": arguments.anonymous}
    ignored = [option for option, is_given in given.items() if is_given]
    if ignored and arguments.dry_run:
        raise UsageError(
            f"--dry-run asks no registry, so {ignored[0]} has no meaning; leave one of both out"
        )


def _platforms(arguments: argparse.Namespace) -> list[Platform] | None:
    """The platforms asked for, by default this machine's; None for all."""
    from ...oci.platform import Platform

    if arguments.all_platforms:
        return None
    given = [options.read_platform(text) for text in arguments.platform]
    return given or [Platform.of_machine(os.uname().machine)]


def _fetch(
    prefetch: Prefetch, project: Project, images: Images, arguments: argparse.Namespace
) -> None:
    """Fetch the missing blobs from registries and files; print the errors and a summary."""
    from ...nix import download_directory
    from ..fetch_lines import FetchLines
    from ..project_access import connected

    directory = download_directory.default_path(os.environ)
    failed: list[tuple[list[str], NixfetchError]] = []
    done = 0
    with (
        prefetch.alone_in(directory, console.note),
        connected(arguments, project, images) as (client, sources),
        FetchLines(prefetch.labels) as lines,
    ):
        for fetched in prefetch.fetch(
            sources, directory, jobs=arguments.jobs, on_progress=lines.show
        ):
            if fetched.error is not None:
                failed.append((prefetch.images_of(fetched.blob.digest), fetched.error))
            else:
                done += 1
    failures.show(failed)
    traffic = client.traffic
    console.note(
        f"{units.count(done, 'blob')} fetched; {units.count(traffic.requests, 'request')}, "
        f"{units.size(traffic.received_bytes)} received"
    )


def _remove_downloads(prefetch: Prefetch) -> None:
    from ...base import files
    from ...nix import download_directory

    with suppress(files.FileError):  # no home directory, or one that cannot be read
        prefetch.remove_downloads(download_directory.default_path(os.environ), console.note)
