"""Images named in files of Nix: by pullImage, nix-prefetch-docker, NixOS and docker2nix."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import replace

from ..endpoints.registry_url import RegistryUrl
from ..errors import NixfetchError
from ..oci.digest import Digest
from ..oci.platform import Platform
from ..oci.reference import DEFAULT_TAG, Reference
from .found import Findings, Found, NotImportable, last_part, parse_pulled
from .nix_parser import AttributeSet, Binding, File, parse

# Nix's base 32: without the letters that make words, the last digit first.
_BASE_32 = "0123456789abcdfghijklmnpqrsvwxyz"
_BASE_32_LENGTH = 52
_WRITE_IT = "write the image into images.toml yourself"


def find_in_nix(text: str) -> Findings:
    """All images in a file of Nix; raises `InvalidNix`."""
    file = parse(text)
    findings = Findings()
    for attributes in sorted(file.sets, key=lambda one: one.first):
        place = f"line {attributes.line}"
        try:
            if (found := _read(file, attributes)) is not None:
                findings.found.append(replace(found, place=place))
        except NixfetchError as error:
            findings.problems.append(error.at(place))
    for binding in _images_of_containers(file):
        place = f"line {binding.line}"
        try:
            findings.found.append(replace(_from_container(binding), place=place))
        except NixfetchError as error:
            findings.problems.append(error.at(place))
    findings.problems.extend(_calls_of_what_is_elsewhere(file))
    return findings


def _read(file: File, attributes: AttributeSet) -> Found | None:
    """The image that an attribute set tells of, None where it is about something else."""
    if "imageConfig" in attributes and "imageLayers" in attributes:
        return _from_docker2nix(file, attributes)
    if attributes.head == "pullImage" or _is_output(attributes):
        found = from_pull_image(attributes.string)
        computed = [
            name
            for name in ("finalImageTag", "arch")
            if name in attributes and attributes.string(name) is None
        ]
        if "finalImageTag" in computed:
            found = replace(found, reference=replace(found.reference, tag=None))
        if computed:
            remark = f"its {' and '.join(computed)} is not written out here; write it yourself"
            found = replace(found, remark=remark)
        return found
    return None


def from_pull_image(attribute: Callable[[str], str | None]) -> Found:
    """The image of pullImage's arguments, or of nix-prefetch-docker's output.

    `attribute` gives an argument by its name, None for what is not there or not known. Raises
    `NotImportable`, and the errors of the values.
    """
    named = Reference.parse(_required(attribute, "imageName")).name
    try:
        digest = Digest.parse(_required(attribute, "imageDigest"))
    except NixfetchError as error:
        raise error.at(named.familiar) from None
    tag = attribute("finalImageTag") or DEFAULT_TAG
    reference = Reference.parse(f"{named}:{tag}@{digest}")
    architecture = attribute("arch")
    platform = None
    if architecture is not None:
        platform = Platform.of(attribute("os") or "linux", architecture)
    final = attribute("finalImageName")
    remark = ""
    if final is not None and final not in {str(named), named.familiar}:
        remark = f"it was loaded as {final}; image.override {{ name = …; }} does that in Nix"
    return Found(
        place="", name=last_part(named), reference=reference, platform=platform, remark=remark
    )


def _from_docker2nix(file: File, attributes: AttributeSet) -> Found:
    registry = RegistryUrl.parse(_required(attributes.string, "registry"))
    parts = [registry.host, attributes.string("repository"), attributes.string("imageName")]
    if parts[2] is None:
        raise _computed("imageName")
    name = "/".join(filter(None, parts))
    tag = _required(attributes.string, "tag")
    reference = Reference.parse(f"{name}:{tag}")
    configs = [
        one
        for one in file.sets
        if one.head == "fetchDockerConfig" and attributes.first < one.first < attributes.last
    ]
    pinned = configs[0].string("sha256") if configs else None
    if pinned is None:
        raise NotImportable("its imageConfig is not written out here", hint=_WRITE_IT).at(
            reference.familiar
        )
    return Found(
        place="",
        name=last_part(reference),
        reference=reference,
        config=_nix_sha256(pinned),
        plain_http=registry.plain_http is True,
    )


def _images_of_containers(file: File) -> Iterator[Binding]:
    """`containers.NAME.image` of virtualisation.oci-containers, where it is a registry's."""
    bindings = [binding for binding in file.bindings if not binding.is_local]
    paths = {binding.path for binding in bindings}
    of_sets = {path[:-1] for path in paths}
    for binding in bindings:
        match binding.path:
            case ["options", *_]:
                continue
            case [*_, "containers", _, "image"] if binding.path not in of_sets:
                # What names a file is loaded under the image's name, and never pulled.
                files = {(*binding.path[:-1], name) for name in ("imageFile", "imageStream")}
                if not files & paths:
                    yield binding


def _from_container(binding: Binding) -> Found:
    name, text = binding.path[-2], binding.string
    if text is None:
        raise NotImportable(f"the image of {name!r} is not written out here", hint=_WRITE_IT)
    return Found(place="", name=name, reference=parse_pulled(text))


def _nix_sha256(text: str) -> Digest:
    """A sha256 in any form that Nix takes: base 32, hexadecimal, or with its algorithm."""
    text = text.removeprefix("sha256:")
    if len(text) != _BASE_32_LENGTH or not set(text) <= set(_BASE_32):
        return Digest.parse(f"sha256:{text}")
    number = 0
    for letter in text:
        number = number * 32 + _BASE_32.index(letter)
    # Nix writes the bytes of a hash as one number, its first byte being the least.
    return Digest.parse(f"sha256:{(number % 2**256).to_bytes(32, 'little').hex()}")


def _calls_of_what_is_elsewhere(file: File) -> Iterator[NixfetchError]:
    """Arguments of pullImage that are no attribute set in this file."""
    tokens = file.tokens
    here = {one.path[-1] for one in file.sets if one.path and _is_output(one)}
    is_inherited = False
    for position, token in enumerate(tokens[:-1]):
        if token.is_sign("inherit") or token.is_sign(";"):
            is_inherited = token.text == "inherit"
        if is_inherited or not (token.kind == "name" and token.text == "pullImage"):
            continue
        if not _is_written_out(file, position + 1, here):
            yield NotImportable(
                "what pullImage is given is not written out here",
                hint="import the file that it is in",
            ).at(f"line {token.line}")


def _is_written_out(file: File, position: int, here: Container[str]) -> bool:
    """Whether this file has the argument that begins at a position, as far as one can tell.

    `here` are the names of what it has.
    """
    token = file.tokens[position]
    if token.is_sign("(") or token.is_sign("["):
        end = _closing(file, position)
        inside = file.tokens[position:end]
        if token.is_sign("(") and any(one.is_sign("//") for one in inside):
            return False
        has_one = any(_is_output(one) and position < one.first < end for one in file.sets)
        return has_one or any(one.kind == "name" and one.text in here for one in inside)
    if token.kind == "name" and token.text not in {"rec", "in", "then", "else"}:
        return _last_of_path(file, position) in here
    return token.kind != "other"


def _is_output(attributes: AttributeSet) -> bool:
    """Whether it is what nix-prefetch-docker prints, or pullImage takes."""
    return "imageName" in attributes and "imageDigest" in attributes


def _last_of_path(file: File, position: int) -> str:
    """The last name of `a.b.c`, which begins at a position."""
    tokens = file.tokens
    while position + 2 < len(tokens) and tokens[position + 1].is_sign("."):
        position += 2
    return tokens[position].text


def _closing(file: File, opening: int) -> int:
    """The position of the sign that closes the one at `opening`."""
    begins = file.tokens[opening].text
    ends = {"(": ")", "[": "]"}[begins]
    depth = 0
    for position in range(opening, len(file.tokens)):
        depth += file.tokens[position].is_sign(begins) - file.tokens[position].is_sign(ends)
        if depth == 0:
            return position
    return len(file.tokens)


def _required(attribute: Callable[[str], str | None], name: str) -> str:
    value = attribute(name)
    if value is None:
        raise _computed(name)
    return value


def _computed(name: str) -> NotImportable:
    return NotImportable(f"its {name} is not written out here", hint=_WRITE_IT)
