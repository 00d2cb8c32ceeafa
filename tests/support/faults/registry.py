"""A registry on real sockets that follows the spec until a test's script makes it fail.

with faults() as registry:
    digest = registry.add("web:1", image(layer({"hello": b"hi"})))
    registry.script("GET", f"/blobs/{blob}", reset_after(100), status(503))
    …
    assert registry.lines() == ["GET /v2/web/manifests/1", …]
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from ..oci import INDEX, MANIFEST, Image, descriptor, digest, encode, index
from .answers import error_reply
from .messages import Recorded, Reply
from .server import FaultServer
from .tokens import Guard, Tokens, basic_guard

_ROUTE = re.compile(
    r"/v2/(?P<name>[a-z0-9._/-]+)/(?P<kind>manifests|blobs|referrers|tags(?=/list$))/(?P<what>[^/]+)",
    re.ASCII,
)
_FILE = re.compile(r"(?!/v2/).*/(?P<digest>sha256:[0-9a-f]{64})")
_RANGE = re.compile(r"bytes=(?P<first>\d*)-(?P<last>\d*)", re.ASCII)


class FaultRegistry(FaultServer):
    """A server of the distribution spec; also a CDN, a mirror or a token server.

    https://github.com/opencontainers/distribution-spec/blob/v1.1.0/spec.md
    """

    def __init__(
        self, *, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", prefix: str = ""
    ) -> None:
        super().__init__(tls=tls, address=address, prefix=prefix)
        self._manifests: dict[tuple[str, str], tuple[bytes, str]] = {}
        self._blobs: dict[str, bytes] = {}
        self._realms: dict[str, Tokens] = {}
        # Whether it has the API of OCI 1.1 for what refers to a manifest.
        self.lists_referrers = False
        self._guard: Guard | None = None
        self._tokens: Tokens | None = None

    def add(self, name: str, *images: Image) -> str:
        """Serve an image, or an index of several, as `repository:tag`; returns its digest."""
        repository = name.partition(":")[0]
        for one in images:
            self.add_manifest(repository, one.manifest, MANIFEST)
            for data in (one.config, *(layer.data for layer in one.layers)):
                self.add_blob(data)
        if len(images) == 1:
            return self.add_manifest(name, images[0].manifest, MANIFEST)
        return self.add_manifest(name, index(images), INDEX)

    def add_manifest(self, name: str, data: bytes, media_type: str) -> str:
        """Serve a manifest by its digest, which is returned, and by the tag in `name` if any."""
        repository, _, tag = name.partition(":")
        for reference in filter(None, (digest(data), tag)):
            self._manifests[repository, reference] = data, media_type
        return digest(data)

    def add_blob(self, data: bytes) -> str:
        """Serve a blob in every repository, and under every path outside /v2/; returns its digest.

        Such a path ends in the digest: `/cdn/sha256:…?signature=…`.
        """
        self._blobs[digest(data)] = data
        return digest(data)

    def grant_tokens(
        self,
        realm_path: str = "/token",
        *,
        at: FaultRegistry | None = None,
        require_basic: tuple[str, str] | None = None,
        refresh_token: str | None = None,
        response: Callable[[str], object] | None = None,
        challenge: Callable[[str], Sequence[str]] | None = None,
    ) -> Tokens:
        """Require a Bearer token for /v2/; `realm_path`, here or `at` another server, grants it.

        `require_basic` and `refresh_token` are the logins that the realm knows; without
        `require_basic`, a GET gets a token anonymously. `response` makes the JSON from the
        token; `challenge` makes the WWW-Authenticate values from the usual one.
        """
        server = at or self
        self._tokens = server._realms[realm_path] = Tokens(  # noqa: SLF001 - of the same class
            server.url + realm_path,
            require_basic=require_basic,
            refresh_token=refresh_token,
            response=response,
            challenge=challenge,
        )
        self._guard = self._tokens.guard
        return self._tokens

    def revoke_tokens(self) -> None:
        """Refuse all tokens that were granted so far."""
        assert self._tokens is not None, "grant_tokens comes first"
        self._tokens.revoke()

    def require_basic(self, user: str, password: str) -> None:
        """Require Basic authentication for /v2/."""
        self._guard = basic_guard(user, password)

    def refuse(self, request: Recorded) -> Reply | None:
        path = self._path(request)
        if self._guard is None or not path.startswith("/v2/") or path in self._realms:
            return None
        route = _ROUTE.fullmatch(path)
        return self._guard(request, f"repository:{route['name']}:pull" if route else None)

    def serve(self, request: Recorded) -> Reply:
        path = self._path(request)
        if path in self._realms:
            return self._realms[path].grant(request)
        if request.method not in ("GET", "HEAD"):
            return error_reply(405, "UNSUPPORTED", "this registry is for pulling")
        if path == "/v2/":
            return _json({}, {"Docker-Distribution-Api-Version": "registry/2.0"})
        if file := _FILE.fullmatch(path):
            return self._blob("", file["digest"], request)
        if route := _ROUTE.fullmatch(path):
            kinds = {"manifests": self._manifest, "blobs": self._blob, "tags": self._tags}
            if self.lists_referrers:
                kinds["referrers"] = self._referrers
            if route["kind"] in kinds:
                return kinds[route["kind"]](route["name"], route["what"], request)
        return Reply.of(404, b"404 page not found\n", {"Content-Type": "text/plain"})

    def _path(self, request: Recorded) -> str:
        """The requested path below the prefix; empty for a path outside of it."""
        inside = request.route.startswith(f"{self.prefix}/")
        return request.route.removeprefix(self.prefix) if inside else ""

    def _manifest(self, name: str, reference: str, request: Recorded) -> Reply:
        data, media_type = self._manifests.get((name, reference), (b"", ""))
        accepted = ", ".join(request.headers.all("Accept")) or "*/*"
        # CNCF Distribution does so too: it cannot convert a manifest.
        if not media_type or not ("*/*" in accepted or media_type in accepted):
            return error_reply(404, "MANIFEST_UNKNOWN", "manifest unknown")
        said = digest(data)
        fields = {"Content-Type": media_type, "Docker-Content-Digest": said, "ETag": f'"{said}"'}
        return Reply.of(200, data, fields)

    def _blob(self, _: str, name: str, request: Recorded) -> Reply:
        if name not in self._blobs:
            return error_reply(404, "BLOB_UNKNOWN", "blob unknown to registry")
        data, etag = self._blobs[name], f'"{name}"'
        fields = {
            "Content-Type": "application/octet-stream",
            "Docker-Content-Digest": name,
            "Accept-Ranges": "bytes",
            "ETag": etag,
        }
        asked = _RANGE.fullmatch(request.headers.get("Range") or "")
        changed = request.headers.get("If-Range") not in (None, etag)
        if asked is None or changed or request.method != "GET" or asked[0] == "bytes=-":
            return Reply.of(200, data, fields)
        first, last = _bounds(asked, len(data))
        if not first <= last < len(data):
            return Reply.of(416, headers={"Content-Range": f"bytes */{len(data)}"})
        fields["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
        return Reply.of(206, data[first : last + 1], fields)

    def referrers(self, name: str, subject: str) -> bytes:
        """The list of the manifests in a repository that refer to a digest."""
        entries = []
        for (repository, reference), (data, media_type) in self._manifests.items():
            document = json.loads(data)
            if (
                repository == name
                and ":" in reference
                and document.get("subject", {}).get("digest") == subject
            ):
                more = {
                    key: document[key] for key in ("artifactType", "annotations") if key in document
                }
                entries.append({**descriptor(data, media_type), **more})
        return encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})

    def _referrers(self, name: str, subject: str, request: Recorded) -> Reply:
        assert request.method == "GET"
        return Reply.of(200, self.referrers(name, subject), {"Content-Type": INDEX})

    def _tags(self, name: str, _: str, request: Recorded) -> Reply:
        references = [reference for one, reference in self._manifests if one == name]
        if not references:
            return error_reply(404, "NAME_UNKNOWN", "repository name not known to registry")
        after = request.query.get("last", [""])[0]
        tags = sorted(one for one in references if ":" not in one and one > after)
        size = int(request.query.get("n", [str(len(tags))])[0])
        page = tags[:size]
        fields = {}
        if page and len(tags) > size:
            query = urlencode({"last": page[-1], "n": size})
            fields["Link"] = f'<{request.route}?{query}>; rel="next"'
        return _json({"name": name, "tags": page}, fields)


@contextmanager
def faults(
    *, tls: ssl.SSLContext | None = None, address: str = "127.0.0.1", prefix: str = ""
) -> Iterator[FaultRegistry]:
    """Run a registry, as in `with faults() as registry, faults() as cdn:`."""
    with FaultRegistry(tls=tls, address=address, prefix=prefix) as running:
        yield running


def _bounds(asked: re.Match[str], size: int) -> tuple[int, int]:
    """The first and last byte of a range: `2-5`, `2-`, or `-3` for the last three."""
    if not asked["first"]:
        return max(0, size - int(asked["last"])), size - 1
    return int(asked["first"]), min(int(asked["last"] or size), size - 1)


def _json(document: Any, fields: dict[str, str]) -> Reply:
    return Reply.of(
        200, json.dumps(document).encode(), {"Content-Type": "application/json", **fields}
    )
