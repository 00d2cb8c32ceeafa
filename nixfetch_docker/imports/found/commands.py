"""Commands of docker and podman in a text: what they pull, and what they build.

https://docs.docker.com/reference/cli/docker/container/run/ and
https://docs.podman.io/en/stable/markdown/podman-run.1.html
"""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator, Sequence

from ...base.redact import literal
from ...base.regex import regex
from ...base.values import dataclass
from ...errors import NixfetchError
from ...oci.reference import Reference
from .image import ADD_IT, NotImportable
from .podman_name import is_pulled, parse_name

# `${lib.getExe pkgs.podman} run` of Nix is written as "${podman} run".
_PROGRAM = regex(r"\b(docker|podman|nerdctl)\}?+[\"']?+[ \t]++([^\n;|&]++)")
PROGRAMS = ("docker", "podman", "nerdctl")
_CONTINUED = regex(r"\\\n")
_CLUSTER = regex(r"-[A-Za-z]+")
# Options whose value is the next word, as far as scripts have them; of one letter without "-".
_LETTERS_WITH_VALUE = "acehlmpuvw"
_VERBS = frozenset({"build", "create", "pull", "run"})
# Words before one of them: `docker image pull`.
_GROUPS = frozenset({"buildx", "container", "image"})
_OF_ALL_ARGUMENTS = frozenset({"$@", "$*"})
_TAGS = ("-t", "--tag")
_WITH_VALUE = frozenset(
    {
        *("--add-host", "--annotation", "--cap-add", "--cap-drop", "--cgroupns", "--cidfile"),
        *("--cpu-shares", "--cpus", "--cpuset-cpus", "--device", "--dns", "--entrypoint"),
        *("--env", "--env-file", "--expose", "--file", "--gpus", "--group-add", "--health-cmd"),
        *("--hostname", "--init-path", "--ip", "--ipc", "--label", "--link", "--log-driver"),
        *("--log-opt", "--mac-address", "--memory", "--mount", "--name", "--net", "--network"),
        *("--network-alias", "--pid", "--pids-limit", "--platform", "--pod", "--publish", "--pull"),
        *("--restart", "--runtime", "--sdnotify", "--security-opt", "--shm-size", "--stop-signal"),
        *("--stop-timeout", "--sysctl", "--tag", "--tmpfs", "--ulimit", "--user", "--userns"),
        *("--volume", "--volumes-from", "--workdir"),
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Commands:
    """What commands do: errors about what is `pulled`, and the names that are `built`."""

    pulled: Sequence[NotImportable]
    built: frozenset[Reference]


def has_command(text: str) -> bool:
    """Whether a text may have such a command."""
    return _PROGRAM.search(text) is not None


def commands_of(text: str) -> Commands:
    """The images that the commands of a text pull, and those that they build."""
    text = _CONTINUED.sub(" ", text)
    return together(
        command_of(match[1], _words(match[2]))
        for match in _PROGRAM.finditer(text)
        if not _is_comment(text, match.start())
    )


def command_of(program: str, words: Sequence[str]) -> Commands:
    """What one command does, by the words behind its program."""
    position = _verb(words)
    if position is None:
        return Commands(pulled=(), built=frozenset())
    verb, behind = words[position], words[position + 1 :]
    if verb == "build":
        return Commands(pulled=(), built=frozenset(_built(behind)))
    error = _pulled(f"{program} {verb}", behind)
    return Commands(pulled=(error,) if error is not None else (), built=frozenset())


def together(commands: Iterable[Commands]) -> Commands:
    """What all of them do."""
    whole = list(commands)
    return Commands(
        pulled=[error for one in whole for error in one.pulled],
        built=frozenset(name for one in whole for name in one.built),
    )


def _is_comment(text: str, position: int) -> bool:
    """Whether the line of a position is a comment of a shell."""
    start = text.rfind("\n", 0, position) + 1
    return text[start:position].lstrip().startswith("#")


def _words(text: str) -> list[str]:
    try:
        return shlex.split(text)
    except ValueError:
        return text.split()


def _verb(words: Sequence[str]) -> int | None:
    """The position of the word that says what a command does, or None where it is another one."""
    is_behind_option = False
    for position, word in enumerate(words):
        if word in _VERBS:
            return position
        # An option may have a value.
        is_known = word.startswith("-") or word in _GROUPS or is_behind_option
        is_behind_option = word.startswith("-")
        if not is_known:
            return None
    return None


def _pulled(command: str, words: Sequence[str]) -> NotImportable | None:
    """The error about the image that a command starts, or None where it starts none."""
    name = _first_argument(words)
    if name is None or name in _OF_ALL_ARGUMENTS or not is_pulled(name):
        return None
    if "$" in name:
        return NotImportable(f"`{command}` takes an image whose name is computed", hint=ADD_IT)
    try:
        reference = parse_name(name)
    except NixfetchError:
        return None
    return NotImportable(
        f"`{command}` takes {literal(reference.familiar)}, which is left out",
        hint=ADD_IT,
        image=str(reference),
    )


def _first_argument(words: Sequence[str]) -> str | None:
    """The first word that is neither an option nor the value of one."""
    rest = iter(words)
    for word in rest:
        if not word.startswith("-"):
            return word
        is_cluster = _CLUSTER.fullmatch(word) is not None and word[-1] in _LETTERS_WITH_VALUE
        if word in _WITH_VALUE or is_cluster:
            next(rest, None)
    return None


def _built(words: Sequence[str]) -> Iterator[Reference]:
    """The names that a build gives to its image."""
    for word, following in zip(words, [*words[1:], ""], strict=True):
        option, equals, value = word.partition("=")
        if option in _TAGS:
            try:
                yield Reference.parse(value if equals else following).tagged
            except NixfetchError:
                continue
