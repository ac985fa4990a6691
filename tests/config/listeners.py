"""Other sides that misbehave: a server that takes connections and never answers, and a port nobody listens on."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def silent_server() -> Iterator[int]:
    """The port of a server like a stopped Redis: connections are accepted by the kernel, no byte ever comes back."""
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        yield listening.getsockname()[1]


def refused_port() -> int:
    """A port on which connections are refused at once."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])
