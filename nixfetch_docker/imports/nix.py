"""Images named in Nix files: by pullImage, nix-prefetch-docker, oci-containers and docker2nix.

docker2nix wrote calls of nixpkgs' former `fetchdocker`,
https://github.com/awakesecurity/hocker#docker2nix; nix/compat/ has the functions.
"""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import suppress

from ..base.redact import literal
from ..base.values import replace
from ..endpoints.registry_url import RegistryUrl
from ..errors import NixfetchError
from ..lockfile.place import short_name
from ..nix import base32
from ..oci.digest import Digest
from ..oci.reference import Reference
from .found import Findings, FoundImage, NotImportable, parse_pulled
from .nix_parser import AttributeSet, Binding, File, parse
from .pull_image import ADD_IT, from_pull_image, required

_BASE32_LENGTH = 52  # of a sha256
_CLOSING = {"(": ")", "[": "]"}


def find_in_nix(text: str) -> Findings:
    """All images in a Nix file; raises `InvalidNix`."""
    file = parse(text)
    findings = Findings()
    for attributes in sorted(file.sets, key=lambda one: one.first):
        place = f"line {attributes.line}"
        try:
            if (image := _image_of(file, attributes)) is not None:
                findings.images.append(replace(image, place=place))
        except NixfetchError as error:
            findings.problems.append(error.at(place))
    for binding in _container_images(file):
        place = f"line {binding.line}"
        try:
            findings.images.append(replace(_image_of_container(binding), place=place))
        except NixfetchError as error:
            findings.problems.append(error.at(place))
    findings.problems.extend(_calls_with_unknown_argument(file))
    return findings


def _image_of(file: File, attributes: AttributeSet) -> FoundImage | None:
    """The image that an attribute set describes, or None for other attribute sets."""
    if "imageConfig" in attributes and "imageLayers" in attributes:
        return _image_of_docker2nix(file, attributes)
    if attributes.head != "pullImage" and not _has_image(attributes):
        return None
    image = from_pull_image(attributes.string)
    computed = [
        name
        for name in ("finalImageTag", "arch")
        if name in attributes and attributes.string(name) is None
    ]
    if "finalImageTag" in computed:
        image = replace(image, reference=replace(image.reference, tag=None))
    if computed:
        remark = f"its {' and '.join(computed)} is not a string in this file; add it yourself"
        image = replace(image, remark=remark)
    return image


def _image_of_docker2nix(file: File, attributes: AttributeSet) -> FoundImage:
    """The image of a call of `fetchdocker`, pinned by the hash in its `fetchDockerConfig`."""
    registry = RegistryUrl.parse(required(attributes.string, "registry"))
    parts = [
        registry.host,
        attributes.string("repository"),
        required(attributes.string, "imageName"),
    ]
    tag = required(attributes.string, "tag")
    reference = Reference.parse(f"{'/'.join(filter(None, parts))}:{tag}")
    configs = [
        inner
        for inner in file.sets
        if inner.head == "fetchDockerConfig" and attributes.first < inner.first < attributes.last
    ]
    sha256 = configs[0].string("sha256") if configs else None
    if sha256 is None:
        raise NotImportable("its imageConfig has no sha256 in this file", hint=ADD_IT).at(
            reference.familiar
        )
    return FoundImage(
        place="",
        name=short_name(reference),
        reference=reference,
        config=_parse_sha256(sha256),
        plain_http=registry.plain_http is True,
    )


def _parse_sha256(text: str) -> Digest:
    """A sha256 in base 32 or hexadecimal, with or without its algorithm in front.

    https://nix.dev/manual/nix/latest/language/advanced-attributes#adv-attr-outputHash
    """
    encoded = text.removeprefix("sha256:")
    if len(encoded) == _BASE32_LENGTH:
        with suppress(ValueError):
            encoded = base32.decode(encoded).hex()
    return Digest.parse(f"sha256:{encoded}")


def _container_images(file: File) -> Iterator[Binding]:
    """The `containers.NAME.image` of virtualisation.oci-containers that are pulled."""
    bindings = [binding for binding in file.bindings if not binding.is_local]
    paths = {binding.path for binding in bindings}
    parents = {path[:-1] for path in paths}
    for binding in bindings:
        match binding.path:
            case ["options", *_]:
                continue
            case [*_, "containers", _, "image"] if binding.path not in parents:
                # An image that is loaded from a file is not pulled.
                loaded = {(*binding.path[:-1], name) for name in ("imageFile", "imageStream")}
                if not loaded & paths:
                    yield binding


def _image_of_container(binding: Binding) -> FoundImage:
    name, text = binding.path[-2], binding.string
    if text is None:
        raise NotImportable(
            f"the image of {literal(name)} is not a string in this file", hint=ADD_IT
        )
    return FoundImage(place="", name=name, reference=parse_pulled(text))


def _calls_with_unknown_argument(file: File) -> Iterator[NotImportable]:
    """An error for every call of pullImage whose argument is not in this file."""
    tokens = file.tokens
    names = {one.path[-1] for one in file.sets if one.path and _has_image(one)}
    is_inherited = False
    for position, token in enumerate(tokens[:-1]):
        if token.is_sign("inherit") or token.is_sign(";"):
            is_inherited = token.text == "inherit"
        if is_inherited or not (token.kind == "name" and token.text == "pullImage"):
            continue
        if not _is_known(file, position + 1, names):
            yield NotImportable(
                "the argument of pullImage is not in this file",
                hint="import the file that defines it",
            ).at(f"line {token.line}")


def _is_known(file: File, position: int, names: Container[str]) -> bool:
    """Whether the argument that begins at `position` is in this file.

    `names` are bound to an image in this file.
    """
    token = file.tokens[position]
    if token.is_sign("(") or token.is_sign("["):
        end = _closing(file, position)
        inside = file.tokens[position:end]
        if token.is_sign("(") and any(one.is_sign("//") for one in inside):
            return False
        has_set = any(_has_image(one) and position < one.first < end for one in file.sets)
        return has_set or any(one.kind == "name" and one.text in names for one in inside)
    if token.kind == "name" and token.text not in {"rec", "in", "then", "else"}:
        return _last_of_path(file, position) in names
    return token.kind != "other"


def _has_image(attributes: AttributeSet) -> bool:
    """Whether an attribute set has the attributes of `pullImage` that name an image."""
    return "imageName" in attributes and "imageDigest" in attributes


def _last_of_path(file: File, position: int) -> str:
    """The last name of the path `a.b.c` that begins at `position`."""
    tokens = file.tokens
    while position + 2 < len(tokens) and tokens[position + 1].is_sign("."):
        position += 2
    return tokens[position].text


def _closing(file: File, opening: int) -> int:
    """The position of the bracket that closes the one at `opening`."""
    begin = file.tokens[opening].text
    end = _CLOSING[begin]
    depth = 0
    for position in range(opening, len(file.tokens)):
        depth += file.tokens[position].is_sign(begin) - file.tokens[position].is_sign(end)
        if depth == 0:
            return position
    return len(file.tokens)
