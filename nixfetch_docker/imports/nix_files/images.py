"""Images named in Nix files: by containers of modules, by what pulls them, by other attributes.

What names no image but looks like one is told, and so is a file that mentions images and has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from ...base.redact import literal
from ..found.commands import Commands
from ..found.image import Findings, NotImportable, Use
from ..nix_language.file import File
from ..nix_language.lexer import InvalidNix
from ..nix_language.parser import BY_HAND
from ..nix_language.syntax import Name, Other, Select, last_name
from .commands import find_commands
from .containers import Containers
from .modules import modules_of
from .options import EVALUATE
from .others import Others, tell_computed, tell_values
from .pulls import Pulls

_MENTIONS = frozenset(
    {"containers", "oci-containers", "docker-containers", "quadlet", "image", "pullImage"}
)


def find_in_nix(text: str) -> Findings:
    """All images in a Nix file; raises `InvalidNix`."""
    try:
        file = File(text)
        pulls = Pulls(file)
        pulls.find()
        containers = Containers(file)
        containers.find()
        findings = Findings()
        findings.add(pulls.findings)
        findings.add(containers.findings)
        known = pulls.texts | containers.texts
        commands = find_commands(file)
        others = Others(file, known, containers, findings)
        others.find()
        tell_computed(file, findings, containers)
        tell_values(file, findings, containers)
        others.tell_names()
        others.tell_inside({one.image for one in commands.pulled})
        _add_commands(commands, findings)
        findings.uses.extend(_uses(file))
        findings.modules.extend(modules_of(file))
    except RecursionError:
        raise InvalidNix("its expressions are nested too deeply", hint=BY_HAND) from None
    findings.images.sort(key=lambda image: int(image.place.removeprefix("line ")))
    if findings.is_empty:
        _tell_mention(file, findings)
    return findings


def _add_commands(commands: Commands, findings: Findings) -> None:
    """Tell what commands pull, and take away what they build."""
    for image in list(findings.images):
        if image.reference in commands.built:
            findings.images.remove(image)
            error = NotImportable(
                f"a command of this file builds {literal(image.reference.familiar)}, so it is left "
                "out",
                hint="if a registry has it too, add it to images.toml yourself",
                image=str(image.reference),
                is_local=True,
            )
            findings.problems.append(error.at(image.place))
    known = {str(image.reference) for image in findings.images} | {*map(str, commands.built)}
    findings.problems.extend(one for one in commands.pulled if one.image not in known)


def _uses(file: File) -> Iterator[Use]:
    """The names in `images.NAME`, which may be images of a lock: `images.redis.archive`."""
    for name in file.names:
        if isinstance(name, Select) and last_name(name.base) == "images" and last_name(name):
            yield Use(place=f"line {name.line}", name=last_name(name), is_certain=False)


def _tell_mention(file: File, findings: Findings) -> None:
    """Tell where a file that has no image mentions one."""
    lines = [
        (binding.line, name)
        for binding in file.bindings
        for name in binding.path[-1:]
        # A path is that of a picture, or of an image in a file.
        if name in _MENTIONS and not isinstance(binding.later.expression, Other)
    ]
    lines += [
        (binding.line, "arion")
        for binding in file.bindings
        if ("arion", "projects") in pairwise(binding.path)
    ]
    lines += [
        (name.line, name.text)
        for name in file.names
        if isinstance(name, Name) and name.text in _MENTIONS
    ]
    if lines:
        line, name = min(lines)
        findings.problems.append(
            NotImportable(
                f"it mentions {literal(name)}, and no image is written down here",
                hint=f"where they are computed, import the output of `{EVALUATE}`",
            ).at(f"line {line}")
        )
