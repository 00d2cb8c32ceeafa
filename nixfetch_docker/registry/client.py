"""A client for images in registries: the library's, and that of the commands."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from ..endpoints.configuration import RegistryConfiguration
from ..errors import NixfetchError
from ..logins import late
from ..oci.reference import Reference
from .registries import Registries
from .traffic import Traffic
from .transport import Transport

if TYPE_CHECKING:
    from ..endpoints.settings import RegistrySettings
    from ..logins.credentials import Logins
    from ..logins.login import Login
    from ..oci.digest import Digest
    from ..oci.image import Image
    from ..oci.platform import Platform
    from .download import Sink

DEFAULT_JOBS = 8


class Client:
    """Reads images of registries. Safe to use from several threads.

    The methods take a `Reference` or its text, with the tag `latest` where it names none. The
    errors that they raise derive from `NixfetchError` and name the image.

    `registries` are the requests that these methods are made of, `traffic` counts them.
    """

    def __init__(
        self, registries: Registries, configuration: RegistryConfiguration, traffic: Traffic
    ) -> None:
        """`configuration` is this machine's configuration of registries."""
        self.registries = registries
        self.traffic = traffic
        self._configuration = configuration

    def check(self, text: str) -> None:
        """Raise `NixfetchError` where this machine gives a reference's text another meaning."""
        self._configuration.check(text)

    def digest(self, reference: Reference | str) -> Digest:
        """The digest of the index or manifest that a tag points at, by one HEAD request.

        A registry that does not know HEAD is asked for the manifest.
        """
        with self._about(reference) as asked:
            return self.registries.digest(asked) or self.registries.manifest(asked).digest

    def manifest(self, reference: Reference | str) -> bytes:
        """The bytes of the index or manifest that a reference names.

        It may be another artifact's than an image's, such as a chart's or a signature's.
        """
        with self._about(reference) as asked:
            return self.registries.manifest(asked, is_image=False).data

    def platforms(self, reference: Reference | str) -> list[Platform]:
        """The platforms of an image, each once, in the index's order."""
        from .offers import Walk

        with self._about(reference) as asked:
            offers = Walk(self.registries, asked).offers(self.registries.manifest(asked))
            return list(dict.fromkeys(offer.platform for offer in offers))

    def image(self, reference: Reference | str, platform: Platform | None = None) -> Image:
        """The image for one platform.

        Without a platform, an index gives the image for Linux on this machine's CPU, and a
        manifest is taken for any platform. Raises `NoSuchPlatform`.
        """
        from .images import read_image

        with self._about(reference) as asked:
            return read_image(self.registries, asked, platform)

    def config(self, image: Image) -> bytes:
        """The bytes of an image's config."""
        from .offers import read_config

        with self._about(image.reference) as asked:
            return read_config(self.registries, asked.name, image.manifest.config)

    def blob(
        self, reference: Reference | str, digest: Digest, sink: Sink, *, size: int | None = None
    ) -> None:
        """Write a layer, or another blob of the reference's repository, to `sink`, verified.

        With `size`, it must have that many bytes. After an error the content of `sink` is of no
        use.
        """
        with self._about(reference) as asked:
            self.registries.blob(asked.name, digest, size, sink)

    def find(self, reference: Reference | str, config: Digest) -> tuple[Digest, Platform]:
        """The manifest's digest and the platform of the image whose config has this digest.

        Raises `NoSuchImage` where the reference leads to none.
        """
        from .images import find_by_config

        with self._about(reference) as asked:
            return find_by_config(self.registries, asked, config)

    def tags(self, reference: Reference | str) -> list[str]:
        """All tags of the repository: names, pre-releases, releases, the newest last."""
        from ..versions.version import by_version

        with self._about(reference, tagged=False) as asked:
            return by_version(self.registries.tags(asked.name))

    @contextmanager
    def _about(self, reference: Reference | str, *, tagged: bool = True) -> Iterator[Reference]:
        """The reference, with a tag where `tagged`; the errors of the block name it."""
        asked = Reference.parse(reference) if isinstance(reference, str) else reference
        try:
            if isinstance(reference, str):
                self.check(reference)
            if tagged:
                asked = asked.tagged
            yield asked
        except NixfetchError as error:
            raise error.of(asked.familiar) from None


def _ignore(_line: str) -> None:
    pass


@contextmanager
def connect(
    *,
    anonymous: bool = False,
    logins: Mapping[str, Login] | None = None,
    credentials: Logins | None = None,
    registries: Mapping[str, RegistrySettings] | None = None,
    directory: Path = Path(),
    connections: int = DEFAULT_JOBS,
    on_far: Callable[[], None] = lambda: None,
    ca_file: Path | None = None,
    say: Callable[[str], None] = _ignore,
    log: Callable[[str], None] = _ignore,
) -> Iterator[Client]:
    """A client for all registries, configured as docker and podman are on this machine.

    `logins`, by the registry's host, come first. The others are those of `credentials`, by default
    those of docker and podman, or none where the client is to be `anonymous`. `registries` are the
    settings of an images.toml in `directory`. `connections` is how many may be open to one host,
    and `on_far` is called, from any thread, where one is far away. `ca_file` is the CA bundle where
    the environment names none. `say` is called with a line about each wait and each endpoint that
    fails, `log` with a line about each request; no line has a secret in it.
    """
    own = late.LateLogins(late.none if anonymous else late.from_environment)
    known: Logins = own if credentials is None or anonymous else credentials
    if logins:
        from ..logins.credentials import GivenLogins

        known = GivenLogins(logins, known)
    configuration = RegistryConfiguration(registries or {}, directory, os.environ)
    # Closed at once where the block is interrupted, so that no thread waits for a helper.
    with (
        closing(own),
        Transport(
            connections=connections,
            on_far=on_far,
            tls=configuration.tls,
            ca_file=ca_file,
            log=log,
        ) as transport,
    ):
        reached = Registries(transport, configuration.endpoints, known, notify=say)
        yield Client(reached, configuration, transport.traffic)
