"""Images that a Nix file pins by the manifest in another file, as nix2container does.

Their registry is asked for the manifest that has the same config: what is in the file may lack the
last newline of what the registry has, so that its bytes say nothing certain.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ...base import strict_json
from ...base.table import Table
from ...base.values import replace
from ...errors import NixfetchError
from ...oci.digest import Digest
from ..found.image import Findings, FoundImage, NotImportable, absent


def read_manifests(findings: Findings, directory: Path, text_of: Callable[[Path], str]) -> Findings:
    """The findings with the config of each manifest, whose file is named from `directory`.

    `text_of` returns the text of a file; it raises `FileNotFoundError` and `NixfetchError`. An
    image whose manifest cannot be read becomes a problem.
    """
    read = replace(findings, images=[], problems=list(findings.problems))
    for image in findings.images:
        try:
            read.images.append(_read(image, directory, text_of) if image.manifest else image)
        except NixfetchError as error:
            read.problems.append(error.at(image.place))
    return read


def _read(image: FoundImage, directory: Path, text_of: Callable[[Path], str]) -> FoundImage:
    path = directory / image.manifest
    try:
        table = Table.of(strict_json.parse(text_of(path)))
        if "config" not in table:
            raise NotImportable(
                "it is not the manifest of an image", hint="write it anew by getManifest"
            )
        config = table.table("config").parse("digest", Digest.parse)
    except FileNotFoundError:
        raise absent(path) from None
    except NixfetchError as error:
        raise error.at(str(path)) from None
    return replace(image, config=config, manifest="")
