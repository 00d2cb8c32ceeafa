"""Matching of tags with a `tag-pattern`, in a process of its own.

Some patterns need years on some tags, and Python's `re` cannot be interrupted. A process can.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

from ..base.redact import quote
from ..errors import NixfetchError
from ..versions.tag_pattern import TagPattern

_SECONDS = 5.0
_PROGRAM = """
import json, re, sys
pattern, tags = json.load(sys.stdin)
match = re.compile(pattern).search
found = ((tag, match(tag)) for tag in tags)
json.dump([[tag, one["version"]] for tag, one in found if one and one["version"]], sys.stdout)
"""


class PatternError(NixfetchError):
    """A pattern that could not be compared with the tags of a repository."""


class SlowPatternError(NixfetchError):
    """A pattern that takes too long on the tags of a repository."""


def find_versions(pattern: TagPattern, tags: Iterable[str]) -> dict[str, str]:
    """The tags that match, each with the text of the pattern's group `version`.

    Raises `SlowPatternError` after five seconds, and `PatternError` where the process fails or is
    killed.
    """
    try:
        done = subprocess.run(  # noqa: S603 - no shell
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            input=json.dumps([pattern.text, list(tags)]),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=False,
        )
    except OSError as error:
        raise PatternError(
            f"no process can be started for the tag-pattern ({error.strerror})",
            hint="run the command again",
        ) from None
    except subprocess.TimeoutExpired:
        raise SlowPatternError(
            f"the tag-pattern {pattern.text!r} takes more than {_SECONDS:.0f} s on its tags",
            hint="write no + or * inside a group that is repeated itself, as in (a+)+",
        ) from None
    if done.returncode != 0:
        end = (
            f"was ended by signal {-done.returncode}"
            if done.returncode < 0
            else f"failed with status {done.returncode}"
        )
        raise PatternError(
            f"the process that compares tags with the tag-pattern {quote(pattern.text)!r} {end}",
            hint="run the command again; a simpler pattern takes less memory",
        )
    # Not by `strict_json`, which is for foreign text: the program above wrote this.
    return dict(json.loads(done.stdout))
