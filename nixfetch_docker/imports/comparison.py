"""The images of files beside those of images.toml: what one has, and the other has not."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ..base import toml, toml_writer, units
from ..base.redact import literal
from ..base.values import dataclass, replace
from ..errors import NixfetchError
from ..lockfile.images import Images, Request
from ..lockfile.place import in_registry
from ..oci.platform import Platform
from ..oci.reference import Reference
from .found.image import Findings, FoundImage, NotImportable
from .sameness import has, has_platform, platforms_of

_SHOWN_PLACES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """An image that is not in step; `text` says so.

    `image` is what the files have at `places`, with its platform, or "" where they have none.
    `name` is the one in images.toml, or "", and `request` what stands there.
    """

    text: str
    image: str = ""
    places: Sequence[str] = ()
    name: str = ""
    request: Request | None = None

    @property
    def document(self) -> dict[str, Any]:
        """The difference for programs."""
        kind = "missing" if self.request is None else "different" if self.places else "extra"
        asked = self.request and toml.parse(f"x = {self.request.to_toml()}").table("x").values
        return {
            "kind": kind,
            "image": self.image or None,
            "places": list(self.places),
            "name": self.name or None,
            "asked": dict(asked) if asked else None,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The `differences` between files and images.toml, and how many images are in both.

    `problems` are the errors about images of the files that are not known. `notes` say what else
    was not compared.
    """

    differences: Sequence[Difference]
    problems: Sequence[NixfetchError]
    notes: Sequence[str]
    count: int

    @property
    def is_certain(self) -> bool:
        """Whether all images of the files are known."""
        return not self.problems

    @property
    def document(self) -> dict[str, Any]:
        """The comparison for programs, as docs/reference/import.schema.json describes it."""
        return {
            "version": 1,
            "inStep": not self.differences and self.is_certain,
            "images": self.count,
            "differences": [one.document for one in self.differences],
            "problems": [str(problem) for problem in self.problems],
            "notes": list(self.notes),
        }


def compare(findings: Findings, images: Images, path: str) -> Comparison:
    """Compare what was found in files with the images of the images.toml at `path`.

    Raises the errors of a `tag-pattern` that cannot be tried.
    """
    return _Comparing(images, path).run(findings)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wanted:
    """An image of files, at all of its places."""

    image: FoundImage
    places: Sequence[str]

    @property
    def text(self) -> str:
        platform = self.image.platform
        return self.image.reference.familiar + (f" for {platform}" if platform else "")


class _Comparing:
    def __init__(self, images: Images, path: str) -> None:
        self._path = path
        self._requests: Mapping[str, Request] = images.requests
        self._used: set[str] = set()

    def run(self, findings: Findings) -> Comparison:
        wanted = list(_once(findings.images))
        others = [one for one in wanted if not self._take(one.image)]
        told = [one for one in findings.problems if not self._is_taken(one)]
        problems = [one for one in told if not _is_local(one)]
        differences = [
            Difference(
                text=f"{one.place}: `locked` has {literal(one.name)}, which is not in {self._path}",
                places=[one.place],
                name=one.name,
            )
            for one in findings.uses
            if one.is_certain and one.name not in self._requests
        ]
        self._used |= {one.name for one in findings.uses} & self._requests.keys()
        count = len(self._used)
        differences += [self._difference(one) for one in others]
        whole = Comparison(differences=differences, problems=problems, notes=[], count=count)
        notes = [*(one.cause for one in told if _is_local(one)), *findings.left_out]
        for name, request in self._requests.items():
            if name in self._used:
                continue
            if not in_registry(request.reference):
                notes.append(
                    f"{self._path}: {_key(name)}: {request.image} is an image in a file, so it is "
                    "not compared"
                )
                continue
            known = "" if whole.is_certain else ", as far as they could be read"
            what = request.image if request.follow is None else _entry(request)
            differences.append(
                Difference(
                    text=f"{self._path}: {_key(name)}: {what} is in none of the files{known}",
                    name=name,
                    request=request,
                )
            )
        return replace(whole, notes=notes)

    def _of(self, repository: Reference) -> dict[str, Request]:
        """The requests for images of a repository."""
        return {
            name: request
            for name, request in self._requests.items()
            if in_registry(request.reference) and request.reference.name == repository.name
        }

    def _take(self, image: FoundImage) -> bool:
        """Whether a request has the image; one for just its tag goes before one for versions."""
        having = {
            name: request
            for name, request in self._of(image.reference).items()
            if has(request, image) and has_platform(request, image.platform)
        }
        exact = {name for name, request in having.items() if request.follow is None}
        self._used |= exact or having.keys()
        return bool(having)

    def _is_taken(self, problem: NixfetchError) -> bool:
        """Whether a request has the image that a problem is about, as its hint may have said."""
        if not isinstance(problem, NotImportable) or not problem.image:
            return False
        try:
            reference = Reference.parse(problem.image).tagged
        except NixfetchError:
            return False
        return self._take(FoundImage(place="", name="", reference=reference))

    def _difference(self, one: _Wanted) -> Difference:
        """What images.toml has instead of an image of files: another one of its repository."""
        place = units.first(one.places, _SHOWN_PLACES)
        rest = {
            name: request
            for name, request in self._of(one.image.reference).items()
            if name not in self._used
        }
        if not rest:
            text = f"{place}: {one.text} is not in {self._path}"
            return Difference(text=text, image=one.text, places=one.places)
        name = one.image.name if one.image.name in rest else next(iter(rest))
        self._used.add(name)
        request = rest[name]
        text = (
            f"{place}: {one.text} is another one in {self._path}: {_key(name)} has "
            f"{_entry(request)}{_reason(request, one.image)}"
        )
        return Difference(text=text, image=one.text, places=one.places, name=name, request=request)


def _once(images: Iterable[FoundImage]) -> Iterable[_Wanted]:
    """Each image of files once, with all of its places."""
    found: dict[tuple[Reference, Platform | None], tuple[FoundImage, list[str]]] = {}
    for image in images:
        platform = image.platform.normal if image.platform is not None else None
        _, places = found.setdefault((image.reference, platform), (image, []))
        places.append(image.place)
    return (_Wanted(image=image, places=places) for image, places in found.values())


def _reason(request: Request, image: FoundImage) -> str:
    """What a person may not see in two entries that are not the same."""
    if has(request, image):
        return f", for {' and '.join(map(str, platforms_of(request)))}"
    unpinned = replace(image, reference=replace(image.reference, digest=None))
    if image.reference.digest is not None and has(request, unpinned):
        return "; with --unpin, tags alone are compared"
    return ""


def _entry(request: Request) -> str:
    return ", ".join(f"{key} = {value}" for key, value in request.entries if key != "platforms")


def _key(name: str) -> str:
    return f"images.{toml_writer.key(name)}"


def _is_local(problem: NixfetchError) -> bool:
    return isinstance(problem, NotImportable) and problem.is_local
