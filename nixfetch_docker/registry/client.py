"""What can be asked of a registry about one image, by its reference."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..endpoints.settings import RegistrySettings
from ..errors import NixfetchError
from ..logins.credentials import Credentials, GivenLogins
from ..logins.login import Login
from ..oci.digest import Digest
from ..oci.document import MANIFEST_LIMIT, InvalidManifest, check_document
from ..oci.image import Image
from ..oci.manifest import Index, parse
from ..oci.platform import Platform
from ..oci.reference import Reference
from ..versions.version import by_version
from .connection import Connection, open_connection
from .download import Sink
from .offers import NoSuchPlatform, Walk

T = TypeVar("T")

DEFAULT_JOBS = 8


class NoSuchImage(NixfetchError):
    """An image that a tag does not lead to, or no longer."""


class Client:
    """Answers about images. Safe to use from several threads.

    Every method takes a `Reference` or its text, tag `latest` where it names none. The errors
    raised derive from `NixfetchError`, and say which image they are about.
    """

    def __init__(self, connection: Connection) -> None:
        self._registries = connection.registries
        self._network = connection.network

    def check(self, text: str) -> None:
        """Raise `NixfetchError` for the text of a reference that means another image here."""
        self._network.check(text)

    def digest(self, reference: Reference | str) -> Digest:
        """What the tag points at, an index or a manifest: by one HEAD request, as a rule."""

        def ask(asked: Reference) -> Digest:
            return self._registries.digest(asked) or self._registries.manifest(asked).digest

        return self._about(reference, ask)

    def manifest(self, reference: Reference | str) -> bytes:
        """The index or the manifest that the reference names, to the byte.

        What is kept beside images has one too: charts, signatures.
        """

        def ask(asked: Reference) -> bytes:
            return self._registries.manifest(asked, check=check_document).data

        return self._about(reference, ask)

    def platforms(self, reference: Reference | str) -> list[Platform]:
        """The platforms that there is an image for, in the index's order."""

        def ask(asked: Reference) -> list[Platform]:
            offers = Walk(self._registries, asked).offers(self._registries.manifest(asked))
            return list(dict.fromkeys(offer.platform for offer in offers))

        return self._about(reference, ask)

    def image(self, reference: Reference | str, platform: Platform | None = None) -> Image:
        """The image for one platform.

        Without a platform it is this machine's that is chosen from an index, and an image that
        has but one manifest is taken as it is. Raises `NoSuchPlatform`.
        """
        return self._about(reference, lambda asked: self._image(asked, platform))

    def config(self, image: Image) -> bytes:
        """The image's config, to the byte."""

        def ask(asked: Reference) -> bytes:
            config = image.manifest.config
            if config.size > MANIFEST_LIMIT:
                raise InvalidManifest(f"its config is said to have {config.size} bytes")
            return self._registries.small_blob(asked.name, config.digest, config.size)

        return self._about(image.reference, ask)

    def blob(
        self, reference: Reference | str, digest: Digest, sink: Sink, *, size: int | None = None
    ) -> None:
        """Write a layer, or another blob of the repository, to `sink`, verified.

        `size` in bytes is required of it where it is known. On an error what `sink` holds is of
        no use.
        """
        self._about(reference, lambda asked: self._registries.blob(asked.name, digest, size, sink))

    def find(self, reference: Reference | str, config: Digest) -> tuple[Digest, Platform]:
        """The manifest's digest and the platform of the image whose config has this digest.

        Raises `NoSuchImage` where the reference leads to none.
        """

        def ask(asked: Reference) -> tuple[Digest, Platform]:
            for offer in Walk(self._registries, asked).offers(self._registries.manifest(asked)):
                named = replace(asked.name, digest=offer.digest)
                content = self._registries.manifest(named, offer.size)
                image = Image.parse(named, content.data, content.content_type)
                if image.manifest.config.digest == config:
                    return offer.digest, offer.platform
            raise NoSuchImage(f"no image there has the config {config} any more")

        return self._about(reference, ask)

    def tags(self, reference: Reference | str) -> list[str]:
        """All tags of the repository, the newest version last."""
        return self._about(
            reference, lambda asked: by_version(self._registries.tags(asked.name)), tagged=False
        )

    def _image(self, asked: Reference, platform: Platform | None) -> Image:
        content = self._registries.manifest(asked)
        top = parse(content.data, content.content_type)
        if not isinstance(top, Index) and platform is None:
            return Image.parse(asked, content.data, content.content_type)
        offers = Walk(self._registries, asked).offers(content)
        available = [offer.platform for offer in offers]
        wanted = platform or Platform.of_machine(os.uname().machine)
        position = wanted.choose(available)
        if position is None:
            there_are = ", ".join(sorted({str(one) for one in available}))
            raise NoSuchPlatform(
                f"there is no image for {wanted}",
                hint=f"name a platform that there is: {there_are}" if there_are else "",
            )
        chosen = offers[position]
        if chosen.digest != content.digest:
            named = replace(asked.name, digest=chosen.digest)
            content = self._registries.manifest(named, chosen.size)
        image = Image.parse(asked, content.data, content.content_type)
        return replace(image, platforms=tuple(dict.fromkeys(available)))

    def _about(
        self, reference: Reference | str, ask: Callable[[Reference], T], *, tagged: bool = True
    ) -> T:
        """What `ask` says of the reference, its errors placed there."""
        if isinstance(reference, str):
            text, reference = reference, Reference.parse(reference)
            try:
                self.check(text)
            except NixfetchError as error:
                raise error.at(reference.familiar) from None
        if tagged:
            reference = reference.tagged
        try:
            return ask(reference)
        except NixfetchError as error:
            raise error.at(reference.familiar) from None


@contextmanager
def connect(
    *,
    anonymous: bool = False,
    logins: Mapping[str, Login] | None = None,
    registries: Mapping[str, RegistrySettings] | None = None,
    directory: Path = Path(),
    connections: int = DEFAULT_JOBS,
    say: Callable[[str], None] = lambda _: None,
    log: Callable[[str], None] = lambda _: None,
) -> Iterator[Client]:
    """A client for all registries, as docker and podman reach them from here.

    Logins are those of docker and podman, or none where it is to be `anonymous`; `logins`, by the
    registry's host, come before them. `registries` are as in an images.toml that is in
    `directory`. `connections` bounds those to one host at once. `say` is told of waits and
    detours, `log` of every request, a line at a time and without secrets.
    """
    own = Credentials.none() if anonymous else Credentials.from_environment(os.environ)
    with open_connection(
        registries or {},
        GivenLogins(logins or {}, own),
        say=say,
        log=log,
        directory=directory,
        connections=connections,
    ) as connection:
        yield Client(connection)
