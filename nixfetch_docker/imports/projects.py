"""Files that are imported at once, of which several may be one project of compose."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from ..base.redact import quote
from ..base.regex import regex
from ..base.values import dataclass
from ..errors import NixfetchError
from .compose.files import only
from .compose.images import find_in_project
from .compose.surroundings import Surroundings
from .document import find_images
from .found.image import Findings, NotImportable
from .nix_files.unnamed import UnnamedModules
from .yaml_files.documents import documents

_COMPOSE_KEY = regex(r"^(?:services|include)[ \t]*+:", re.MULTILINE)
_NAME = regex(r"^name[ \t]*+:[ \t]*+([^\s#]++)", re.MULTILINE)
_SUFFIXES = {".yaml", ".yml", ""}
# What compose reads where no file is named, and what it reads on top of that.
_STANDARD = {"compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"}
_OVERRIDES = ("yaml", "yml")
_MENTION = regex(r"\bimage\b")


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """The text of a file.

    `place` is its name for messages, `path` is "-" for stdin. `is_compose_json` says that it must
    be the output of `docker compose config --format json`.
    """

    text: str
    place: str
    path: Path
    is_compose_json: bool = False


def find_in_texts(texts: Sequence[Text], surroundings: Surroundings) -> Findings:
    """All images in files, as `document.find_images` finds them in one.

    Compose files of one directory are one project, unless they have different names for it: each
    overrides those before it, as those that `docker compose --file` names. Modules that Nix files
    import are not taken: those with images are told.
    """
    findings = Findings()
    unnamed = UnnamedModules([text.path for text in texts], surroundings.text_of)
    for project in _projects(texts):
        first, *others = project
        inside = surroundings.at(first.path.parent)
        if others:
            findings.add(_find_in_project(project, inside))
        else:
            found = find_images(
                first.text,
                place=first.place,
                suffix=first.path.suffix,
                is_compose_json=first.is_compose_json,
                surroundings=inside,
            )
            findings.add(found)
            findings.add(unnamed.tell(found, first.path.parent))
        findings.problems.extend(_not_named(project, inside))
    return findings


def _not_named(texts: Sequence[Text], surroundings: Surroundings) -> Iterator[NixfetchError]:
    """An error for files that compose reads by itself, beside these or instead of them."""
    first = texts[0]
    if first.path.name not in _STANDARD or not _is_compose(first) or len(texts) > 1:
        return
    try:
        variables = surroundings.variables()
    except NixfetchError:
        # That was told where the file was read.
        return
    if files := variables.get("COMPOSE_FILE"):
        named = [Path(one) for one in files.split(variables.get("COMPOSE_PATH_SEPARATOR") or ":")]
        if named not in ([Path(first.path.name)], [first.path.absolute()]):
            yield NotImportable(
                f"by the variable COMPOSE_FILE, compose reads {quote(files)} instead",
                hint="name those files",
            ).at(first.place)
        return
    for ending in _OVERRIDES:
        path = first.path.with_name(f"{first.path.stem}.override.{ending}")
        try:
            text = surroundings.text_of(path)
        except FileNotFoundError:
            continue
        except NixfetchError as error:
            yield error.at(str(path))
            continue
        if _MENTION.search(text):
            yield NotImportable(
                f"compose reads it on top of {first.path.name}, and it names an image",
                hint="name both files, or import it by itself",
            ).at(str(path))


def _projects(texts: Sequence[Text]) -> Iterator[list[Text]]:
    """The texts, those of one project together."""
    projects: dict[tuple[Path, int], list[Text]] = {}
    names: dict[tuple[Path, int], str] = {}
    for position, text in enumerate(texts):
        found = _NAME.search(text.text)
        name = found[1] if found else ""
        key = (text.path.parent, position)
        if _is_compose(text):
            for known, other in names.items():
                if known[0] == key[0] and (not name or other in {"", name}):
                    key = known
            names[key] = name or names.get(key, "")
        projects.setdefault(key, []).append(text)
    yield from projects.values()


def _is_compose(text: Text) -> bool:
    is_yaml = text.path.suffix.lower() in _SUFFIXES and not text.is_compose_json
    return is_yaml and _COMPOSE_KEY.search(text.text) is not None


def _find_in_project(texts: Sequence[Text], surroundings: Surroundings) -> Findings:
    problems: list[NixfetchError] = []
    files = []
    for text in texts:
        try:
            files.append((text.place, only(documents(text.text.removeprefix("\ufeff")))))
        except NixfetchError as error:
            problems.append(error.at(text.place))
    if problems:
        # Without one of them, the images of the others could be wrong.
        return Findings(problems=problems)
    try:
        return find_in_project(files, surroundings)
    except NixfetchError as error:
        return Findings(problems=[error])
