from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixfetch_docker.oci.digest import Digest, InvalidDigest

# FIPS 180-4's hashes of nothing and of "abc".
EMPTY_SHA256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
ABC_SHA256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
ABC_SHA512 = (
    "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
    "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
)


@pytest.mark.parametrize(
    ("text", "algorithm", "encoded"),
    [
        pytest.param(f"sha256:{ABC_SHA256}", "sha256", ABC_SHA256, id="sha256"),
        pytest.param(f"sha512:{ABC_SHA512}", "sha512", ABC_SHA512, id="sha512"),
    ],
)
def test_a_digest_is_its_algorithm_and_its_hex(text: str, algorithm: str, encoded: str) -> None:
    digest = Digest.parse(text)
    assert (digest.algorithm, digest.hex) == (algorithm, encoded)
    assert str(digest) == text


WHAT_IT_IS = "a digest is sha256:… or sha512:…, in hexadecimal"
SHA256_IS = "sha256: is followed by 64 lower-case hexadecimal digits"
SHA512_IS = "sha512: is followed by 128 lower-case hexadecimal digits"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        pytest.param("", WHAT_IT_IS, id="empty"),
        pytest.param(ABC_SHA256, WHAT_IT_IS, id="hex alone"),
        pytest.param("sha256", WHAT_IT_IS, id="algorithm alone"),
        pytest.param(f"md5:{'0' * 32}", WHAT_IT_IS, id="unregistered algorithm"),
        pytest.param(f"SHA256:{ABC_SHA256}", WHAT_IT_IS, id="algorithm in upper case"),
        pytest.param(f" sha256:{ABC_SHA256}", WHAT_IT_IS, id="space before"),
        pytest.param("sha256:", SHA256_IS, id="no hex"),
        pytest.param(f"sha256:{ABC_SHA256[:-1]}", SHA256_IS, id="too short"),
        pytest.param(f"sha256:{ABC_SHA256}0", SHA256_IS, id="too long"),
        pytest.param(f"sha256:{ABC_SHA256.upper()}", SHA256_IS, id="upper case"),
        pytest.param(f"sha256:{'g' * 64}", SHA256_IS, id="no hexadecimal digits"),
        pytest.param(f"sha256:{'0' * 63}\n", SHA256_IS, id="newline at the end"),
        pytest.param(f"sha256:{'٣' * 64}", SHA256_IS, id="digits of another script"),
        pytest.param(f"sha256:../../{'0' * 58}", SHA256_IS, id="path"),
        pytest.param(f"sha512:{ABC_SHA256}", SHA512_IS, id="length of another algorithm"),
    ],
)
def test_other_texts_are_refused(text: str, hint: str) -> None:
    with pytest.raises(InvalidDigest) as caught:
        Digest.parse(text)
    assert str(caught.value) == f"{text!r} is not a digest; {hint}"


@pytest.mark.parametrize(
    ("data", "algorithm", "encoded"),
    [
        pytest.param(b"", "sha256", EMPTY_SHA256, id="nothing"),
        pytest.param(b"abc", "sha256", ABC_SHA256, id="sha256"),
        pytest.param(b"abc", "sha512", ABC_SHA512, id="sha512"),
    ],
)
def test_content_has_the_digest_that_the_standard_gives(
    data: bytes, algorithm: str, encoded: str
) -> None:
    assert Digest.of(data, algorithm) == Digest(algorithm=algorithm, hex=encoded)


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_a_digest_matches_its_content_alone(algorithm: str) -> None:
    digest = Digest.of(b"abc", algorithm)
    assert digest.matches(b"abc")
    assert not digest.matches(b"abd")


@pytest.mark.parametrize("algorithm", ["sha256", "sha512"])
def test_the_hasher_computes_the_digest_piece_by_piece(algorithm: str) -> None:
    digest = Digest.of(b"abc", algorithm)
    hasher = digest.hasher()
    for piece in (b"a", b"", b"bc"):
        hasher.update(piece)
    assert hasher.hexdigest() == digest.hex


def test_the_short_form_has_twelve_digits() -> None:
    assert Digest.of(b"abc").short == "sha256:ba7816bf8f01"


@given(st.text() | st.from_regex(r"sha(256|512):[0-9a-fA-F]{62,130}"))
def test_any_text_is_refused_or_kept_to_the_letter(text: str) -> None:
    try:
        digest = Digest.parse(text)
    except InvalidDigest:
        return
    assert str(digest) == text


def test_the_algorithm_ends_at_the_first_colon() -> None:
    with pytest.raises(InvalidDigest, match="sha256: is followed by 64 lower-case"):
        Digest.parse("sha256:0:0")
