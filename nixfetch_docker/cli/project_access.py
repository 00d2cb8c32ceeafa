"""Registries as the commands of a project reach them, by its settings and their options."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

from ..lockfile.demands import Demands
from ..lockfile.images import Images
from ..lockfile.project import Project
from ..lockfile.resolve import Resolver
from ..lockfile.sources import Sources
from ..lockfile.vouching import Vouching
from ..oci.digest import Digest
from ..registry.client import Client, connect
from . import console, failures, options, policy_options


@contextmanager
def connected(
    arguments: argparse.Namespace,
    project: Project,
    images: Images,
    *,
    connections: int | None = None,
    on_far: Callable[[], None] = lambda: None,
    keep: Callable[[Digest, bytes], None] = lambda *_: None,
) -> Iterator[tuple[Client, Sources]]:
    """A client with the settings in `images`, and the sources of the project's images.

    `arguments` have `anonymous`, and `jobs` where the command sends several requests at once; so
    many `connections` are open by default. `on_far` is that of `connect`, `keep` that of `Sources`.
    """
    with connect(
        anonymous=arguments.anonymous,
        registries=images.registries,
        directory=project.directory,
        connections=getattr(arguments, "jobs", 1) if connections is None else connections,
        on_far=on_far,
        say=failures.detour,
        log=console.detail,
    ) as client:
        yield (
            client,
            Sources(client.registries, project.directory, check=client.check, keep=keep),
        )


@contextmanager
def resolving(
    arguments: argparse.Namespace,
    project: Project,
    images: Images,
    keep: Callable[[Digest, bytes], None] = lambda *_: None,
    on_far: Callable[[], None] = lambda: None,
) -> Iterator[tuple[Resolver, Sources, Client]]:
    """A resolver of the requests in `images`, its sources, and the client that they use.

    `keep` is that of `Sources`, `on_far` that of `connect`.
    """
    most = options.far_jobs(arguments)
    # Leaving closes the connections first, so that an interrupted pool has nothing to wait for.
    with (
        ThreadPoolExecutor(most) as pool,
        connected(arguments, project, images, connections=most, on_far=on_far, keep=keep) as (
            client,
            sources,
        ),
    ):
        only_digest = getattr(arguments, "only_digest", False)
        vouch = vouching(arguments, project, images, client).vouched
        yield Resolver(sources, pool.map, only_digest=only_digest, vouch=vouch), sources, client


def vouching(
    arguments: argparse.Namespace, project: Project, images: Images, client: Client
) -> Vouching:
    """The check of who vouches for the images of a project, also by the policy of this machine."""
    demands = Demands(images, project.directory, policy_options.policy(arguments))
    return Vouching(client.registries, demands)
