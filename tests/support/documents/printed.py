"""The comparison of what a page says that a command prints with what it prints.

Digests, hashes of store paths, sizes and times count as equal, since the images are made up; so do
numbers of requests, of which a registry that wants a token costs more, and the width of columns.
`…` in a line of the page is any text, and a line `…` alone any lines.
"""

from __future__ import annotations

import re

_VARYING = (
    # What Nix says of a repository and of a lock that the page has just made.
    (re.compile(r"(?m)^warning: Git tree '[^']*' (?:is dirty|has uncommitted changes)\n"), ""),
    (re.compile(r"(?m)^warning: (?:creating|updating) lock file \S*:? *\n(?:•.*\n|  .*\n)*"), ""),
    # What Nix says of its progress.
    (re.compile(r"(?m)^(?:building|copying path) '.*\n|^copying \d+ paths\.\.\.\n"), ""),
    (re.compile(r"(?m)^th(?:is|ese).* (?:built|fetched).*:\n(?:  .*/store/.*\n)*"), ""),
    (re.compile(r"\S*/store/[0-9a-z]{32}-"), "/nix/store/…-"),
    (re.compile(r"\b(?:sha256[:-])?[0-9a-f]{12,}\b…?"), "…"),
    (re.compile(r"\bsha256[:-]…"), "…"),
    # A commit of git.
    (re.compile(r"\b(?=[0-9a-f]*[0-9])(?=[0-9]*[a-f])[0-9a-f]{7,}\b…?"), "…"),
    (re.compile(r"(?:\b\d+(?:\.\d+)?|…) (?:B|bytes?|kB|MB|GB|TB)(?!\w)"), "SIZE"),
    (re.compile(r"(?:\b\d+|…) requests?\b"), "REQUESTS"),
    (re.compile(r"(?:\b\d+(?:\.\d+)?|…) (?:ms|s|seconds?|minutes?)\b"), "TIME"),
    (re.compile(r"\b\d{4}-\d\d-\d\d(?:[T ]\d\d:\d\d(?::\d\d)?(?:Z| ?[+-]\d\d:?\d\d)?)?"), "DATE"),
    (re.compile(r"(?<=\S) {2,}"), " "),
    (re.compile(r"(?m)^ +"), " "),
    (re.compile(r"(?m) +$"), ""),
)
# A command that fails says so by such a line: the program's own, and those of other programs.
_FAILED = re.compile(r"(?m)^(?:error|fatal|nixfetch-docker|nix|bash)\b.*?: ")


def normal(text: str) -> str:
    """A text without what varies from run to run."""
    for pattern, replacement in _VARYING:
        text = pattern.sub(replacement, text)
    return text


def matches(shown: str, printed: str) -> bool:
    """Whether a command that prints `printed` prints what the page shows."""
    lines = [
        r"(?:.*\n)*?" if line == "…" else f"{'.*?'.join(map(re.escape, line.split('…')))}\\n"
        for line in (line.strip() for line in normal(shown).splitlines())
    ]
    found = "".join(f"{line.strip()}\n" for line in normal(printed).splitlines())
    return re.fullmatch("".join(lines), found) is not None


def may_fail(shown: str | None) -> bool:
    """Whether the page shows an error: then the command may have another status than 0."""
    return shown is not None and _FAILED.search(shown) is not None
