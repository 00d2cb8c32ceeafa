"""The informational answers (1xx) before an answer, counted in the bytes that come.

httpcore reads and drops them one after another, and tells nobody.
https://www.rfc-editor.org/rfc/rfc9110#section-15.2
"""

from __future__ import annotations

from ..base.regex import regex

# As h11 takes the end of a head.
_END = regex(rb"\n\r?\n")
_STATUS = regex(rb"HTTP/\d\.\d (1\d\d)\b")
# After "101 Switching Protocols" nothing of HTTP comes.
_SWITCHING = b"101"


class Informational:
    """The informational answers so far, before one answer; `count` is their number."""

    def __init__(self) -> None:
        self.count = 0
        self._head: bytearray | None = bytearray()

    def take(self, data: bytes | memoryview) -> None:
        """Read the next bytes of the connection, up to the head of the answer itself."""
        if self._head is None:
            return
        # The end of a head may be in two pieces.
        start = max(0, len(self._head) - 2)
        self._head += data
        position = 0
        while end := _END.search(self._head, max(start, position)):
            status = _STATUS.match(self._head, position)
            if status is None or status[1] == _SWITCHING:
                self._head = None
                return
            self.count += 1
            position = end.end()
        del self._head[:position]
