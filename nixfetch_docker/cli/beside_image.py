"""What stands beside an image, in words, and how it is looked for: many places at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from ..base import printable, units
from ..errors import NixfetchError

if TYPE_CHECKING:
    from ..oci.image import Image
    from ..signatures.attestation import Attestation
    from ..signatures.beside import Beside, Map


# So many places are looked at at once, beside an index and a manifest.
LOOKS = 9


@contextmanager
def looking() -> Iterator[Map]:
    """A `map` that looks at several places at once: each takes a round trip or two."""
    from concurrent.futures import ThreadPoolExecutor

    from ..lockfile.jobs import mapping

    with ThreadPoolExecutor(LOOKS) as pool:
        yield mapping(pool)


def attestation_text(attestation: Attestation, *, whole: bool) -> str:
    """The predicate of an attestation, or the `whole` statement, as JSON for programs."""
    try:
        return printable.json_text(attestation.statement if whole else attestation.predicate)
    except RecursionError:
        raise NixfetchError("its values are nested too deeply") from None


def to_json(found: Sequence[Beside]) -> dict[str, Any]:
    """The keys `signatures`, `attestations` and `documents` for programs."""
    from ..signatures.beside import Kind
    from ..signatures.predicate import name_of

    return {
        f"{kind.value}s": [
            {
                "digest": str(one.content.digest),
                "size": one.content.size,
                "subject": str(one.subject),
                "media-type": one.media_type,
                **({} if kind is Kind.SIGNATURE else {"type": name_of(one.type) or None}),
                **({"predicate-type": one.type or None} if kind is Kind.ATTESTATION else {}),
                "signed": one.is_signed,
                "where": one.where,
            }
            for one in found
            if one.kind is kind
        ]
        for kind in Kind
    }


def to_lines(found: Sequence[Beside], image: Image, width: int) -> Iterator[str]:
    """A line for each, the kind in a column of `width`; one that says so where there is nothing."""
    if not found:
        yield f"{'signatures':<{width}}none, and no attestations"
    sizes = [units.size(one.content.size) for one in found]
    widest = max(map(len, sizes), default=0)
    for one, size in sorted(zip(found, sizes, strict=True), key=lambda pair: _order(pair[0])):
        of = "its index" if one.subject == image.index else "its manifest"
        unsigned = "" if one.is_signed else ", without a signature of its own"
        text = (
            f"{one.content.digest.short}  {size:>{widest}}  {describe(one)}, for {of}, in "
            f"{one.where}{unsigned}"
        )
        yield f"{f'{one.kind.value} ':<{width}}{printable.one_line(text)}"


def describe(one: Beside) -> str:
    """The type of an attestation, with the name that people use for it, or the media type."""
    from ..base.redact import quote
    from ..signatures.predicate import name_of

    name = name_of(one.type)
    shown = quote(one.type or one.media_type)
    return f"{name} ({shown})" if name else shown


def _order(one: Beside) -> tuple[int, str, str]:
    from ..signatures.beside import Kind

    return list(Kind).index(one.kind), one.type, str(one.content.digest)
