"""How far away hosts are, as their first answers tell.

A host that is near answers one of its first requests at once, however busy it or this machine is.
From one that is far away every answer takes a round trip.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable

# So many answers tell. One alone may have waited for this machine.
_ANSWERS = 4
# More than a round trip within a network or a country, in seconds.
FAR_SECONDS = 0.025


class Distance:
    """Calls `on_far` where none of the first answers of a host came soon. Safe in threads."""

    def __init__(self, on_far: Callable[[], None]) -> None:
        self._on_far = on_far
        self._late: dict[Hashable, int] = {}
        # Of these nothing more is asked.
        self._known: set[Hashable] = set()
        self._lock = threading.Lock()

    def answered(self, host: Hashable, seconds: float) -> None:
        """Take the time that a host needed for an answer, with what it takes to connect."""
        with self._lock:
            if host in self._known:
                return
            self._late[host] = late = self._late.get(host, 0) + 1
            is_late = seconds >= FAR_SECONDS
            is_far = is_late and late >= _ANSWERS
            if is_far or not is_late:
                self._known.add(host)
        if is_far:
            self._on_far()
