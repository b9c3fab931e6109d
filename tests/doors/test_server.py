"""The real server under gunicorn: what a cluster does to it, and what clients do."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.doors.conftest import stamped_png, stamped_tiff
from tests.processes import descendants_of
from tests.server import Server, stub_server


def metric(server: Server, name: str) -> float:
    """One sample of /metrics; 0 where it has not been counted yet."""
    lines = requests.get(f"{server.url}/metrics", timeout=10).text.splitlines()
    return sum(float(line.rsplit(" ", 1)[1]) for line in lines if line.partition(" ")[0].partition("{")[0] == name)


def eventually(condition: Callable[[], bool], seconds: float = 30.0) -> bool:
    """Whether the condition comes true; polled, since another process makes it so."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_sigterm_finishes_what_was_accepted_and_ends_with_0() -> None:
    """Pods are taken away while documents are read; their callers still get their answers."""
    with stub_server() as server, ThreadPoolExecutor(1) as pool:
        slow = pool.submit(
            requests.post, f"{server.url}/v1/parse?format=text", data=stamped_png("stub:wait=1.5"), timeout=60
        )
        assert eventually(lambda: metric(server, "zeropage_slots_held") == 1)
        family = descendants_of(server.pid)

        code = server.stop()

        assert slow.result(60).text.strip() == "stub:wait=1.5"
        assert code == 0, server.logs
        assert len(family) >= 2, "a worker and a render child"
        assert eventually(lambda: not any(Path(f"/proc/{pid}").exists() for pid in family))
        with pytest.raises(requests.ConnectionError):
            requests.get(f"{server.url}/healthz", timeout=5)


def test_a_client_that_hangs_up_frees_its_slot_before_its_document_is_read() -> None:
    """Otherwise impatient clients that try again would keep every slot busy with answers nobody hears."""
    with stub_server(OCR_SLOTS="1", OCR_ADMISSION_SECONDS="60") as server:
        body = stamped_tiff(*(f"{page} stub:wait=0.4" for page in range(100)))
        with socket.create_connection(("127.0.0.1", server.port)) as connection:
            head = f"POST /v1/parse HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
            connection.sendall(head.encode() + body)
            assert eventually(lambda: metric(server, "zeropage_slots_held") == 1)

        assert eventually(lambda: metric(server, "zeropage_slots_held") == 0)
        assert requests.post(f"{server.url}/v1/parse", data=stamped_png("next"), timeout=60).status_code == 200
        assert metric(server, "zeropage_pages_total") < 20


def test_a_streamed_page_arrives_before_the_next_one_is_read() -> None:
    """Through the real server, page by page."""
    with stub_server() as server:
        body = stamped_tiff("one", "two stub:wait=1", "three stub:wait=1", "four stub:wait=1", "five stub:wait=2")
        with requests.post(f"{server.url}/v1/parse?format=ndjson", data=body, stream=True, timeout=60) as answer:
            lines = answer.iter_lines()
            first = json.loads(next(lines))
            seen = metric(server, "zeropage_pages_total")
            rest = [json.loads(line)["event"] for line in lines]

    assert (first["event"], first["number"]) == ("page", 1)
    assert seen < 5
    assert rest == ["page"] * 4 + ["result"]


def test_weights_that_are_missing_end_the_server_with_the_file_named(tmp_path: Path) -> None:
    """A pod that respawns forever tells nobody; exit code and log do."""
    with Server({"OCR_WEIGHTS": str(tmp_path)}, wait_until_ready=False) as server:
        assert eventually(lambda: not server.is_alive(), 60)

        assert server.exit_code() not in {0, None}
        assert str(tmp_path) in server.logs


def test_a_wrong_setting_ends_the_server_with_one_line() -> None:
    """Before a port is opened."""
    with stub_server() as server:
        pass
    with Server({"OCR_SLOTS": "many"}, wait_until_ready=False) as server:
        assert eventually(lambda: not server.is_alive(), 60)

        assert server.exit_code() == 2
        assert "OCR_SLOTS='many' is wrong" in server.logs
        assert "Traceback" not in server.logs


def test_log_lines_are_json_and_hold_no_document_text() -> None:
    """One object a line, with the request's id; what users send is theirs."""
    with stub_server(OCR_LOG_LEVEL="debug") as server:
        secret = "the secret of this document"
        headers = {"X-Request-Id": "find-me"}
        requests.post(f"{server.url}/v1/parse", data=stamped_png(secret), headers=headers, timeout=60)
        requests.post(f"{server.url}/v1/parse", data=b"%PDF-1.7 " + secret.encode(), headers=headers, timeout=60)
        server.stop()
        lines = [json.loads(line) for line in server.logs.splitlines()]

    found = [line for line in lines if line.get("request_id") == "find-me"]
    assert [line["status"] for line in found] == [200, 422]
    assert secret not in server.logs


def test_a_killed_render_child_fails_one_request_with_503_and_is_replaced() -> None:
    """The kernel's out-of-memory killer, say: ours to mend, so the sender shall try again."""
    with stub_server(OCR_SLOTS="1") as server, ThreadPoolExecutor(1) as pool:
        requests.post(f"{server.url}/v1/parse", data=stamped_png("warm"), timeout=60)
        worker = descendants_of(server.pid)[0]
        render_child = descendants_of(worker)[0]
        os.kill(render_child, signal.SIGSTOP)
        hit = pool.submit(requests.post, f"{server.url}/v1/parse", data=stamped_png("hit"), timeout=60)
        assert eventually(lambda: metric(server, "zeropage_slots_held") == 1)
        os.kill(render_child, signal.SIGKILL)

        answer = hit.result(60)

        assert answer.status_code in {200, 503}
        if answer.status_code == 503:
            assert answer.headers["Retry-After"]
        assert requests.post(f"{server.url}/v1/parse", data=stamped_png("next"), timeout=60).status_code == 200


def test_probes_are_answered_while_every_slot_is_held() -> None:
    """A pod that looks dead under load would be taken away just then."""
    with stub_server(OCR_SLOTS="2") as server:
        documents = stamped_tiff("one stub:wait=1", "two stub:wait=1")
        threads = [
            threading.Thread(target=requests.post, args=(f"{server.url}/v1/parse", documents), kwargs={"timeout": 60})
            for _ in range(2)
        ]
        for thread in threads:
            thread.start()
        assert eventually(lambda: metric(server, "zeropage_slots_held") == 2)

        statuses = {requests.get(f"{server.url}{path}", timeout=10).status_code for path in ("/healthz", "/readyz")}
        assert statuses == {200}
        assert metric(server, "zeropage_slots_held") == 2
        for thread in threads:
            thread.join(60)
