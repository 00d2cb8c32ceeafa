"""The inputs of the fuzzing targets that start a program: zstd, and a credential helper."""

from __future__ import annotations

from pathlib import Path

import pytest
from fuzz import corpus
from fuzz.targets import STARTING_PROGRAMS, TARGETS
from fuzz.trial import attempt


@pytest.mark.parametrize(
    ("name", "path"),
    [
        pytest.param(name, path, id=f"{name}/{path.name}")
        for name in sorted(STARTING_PROGRAMS)
        for path in corpus.paths(name)
    ],
)
def test_every_input_of_the_corpus_is_read_or_refused(name: str, path: Path) -> None:
    failure = attempt(TARGETS[name], path.read_bytes())
    assert failure is None, failure.text
