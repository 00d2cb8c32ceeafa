from __future__ import annotations

import pytest

from nixfetch_docker.base.accident import accident

ADVICE = "set NIXFETCH_DEBUG=1 in the environment to see where, and report it"


class Wordy(Exception):
    """An error with an attribute that OSError has as well."""

    strerror = "not this one"


@pytest.mark.parametrize(
    ("error", "what"),
    [
        pytest.param(KeyError("layers"), "KeyError: 'layers'", id="with a text"),
        pytest.param(ValueError(), "ValueError", id="without a text"),
        pytest.param(MemoryError(), "there is not enough memory", id="memory"),
        pytest.param(RecursionError("deep"), "something is nested too deeply", id="recursion"),
        pytest.param(OSError(28, "No space left"), "OSError: No space left", id="no file"),
        pytest.param(
            PermissionError(13, "Permission denied", "/x"),
            "PermissionError: /x: Permission denied",
            id="a file",
        ),
        pytest.param(OSError("odd"), "OSError: odd", id="an OSError without a number"),
        pytest.param(Wordy("said"), "Wordy: said", id="no OSError"),
        pytest.param(ValueError("a\n\x1b[31mb"), "ValueError: a [31mb", id="control characters"),
    ],
)
def test_an_error_that_nobody_foresaw_is_one_line_with_advice(error: Exception, what: str) -> None:
    made = accident(error)
    assert str(made) == f"unexpected error ({what}); {ADVICE}"
    assert made.__cause__ is error


def test_a_long_text_is_cut() -> None:
    assert len(str(accident(ValueError("x" * 100_000)))) < 400
