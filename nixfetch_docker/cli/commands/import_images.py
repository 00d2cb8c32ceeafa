"""`import`: an images.toml out of what people had before."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import NixfetchError, UsageError
from .. import console, options, output

if TYPE_CHECKING:
    from ...imports.found import Findings
    from ...oci.reference import Reference


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `import`."""
    parser.add_argument(
        "files",
        nargs="*",
        type=options.path_or_stdio,
        metavar="FILE",
        help="a file of Nix, nix-prefetch-docker's output, or a compose file; - is stdin",
    )
    parser.add_argument(
        "--compose-json",
        action="append",
        default=[],
        type=options.path_or_stdio,
        metavar="FILE",
        help="what `docker compose config --format json` prints; - is stdin",
    )
    parser.add_argument(
        "--follow-tags",
        action="store_true",
        help="where docker2nix pinned layers, take the tag as it is now, and ask no registry",
    )
    parser.add_argument(
        "--anonymous", action="store_true", help="use no login for what must be looked up"
    )
    output.add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the images of all files, and say which cannot be taken over."""
    from ...imports.compose import find_in_compose_json
    from ...imports.found import Findings, to_toml

    paths: list[Path] = [*arguments.files, *arguments.compose_json]
    if not paths:
        raise UsageError("there is nothing to import; name a file")
    if paths.count(options.STDIO) > 1:
        raise UsageError("stdin can be read once")
    if arguments.output != output.STDOUT and arguments.output.exists():
        raise NixfetchError(
            "it is there already", hint="name a new file; without -o the text goes to stdout"
        ).at(str(arguments.output))
    read = [_read(path) for path in arguments.files]
    read += [_read(path, find_in_compose_json) for path in arguments.compose_json]
    findings = _with_digests(
        Findings(
            found=[image for one in read for image in one.found],
            problems=[error for one in read for error in one.problems],
        ),
        arguments,
    )
    for error in findings.problems:
        console.error(error)
    for image in findings.found:
        if image.remark:
            console.note(f"{image.place}: {image.reference.familiar}: {image.remark}")
    if findings.found:
        output.write(to_toml(findings.found, _written).encode(), arguments.output)
    elif not findings.problems:
        places = ", ".join(map(_place, paths))
        raise NixfetchError("no image is named there", hint="name another file").at(places)
    return 1 if findings.problems else 0


def _place(path: Path) -> str:
    return "stdin" if path == options.STDIO else str(path)


def _written(reference: Reference) -> str:
    """A reference in short, unless podman's aliases here have another meaning for that."""
    import os

    from ...endpoints.configuration import Network

    try:
        Network({}, Path(), os.environ).check(reference.familiar)
    except NixfetchError:
        return str(reference)
    return reference.familiar


def _read(path: Path, find: Callable[[str], Findings] | None = None) -> Findings:
    """What is in a file, with everything placed there; `find` reads it, or else what it looks like.

    A file that cannot be read is a problem of its own.
    """
    import sys
    from dataclasses import replace

    from ...base import files
    from ...imports.found import Findings

    where = _place(path)
    try:
        try:
            text = sys.stdin.read() if path == options.STDIO else files.read(path)
        except FileNotFoundError:
            raise files.FileError("there is no such file", hint="is its name right?") from None
        except UnicodeDecodeError:
            raise files.FileError("it is not UTF-8", hint="save it as UTF-8") from None
        text = text.removeprefix("\ufeff")
        findings = (find or _finder(path, text))(text)
    except NixfetchError as error:
        return Findings(problems=[error.at(where)])
    return Findings(
        found=[
            replace(image, place=": ".join(filter(None, [where, image.place])))
            for image in findings.found
        ],
        problems=[error.at(where) for error in findings.problems],
    )


def _finder(path: Path, text: str) -> Callable[[str], Findings]:
    """What reads a file of this name; where the name says nothing, the text does."""
    import json
    import re

    from ...imports.compose import find_in_compose_yaml, find_in_json
    from ...imports.nix import find_in_nix

    match path.suffix.lower():
        case ".json":
            return find_in_json
        case ".yml" | ".yaml":
            return find_in_compose_yaml
        case ".nix":
            return find_in_nix
    try:
        json.loads(text)
    except RecursionError:
        return find_in_json
    except ValueError:
        is_compose = re.search(r"^services:", text, re.MULTILINE) is not None
        return find_in_compose_yaml if is_compose else find_in_nix
    return find_in_json


def _with_digests(findings: Findings, arguments: argparse.Namespace) -> Findings:
    """The findings with a manifest's digest for whatever was pinned by its config."""
    from ...endpoints.settings import RegistrySettings
    from ...imports.found import Findings
    from ...registry.client import NoSuchImage, connect

    if arguments.follow_tags or not any(image.config for image in findings.found):
        return findings
    pinned = Findings(problems=list(findings.problems))
    plain = {image.reference.registry for image in findings.found if image.plain_http}
    with connect(
        registries={host: RegistrySettings(plain_http=True) for host in plain},
        anonymous=arguments.anonymous,
        say=console.note,
        log=console.detail,
    ) as client:
        for image in findings.found:
            try:
                found = image
                if image.config is not None:
                    found = image.pinned(*client.find(image.reference, image.config))
                pinned.found.append(found)
            except NixfetchError as error:
                if isinstance(error, NoSuchImage):
                    error.hint = "find its digest, or pass --follow-tags for the tag as it is now"
                pinned.problems.append(error.at(image.place))
    return pinned
