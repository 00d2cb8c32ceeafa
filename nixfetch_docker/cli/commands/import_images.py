"""`import`: an images.toml made from Nix and compose files."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import TYPE_CHECKING

from ...errors import NixfetchError, UsageError
from .. import console, failures, options, output
from ..import_check import EXIT_DIFFERENT, compare_files

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ...imports.found.image import Findings
    from ...imports.projects import Text


def configure(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `import`."""
    parser.add_argument(
        "files",
        nargs="*",
        type=options.path_or_stdio,
        metavar="FILE",
        help="a Nix file, a file of quadlet, the output of nix-prefetch-docker or nix eval --json, "
        "a compose file, Kubernetes manifests, or a Nomad job as JSON; - is stdin",
    )
    parser.add_argument(
        "--compose-json",
        action="append",
        default=[],
        type=options.path_or_stdio,
        metavar="FILE",
        help="the output of `docker compose config --format json`; - is stdin",
    )
    parser.add_argument(
        "--env-file",
        action="append",
        type=Path,
        metavar="FILE",
        help="the variables of compose files, instead of the .env beside them; a later file goes "
        "before an earlier one, and the environment before all",
    )
    parser.add_argument(
        "--follow-tags",
        action="store_true",
        help="follow the tags of images that docker2nix pinned, instead of asking registries for "
        "their digests",
    )
    parser.add_argument(
        "--unpin",
        action="store_true",
        help="follow the tags of all images, also of those that the files pin by a digest; no "
        "registry is asked",
    )
    parser.add_argument(
        "--check",
        action="store_true",
        help="write nothing; print what the files have and images.toml has not, and the other way "
        f"round, and exit with {EXIT_DIFFERENT} for such a difference",
    )
    parser.add_argument(
        "--json", action="store_true", help="print the differences of --check as one JSON document"
    )
    options.add_file(parser)
    parser.add_argument(
        "--anonymous", action="store_true", help="use no login to ask registries for digests"
    )
    output.add_output(parser)


def run(arguments: argparse.Namespace) -> int:
    """Write the images of all files, or compare them with images.toml; print what was not read."""
    _check_usage(arguments)
    texts, unreadable = _texts(arguments)
    if not arguments.check:
        return _write(arguments, texts, unreadable)
    if unreadable:
        failures.show([([], error) for error in unreadable])
        return 1
    return compare_files(arguments, lambda: _find(arguments, texts))


def _write(
    arguments: argparse.Namespace, texts: Sequence[Text], unreadable: Sequence[NixfetchError]
) -> int:
    from ...endpoints.configuration import RegistryConfiguration
    from ...imports.images_toml import to_toml

    findings = _find(arguments, texts)
    findings.problems.extend(unreadable)
    failures.show([(error.subjects[:1], error) for error in findings.problems])
    for image in findings.images:
        if image.remark:
            console.note(f"{image.place}: {image.reference.familiar}: {image.remark}")
    for text in findings.left_out:
        console.note(text)
    if findings.images:
        check = RegistryConfiguration({}, Path(), os.environ).check
        output.write(to_toml(findings.images, check).encode(), arguments.output)
    elif not findings.problems:
        places = ", ".join(map(_place, [*arguments.files, *arguments.compose_json]))
        raise NixfetchError("no image was found", hint="name another file").at(places)
    return 1 if findings.problems else 0


def _check_usage(arguments: argparse.Namespace) -> None:
    paths: list[Path] = [*arguments.files, *arguments.compose_json]
    if not paths:
        raise UsageError("there is nothing to import; name a file")
    if paths.count(options.STDIO) > 1:
        raise UsageError("stdin can be read only once; pass one -")
    if arguments.anonymous and (arguments.follow_tags or arguments.unpin):
        option = "--unpin" if arguments.unpin else "--follow-tags"
        raise UsageError(f"{option} asks no registry, so no login is used; leave out --anonymous")
    if arguments.check and arguments.output != output.STDOUT:
        raise UsageError("--check writes nothing; leave out --output")
    for option in ("json", "file"):
        if getattr(arguments, option) and not arguments.check:
            raise UsageError(f"--{option} belongs to --check; leave it out, or add that")
    if arguments.output != output.STDOUT and os.path.lexists(arguments.output):
        raise NixfetchError(
            "it exists already", hint="name a new file; without -o the text goes to stdout"
        ).at(str(arguments.output))


def _texts(arguments: argparse.Namespace) -> tuple[list[Text], list[NixfetchError]]:
    """The texts of all files, and the errors about those that cannot be read."""
    from ...imports.projects import Text

    texts: list[Text] = []
    unreadable: list[NixfetchError] = []
    named = [(path, False) for path in arguments.files]
    for path, is_json in [*named, *((path, True) for path in arguments.compose_json)]:
        place = _place(path)
        try:
            text = _read(path)
        except NixfetchError as error:
            unreadable.append(error.at(place))
        else:
            texts.append(Text(text=text, place=place, path=path, is_compose_json=is_json))
    return texts, unreadable


def _find(arguments: argparse.Namespace, texts: Sequence[Text]) -> Findings:
    from ...imports.compose.surroundings import Surroundings
    from ...imports.projects import find_in_texts

    surroundings = Surroundings(
        environment=os.environ, env_files=arguments.env_file, read=_read_beside
    )
    findings = find_in_texts(texts, surroundings)
    if arguments.unpin:
        from ...imports.unpinned import unpinned

        return unpinned(findings)
    if arguments.follow_tags or not any(image.config for image in findings.images):
        return findings

    from ...imports.pins import look_up, registry_settings
    from ...registry.client import connect

    with connect(
        registries=registry_settings(findings.images),
        anonymous=arguments.anonymous,
        say=failures.detour,
        log=console.detail,
    ) as client:
        return look_up(findings, client)


def _read_beside(path: Path) -> str:
    from ...base import files

    try:
        # A directory has no variables for compose: it may be a virtual environment of Python.
        has_none = path.name == ".env" and path.is_dir()
        text = "" if has_none else files.read(path)
    except (FileNotFoundError, ValueError):
        # A name with a NUL is a ValueError.
        raise FileNotFoundError from None
    except OSError as error:
        raise files.unreadable(path, error) from None
    return text.replace("\r\n", "\n")


def _read(path: Path) -> str:
    import sys

    from ...base import files

    try:
        if path == options.STDIO:
            return sys.stdin.read()
        return files.read(path, is_named=True).replace("\r\n", "\n")
    except FileNotFoundError:
        raise files.FileError("there is no such file", hint="check its name") from None
    except UnicodeDecodeError:
        raise files.FileError("it is not UTF-8", hint="save it as UTF-8") from None


def _place(path: Path) -> str:
    return "stdin" if path == options.STDIO else str(path)
