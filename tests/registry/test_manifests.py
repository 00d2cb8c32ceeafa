"""Manifests and indexes: digests, types, sizes, encodings, and hostile ones."""

from __future__ import annotations

import gzip
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from support.faults.answers import (
    body,
    chain,
    drip,
    endless_body,
    gzip_encoded,
    headers,
    html,
    json_error,
    no_content_length,
    status,
    truncate_after,
    wrong_bytes,
)
from support.faults.client import BLOB, WEB, MakeClient
from support.faults.registry import FaultRegistry
from support.faults.server import Answer, Exchange
from support.oci import CONFIG, INDEX, MANIFEST, descriptor, digest, encode, image, index, layer

MANIFESTS = "/v2/web/manifests"
OTHER = image(layer({"other": b"ho"}))
LIMIT = 4 * 1024 * 1024
WRONG = "the registry, or something on the way, sends wrong bytes"
Document = dict[str, Any]
DESCRIPTOR = {"mediaType": CONFIG, "digest": digest(BLOB), "size": len(BLOB)}


class TestDigest:
    def test_the_body_must_have_the_digest(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script(
            "GET",
            WEB.digest,
            body(OTHER.manifest, {"Docker-Content-Digest": WEB.digest, "Content-Type": MANIFEST}),
        )
        made = client(registry)
        assert made.fails(made.data, f"web@{WEB.digest}") == (
            f"GET {registry.url}{MANIFESTS}/{WEB.digest}: asked for {WEB.digest}, "
            f"got {OTHER.digest}; {WRONG}"
        )

    def test_the_body_must_have_the_digest_of_the_header(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", "/manifests/1", headers({"Docker-Content-Digest": OTHER.digest}))
        made = client(registry)
        message = made.fails(made.data)
        assert WEB.digest in message
        assert OTHER.digest in message

    @pytest.mark.parametrize("value", [None, OTHER.digest, "garbage", "sha256:../../x", ""])
    def test_the_header_does_not_count_for_a_known_digest(
        self, registry: FaultRegistry, client: MakeClient, value: str | None
    ) -> None:
        registry.script("GET", WEB.digest, headers({"Docker-Content-Digest": value}))
        content = client(registry).manifest(f"web@{WEB.digest}")
        assert (content.data, str(content.digest)) == (WEB.manifest, WEB.digest)

    def test_without_a_header_the_digest_is_that_of_the_body(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", "/manifests/1", headers({"Docker-Content-Digest": None}))
        assert str(client(registry).manifest().digest) == WEB.digest

    @pytest.mark.parametrize(
        "value", ["garbage", "sha256:../../../etc/passwd", "md5:" + "0" * 32, "x" * 50_000]
    )
    def test_a_header_that_is_no_digest_is_an_error(
        self, registry: FaultRegistry, client: MakeClient, value: str
    ) -> None:
        """The message names the header and the registry, and is no longer than a line."""
        registry.script("GET", "/manifests/1", headers({"Docker-Content-Digest": value}))
        made = client(registry)
        message = made.fails(made.data)
        assert message.startswith(
            f"GET {registry.url}{MANIFESTS}/1: its Docker-Content-Digest header: '{value[:40]}"
        )
        assert message.endswith(" is not a digest; tell the registry's operator")

    def test_the_body_must_have_the_known_size(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(registry)
        name = f"web@{WEB.digest}"
        assert made.manifest(name, len(WEB.manifest)).data == WEB.manifest
        assert made.fails(made.manifest, name, len(WEB.manifest) - 1)
        assert made.fails(made.manifest, name, len(WEB.manifest) + 1)


class TestHead:
    def test_a_digest_costs_one_head(self, registry: FaultRegistry, client: MakeClient) -> None:
        assert client(registry).digest() == WEB.digest
        assert registry.lines() == [f"HEAD {MANIFESTS}/1"]
        accepted = registry.requests[0].headers["Accept"]
        for kind in (MANIFEST, INDEX, "application/vnd.docker.distribution.manifest.list.v2+json"):
            assert kind in accepted

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(headers({"Docker-Content-Digest": None}), id="no digest"),
            pytest.param(headers({"Docker-Content-Digest": "garbage"}), id="garbage"),
            pytest.param(headers({"Docker-Content-Digest": ""}), id="empty"),
            pytest.param(json_error(404, "MANIFEST_UNKNOWN"), id="404"),
            pytest.param(json_error(405, "UNSUPPORTED"), id="405"),
            pytest.param(status(501), id="501"),
            pytest.param(status(400), id="400"),
            pytest.param(status(403), id="403"),
        ],
    )
    def test_where_head_fails_the_digest_is_unknown(
        self, registry: FaultRegistry, client: MakeClient, answer: Answer
    ) -> None:
        registry.script("HEAD", "/manifests/1", answer)
        made = client(registry)
        locked = made.resolve()
        asked = len(registry.requests)
        assert made.resolve(previous=locked) == locked
        assert registry.lines()[asked : asked + 2] == [f"HEAD {MANIFESTS}/1", f"GET {MANIFESTS}/1"]

    def test_a_tag_that_did_not_move_costs_one_head(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        made = client(registry)
        locked = made.resolve()
        asked = len(registry.requests)
        assert made.resolve(previous=locked) is locked
        assert registry.lines()[asked:] == [f"HEAD {MANIFESTS}/1"]

    def test_a_body_after_head_is_ignored(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        def with_body(exchange: Exchange) -> None:
            exchange.connection.send(exchange.reply.head + WEB.manifest)
            exchange.connection.close()

        registry.script("HEAD", "/manifests/1", with_body)
        made = client(registry)
        assert made.digest() == WEB.digest
        assert made.data() == WEB.manifest


class TestContentType:
    @pytest.mark.parametrize(
        "value",
        [
            f"{MANIFEST}; charset=utf-8",
            MANIFEST.upper(),
            "text/plain",
            "text/plain; charset=utf-8",
            "application/json",
            "application/octet-stream",
            "",
            None,
            INDEX,
            ";;;",
        ],
    )
    def test_the_type_in_the_body_counts(
        self, registry: FaultRegistry, client: MakeClient, value: str | None
    ) -> None:
        registry.script("GET", "/manifests/1", headers({"Content-Type": value}))
        locked = client(registry).resolve()
        assert str(locked.digest) == WEB.digest

    @pytest.mark.parametrize(
        "value", [f"{MANIFEST};charset=utf-8", "text/plain", "application/json", None]
    )
    def test_the_header_counts_for_a_body_without_a_type(
        self, registry: FaultRegistry, client: MakeClient, value: str | None
    ) -> None:
        document = json.loads(WEB.manifest)
        del document["mediaType"]
        name = registry.add_manifest("web:2", encode(document), MANIFEST)
        registry.script("GET", "/manifests/2", headers({"Content-Type": value}))
        assert str(client(registry).resolve("web:2").digest) == name


class TestSize:
    def test_a_manifest_at_the_limit_is_read(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        data = WEB.manifest + b" " * (LIMIT - len(WEB.manifest))
        registry.add_manifest("web:2", data, MANIFEST)
        assert client(registry).data("web:2") == data

    @pytest.mark.parametrize("form", ["told", "not told", "encoded"])
    def test_a_manifest_over_the_limit_is_refused(
        self, registry: FaultRegistry, client: MakeClient, form: str
    ) -> None:
        data = WEB.manifest + b" " * (LIMIT + 1 - len(WEB.manifest))
        registry.add_manifest("web:2", data, MANIFEST)
        if form != "told":
            answer = gzip_encoded() if form == "encoded" else no_content_length(chunked=True)
            registry.script("GET", "/manifests/2", answer)
        made = client(registry)
        assert made.fails(made.data, "web:2") == (
            f"GET {registry.url}{MANIFESTS}/2: the manifest is larger than {LIMIT} bytes; "
            "no manifest of an image is"
        )

    def test_an_endless_manifest_is_refused(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", "/manifests/1", endless_body())
        made = client(registry)
        assert _peak(lambda: made.fails(made.data)) < 32 * 1024 * 1024

    def test_a_gzip_bomb_is_refused(self, registry: FaultRegistry, client: MakeClient) -> None:
        bomb = gzip.compress(bytes(128 * 1024 * 1024), 9)
        registry.script("GET", "/manifests/1", body(bomb, {"Content-Encoding": "gzip"}))
        made = client(registry)
        assert _peak(lambda: made.fails(made.data)) < 32 * 1024 * 1024

    def test_a_gzip_bomb_in_a_bomb_is_refused(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        bomb = gzip.compress(gzip.compress(bytes(128 * 1024 * 1024), 9), 9)
        registry.script("GET", "/manifests/1", body(bomb, {"Content-Encoding": "gzip, gzip"}))
        made = client(registry)
        assert _peak(lambda: made.fails(made.resolve)) < 32 * 1024 * 1024

    def test_endless_bytes_after_gzip_are_refused(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        def answer(exchange: Exchange) -> None:
            head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n"
            exchange.connection.send(head + gzip.compress(b"{}"))
            for _ in range(256):  # as good as endless, but a test that fails ends
                exchange.connection.send(b" " * 65_536)
            exchange.connection.close()

        registry.script("GET", "/manifests/1", answer)
        made = client(registry)
        assert _peak(lambda: made.fails(made.resolve)) < 12 * 1024 * 1024

    @pytest.mark.parametrize("path", ["/manifests/1", "/tags/list"])
    def test_a_trickle_counts_as_stalled(
        self, registry: FaultRegistry, client: MakeClient, path: str
    ) -> None:
        """Four mebibytes at 20 bytes a second are more than two days."""
        registry.script("GET", path, *[chain(body(b" " * 70), drip(20))] * 3)
        made = client(registry)
        started = time.monotonic()
        assert "bytes came in" in made.fails(made.data if "1" in path else made.tags)
        assert time.monotonic() - started < 3


class TestEncoding:
    def test_gzip_is_decoded(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script("GET", "/manifests/1", gzip_encoded())
        assert client(registry).data() == WEB.manifest

    def test_a_wrong_content_encoding_is_ignored(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", "/manifests/1", headers({"Content-Encoding": "gzip"}))
        assert client(registry).data() == WEB.manifest

    def test_broken_gzip_is_an_error(self, registry: FaultRegistry, client: MakeClient) -> None:
        coded = bytearray(gzip.compress(WEB.manifest, mtime=0))
        coded[20] ^= 0xFF
        registry.script("GET", "/manifests/1", body(bytes(coded), {"Content-Encoding": "gzip"}))
        made = client(registry)
        assert made.fails(made.data).startswith(f"GET {registry.url}{MANIFESTS}/1: ")


def _changed(**fields: object) -> bytes:
    return encode({**json.loads(WEB.manifest), **fields})


def _with_config(**fields: object) -> bytes:
    return _changed(config={**descriptor(WEB.config, CONFIG), **fields})


class TestHostile:
    """Documents that are refused with what is wrong, and where."""

    @pytest.mark.parametrize(
        ("data", "what"),
        [
            pytest.param(
                _changed(manifests=[]), "it has the keys of a manifest and of an index", id="both"
            ),
            pytest.param(
                encode({**json.loads(index([WEB])), "layers": []}),
                "it has the keys of a manifest and of an index",
                id="both, an index",
            ),
            pytest.param(WEB.manifest[:-1] + b"\xff}", "it is not JSON", id="invalid UTF-8"),
            pytest.param(
                b'{"schemaVersion": 2, ' + WEB.manifest[1:],
                "schemaVersion: this key is there twice",
                id="duplicate key",
            ),
            pytest.param(b"", "it is not JSON", id="empty"),
            pytest.param(b"[]", "", id="array"),
            pytest.param(b"null", "", id="null"),
            pytest.param(b"[" * 100_000, "it is not JSON", id="deep"),
            pytest.param(b'{"a":' * 100_000, "it is not JSON", id="deep objects"),
            pytest.param(WEB.manifest[:-9], "it is not JSON", id="truncated"),
            pytest.param(_with_config(size="7"), "config.size", id="size as a string"),
            pytest.param(_with_config(size=float("nan")), "config.size", id="NaN"),
            pytest.param(_with_config(size=float("inf")), "config.size", id="Infinity"),
            pytest.param(_with_config(size=-1), "config.size", id="negative"),
            pytest.param(_with_config(size=1.5), "config.size", id="fraction"),
            pytest.param(_with_config(size=True), "config.size", id="true"),
            pytest.param(_with_config(size=None), "config: 'size' is missing", id="null size"),
            pytest.param(
                WEB.manifest.replace(b'"size": ', b'"size": ' + b"9" * 5000, 1),
                "it is not JSON",
                id="5000 digits",
            ),
            pytest.param(_with_config(digest="sha256:../../x"), "config.digest", id="traversal"),
            pytest.param(
                _with_config(digest="sha256:" + "../" * 21 + "x"), "config.digest", id="of 64"
            ),
            pytest.param(_with_config(digest=WEB.id.upper()), "config.digest", id="upper case"),
            pytest.param(_with_config(digest=f"{WEB.id}\n"), "config.digest", id="newline"),
            pytest.param(_with_config(digest="md5:" + "0" * 32), "config.digest", id="md5"),
            pytest.param(_with_config(digest=7), "config.digest", id="digest as a number"),
            pytest.param(_with_config(data="aGk="), "config.data", id="inline data wrong"),
            pytest.param(_with_config(data="%%%"), "config.data", id="inline data not base64"),
            pytest.param(_with_config(data="é"), "config.data", id="inline data not ASCII"),
            pytest.param(_with_config(mediaType=7), "config.mediaType", id="type as a number"),
            pytest.param(_changed(layers={}), "layers", id="layers as an object"),
            pytest.param(_changed(layers=[7]), "layers[0]", id="layer as a number"),
            pytest.param(_changed(layers=None), "layers", id="null layers"),
            pytest.param(
                _changed(layers=[{**DESCRIPTOR, "digest": "sha256:/etc/passwd"}]),
                "layers[0].digest",
                id="layer traversal",
            ),
            pytest.param(
                _changed(layers=[{**DESCRIPTOR, "mediaType": "application/vnd.x+encrypted"}]),
                "'application/vnd.x+encrypted'; no container engine unpacks that",
                id="encrypted layer",
            ),
            pytest.param(
                _with_config(mediaType="application/vnd.oci.empty.v1+json"),
                "it is 'application/vnd.oci.empty.v1+json', which is not a container image; "
                "only Docker schema 2 and OCI images can be locked",
                id="empty config",
            ),
            pytest.param(
                _changed(
                    artifactType="application/vnd.cncf.helm",
                    config=descriptor(b"{}", "application/vnd.oci.empty.v1+json"),
                ),
                "it is 'application/vnd.cncf.helm', which is not a container image",
                id="artifact",
            ),
            pytest.param(
                encode({"schemaVersion": 1, "name": "web", "fsLayers": [], "history": []}),
                "it is a Docker schema 1 manifest",
                id="schema 1",
            ),
            pytest.param(
                encode({}),
                "it is 'application/json', which is not a container image",
                id="empty object",
            ),
            pytest.param(
                _changed(mediaType="x" * 3_000), "which is not a container image", id="long type"
            ),
            pytest.param(
                _changed(mediaType="\x1b[2J\r\nfake"),
                "not a container image",
                id="control characters",
            ),
            pytest.param(
                _with_config(digest="sha256:" + "x" * 100_000), "config.digest", id="long digest"
            ),
        ],
    )
    def test_is_refused(
        self, registry: FaultRegistry, client: MakeClient, data: bytes, what: str
    ) -> None:
        registry.script("GET", "/manifests/1", body(data, {"Content-Type": "application/json"}))
        made = client(registry)
        message = made.fails(made.resolve)
        assert message.startswith(f"{registry.host}/web:1: ")
        assert what in message
        assert registry.lines() == [f"GET {MANIFESTS}/1"]

    def test_a_schema_1_type_is_refused(self, registry: FaultRegistry, client: MakeClient) -> None:
        kind = "application/vnd.docker.distribution.manifest.v1+prettyjws"
        document = encode({"schemaVersion": 1, "name": "web", "fsLayers": []})
        registry.script("GET", "/manifests/1", body(document, {"Content-Type": kind}))
        made = client(registry)
        assert made.fails(made.resolve) == (
            f"{registry.host}/web:1: GET {registry.url}{MANIFESTS}/1: it is a Docker schema 1 "
            "manifest, which names no config and which engines refuse; push the image again with a "
            "current docker, podman or skopeo"
        )

    def test_a_login_page(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script("GET", "/manifests/1", html())
        made = client(registry)
        assert made.fails(made.resolve) == (
            f"{registry.host}/web:1: GET {registry.url}{MANIFESTS}/1: it is not JSON (line 1, "
            "column 1: this is not JSON); a proxy or a login page may have answered instead of "
            "the registry"
        )

    def test_a_truncated_manifest_is_fetched_again(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", "/manifests/1", truncate_after(50))
        made = client(registry)
        assert made.data() == WEB.manifest
        assert len(made.said) == 1

    def test_a_manifest_that_stays_truncated_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script(
            "GET", "/manifests/1", chain(no_content_length(), truncate_after(50)), repeat=True
        )
        made = client(registry)
        assert made.fails(made.resolve)
        assert len(registry.requests) <= 3

    def test_a_wrong_config_is_an_error(self, registry: FaultRegistry, client: MakeClient) -> None:
        registry.script("GET", f"/blobs/{WEB.id}", *[wrong_bytes()] * 2)
        made = client(registry)
        assert f"asked for {WEB.id}, got sha256:" in made.fails(made.resolve)

    def test_a_config_of_gigabytes_is_not_fetched(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.add_manifest("web:2", _with_config(size=2**40), MANIFEST)
        made = client(registry)
        assert "config" in made.fails(made.resolve, "web:2")
        assert len(registry.requests) == 1

    def test_a_config_of_no_bytes_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """A size of 0 beside a digest that is not nothing's."""
        registry.add_manifest("web:2", _with_config(size=0), MANIFEST)
        made = client(registry)
        assert WEB.id in made.fails(made.resolve, "web:2")


class TestLarge:
    def test_a_manifest_with_thousands_of_layers(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.add("web:2", image(*[WEB.layers[0]] * 10_000))
        started = time.process_time()
        (locked,) = client(registry).resolve("web:2").platforms.values()
        assert len(locked.layers) == 10_000
        assert time.process_time() - started < 5

    def test_an_index_with_thousands_of_entries(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.add("web:2", WEB)
        entries = json.loads(index([WEB, image(layer({"a": b"b"}), platform="linux/s390x")]))
        entries["manifests"] = [entries["manifests"][1]] * 15_000 + entries["manifests"]
        registry.add_manifest("web:2", encode(entries), INDEX)
        made = client(registry)
        locked = made.resolve("web:2", "linux/amd64")
        assert [str(one.manifest.digest) for one in locked.platforms.values()] == [WEB.digest]
        # The index, one manifest and its config.
        assert len(registry.requests) == 3

    def test_an_index_of_one_manifest_again_and_again(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """Without its platform, which only its config knows: one request, not a thousand."""
        _index(registry, "web:2", [descriptor(WEB.manifest, MANIFEST)] * 500)
        client(registry).resolve("web:2", "linux/amd64")
        assert len(registry.requests) <= 50


def _index(registry: FaultRegistry, name: str, entries: list[Document]) -> Document:
    data = encode({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
    registry.add_manifest(name, data, INDEX)
    return descriptor(data, INDEX)


class TestNested:
    def test_indexes_are_nested_as_deep_as_is_allowed(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        inner = _index(registry, "web", [descriptor(WEB.manifest, MANIFEST)])
        _index(registry, "web:2", [_index(registry, "web", [inner])])
        locked = client(registry).resolve("web:2", "linux/amd64")
        assert [str(one.manifest.digest) for one in locked.platforms.values()] == [WEB.digest]

    def test_indexes_nested_deeper_are_refused(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        inner = descriptor(WEB.manifest, MANIFEST)
        for _ in range(50):
            inner = _index(registry, "web:2", [inner])
        made = client(registry)
        assert made.fails(made.resolve, "web:2") == (
            f"{registry.host}/web:2: its indexes are nested more than 3 deep; "
            "build and push the image again"
        )
        assert len(registry.requests) < 10

    def test_an_index_with_too_many_unknown_entries_is_refused(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        """A few kilobytes that would take a million requests."""
        inner = _index(registry, "web", [descriptor(WEB.manifest, MANIFEST)] * 12)
        middle = _index(registry, "web", [inner] * 12)
        _index(registry, "web:2", [middle] * 12)
        made = client(registry)
        made.resolve("web:2", "linux/amd64")
        assert len(registry.requests) <= 50

    def test_a_cycle_of_indexes_ends(self, registry: FaultRegistry, client: MakeClient) -> None:
        """No hash allows one, but a registry may send one all the same."""
        own: Document = {"mediaType": INDEX, "digest": digest(b"x"), "size": 100}
        document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": [own]}
        own["size"] = len(encode(document))
        data = encode(document)
        answer = body(data, {"Content-Type": INDEX})
        registry.script("GET", "/manifests/2", answer)
        registry.script("GET", digest(b"x"), answer, repeat=True)
        made = client(registry)
        assert digest(b"x") in made.fails(made.resolve, "web:2")
        assert len(registry.requests) == 2

    def test_an_index_where_a_manifest_belongs(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        inner = _index(registry, "web", [descriptor(WEB.manifest, MANIFEST)])
        platform = {"os": "linux", "architecture": "amd64"}
        _index(registry, "web:2", [{**inner, "mediaType": MANIFEST, "platform": platform}])
        made = client(registry)
        assert "expected a manifest, found the index " in made.fails(made.resolve, "web:2")

    @pytest.mark.parametrize(
        ("field", "value"),
        [("digest", "sha256:../../x"), ("size", "7"), ("platform", 7), ("data", "aGk=")],
    )
    def test_an_entry_that_is_malformed(
        self, registry: FaultRegistry, client: MakeClient, field: str, value: object
    ) -> None:
        _index(registry, "web:2", [{**descriptor(WEB.manifest, MANIFEST), field: value}])
        made = client(registry)
        assert f"manifests[0].{field}" in made.fails(made.resolve, "web:2")
        assert len(registry.requests) == 1

    def test_an_index_without_an_image_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        _index(registry, "web:2", [])
        made = client(registry)
        assert made.fails(made.resolve, "web:2") == (
            f"{registry.host}/web:2: its index has no image at all"
        )

    def test_a_platform_that_is_missing_is_an_error(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.add("web:2", WEB, image(layer({"a": b"b"}), platform="linux/s390x"))
        made = client(registry)
        assert made.fails(made.resolve, "web:2", "linux/arm64") == (
            f"{registry.host}/web:2: there is no image for linux/arm64; "
            "choose from linux/amd64, linux/s390x, by platforms = […] in images.toml or "
            "`add --platform`"
        )


def test_urls_of_foreign_layers_are_never_asked(
    registry: FaultRegistry, elsewhere: FaultRegistry, client: MakeClient
) -> None:
    elsewhere.add_blob(BLOB)
    foreign = {
        **descriptor(BLOB, "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"),
        "urls": [f"{elsewhere.url}/{digest(BLOB)}", "http://169.254.169.254/"],
    }
    registry.add_manifest("web:2", _changed(layers=[foreign]), MANIFEST)
    made = client(registry)
    message = made.fails(made.resolve, "web:2")
    assert f"its layer {digest(BLOB)[:19]} for linux/amd64 is not in the registry" in message
    assert message.endswith(
        "push the image to a registry of your own together with its foreign layers"
    )
    registry.add_blob(BLOB)
    (locked,) = made.resolve("web:2").platforms.values()
    (layer_,) = locked.layers
    assert made.blob(str(layer_.digest), layer_.size) == BLOB
    assert elsewhere.connections == 0


def test_a_manifest_that_is_gone_is_named_with_its_platform(
    registry: FaultRegistry, client: MakeClient
) -> None:
    images = [image(layer({"a": b"a"}), platform=name) for name in ("linux/amd64", "linux/arm64")]
    registry.add("web:3", *images)
    registry.script("GET", f"/manifests/{images[1].digest}", status(404))
    made = client(registry)
    assert made.fails(made.resolve, "web:3").startswith(
        f"{registry.host}/web:3: its index has the manifest {images[1].digest[:19]} for "
        "linux/arm64, and the registry has it no more ("
    )


def _peak(action: Callable[[], object]) -> int:
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
