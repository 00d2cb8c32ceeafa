"""Connections that are closed while another thread makes or uses one."""

from __future__ import annotations

import socket

import pytest

from nixfetch_docker.registry.exchange import BrokenOff, Request
from nixfetch_docker.registry.lean import LeanRoute
from nixfetch_docker.registry.pace import Pace
from nixfetch_docker.registry.retry import Patience
from nixfetch_docker.registry.url import Url
from nixfetch_docker.registry.wire import Network, Wire

ORIGIN = Url.parse("http://127.0.0.1:1/")


class Slow(Network):
    """A network whose connections are made only after the route was closed."""

    def __init__(self) -> None:
        patience = Patience()
        super().__init__(Pace(patience), patience)
        self.ends = socket.socketpair()
        self.made = Wire(self.ends[0], Pace(patience), patience)
        self.route: LeanRoute | None = None

    def connect_tcp(self, *_: object, **__: object) -> Wire:
        assert self.route is not None
        self.route.close()
        return self.made


def test_a_connection_that_is_made_while_all_are_closed_is_closed() -> None:
    network = Slow()
    network.route = LeanRoute(ORIGIN, network, None, connections=1)
    with network.ends[1], pytest.raises(BrokenOff, match="closed"):
        network.route.send(Request.of("GET", ORIGIN))
    assert network.ends[0].fileno() == -1


def test_no_connection_is_made_once_all_are_closed() -> None:
    network = Slow()
    route = LeanRoute(ORIGIN, network, None, connections=1)
    route.close()
    with pytest.raises(BrokenOff, match="closed"):
        route.send(Request.of("GET", ORIGIN))
    for end in network.ends:
        end.close()
