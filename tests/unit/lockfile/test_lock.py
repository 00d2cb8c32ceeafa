from __future__ import annotations

import json
import textwrap
import tomllib

import pytest
import tomli
from hypothesis import given
from hypothesis import strategies as st
from support.builders import locked_image, read_or_refused, request

from nixfetch_docker.base.table import Table
from nixfetch_docker.base.values import replace
from nixfetch_docker.errors import NixfetchError
from nixfetch_docker.lockfile.images import Request
from nixfetch_docker.lockfile.lock import InvalidLock, Lock, LockedImage, LockedPlatform
from nixfetch_docker.lockfile.vouchers import in_order
from nixfetch_docker.oci.blob import Blob
from nixfetch_docker.oci.digest import Digest
from nixfetch_docker.oci.media_types import MANIFEST_TYPES
from nixfetch_docker.oci.platform import Platform
from nixfetch_docker.oci.reference import Reference
from nixfetch_docker.signatures.voucher import Voucher
from nixfetch_docker.versions.follow import Follow

REMEDY = (
    "the lock is not for editing: restore it from git, or delete it and run "
    "`nixfetch-docker update`"
)


def hexdigits(text: str) -> str:
    return Digest.of(text.encode()).hex


LOCK = Lock(
    images={
        "redis": locked_image(request("redis:7", "linux/arm64", "linux/amd64")),
        "app.v1": locked_image(request(f"ghcr.io/acme/app@sha256:{hexdigits('')}")),
    }
)
TEXT = textwrap.dedent(
    f"""\
    # Written by nixfetch-docker; edit images.toml and run `nix run .#update-images`.
    version = 1

    [images."app.v1"]
    request = {{ image = "ghcr.io/acme/app@sha256:{hexdigits("")}" }}
    repository = "ghcr.io/acme/app"
    digest = "sha256:{hexdigits("")}"

    [images."app.v1".platforms."linux/amd64"]
    manifest = {{ sha256 = "{hexdigits("manifest linux/amd64")}", size = 20, \
media-type = "application/vnd.oci.image.manifest.v1+json" }}
    config = {{ sha256 = "{hexdigits("config linux/amd64")}", size = 18 }}
    layers = [
      {{ sha256 = "{hexdigits("base")}", size = 4 }},
      {{ sha256 = "{hexdigits("layer linux/amd64")}", size = 17 }},
    ]

    [images.redis]
    request = {{ image = "redis:7", platforms = ["linux/arm64", "linux/amd64"] }}
    repository = "docker.io/library/redis"
    tag = "7"
    digest = "sha256:{hexdigits("index")}"

    [images.redis.platforms."linux/amd64"]
    manifest = {{ sha256 = "{hexdigits("manifest linux/amd64")}", size = 20, \
media-type = "application/vnd.oci.image.manifest.v1+json" }}
    config = {{ sha256 = "{hexdigits("config linux/amd64")}", size = 18 }}
    layers = [
      {{ sha256 = "{hexdigits("base")}", size = 4 }},
      {{ sha256 = "{hexdigits("layer linux/amd64")}", size = 17 }},
    ]

    [images.redis.platforms."linux/arm64"]
    manifest = {{ sha256 = "{hexdigits("manifest linux/arm64")}", size = 20, \
media-type = "application/vnd.oci.image.manifest.v1+json" }}
    config = {{ sha256 = "{hexdigits("config linux/arm64")}", size = 18 }}
    layers = [
      {{ sha256 = "{hexdigits("base")}", size = 4 }},
      {{ sha256 = "{hexdigits("layer linux/arm64")}", size = 17 }},
    ]
    """
)


def test_a_lock_is_sorted_with_a_line_for_every_blob() -> None:
    assert LOCK.to_toml() == TEXT


def test_the_text_is_the_lock() -> None:
    assert Lock.parse(TEXT) == LOCK


def test_an_empty_lock_has_a_version() -> None:
    lock = Lock()
    assert Lock.parse(lock.to_toml()) == lock
    assert tomllib.loads(lock.to_toml()) == {"version": 1}


def test_an_image_needs_its_manifest_its_config_and_its_layers() -> None:
    locked = LOCK.images["app.v1"].platforms[Platform.parse("linux/amd64")]
    assert locked.blobs() == (locked.manifest, locked.config, *locked.layers)


OLD_SPELLINGS = [
    pytest.param("linux/arm64/v8", id="arm64/v8"),
    pytest.param("linux/arm64/v8.0", id="arm64/v8.0"),
]


@pytest.mark.parametrize("spelling", OLD_SPELLINGS)
def test_a_lock_from_before_normal_forms_is_read_as_if_it_had_them(spelling: str) -> None:
    old = TEXT.replace('platforms."linux/arm64"', f'platforms."{spelling}"')
    assert old != TEXT
    assert Lock.parse(old) == LOCK
    assert Lock.parse(old).to_toml() == TEXT


@pytest.mark.parametrize("spelling", ["linux/arm64", *OLD_SPELLINGS])
def test_an_entry_is_found_by_any_name_of_its_platform(spelling: str) -> None:
    redis = LOCK.images["redis"]
    arm64 = Platform.parse("linux/arm64")
    assert redis.entry(Platform.parse(spelling)) is redis.platforms[arm64]


def test_no_entry_is_found_for_a_platform_that_is_not_locked() -> None:
    assert LOCK.images["redis"].entry(Platform.parse("linux/arm64/v9")) is None


@pytest.mark.parametrize(
    ("version", "what"),
    [
        pytest.param(2, "its version is 2, and this nixfetch-docker reads version 1", id="later"),
        pytest.param(0, "its version is 0, and this nixfetch-docker reads version 1", id="none"),
    ],
)
def test_a_lock_of_another_version_is_left_to_its_own_program(version: int, what: str) -> None:
    # What else another version holds is not known here, and so no mistake.
    with pytest.raises(InvalidLock) as caught:
        Lock.parse(f"version = {version}\nnovelty = true\n")
    assert str(caught.value) == f"{what}; use the nixfetch-docker that wrote it, or a later one"


def test_a_lock_with_conflict_markers_says_so() -> None:
    ours, theirs = (locked_image(content=content).to_toml("redis") for content in "ab")
    text = f"version = 1\n<<<<<<< HEAD\n{ours}=======\n{theirs}>>>>>>> theirs\n"
    with pytest.raises(NixfetchError) as caught:
        Lock.parse(text)
    assert "line 2, column 1" in str(caught.value)
    assert "merge conflict" in str(caught.value)


AMD64 = 'images."app.v1".platforms."linux/amd64"'


@pytest.mark.parametrize(
    ("before", "after", "what"),
    [
        pytest.param(
            "version = 1",
            "version = ",
            "line 2, column 11: Invalid value",
            id="malformed",
        ),
        pytest.param("version = 1\n", "", "the document: 'version' is missing", id="no version"),
        pytest.param(
            "version = 1",
            'version = "1"',
            "version: expected an integer, found a string",
            id="version of another type",
        ),
        pytest.param(
            "version = 1",
            "version = 1\nimage = 1",
            "image: unknown key",
            id="unknown key of the document",
        ),
        pytest.param("tag =", "tags =", "images.redis.tags: unknown key", id="unknown key"),
        pytest.param(
            f'digest = "sha256:{hexdigits("index")}"\n\n[images.redis.',
            'digest = "sha256:0"\n\n[images.redis.',
            "images.redis.digest: 'sha256:0' is not a digest",
            id="bad digest",
        ),
        pytest.param(
            hexdigits("base"),
            hexdigits("base").upper(),
            f"{AMD64}.layers[0].sha256: 'sha256:{hexdigits('base').upper()}' is not a digest",
            id="bad digest of a layer",
        ),
        pytest.param(
            "size = 18", "size = -18", f"{AMD64}.config.size: -18 is negative", id="negative size"
        ),
        pytest.param(
            "size = 4",
            'size = "4"',
            f"{AMD64}.layers[0].size: expected an integer, found a string",
            id="size of another type",
        ),
        pytest.param(
            ", size = 17", "", f"{AMD64}.layers[1]: 'size' is missing", id="layer without its size"
        ),
        pytest.param(
            f'sha256 = "{hexdigits("base")}", ',
            "",
            f"{AMD64}.layers[0]: 'sha256' is missing",
            id="layer without its digest",
        ),
        pytest.param(
            "image.manifest.v1+json",
            "image.index.v1+json",
            f"{AMD64}.manifest.media-type: 'application/vnd.oci.image.index.v1+json' "
            "is not the media type of an image's manifest",
            id="wrong media type",
        ),
        pytest.param(
            ', media-type = "application/vnd.oci.image.manifest.v1+json"',
            "",
            f"{AMD64}.manifest: 'media-type' is missing",
            id="no media type",
        ),
        pytest.param(
            "config = {",
            "configs = {",
            f"{AMD64}.configs: unknown key",
            id="unknown key of a platform",
        ),
        pytest.param(
            'repository = "docker.io/library/redis"',
            'repository = "docker.io/library/redis:7"',
            "images.redis.repository: a repository has neither tag nor digest",
            id="repository with a tag",
        ),
        pytest.param(
            'repository = "docker.io/library/redis"\n',
            "",
            "images.redis: 'repository' is missing",
            id="no repository",
        ),
        pytest.param(
            'redis.platforms."linux/amd64"',
            'redis.platforms."linux"',
            "images.redis.platforms.linux: 'linux' is not a platform",
            id="bad platform",
        ),
        pytest.param(
            'redis.platforms."linux/arm64"',
            'redis.platforms."linux/amd64/v1"',
            'images.redis.platforms."linux/amd64/v1": this platform is there twice',
            id="one platform twice",
        ),
        pytest.param(
            '[images."app.v1"]',
            '[images."app v1"]',
            'images."app v1": this cannot name an image',
            id="bad name",
        ),
    ],
)
def test_a_lock_edited_by_hand_is_refused_with_its_place(
    before: str, after: str, what: str
) -> None:
    assert before in TEXT
    with pytest.raises(NixfetchError) as caught:
        Lock.parse(TEXT.replace(before, after, 1))
    assert str(caught.value) == f"{what}; {REMEDY}"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(
            f'config = {{ sha256 = "{hexdigits("config linux/amd64")}", size = 18 }}\n',
            "",
            id="no config",
        ),
        pytest.param(
            TEXT[TEXT.index("layers = [") : TEXT.index("]\n\n[images.redis]") + 2],
            "",
            id="no layers",
        ),
        pytest.param(
            'request = { image = "redis:7", platforms = ["linux/arm64", "linux/amd64"] }\n',
            "",
            id="no request",
        ),
        pytest.param(
            f'{{ sha256 = "{hexdigits("base")}", size = 4 }}',
            f'{{ sha256 = "{hexdigits("base")}", sha512 = "{"0" * 128}", size = 4 }}',
            id="two digests",
        ),
        pytest.param(
            'redis.platforms."linux/arm64"',
            'redis.platforms."linux/x86_64"',
            id="one platform under two names",
        ),
    ],
)
def test_a_lock_that_was_never_written_like_that_is_refused(before: str, after: str) -> None:
    assert before in TEXT
    with pytest.raises(NixfetchError):
        Lock.parse(TEXT.replace(before, after, 1))


# Each value of a field that a pull request may bring, with the end of the message.
_KEY = f'key = "a", fingerprint = "{"0" * 64}"'
VOUCHER = f'{{ {_KEY}, digest = "sha256:{hexdigits("index")}" }}'
HOSTILE = [
    *(
        pytest.param(
            'tag = "7"', f"tag = {json.dumps(tag)}", "images.redis.tag: ", id=f"tag {tag!a:.30}"
        )
        for tag in [
            "",
            "../../admin?x=1#",
            "7\nCo-authored-by: Eve <eve@evil.example>",
            "7\x1b[31m",
            "7 [skip ci]",
            "7\u202e",
            "-7",
            ".7",
            "7@sha256",
            "a" * 129,
            "\u0667",
        ]
    ),
    *(
        pytest.param(
            'repository = "docker.io/library/redis"',
            f"repository = {json.dumps(name)}",
            "images.redis.repository: ",
            id=f"repository {name!a:.40}",
        )
        for name in [
            "",
            "redis",
            "docker.io/redis",
            "docker.io/library/redis:7",
            "docker.io/library/redis?x=1#",
            "docker.io/library/../admin",
            "docker.io/library/redis\n",
            "docker.io/library/redis\x1b[31m",
            "docker.io/library/Redis",
            "https://docker.io/library/redis",
            "ann:secret@docker.io/library/redis",
            "docker.io:0/library/redis",
            "index.docker.io/library/redis",
            "evil.example/library/redis",
            "docker.io/library/other",
        ]
    ),
    *(
        pytest.param(
            f'digest = "sha256:{hexdigits("index")}"\n\n[images.redis.',
            f"digest = {json.dumps(digest)}\n\n[images.redis.",
            "images.redis.digest: ",
            id=f"digest {digest!a:.40}",
        )
        for digest in [
            "",
            "../../admin?x=1#",
            "sha256:../../admin?x=1#",
            f"sha256:{'0' * 64}\n",
            f"sha256:{'0' * 63}\u0660",
            f"sha256:{'A' * 64}",
            f"md5:{'0' * 32}",
        ]
    ),
    *(
        pytest.param(
            f'digest = "sha256:{hexdigits("index")}"\n\n[images.redis.',
            f'digest = "sha256:{hexdigits("index")}"\nsigned-by = {value}\n\n[images.redis.',
            f"images.redis.signed-by{place}: ",
            id=f"signed-by {value!a:.60}",
        )
        for place, value in [
            ("", '"keys/acme.pub"'),
            ("", "[]"),
            ("[0]", '["keys/acme.pub"]'),
            ('[0]."a\\u001b"', r'[{ "a\u001b" = 1 }]'),
            ("[0]", f'[{{ fingerprint = "{"0" * 64}", digest = "sha256:{hexdigits("index")}" }}]'),
            ("[0].key", f'[{{ key = "", fingerprint = "{"0" * 64}" }}]'),
            ("[0].fingerprint", '[{ key = "a", fingerprint = "x\\u001b" }]'),
            ("[0].fingerprint", f'[{{ key = "a", fingerprint = "{"A" * 64}" }}]'),
            ("[0].fingerprint", f'[{{ key = "a", fingerprint = "{"0" * 1_000_000}" }}]'),
            ("[0].digest", f'[{{ {_KEY}, digest = "x" }}]'),
            # Of no image that is locked.
            (
                "[0].digest",
                f'[{{ {_KEY}, digest = "sha256:{"0" * 64}" }}]',
            ),
            ("[0].issuer", '[{ key = "a", issuer = "b" }]'),
            ("[0].key", '[{ identity = "a", issuer = "b", key = "c" }]'),
            ("[0]", '[{ identity = "a" }]'),
            ("[0].identity", '[{ identity = "", issuer = "b" }]'),
            ("[0].annotations", f"[{{ {_KEY}, annotations = [] }}]"),
            (
                "[0].annotations.b",
                f"[{{ {_KEY}, annotations = {{ b = 1 }} }}]",
            ),
            (
                "[1]",
                f"[{', '.join(2 * [VOUCHER])}]",
            ),
        ]
    ),
    pytest.param("sha256 = ", 'sha256 = "a\\u001b", x = ', f"{AMD64}.manifest", id="unknown key"),
    pytest.param(
        f'sha256 = "{hexdigits("base")}"',
        'sha256 = "../../admin?x=1#"',
        f"{AMD64}.layers[0].sha256: ",
        id="path as a digest",
    ),
    pytest.param("size = 20", "size = 4194305", f"{AMD64}.manifest.size: ", id="large manifest"),
    pytest.param("size = 18", "size = 4194305", f"{AMD64}.config.size: ", id="large config"),
    pytest.param("size = 17", f"size = {2**63}", f"{AMD64}.layers[1].size: ", id="large layer"),
    pytest.param(
        hexdigits("layer linux/amd64"), hexdigits("base"), f"{AMD64}: ", id="one layer, two sizes"
    ),
    pytest.param(
        "application/vnd.oci.image.manifest.v1+json",
        "text/html\\u001b[31m" + "a" * 9999,
        f"{AMD64}.manifest.media-type: ",
        id="media type",
    ),
    pytest.param(
        'platforms."linux/amd64"',
        'platforms."linux/amd64\\u001b[31m"',
        r'images."app.v1".platforms."linux/amd64\u001b[31m": ',
        id="platform",
    ),
    pytest.param(
        "[images.redis]",
        r'[images."a\u001b[31m"]',
        r'images."a\u001b[31m": this cannot name an image',
        id="name",
    ),
    pytest.param(
        "[images.redis]",
        f"[images.{'a' * 129}]",
        f"images.{'a' * 129}: this cannot name an image",
        id="long name",
    ),
    pytest.param(
        'image = "redis:7"',
        'image = "redis:7\\u001b[31m"',
        "images.redis.request.image: ",
        id="requested image",
    ),
    pytest.param(
        'image = "redis:7"',
        'image = "oci:./a\\nb"',
        "images.redis.request.image: ",
        id="requested file",
    ),
    pytest.param(
        'image = "redis:7", platforms = ["linux/arm64"',
        'image = "redis:7", platforms = ["linux/arm64\\u202e"',
        "images.redis.request.platforms[0]: ",
        id="requested platform",
    ),
    pytest.param(
        'image = "redis:7"',
        'image = "redis", version = "7", suffix = "alp\\u001bine"',
        "images.redis.request.suffix: ",
        id="requested suffix",
    ),
]


@pytest.mark.parametrize(("before", "after", "place"), HOSTILE)
def test_every_field_is_as_strict_as_from_a_registry(before: str, after: str, place: str) -> None:
    assert before in TEXT
    with pytest.raises(NixfetchError) as caught:
        Lock.parse(TEXT.replace(before, after, 1))
    message = str(caught.value)
    assert message.startswith(place)
    assert message.isprintable()
    assert message.endswith(REMEDY)
    assert len(message) < 1000


def test_a_layer_may_be_of_any_size() -> None:
    text = TEXT.replace("size = 17", f"size = {2**63 - 1}")
    assert Lock.parse(text).to_toml() == text


SIGNED = replace(
    LOCK.images["redis"],
    vouchers=in_order(
        [
            Voucher(
                signer="z@acme.example", issuer="https://a", digest=LOCK.images["redis"].digest
            ),
            Voucher(signer="b.pub", fingerprint="0" * 64, digest=LOCK.images["redis"].digests[1]),
            Voucher(signer="b.pub", fingerprint="0" * 64, digest=LOCK.images["redis"].digest),
            Voucher(
                signer="a.pub",
                fingerprint="1" * 64,
                digest=LOCK.images["redis"].digest,
                annotations=(("a b", "ü"), ("env", "prod")),
            ),
        ]
    ),
)


def test_who_signed_has_a_line_each_in_order_and_is_read_again() -> None:
    text = Lock(images={"redis": SIGNED}).to_toml()
    assert Lock.parse(text).images == {"redis": SIGNED}
    assert Lock.parse(text).to_toml() == text
    index = f'digest = "sha256:{hexdigits("index")}"'
    manifest = f'digest = "{SIGNED.digests[1]}"'
    keyed = f'  {{ key = "b.pub", fingerprint = "{"0" * 64}", '
    _, _, after = text.partition("\nsigned-by = [\n")
    lines = after.partition("]\n")[0].splitlines()
    assert lines == [
        f'  {{ key = "a.pub", fingerprint = "{"1" * 64}", annotations = {{ "a b" = "ü", '
        f'env = "prod" }}, {index} }},',
        *sorted([f"{keyed}{index} }},", f"{keyed}{manifest} }},"]),
        f'  {{ identity = "z@acme.example", issuer = "https://a", {index} }},',
    ]
    # In whichever order they come, they are written in this one.
    assert in_order(reversed(SIGNED.vouchers)) == SIGNED.vouchers


def test_a_lock_without_signers_has_no_such_key() -> None:
    assert "signed-by" not in TEXT
    assert Lock.parse(TEXT).images["redis"].vouchers == ()


DIGESTS = st.one_of(
    st.binary(min_size=32, max_size=32).map(lambda b: Digest(algorithm="sha256", hex=b.hex())),
    st.binary(min_size=64, max_size=64).map(lambda b: Digest(algorithm="sha512", hex=b.hex())),
)
# One digest has one size.
BLOBS = DIGESTS.map(lambda digest: Blob(digest=digest, size=int(digest.hex[:5], 16)))
PLATFORMS = st.sampled_from(
    [Platform.parse(f"linux/{text}") for text in ("amd64", "arm64", "arm/v7", "386", "riscv64")]
)
REFERENCES = st.sampled_from(
    ["redis", "redis:7", "a.b:1/c/d", f"redis:7@sha256:{'0' * 64}", "[::1]:5000/x"]
)
FOLLOWS = st.sampled_from(
    [
        {"version": "^2.1"},
        {"version": ">=1.2, <2-rc"},
        {"version": "7.x", "suffix": "alpine"},
        {"tag-pattern": r"^RELEASE\.(?P<version>[\d\"']+)$"},
        {"version": "*", "tag-pattern": "(?P<version>.+)"},
    ]
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    reference = Reference.parse(draw(REFERENCES))
    follow = Follow.from_table(Table(draw(FOLLOWS), "")) if draw(st.booleans()) else None
    reference = reference.name if follow is not None else reference
    return Request(
        image=str(reference),
        reference=reference,
        platforms=draw(st.none() | st.lists(PLATFORMS, min_size=1, unique=True).map(tuple)),
        follow=follow,
        frozen=draw(st.none() | st.booleans()),
    )


LOCKED_PLATFORMS = st.builds(
    LockedPlatform,
    manifest=BLOBS,
    media_type=st.sampled_from(MANIFEST_TYPES),
    config=BLOBS,
    layers=st.lists(BLOBS, max_size=3).map(tuple),
)


@st.composite
def locked_images(draw: st.DrawFn) -> LockedImage:
    asked = draw(requests())
    assert isinstance(asked.reference, Reference)
    tags = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,20}", fullmatch=True)
    return LockedImage(
        request=asked,
        repository=asked.reference.name,
        tag=asked.reference.tagged.tag if asked.follow is None else draw(st.none() | tags),
        digest=asked.reference.digest or draw(DIGESTS),
        platforms=draw(st.dictionaries(PLATFORMS, LOCKED_PLATFORMS, min_size=1, max_size=2)),
    )


NAMES = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.+-]{0,9}", fullmatch=True)
LOCKS = st.builds(Lock, images=st.dictionaries(NAMES, locked_images(), max_size=3))


@pytest.mark.parametrize(
    ("image", "tag", "message"),
    [
        ("redis:7", '"8"', "tag: the request is for the tag '7'"),
        ("redis", '"8"', "tag: the request is for the tag 'latest'"),
        ("redis:7", None, "tag: the request is for the tag '7'"),
        (f"redis@sha256:{'0' * 64}", '"7"', "tag: the request is for a digest alone"),
        (f"redis:7@sha256:{'0' * 64}", '"8"', "tag: the request is for the tag '7'"),
        (f"redis:7@sha256:{'1' * 64}", '"7"', f"digest: the request is for sha256:{'1' * 64}"),
        ("acme/redis:7", '"7"', "repository: the request is for 'docker.io/acme/redis'"),
        ("redis", '"latest"', None),
        (f"redis:7@sha256:{'0' * 64}", '"7"', None),
    ],
)
def test_the_lock_is_of_the_image_that_images_toml_names(
    image: str, tag: str | None, message: str | None
) -> None:
    hex_digest = "0" * 64
    text = (
        f'version = 1\n[images.redis]\nrequest = {{ image = "{image}" }}\n'
        f'repository = "docker.io/library/redis"\ndigest = "sha256:{hex_digest}"\n'
        + (f"tag = {tag}\n" if tag else "")
        + '[images.redis.platforms."linux/amd64"]\nlayers = []\n'
        f'config = {{ sha256 = "{hex_digest}", size = 1 }}\n'
        f'manifest = {{ sha256 = "{"1" * 64}", size = 1, media-type = "{MANIFEST_TYPES[0]}" }}\n'
    )
    if message is None:
        assert Lock.parse(text).images
        return
    with pytest.raises(NixfetchError) as caught:
        Lock.parse(text)
    assert str(caught.value).startswith(f"images.redis.{message}; ")


@given(LOCKS)
def test_every_lock_survives_its_text_byte_for_byte(lock: Lock) -> None:
    text = lock.to_toml()
    assert Lock.parse(text) == lock
    assert Lock.parse(text).to_toml() == text
    # Nix has a parser of its own; TOML 1.0 is what all of them agree on.
    document = tomllib.loads(text)
    assert document == tomli.loads(text)
    assert list(document.get("images", {})) == sorted(lock.images)


@given(LOCKS)
def test_the_order_in_which_images_came_leaves_no_trace(lock: Lock) -> None:
    backwards = Lock(images=dict(reversed(list(lock.images.items()))))
    assert backwards.to_toml() == lock.to_toml()


@given(st.text())
def test_any_text_is_read_or_refused(text: str) -> None:
    lock = read_or_refused(Lock.parse, f"version = 1\n{text}")
    assert lock in (None, Lock())
