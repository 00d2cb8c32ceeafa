"""`update` and `lock`: resolve images and write the lock."""

from __future__ import annotations

import argparse
import functools
import os
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING

from ...base import units
from ...errors import NixfetchError, UsageError
from .. import console, failures, options, policy_options, process
from ..project_file import project_of
from .prefetch import prefetch

if TYPE_CHECKING:
    from ...lockfile.change import Change
    from ...lockfile.commit import Repository
    from ...lockfile.lock import Lock
    from ...lockfile.project import ChangedLock, Project
    from ...lockfile.report import Report
    from ...lockfile.update import Update
    from ...nix.deposit import Deposit
    from ...registry.traffic import Traffic

EXIT_CHANGES = 3
_FEW_REQUESTS = 20


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `update`."""
    parser.add_argument("names", nargs="*", metavar="NAME", help="an image of images.toml")
    configure_lock(parser)
    parser.add_argument(
        "--only-digest",
        action="store_true",
        help="keep the locked tag of every image, and take the image that it points at now",
    )


def configure_lock(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `lock`: those of `update` but for names and `--only-digest`."""
    parser.add_argument(
        "--check",
        action="store_true",
        help=f"write nothing; exit with {EXIT_CHANGES} where something would change",
    )
    forms = parser.add_mutually_exclusive_group()
    forms.add_argument("--json", action="store_true", help="print all changes as one JSON document")
    forms.add_argument(
        "--markdown", action="store_true", help="print the changes as the body of a pull request"
    )
    parser.add_argument(
        "--commit",
        action="store_true",
        help="commit to git what this run changes in the lock, and the edits behind it",
    )
    parser.add_argument(
        "--prefetch",
        action="store_true",
        help="then fetch the locked images into the Nix store, as `prefetch` does",
    )
    options.add_file(parser)
    options.add_jobs(parser)
    options.add_anonymous(parser)
    policy_options.add_policy(parser)
    options.add_prefetch(parser)


def run(arguments: argparse.Namespace) -> int:
    """Run `update`, or `lock` where the arguments have no names.

    The lock is written before anything is printed, also where the work is interrupted.
    """
    from ...lockfile.selection import all_or_named, to_lock
    from ...lockfile.update import Update

    _check_usage(arguments)
    project = project_of(arguments)
    images = project.read_images()
    lock_file = project.read_lock()
    if arguments.command == "lock":
        names = to_lock(images, lock_file.lock)
    else:
        names = all_or_named(images, arguments.names)
    # Asked by name, done by name: no other image is removed.
    by_name = bool(getattr(arguments, "names", []))
    update = Update(images, lock_file, names, removes=not by_name)
    repository = None
    if arguments.commit:
        from ...lockfile.commit import Repository

        repository = Repository.of(project, images, names if by_name else None)
    with _deposit(arguments) as deposit:
        after, traffic = _update(update, project, arguments, deposit)
        if deposit is not None:
            deposit.hand_over()
        failure = None
        if after.changed and repository is not None:
            failure = _commit(repository, update, after.lock)
        _tell(update, project, after, traffic, arguments)
        if repository is not None and failure is None:
            _note_uncommitted(repository)
        if deposit is not None:
            deposit.settle(is_needed=arguments.prefetch)
    if failure is not None:
        raise failure
    status = 0
    if arguments.prefetch:
        of_all = arguments.command == "lock"
        current = [name for name in after.lock.images if of_all or name in names]
        status = prefetch(project, images, after.lock, current, arguments)
    if update.has_failed or status:
        return 1
    return EXIT_CHANGES if arguments.check and after.changed else 0


def _deposit(arguments: argparse.Namespace) -> AbstractContextManager[Deposit | None]:
    """A deposit of what the run reads; none for a check, which writes nothing."""
    if arguments.check:
        return nullcontext()
    from ...nix.deposit import Deposit

    return Deposit(os.environ, arguments.store)


def _update(
    update: Update, project: Project, arguments: argparse.Namespace, deposit: Deposit | None
) -> tuple[ChangedLock, Traffic]:
    """Resolve the images and write the lock; the small blobs that are read go to the `deposit`.

    Where that is interrupted, write what is resolved, tell it, and raise the `KeyboardInterrupt`.
    """
    from ...lockfile.jobs import Jobs
    from ...lockfile.origin import find_origin
    from ..progress import StepCounter
    from ..project_access import resolving

    interrupt: KeyboardInterrupt | None = None
    after: ChangedLock | None = None
    keep = (lambda *_: None) if deposit is None else deposit.put
    jobs: Jobs[Change] = Jobs(arguments.jobs, options.far_jobs(arguments))
    with resolving(arguments, project, update.images, keep, jobs.widen) as (
        resolver,
        sources,
        client,
    ):
        try:
            with StepCounter(update.unresolved_count, "image") as counter:
                origin = functools.partial(find_origin, sources, log=console.detail)
                for _ in update.run(resolver.resolve, origin, jobs=jobs):
                    counter.step()
        except KeyboardInterrupt as error:
            interrupt = error
        # Before the end of the connections: no request that hangs may cost the others their pins.
        try:
            with process.holding_signals():
                after = update.write(project, dry_run=arguments.check)
        except KeyboardInterrupt as error:
            interrupt = error
        except NixfetchError:
            _print_errors(update)
            raise
        if after is None or interrupt is not None:
            if after is not None:
                _tell(update, project, after, client.traffic, arguments)
            raise interrupt or KeyboardInterrupt
    return after, client.traffic


def _commit(repository: Repository, update: Update, lock: Lock) -> NixfetchError | None:
    """Commit the changes; returns the error where that fails, as the lock is written already."""
    from ...lockfile.commit_message import commit_message

    changes = [report.change for report in update.reports]
    try:
        if not repository.commit(changes, lock, commit_message(update.reports)):
            console.note("the last commit has these changes already")
    except NixfetchError as error:
        return error
    return None


def _note_uncommitted(repository: Repository) -> None:
    """Say which files have changes of earlier runs or of the user, which --commit leaves out."""
    left = repository.uncommitted()
    if left:
        console.note(
            f"{' and '.join(left)} {'have' if left[1:] else 'has'} changes that are not of this "
            "run, so they are not committed; commit them by hand"
        )


def _check_usage(arguments: argparse.Namespace) -> None:
    if arguments.check and arguments.prefetch:
        raise UsageError("--check writes nothing, so there is nothing to --prefetch")
    if arguments.check and arguments.commit:
        raise UsageError("--check writes nothing, so there is nothing to --commit")
    for text in arguments.platform:
        options.read_platform(text)
    given = {
        "--platform": arguments.platform,
        "--all-platforms": arguments.all_platforms,
        "--store": arguments.store is not None,
    }
    ignored = [option for option, is_given in given.items() if is_given]
    if ignored and not arguments.prefetch:
        raise UsageError(f"{ignored[0]} is for --prefetch; pass both, or neither")
    if arguments.prefetch and (arguments.json or arguments.markdown):
        form = "--json" if arguments.json else "--markdown"
        raise UsageError(
            f"the lines of --prefetch would stand behind the text of {form}",
            hint="run `nixfetch-docker prefetch` afterwards",
        )


def _tell(
    update: Update,
    project: Project,
    after: ChangedLock,
    traffic: Traffic,
    arguments: argparse.Namespace,
) -> None:
    """Print what was done: errors, changes, a summary, or the JSON or the Markdown of all."""
    _print_errors(update)
    try:
        if not arguments.json and not arguments.markdown:
            _print_lines(update, is_verbose=arguments.verbose)
    finally:
        # Also where stdout is full: the lock is written.
        _print_summary(project, update, after, traffic, check=arguments.check)
    _print_all(update.reports, arguments, changed=after.changed)


def _print_errors(update: Update) -> None:
    failures.show(
        [
            ([report.change.name], report.change.error)
            for report in update.in_order
            if report.change.error is not None
        ]
    )


def _print_lines(update: Update, *, is_verbose: bool) -> None:
    """Print the changes, and with `is_verbose` also the images without one."""
    from .. import changes

    shown = [
        report
        for report in update.in_order
        if report.change.is_real
        or (report.change.error is None and (is_verbose or report.change.notes))
    ]
    changes.show(shown)


def _print_all(reports: Sequence[Report], arguments: argparse.Namespace, *, changed: bool) -> None:
    """Print the JSON or the Markdown about all images, where that is asked for."""
    if arguments.json:
        from ...base.printable import json_text
        from ...lockfile.report import document

        console.result(json_text(document(reports, changed=changed)))
    elif arguments.markdown:
        from ...lockfile.pull_request import markdown

        console.result(markdown(reports).rstrip("\n"))


def _print_summary(
    project: Project, update: Update, after: ChangedLock, traffic: Traffic, *, check: bool
) -> None:
    did = ("would change" if check else "written") if after.changed else "is as it was"
    counts = sorted((kind.value, number) for kind, number in update.counts.items())
    if update.unresolved_count:
        counts.append(("not resolved", update.unresolved_count))
    summary = ", ".join(f"{number} {kind}" for kind, number in counts)
    console.note(
        f"{project.lock_path} {did}: {summary or 'no image to resolve'}; "
        f"{units.count(traffic.requests, 'request')}, "
        f"{units.size(traffic.received_bytes)} received"
    )
    for name in update.kept:
        console.note(
            f"{project.images_path} has no image {name!r} any more; run {project.command('lock')} "
            "to remove it from the lock"
        )
    for host, left in sorted(traffic.remaining.items()):
        if left < _FEW_REQUESTS:
            console.note(f"{host} takes {left} more requests for now; log in for a higher limit")
