"""Clients that send, or take, as slowly as they can: none keeps a thread of the server."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.doors.conftest import stamped_png
from tests.doors.test_server import eventually
from tests.server import Server, stub_server


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    """A second is all the patience it has."""
    with stub_server(OCR_RECEIVE_SECONDS="1", OCR_LOG_LEVEL="debug") as running:
        yield running


def dripped(server: Server, head: str, body: bytes) -> bytes:
    """Send a head, then a body byte by byte for as long as the server listens; what it answered."""
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.settimeout(0.05)
        connection.sendall(head.encode())
        answer = b""
        for position in range(2_000):
            try:
                connection.sendall(body[position % len(body) :][:1])
                if not (piece := connection.recv(1 << 16)):
                    return answer
                answer += piece
            except TimeoutError:
                continue
            except ConnectionError:
                return answer
    raise AssertionError("the server listened on and on")


_FORM = "Content-Type: multipart/form-data; boundary=b\r\n"
_PART = b'--b\r\nContent-Disposition: form-data; name="file"\r\n\r\n'


@pytest.mark.parametrize(
    ("path", "more", "body"),
    [
        ("/v1/parse", "Content-Length: 100000\r\n", b"%PDF-"),
        ("/v1/parse", "Transfer-Encoding: chunked\r\n", b"1\r\nx\r\n"),
        ("/v1/parse", f"Content-Length: 100000\r\n{_FORM}", _PART),
        ("/ocr", "Content-Length: 100000\r\nContent-Type: application/json\r\n", b"{"),
    ],
)  # fmt: skip
def test_a_body_that_drips_in_is_given_up_with_408(server: Server, path: str, more: str, body: bytes) -> None:
    """However it is framed, and by every door: it says what the limit is, what to do, and that it hangs up."""
    answer = dripped(server, f"POST {path} HTTP/1.1\r\nHost: x\r\n{more}\r\n", body)

    head, _, problem = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 408 "), answer
    assert b"\r\nConnection: close" in head
    assert b"1 s, the limit (OCR_RECEIVE_SECONDS)" in problem
    assert b"can raise OCR_RECEIVE_SECONDS" in problem or path == "/ocr"  # whose form of errors has one sentence
    assert "Traceback" not in server.logs


def test_a_head_that_drips_in_is_hung_up_on(server: Server) -> None:
    """Nobody knows yet what it asks for, so nothing is answered."""
    assert dripped(server, "GET /healthz HTTP/1.1\r\nX-Slow: ", b"x") == b""


def test_many_slow_clients_keep_nobody_else_out(server: Server) -> None:
    """More of them than there are threads: others are served once their time is over."""
    head = "POST /v1/parse HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
    with ThreadPoolExecutor(40) as pool:
        slow = [pool.submit(dripped, server, head, b"%PDF-") for _ in range(40)]
        answer = requests.post(f"{server.url}/v1/parse?format=text", data=stamped_png("quick"), timeout=60)
        statuses = {future.result(60)[:12] for future in slow}

    assert answer.text.strip() == "quick"
    assert statuses == {b"HTTP/1.1 408"}


def test_clients_that_do_not_hang_up_after_the_last_answer_keep_nobody_out(server: Server) -> None:
    """Two seconds for each, in the thread that accepts, were 80 s in which nobody else was heard."""
    request = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    with contextlib.ExitStack() as held:
        for _ in range(40):
            connection = held.enter_context(socket.create_connection(("127.0.0.1", server.port)))
            connection.sendall(request)

        assert requests.get(f"{server.url}/healthz", timeout=60).status_code == 200


def test_a_request_that_takes_long_to_be_read_is_not_a_slow_client(server: Server) -> None:
    """The time is over for what comes in, not for what is made of it; and the connection can be used again."""
    with requests.Session() as session:
        for _ in range(2):
            answer = session.post(f"{server.url}/v1/parse", data=stamped_png("stub:wait=1.5"), timeout=60)
            assert answer.status_code == 200


def test_a_client_that_takes_no_answer_is_cut_off(server: Server) -> None:
    """It asks for the same file again and again, and reads nothing."""
    connection = socket.create_connection(("127.0.0.1", server.port))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.settimeout(30)

    def is_cut_off() -> bool:
        try:
            connection.send(b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 200)
        except TimeoutError:
            return False
        except ConnectionError:
            return True
        return False

    with connection:
        assert eventually(is_cut_off)


def told(server: Server, request: bytes) -> tuple[bytes, bytes]:
    """The head and the body of what is answered until the server hangs up."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        connection.sendall(request)
        head, _, body = b"".join(iter(lambda: connection.recv(1 << 16), b"")).partition(b"\r\n\r\n")
        return head, body


@pytest.mark.parametrize(
    ("request_", "status", "remedy"),
    [
        (b"GET /?" + b"a" * 5_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414, "Shorten the address"),
        (b"GET / HTTP/1.1\r\nHost: x\r\n" + b"X: y\r\n" * 200 + b"\r\n", 431, "fewer"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nX: a\x01<b>\r\n\r\n", 400, "well-formed"),
        (b"hello\r\n\r\n", 400, "well-formed"),
    ],
)
def test_what_is_no_request_is_a_problem_like_any_other(
    server: Server, request_: bytes, status: int, remedy: str
) -> None:
    """A page of HTML told neither a program nor a person what to do."""
    head, body = told(server, request_)

    assert head.startswith(b"HTTP/1.1 %d " % status)
    assert b"\r\nContent-Type: application/problem+json" in head
    problem = json.loads(body)
    assert b"\r\nX-Request-Id: %s\r\n" % problem["request_id"].encode() in head
    assert len(problem["request_id"]) == 32
    assert problem["status"] == status
    assert remedy in problem["remedy"]


@pytest.mark.parametrize("framing", [b"Content-Length: 200000\r\n", b"Transfer-Encoding: chunked\r\n"])
def test_an_answer_before_the_body_says_that_the_connection_closes(server: Server, framing: bytes) -> None:
    """A client that was told it stays sent its next request to a server that hung up."""
    head, _ = told(server, b"POST /nowhere HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n30d40\r\n")

    assert head.startswith(b"HTTP/1.1 404 ")
    assert b"\r\nConnection: close" in head
