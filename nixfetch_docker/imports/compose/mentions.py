"""Images that a service of compose has elsewhere than in `image`: they are told, and not taken."""

from __future__ import annotations

from collections.abc import Iterator

from ...base.redact import literal
from ...base.table import Table, dotted
from ..found.candidates import tell_candidates
from ..found.image import ADD_IT, NotImportable
from ..found.objects import objects, strings

# What is read, and what is built.
_OTHERS = frozenset({"build", "extends", "image", "platform"})


def image_mentions(service: Table) -> Iterator[NotImportable]:
    """An error for each volume of a service that is an image, and for each text that looks so."""
    yield from _image_volumes(service)
    values = {key: value for key, value in service.values.items() if key not in _OTHERS}
    for path, table in objects(values):
        if path[:1] == ("volumes",) and table.get("type") == "image":
            continue
        for where, text in strings(path, table):
            for error in tell_candidates(text, ()):
                yield error.at(f"{service.path}.{dotted(where)}")


def _image_volumes(service: Table) -> Iterator[NotImportable]:
    """An error for each image that a service mounts, which is not read.

    https://github.com/compose-spec/compose-spec/blob/main/05-services.md#volumes
    """
    volumes = service.values.get("volumes")
    for position, volume in enumerate(volumes if isinstance(volumes, list) else []):
        if isinstance(volume, dict) and volume.get("type") == "image":
            image = str(volume.get("source"))
            yield NotImportable(
                f"the image {literal(image)} of a volume is left out", hint=ADD_IT, image=image
            ).at(f"{service.where('volumes')}[{position}]")
