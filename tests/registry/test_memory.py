"""Answers that would take gigabytes, and messages that would have as many bytes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from itertools import count

import pytest
from support.faults.answers import as_usual, body, chain, challenge, headers, json_error, redirect
from support.faults.client import IMPATIENT, WEB, MakeClient
from support.faults.registry import FaultRegistry
from support.faults.server import Answer, Exchange
from support.oci import INDEX, MANIFEST, digest

from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.oci.digest import Digest

TAGS = "/v2/web/tags/list"
DIGEST = f"sha256:{'0' * 64}"
CONFIG = {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": DIGEST, "size": 2}
LONG = "x" * 500_000
OPERATOR = "tell the registry's operator"
BY_DIGEST = "name the manifest of one platform by its digest"

# Asks for the platforms or the tags of an image, and prints the error and the most memory, in MiB,
# that the process ever had. `getrusage` would count the memory of the process that started it.
PROGRAM = """
import sys
from nixfetch_docker import NixfetchError, RegistrySettings, connect
host, what = sys.argv[1:]
with connect(anonymous=True, registries={host: RegistrySettings(plain_http=True)}) as client:
    try:
        getattr(client, what)(f"{host}/web")
    except NixfetchError as error:
        print(error)
line, = (line for line in open("/proc/self/status") if line.startswith("VmHWM:"))
print(int(line.split()[1]) // 1024)
"""


def manifest(**fields: object) -> bytes:
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": CONFIG, "layers": []}
    return json.dumps({**document, **fields}).encode()


def index(*entries: dict[str, object]) -> bytes:
    document = {"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}
    return json.dumps(document).encode()


def entry(number: int) -> dict[str, object]:
    platform = {"os": "linux", "architecture": f"a{number}"}
    return {
        "mediaType": MANIFEST,
        "digest": f"sha256:{number:064x}",
        "size": 1,
        "platform": platform,
    }


def nested(registry: FaultRegistry, indexes: int, entries: int) -> bytes:
    """An index of indexes, each of which has other entries."""
    numbers = count()
    inner = []
    for _ in range(indexes):
        data = index(*(entry(next(numbers)) for _ in range(entries)))
        registry.add_manifest("web", data, INDEX)
        inner.append({"mediaType": INDEX, "digest": digest(data), "size": len(data)})
    return index(*inner)


def _objects(registry: FaultRegistry) -> str:
    filler = b"{}," * 1_390_000
    data = b'{"schemaVersion": 2, "manifests": [], "filler": [' + filler + b"{}]}"
    registry.add_manifest("web:latest", data, INDEX)
    return "platforms"


def _indexes(registry: FaultRegistry) -> str:
    registry.add_manifest("web:latest", nested(registry, 3, 15_000), INDEX)
    return "platforms"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        pytest.param(_objects, "it has more than 200000 values", id="empty objects"),
        pytest.param(_indexes, "its index has more than 20000 entries", id="indexes"),
    ],
)
def test_a_process_stays_small(
    registry: FaultRegistry, script: Callable[[FaultRegistry], str], said: str
) -> None:
    what = script(registry)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, registry.host, what],
        capture_output=True,
        check=True,
        text=True,
    )
    *errors, peak = done.stdout.splitlines()
    assert len(errors) == 1
    assert said in errors[0]
    # The program by itself has 40.
    assert int(peak) < 250


class TestTags:
    @staticmethod
    def pages(make: Callable[[int], tuple[list[str], str]]) -> Answer:
        """Pages without end: the tags, and the query of the next page, of each number."""
        numbers = count()

        def answer(exchange: Exchange) -> None:
            number = next(numbers)
            tags, query = make(number)
            link = f'<{TAGS}?p={number}&{query}>; rel="next"'
            body(json.dumps({"tags": tags}).encode(), {"Link": link})(exchange)

        return answer

    @pytest.mark.parametrize(
        "make",
        [
            pytest.param(
                lambda n: ([f"{n:03}{m:03}{'x' * 94}" for m in range(10)], ""), id="names"
            ),
            pytest.param(lambda _: ([], "x" * 1000), id="links"),
        ],
    )
    def test_names_and_links_have_so_many_bytes(
        self,
        registry: FaultRegistry,
        client: MakeClient,
        monkeypatch: pytest.MonkeyPatch,
        make: Callable[[int], tuple[list[str], str]],
    ) -> None:
        monkeypatch.setattr("nixfetch_docker.registry.tags._NAMES_LIMIT", 10_000)
        registry.script("GET", TAGS, self.pages(make), repeat=True)
        made = client(registry)
        assert "the names and links of the list of tags have more than 64 MiB" in made.fails(
            made.tags
        )
        assert 8 <= len(registry.requests) <= 12

    def test_the_pages_of_a_list_have_a_time(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.script("GET", TAGS, self.pages(lambda n: ([str(n)], "")), repeat=True)
        made = client(registry, patience=replace(IMPATIENT, list=0))
        assert made.fails(made.tags) == (
            f"GET {registry.url}{TAGS}: the list of tags has not ended after 1 pages and 0 s; "
            "try again later, or name a tag instead of a version"
        )


class TestIndexes:
    @pytest.mark.parametrize(
        ("limit", "what"),
        [
            ({"_OFFERS_LIMIT": 25}, "its index has more than 25 entries"),
            ({"_READS_LIMIT": 2}, "more than 2 manifests or 16 MiB of them would have to be read"),
            ({"_READ_LIMIT": 4000}, "more than 100 manifests or 16 MiB of them would have to be"),
        ],
    )
    def test_all_indexes_together_have_limits(
        self,
        registry: FaultRegistry,
        client: MakeClient,
        monkeypatch: pytest.MonkeyPatch,
        *,
        limit: dict[str, int],
        what: str,
    ) -> None:
        for name, value in limit.items():
            monkeypatch.setattr(f"nixfetch_docker.registry.offers.{name}", value)
        registry.add_manifest("web:2", nested(registry, 5, 10), INDEX)
        made = client(registry)
        message = made.fails(made.resolve, "web:2")
        assert what in message
        assert message.endswith(BY_DIGEST)
        assert len(registry.requests) < 5

    def test_a_search_by_config_reads_not_every_manifest(
        self, registry: FaultRegistry, client: MakeClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from nixfetch_docker.registry.images import find_by_config

        monkeypatch.setattr("nixfetch_docker.registry.offers._READS_LIMIT", 3)
        sent = [manifest(annotations={"n": str(number)}) for number in range(10)]
        for data in sent:
            registry.add_manifest("web", data, MANIFEST)
        entries = [
            {**entry(number), "digest": digest(data), "size": len(data)}
            for number, data in enumerate(sent)
        ]
        registry.add_manifest("web:2", index(*entries), INDEX)
        made = client(registry)
        other = Digest.parse(f"sha256:{'1' * 64}")
        message = made.fails(find_by_config, made.registries, made.reference("web:2"), other)
        assert "more than 3 manifests" in message
        assert len(registry.requests) == 4


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(f'{{"a": 1, "{LONG}": 1, "{LONG}": 1}}'.encode(), id="key twice"),
        pytest.param(f'{{"{LONG}": {{"a": 1, "a": 2}}}}'.encode(), id="key of an object"),
        pytest.param(
            b'{"x%s": ' % (b"x" * 300) * 900 + b'{"a": 1, "a": 2}' + b"}" * 900, id="path"
        ),
        pytest.param(manifest(mediaType=LONG), id="media type"),
        pytest.param(manifest(artifactType=LONG, config={**CONFIG, "mediaType": LONG}), id="kind"),
        pytest.param(manifest(config={**CONFIG, "digest": LONG}), id="digest"),
        pytest.param(manifest(config={**CONFIG, "digest": f"sha256:{LONG}"}), id="hash"),
        pytest.param(manifest(config={**CONFIG, "size": -(10**4000)}), id="size"),
        pytest.param(manifest(layers=[{**CONFIG, "mediaType": LONG}]), id="type of a layer"),
        pytest.param(index(*map(entry, range(15_000))), id="platforms"),
        pytest.param(
            index({**entry(1), "platform": {"os": LONG, "architecture": LONG, "variant": LONG}}),
            id="platform",
        ),
        pytest.param(LONG.encode(), id="no JSON"),
    ],
)
def test_no_message_is_as_long_as_a_manifest(
    registry: FaultRegistry, client: MakeClient, data: bytes
) -> None:
    """`fails` looks at the length."""
    registry.add_manifest("web:2", data, INDEX if b'"manifests"' in data else MANIFEST)
    made = client(registry)
    assert made.fails(made.resolve, "web:2", "linux/s390x")


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(headers({"Docker-Content-Digest": f"sha256:{LONG[:60_000]}"}), id="digest"),
        pytest.param(challenge(f'Bearer realm="{LONG[:60_000]}"'), id="realm"),
        pytest.param(challenge(f'Bearer realm="/t",scope="{LONG[:60_000]}"'), id="scope"),
        pytest.param(redirect(f"gopher://{LONG[:60_000]}"), id="redirect"),
        pytest.param(headers({"Content-Length": "9" * 60_000}), id="length"),
        pytest.param(json_error(404, LONG, LONG), id="refusal"),
    ],
)
def test_no_message_is_as_long_as_a_header(
    registry: FaultRegistry, client: MakeClient, answer: Answer
) -> None:
    registry.script("GET", "/manifests/1", chain(as_usual, answer), repeat=True)
    made = client(registry)
    assert made.fails(made.data)


class TestHosts:
    def test_a_scope_has_so_many_characters(
        self, registry: FaultRegistry, client: MakeClient
    ) -> None:
        registry.grant_tokens(
            challenge=lambda usual: [usual.replace("repository:web:pull", "x" * 5000)]
        )
        made = client(registry)
        assert made.fails(made.data) == (
            f"GET {registry.url}/v2/web/manifests/1: its challenge names a scope of more than 4096 "
            f"characters; {OPERATOR}"
        )

    def test_tokens_beyond_a_number_are_fetched_again(
        self, registry: FaultRegistry, client: MakeClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("nixfetch_docker.registry.auth._GRANTS_LIMIT", 2)
        tokens = registry.grant_tokens()
        for name in "abc":
            registry.add(f"{name}:1", WEB)
        made = client(registry)
        for name in "abca":
            assert made.data(f"{name}:1") == WEB.manifest
        assert len(tokens.scopes) == 4

    def test_a_registry_names_so_many_hosts(
        self, registry: FaultRegistry, client: MakeClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("nixfetch_docker.registry.session._HOSTS_LIMIT", 3)
        numbers = count(2)

        def answer(exchange: Exchange) -> None:
            host, _, port = registry.host.partition(":")
            assert host == "127.0.0.1"
            redirect(f"http://127.0.0.{next(numbers)}:{port}/x")(exchange)

        registry.script("GET", "/manifests/1", answer, repeat=True)
        made = client(registry)
        said = [made.fails(made.data) for _ in range(3)]
        assert "it has sent us to more than 3 hosts" in said[-1]

    def test_tokens_have_so_many_characters(
        self, registry: FaultRegistry, client: MakeClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("nixfetch_docker.registry.session._SECRETS_LIMIT", 100)
        registry.grant_tokens(response=lambda token: {"token": token})
        made = client(registry)
        for _ in range(5):
            assert made.data() == WEB.manifest
            registry.revoke_tokens()
        message = ""
        for _ in range(20):
            registry.revoke_tokens()
            try:
                made.data()
            except NixfetchError as error:
                message = str(error)
                break
        assert "its token server sends new tokens without end" in message
        assert len(registry.requests) < 60
