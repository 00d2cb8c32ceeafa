"""Counters of the requests and bytes of one run."""

from __future__ import annotations

import threading
from collections.abc import Mapping


class Traffic:
    """Counts requests and answers. Safe to use from several threads."""

    def __init__(self) -> None:
        self._requests = 0
        self._received_bytes = 0
        self._remaining: dict[str, int] = {}
        self._lock = threading.Lock()

    @property
    def requests(self) -> int:
        """The number of requests that were answered, redirects and token requests included."""
        return self._requests

    @property
    def received_bytes(self) -> int:
        """The size in bytes of all bodies, as they were sent."""
        return self._received_bytes

    @property
    def remaining(self) -> Mapping[str, int]:
        """The number of requests that each host still allows, for hosts that announce a limit."""
        return self._remaining

    def add(self, host: str, received_bytes: int, rate_limit: str) -> None:
        """Count one answer of `host`; `rate_limit` is its `RateLimit-Remaining` header, or "".

        https://docs.docker.com/docker-hub/usage/pulls/#view-pull-rate-and-limit
        """
        # Docker Hub sends "76;w=21600": 76 requests are left within 21600 seconds.
        left = rate_limit.partition(";")[0]
        with self._lock:
            self._requests += 1
            self._received_bytes += received_bytes
            if left.isascii() and left.isdigit():
                self._remaining[host] = int(left[:9])
