"""Images of Nix files by the arguments of functions that pull them.

Those are nixpkgs' `pullImage`, also that of nix2container, and nixpkgs' former `fetchdocker`, whose
calls docker2nix wrote, https://github.com/awakesecurity/hocker#docker2nix; nix/compat/ has the
functions.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from functools import partial

from ...base.values import replace
from ...endpoints.registry_url import RegistryUrl
from ...errors import NixfetchError
from ...lockfile.place import short_name
from ...nix import base32
from ...oci.digest import Digest
from ...oci.reference import DEFAULT_TAG, Reference
from ..found.image import ADD_IT, Findings, FoundImage, NotImportable
from ..found.pull_image import from_pull_image, required
from ..nix_language.file import File, Place
from ..nix_language.syntax import AttributeSet, Expression, Function, Other, call, last_name
from ..nix_language.value import Scope, Value, union

_BASE32_LENGTH = 52  # of a sha256
_NAMES = ("imageName", "imageDigest")
_FETCHDOCKER = ("imageConfig", "imageLayers")
_PULL = "pullImage"
# https://github.com/nlewo/nix2container#nix2containerpullimagefrommanifest
_FROM_MANIFEST = "pullImageFromManifest"
# How far lists and sets are searched for the arguments of pullImage.
_DEEPEST = 3


class Pulls:
    """Finds the images that functions of a file pull; `findings` has what was found."""

    def __init__(self, file: File) -> None:
        self.findings = Findings()
        self.texts: set[str] = set()
        self._file = file
        self._seen: set[object] = set()

    def find(self) -> None:
        """Find all of them."""
        for place in self._file.sets:
            value = self._value(place)
            if all(name in value.attributes for name in _FETCHDOCKER):
                self._try(place, value, self._of_docker2nix)
            elif all(name in value.attributes for name in _NAMES):
                self._pull(place, value)
        for place in self._file.calls:
            self._call(place)

    def _value(self, place: Place) -> Value:
        return self._file.evaluation.at(place.expression, place.scope)

    def _pull(self, place: Place, value: Value) -> None:
        """Take the image of the arguments of pullImage, once."""
        key = tuple(later.key for name in _NAMES for later in value.attributes.get(name, ()))
        if key and key in self._seen:
            return
        self._seen.add(key)
        self._try(place, value, self._of_pull_image)

    def _try(self, place: Place, value: Value, read: Callable[[Value], FoundImage]) -> None:
        line = f"line {place.expression.line}"
        try:
            image = replace(read(value), place=line)
        except NixfetchError as error:
            self.findings.problems.append(error.at(line))
        else:
            self.findings.images.append(image)

    def _string(self, value: Value, name: str) -> str | None:
        """The string of an attribute, or None where it is computed or missing."""
        definitions = value.attributes.get(name, ())
        text = union(map(self._file.evaluation.value, definitions)).only_string
        if text is not None:
            self.texts.add(text)
        return text

    def _of_pull_image(self, value: Value) -> FoundImage:
        image = from_pull_image(partial(self._string, value))
        computed = [
            name
            for name in ("finalImageTag", "arch")
            if name in value.attributes and self._string(value, name) is None
        ]
        if "finalImageTag" in computed:
            image = replace(image, reference=replace(image.reference, tag=None))
        if computed:
            remark = f"its {' and '.join(computed)} is not a string in this file; add it yourself"
            image = replace(image, remark=remark)
        return image

    def _of_docker2nix(self, value: Value) -> FoundImage:
        """The image of a call of `fetchdocker`, pinned by the hash in its `fetchDockerConfig`."""
        string = partial(self._string, value)
        registry = RegistryUrl.parse(required(string, "registry"))
        parts = [registry.host, string("repository"), required(string, "imageName")]
        tag = required(string, "tag")
        reference = Reference.parse(f"{'/'.join(filter(None, parts))}:{tag}")
        config = union(map(self._file.evaluation.value, value.attributes["imageConfig"]))
        sha256 = self._string(config, "sha256")
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

    def _of_manifest(self, value: Value) -> FoundImage:
        """The image of a call of nix2container's `pullImageFromManifest`, pinned by a file."""
        string = partial(self._string, value)
        name = required(string, "imageName")
        registry = string("registryUrl")
        tag = string("imageTag") or DEFAULT_TAG
        reference = Reference.parse(f"{registry}/{name}:{tag}" if registry else f"{name}:{tag}")
        paths = [
            one.expression.text
            for one in value.attributes.get("imageManifest", ())
            if isinstance(one.expression, Other) and one.expression.text
        ]
        if len(paths) != 1:
            raise NotImportable("its imageManifest is not the path of a file", hint=ADD_IT).at(
                reference.familiar
            )
        return FoundImage(
            place="", name=short_name(reference), reference=reference, manifest=paths[0]
        )

    def _call(self, place: Place) -> None:
        """Take the images that a call of pullImage has for arguments, or tell what it lacks."""
        function, arguments = call(place.expression)
        if last_name(function) == _FROM_MANIFEST and arguments:
            value = self._file.evaluation.at(arguments[0], place.scope)
            self._try(
                Place(expression=arguments[0], scope=place.scope, path=()), value, self._of_manifest
            )
            return
        if last_name(function) == _PULL:
            given = arguments[:1]
        elif any(map(_is_pull_image, arguments)):
            # As in `map pullImage [ … ]`.
            given = [argument for argument in arguments if not _is_pull_image(argument)]
        else:
            return
        is_known = False
        for argument in given:
            value = self._file.evaluation.at(argument, place.scope)
            direct = last_name(function) == _PULL
            if direct and isinstance(argument, AttributeSet):
                self._pull(Place(expression=argument, scope=place.scope, path=()), value)
                is_known = True
            is_known = self._has_images(argument, value, _DEEPEST) or is_known
        if not is_known and ("call", id(function)) not in self._seen and given:
            self._seen.add(("call", id(function)))
            self.findings.problems.append(
                NotImportable(
                    "the argument of pullImage is not in this file",
                    hint="import the file that defines it",
                ).at(f"line {function.line}")
            )

    def _has_images(self, argument: Expression, value: Value, depth: int) -> bool:
        """Take the images in a value: a set of arguments, or sets and lists of them."""
        if all(name in value.attributes for name in _NAMES):
            self._pull(Place(expression=argument, scope=Scope(names={}), path=()), value)
            return True
        if depth == 0:
            return False
        inner = [one for definitions in value.attributes.values() for one in definitions]
        found = [
            self._has_images(one.expression, self._file.evaluation.value(one), depth - 1)
            for one in (*inner, *value.items)
        ]
        return any(found)


def _is_pull_image(expression: Expression) -> bool:
    """Whether an expression is pullImage, or a function that returns it."""
    while isinstance(expression, Function):
        expression = expression.body
    return last_name(expression) == _PULL


def _parse_sha256(text: str) -> Digest:
    """A sha256 in base 32 or hexadecimal, with or without its algorithm in front.

    https://nix.dev/manual/nix/latest/language/advanced-attributes#adv-attr-outputHash
    """
    encoded = text.removeprefix("sha256:")
    if len(encoded) == _BASE32_LENGTH:
        with suppress(ValueError):
            encoded = base32.decode(encoded).hex()
    return Digest.parse(f"sha256:{encoded}")
