"""Tokens of those who deliver events, judged by a stand-in of the cluster's API."""

from __future__ import annotations

import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from function.doors.app import create_app
from function.errors import NotReady, Unauthorized
from function.event_tokens import HOLDS, EventTokens
from function.settings import Settings
from function.wiring import build
from tests.certificates import self_signed

AUDIENCE = "zeropage"
TRIGGER = "system:serviceaccount:docs:uploads-oidc-abc"
#: What the API says of each token.
STATUS: dict[str, dict[str, Any]] = {
    "good": {"authenticated": True, "audiences": [AUDIENCE], "user": {"username": TRIGGER}},
    "of-another": {"authenticated": True, "audiences": ["else"], "user": {"username": TRIGGER}},
    "of-nobody": {"authenticated": True, "user": {"username": TRIGGER}},
    "expired": {"error": "token has expired"},
}


class Api:
    """The cluster's API.

    Attributes:
        asked: `Authorization` and the review of each request.
        status: of its answers.
    """

    def __init__(self, folder: Path) -> None:
        self.asked: list[tuple[str | None, dict[str, Any]]] = []
        self.status = 201
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """A TokenReview."""
                review = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                outer.asked.append((self.headers["Authorization"], review))
                assert self.path == "/apis/authentication.k8s.io/v1/tokenreviews"
                body = json.dumps({**review, "status": STATUS[review["spec"]["token"]]}).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        authority = self_signed(folder / "ca.crt", "127.0.0.1")
        (folder / "token").write_text("our-own\n")
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(authority)
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.address = f"127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    """On this machine."""
    opened = Api(tmp_path)
    yield opened
    opened.close()


def test_a_token_for_this_audience_is_taken_and_remembered_for_a_while(api: Api, tmp_path: Path) -> None:
    """The API is asked as this pod, for this audience, and again once its answer is a minute old."""
    now = [0.0]
    tokens = EventTokens(AUDIENCE, api=api.address, account=tmp_path, clock=lambda: now[0])

    assert [tokens.admit("good"), tokens.admit("good")] == [TRIGGER] * 2
    assert len(api.asked) == 1
    authorization, review = api.asked[0]
    assert authorization == "Bearer our-own"
    assert review["spec"] == {"token": "good", "audiences": [AUDIENCE]}
    now[0] = HOLDS
    tokens.admit("good")
    assert len(api.asked) == 2


@pytest.mark.parametrize("token", ["", "of-another", "of-nobody", "expired"])
def test_any_other_token_is_refused(token: str, api: Api, tmp_path: Path) -> None:
    """None, for another audience, by an API that knows no audiences, out of date; and never remembered."""
    tokens = EventTokens(AUDIENCE, api=api.address, account=tmp_path)

    for _ in range(2):
        with pytest.raises(Unauthorized, match="token"):
            tokens.admit(token)
    assert len(api.asked) == (2 if token else 0)


def test_an_api_that_does_not_judge_is_an_outage(api: Api, tmp_path: Path) -> None:
    """Without the right to ask, without an own token, or unreachable: the sender comes again, and nothing is let in."""
    tokens = EventTokens(AUDIENCE, api=api.address, account=tmp_path)
    api.status = 403
    with pytest.raises(NotReady, match="403") as caught:
        tokens.admit("good")
    assert "auth-delegator" in caught.value.remedy
    (tmp_path / "token").unlink()
    with pytest.raises(NotReady, match="FileNotFoundError"):
        tokens.admit("good")
    api.close()


def test_deliveries_show_a_token_and_nobody_else_has_to(api: Api, tmp_path: Path) -> None:
    """At / and /deadletter; the handshake, probes and callers are not asked."""
    function = build(Settings(fast_engine="stub", events_audience=AUDIENCE))
    function.event_tokens = EventTokens(AUDIENCE, api=api.address, account=tmp_path)
    http = create_app(function).test_client()
    shown = {"Authorization": "Bearer good"}

    assert [http.post(path, data=b"{}").status_code for path in ("/", "/deadletter")] == [401, 401]
    assert [http.post(path, data=b"{}", headers=shown).status_code for path in ("/", "/deadletter")] == [503, 503]
    assert 401 not in {http.options("/").status_code, http.get("/").status_code, http.get("/healthz").status_code}
    assert http.post("/hooks/minio", data=b"{}").status_code != 401
    function.stop()
