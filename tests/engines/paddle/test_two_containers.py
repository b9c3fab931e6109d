"""The function and the server of its accurate tier, as the containers of a pod start them: together, in any order."""

from __future__ import annotations

import json
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import cv2
import pytest

from bench.client import Client
from bench.server import Server
from function.engines.stub import stamp
from tests.engines.paddle.layout import write_layout
from tests.engines.paddle.vlm_server import Answer, VlmServer, stamped
from tests.engines.paddle.vlm_server import Asked as Request
from warmup.expected import printed

pytestmark = pytest.mark.paddle


def _port() -> int:
    """A free one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _settings(place: Path, port: int) -> dict[str, str]:
    """Of a function whose language model is at that port."""
    write_layout(place / "weights" / "PP-DocLayoutV3_onnx")
    return {
        "OCR_FAST_ENGINE": "stub",
        "OCR_ACCURATE_ENGINE": "paddle_vl",
        "OCR_VL_BACKEND": "vllm-server",
        "OCR_VL_SERVER_URL": f"http://127.0.0.1:{port}/v1",
        "OCR_WEIGHTS": str(place / "weights"),
        "OCR_VERIFY_WEIGHTS": "off",
        "OCR_PADDLE_CACHE": str(place / "cache"),
        "OCR_DOORS": "parse",
    }


def _ready(url: str) -> dict[str, Any]:
    try:
        with urllib.request.urlopen(f"{url}/readyz", timeout=10) as answer:
            told: dict[str, Any] = json.load(answer)
    except urllib.error.HTTPError as answer:
        told = json.load(answer)
    except OSError:
        return {"reason": "not even listening", "cold_start": {"phases": []}}
    return told


def _eventually(condition: Callable[[], bool]) -> bool:
    """Whether it comes true within two minutes; importing PaddleOCR alone takes seconds."""
    pause = threading.Event()
    return any(condition() or pause.wait(0.1) for _ in range(1200))


def test_the_function_waits_for_its_server_and_then_reads_through_it(tmp_path: Path) -> None:
    """Not ready while the server loads, everything else done meanwhile; then the start tells how long it waited."""
    port = _port()
    with Server(_settings(tmp_path, port), wait_until_ready=False) as server:

        def done() -> set[str]:
            return {p["name"] for p in _ready(server.url)["cold_start"]["phases"] if p["state"] == "done"}

        assert _eventually(lambda: {"engine_load.accurate", "warmup_page.fast"} <= done()), server.logs
        assert "warming: vlm_server" in _ready(server.url)["reason"]
        page = printed("page")
        vlm = VlmServer(reply=lambda _: Answer(page.text), port=port)
        try:
            server.wait_until_ready()
            told = _ready(server.url)
            with Client(server.url) as client:
                answer = client.parse(page.data, name="page.pdf", tier="accurate", ocr="always", format="json")
        finally:
            vlm.close()

    phases = {phase["name"]: phase for phase in told["cold_start"]["phases"]}
    assert phases["vlm_server"]["facts"]["asked"] > 1
    waited_until = phases["vlm_server"]["start"] + phases["vlm_server"]["seconds"]
    assert phases["warmup_page.accurate"]["start"] >= waited_until - 0.002  # both terms are told to the millisecond
    assert (answer.status, answer.json()["engine"]["name"]) == (200, "paddle_vl")
    assert len(vlm.asked) == 2
    assert vlm.refused == []


def test_killing_the_server_in_the_middle_loses_no_request(tmp_path: Path) -> None:
    """Whoever waits is told to come again and, once there is a server again, is answered."""
    port, held, page = _port(), threading.Event(), printed("page")

    def read(asked: Request) -> Answer:
        answer = stamped(asked)
        return answer if "document" in answer.text else Answer(page.text)  # the warm-up page bears no stamp

    def hold(asked: Request) -> Answer:
        held.wait(60)
        return read(asked)

    first = VlmServer(reply=read, port=port)
    with Server(_settings(tmp_path, port)) as server, ThreadPoolExecutor(4) as pool:

        def ask(number: int) -> tuple[int, dict[str, Any]]:
            document = cv2.imencode(".png", stamp(f"document {number}", 400, 120))[1].tobytes()
            with Client(server.url) as client:
                answer = client.parse(document, name=f"{number}.png", tier="accurate", format="json")
            return answer.status, answer.json()

        first.reply, begun = hold, len(first.asked)
        waiting = [pool.submit(ask, number) for number in range(4)]
        assert _eventually(lambda: len(first.asked) == begun + 4), server.logs
        first.close()
        killed = [future.result() for future in waiting]
        held.set()
        again = VlmServer(reply=read, port=port)
        try:
            answers = [ask(number) for number in range(4)]
        finally:
            again.close()

    assert [(status, told["type"]) for status, told in killed] == [(503, "urn:zeropage:problem:not-ready")] * 4
    assert [status for status, _ in answers] == [200] * 4
    assert [told["pages"][0]["blocks"][0]["text"] for _, told in answers] == [
        f"document {number}" for number in range(4)
    ]
