from __future__ import annotations

import pytest

from nixfetch_docker.registry.informational import Informational

EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n"
OK = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.mark.parametrize(
    ("data", "count"),
    [
        pytest.param(b"", 0, id="nothing"),
        pytest.param(EARLY[:-1], 0, id="a part"),
        pytest.param(EARLY, 1, id="one"),
        pytest.param(EARLY * 3, 3, id="several"),
        pytest.param(b"HTTP/1.0 100\n\n" * 2, 2, id="short line ends"),
        pytest.param(b"HTTP/1.1 100 a\nb: c\n\r\n" * 2, 2, id="mixed line ends"),
        pytest.param(EARLY + OK + EARLY * 3, 1, id="in a body"),
        pytest.param(EARLY + b"HTTP/1.1 101 x\r\n\r\n" + EARLY, 1, id="another protocol"),
        pytest.param(b"HTTP/1.1 1000 x\r\n\r\n" + EARLY, 0, id="no status"),
        pytest.param(b"SSH-2.0\r\n\r\n" + EARLY, 0, id="no HTTP"),
    ],
)
@pytest.mark.parametrize("size", [1, 2, 3, 7, 10_000])
def test_informational_answers_are_counted_however_they_come(
    data: bytes, count: int, size: int
) -> None:
    counted = Informational()
    for position in range(0, len(data), size):
        counted.take(data[position : position + size])
    assert counted.count == count
