"""The real server for tests: a child on a free port, ready when the `with` begins, ended by SIGTERM when it ends.

    from tests.server import Client, Server, stub_server

    with stub_server(OCR_SLOTS="2") as server:
        with Client(server.url) as client:
            assert client.parse(document, format="json").status == 200
        assert server.stop() == 0, server.logs

`Server({...})` starts the engine that settings name; `stub_server` the instant one. Also there: `url`, `port`, `pid`,
`logs`, `is_alive()`, `exit_code()`, `kill()`; with `wait_until_ready=False` a test watches it warm up.
"""

from __future__ import annotations

from bench.client import Answer, Client
from bench.server import Server, ServerEnded

__all__ = ["Answer", "Client", "Server", "ServerEnded", "stub_server"]


def stub_server(**settings: str) -> Server:
    """A server that reads stamped pages in no time (function.engines.stub), with these variables besides."""
    return Server({"OCR_FAST_ENGINE": "stub", **settings})
