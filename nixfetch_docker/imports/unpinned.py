"""Images that follow their tags from now on, instead of the digests that pin them."""

from __future__ import annotations

from ..base.values import replace
from .found.image import Findings, FoundImage, NotImportable


def unpinned(findings: Findings) -> Findings:
    """The findings with each image at its tag alone; what became of a pin is in its remark.

    An image without a tag of its own stays pinned, and is a problem as well.
    """
    found = replace(findings, images=[], problems=list(findings.problems))
    for image in findings.images:
        pin = image.reference.digest or image.config
        if pin is None:
            found.images.append(image)
        elif image.reference.tag is None or image.is_tag_assumed:
            found.images.append(image)
            written = (
                replace(image.reference, tag=None) if image.is_tag_assumed else image.reference
            )
            error = NotImportable(
                "no tag is written beside its digest, so it stays pinned",
                hint="write the tag to follow into images.toml, in place of the digest",
                image=str(written),
            )
            found.problems.append(error.at(image.reference.familiar).at(image.place))
        else:
            found.images.append(_unpinned(image, f"it follows its tag now, no longer {pin}"))
    return found


def _unpinned(image: FoundImage, remark: str) -> FoundImage:
    return replace(
        image,
        reference=replace(image.reference, digest=None),
        config=None,
        remark="; ".join(filter(None, [image.remark, remark])),
    )
