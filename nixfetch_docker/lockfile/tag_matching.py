"""Matching tags with a person's pattern.

Some patterns take for ever on some texts, and Python's `re` cannot be stopped. So it is done by
another process, which can.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterable

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


class SlowPatternError(NixfetchError):
    """A pattern that takes too long."""


def find_versions(pattern: TagPattern, tags: Iterable[str]) -> dict[str, str]:
    """What stands for the version in each of the tags that match.

    Raises `SlowPatternError` where that takes more than some seconds.
    """
    try:
        done = subprocess.run(  # noqa: S603 - no shell
            [sys.executable, "-I", "-S", "-c", _PROGRAM],
            input=json.dumps([pattern.text, list(tags)]),
            capture_output=True,
            text=True,
            timeout=_SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired:
        raise SlowPatternError(
            f"the tag-pattern {pattern.text!r} takes more than {_SECONDS:.0f} s on its tags",
            hint="have no + or * within what has one itself",
        ) from None
    return dict(json.loads(done.stdout))
