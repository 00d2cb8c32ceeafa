"""The few figures on pages for readers are those of the benchmark's page, rounded."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

TOP = Path(__file__).parents[2]

# By what README says, the row of docs/explanation/speed.md.
ROWS = {
    "locking fifty images": "`update` of 50",
    "building one small layer, over what Nix itself costs": "`fetch-blob` of 2 kB",
    "fetching and verifying 600 MB": "`fetch-blob` of 600 MB, verified",
}
# What a ratio on the clock is called.
WORDS = {"less than": (0, 1), "a third": (0.28, 0.39), "two thirds": (0.61, 0.72)}


def _rows(page: str) -> dict[str, list[str]]:
    """The rows of all tables of a page, by their first cells."""
    text = (TOP / page).read_text(encoding="utf-8")
    rows = re.findall(r"^\| (.*) \|$", text, re.MULTILINE)
    return {first: rest for first, *rest in (row.split(" | ") for row in rows)}


@pytest.mark.parametrize("page", ["README.md", "docs/explanation/cost.md"])
@pytest.mark.parametrize("work", ROWS)
def test_a_figure_is_that_of_the_benchmark(work: str, page: str) -> None:
    _, _, ratio, _, ours, _ = _rows("docs/explanation/speed.md")[ROWS[work]]
    (told,) = _rows(page)[work]
    seconds, word = re.findall(rf"^([\d.]+) s: ({'|'.join(WORDS)})\b", told)[0]
    assert abs(float(seconds) - float(ours.split(",")[0])) <= 0.005
    low, high = WORDS[word]
    assert low < float(ratio.removeprefix("× ")) < high
