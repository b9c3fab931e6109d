"""A server in place of vLLM, SGLang or FastDeploy: it refuses what they would, and answers as it is told to.

What a request must hold is what vLLM 0.11 takes on POST /v1/chat/completions (its protocol.py): known fields of known
types, a model that it serves, one user message of one picture, which it decodes, and one of PaddleOCR-VL's prompts.
By default it answers an OCR request with the stamp (function/engines/stub.py) that the picture bears.
"""

from __future__ import annotations

import base64
import binascii
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import cv2
import numpy as np

from function.engines.stub import StubEngine
from function.page import PageImage, PageReading, Pixels

PROMPTS = ("OCR:", "Table Recognition:", "Formula Recognition:", "Chart Recognition:", "Seal Recognition:", "Spotting:")
_FIELDS: dict[str, tuple[type, ...]] = {
    "model": (str,),
    "messages": (list,),
    "max_completion_tokens": (int,),
    "temperature": (int, float),
    "top_p": (int, float),
    "skip_special_tokens": (bool,),
    "repetition_penalty": (int, float),
    "mm_processor_kwargs": (dict,),
}


class Refused(Exception):
    """A request that vLLM would answer with 400."""


@dataclass
class Answer:
    """What to answer: a text and why it ended, or a status, or hang up in the middle, or bytes of any kind."""

    text: str = ""
    finish: str = "stop"
    status: int = 200
    hang_up: bool = False
    raw: bytes | None = None
    seconds: float = 0.0


@dataclass
class Asked:
    """One request that was accepted."""

    prompt: str
    picture: Pixels
    body: dict[str, Any]
    key: str


Reply = Callable[[Asked], Answer]


def stamped(asked: Asked) -> Answer:
    """What the stub engine reads from the picture."""
    outcome = next(iter(StubEngine().read([PageImage(1, asked.picture)])))[1]
    assert isinstance(outcome, PageReading)
    return Answer("\n".join(line.text for line in outcome.lines))


def check(body: dict[str, Any], model: str) -> tuple[str, Pixels]:
    """The prompt and the picture of a request; raises Refused saying what is wrong with it."""
    for name, value in body.items():
        if name not in _FIELDS:
            raise Refused(f"extra inputs are not permitted: {name}")
        if not isinstance(value, _FIELDS[name]):
            raise Refused(f"{name} is {type(value).__name__}")
    if body.get("model") != model:
        raise Refused(f"the model {body.get('model')!r} does not exist")
    if not 1 <= body.get("max_completion_tokens", 1) <= 16384:
        raise Refused("max_completion_tokens is too large")
    if set(body.get("mm_processor_kwargs", {})) - {"min_pixels", "max_pixels"}:
        raise Refused("mm_processor_kwargs")
    (message,) = body["messages"]
    picture, prompt = message["content"]
    if message["role"] != "user" or picture["type"] != "image_url" or prompt["type"] != "text":
        raise Refused("messages")
    if prompt["text"] not in PROMPTS:
        raise Refused(f"the prompt is {prompt['text']!r}")
    return prompt["text"], _decoded(picture["image_url"]["url"])


def _decoded(url: str) -> Pixels:
    head, _, data = url.partition(",")
    if head != "data:image/jpeg;base64":
        raise Refused(f"the picture is {head!r}")
    try:
        picture = cv2.imdecode(np.frombuffer(base64.b64decode(data, validate=True), np.uint8), cv2.IMREAD_COLOR)
    except (binascii.Error, cv2.error) as problem:
        raise Refused("the picture cannot be decoded") from problem
    if picture is None:
        raise Refused("the picture cannot be decoded")
    sides = sorted(picture.shape[:2])
    if sides[1] > 200 * sides[0]:
        raise Refused("absolute aspect ratio must be smaller than 200")
    return np.asarray(picture, dtype=np.uint8)


@dataclass
class VlmServer:
    """A server at `url` until `close`; `reply` may be changed while it runs.

    Attributes:
        asked: every request that was accepted.
        refused: why others were not.
        most: requests that were under way at once, at most.
    """

    model: str = "PaddleOCR-VL-1.6-0.9B"
    reply: Reply = stamped
    port: int = 0
    asked: list[Asked] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    most: int = 0
    _under_way: int = 0

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._server = _Server(("127.0.0.1", self.port), _handler(self))
        self.port = self._server.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Stop at once: whoever waits for an answer is hung up on, and nobody is listening any more."""
        self._server.shutdown()
        self._server.server_close()
        self._server.hang_up()

    def answer(self, body: dict[str, Any], key: str) -> Answer:
        """What to say to a request."""
        try:
            prompt, picture = check(body, self.model)
        except (Refused, KeyError, TypeError, ValueError) as problem:
            with self._lock:
                self.refused.append(f"{type(problem).__name__}: {problem}")
            return Answer(json.dumps({"error": {"message": str(problem), "type": "BadRequestError"}}), status=400)
        asked = Asked(prompt, picture, body, key)
        with self._lock:
            self.asked.append(asked)
            self._under_way += 1
            self.most = max(self.most, self._under_way)
        try:
            found = self.reply(asked)
            time.sleep(found.seconds)
            return found
        finally:
            with self._lock:
                self._under_way -= 1


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, *arguments: Any) -> None:
        self._open: set[Any] = set()
        super().__init__(*arguments)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._open.discard(request)
        super().shutdown_request(request)

    def hang_up(self) -> None:
        for request in list(self._open):
            self.shutdown_request(request)

    def handle_error(self, *_: Any) -> None:
        """Clients that hang up are part of the tests."""


def _handler(server: VlmServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            models = {"object": "list", "data": [{"id": server.model, "object": "model"}]}
            known = self.path == "/v1/models"
            self._send(200 if known else 404, json.dumps(models if known else {}).encode())

        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", 0))
            body = json.loads(self.rfile.read(length))
            if self.path != "/v1/chat/completions":
                self._send(404, b'{"error": {"message": "Not Found"}}')
                return
            found = server.answer(body, self.headers.get("authorization", "").removeprefix("Bearer "))
            if found.hang_up:
                self.connection.close()
                self.close_connection = True
            elif found.raw is not None:
                self._send(found.status, found.raw)
            elif found.status != 200:
                self._send(found.status, (found.text or '{"error": {"message": "no"}}').encode())
            else:
                self._send(200, json.dumps(_completion(body, found)).encode())

        def _send(self, status: int, data: bytes) -> None:
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    return Handler


def _completion(body: dict[str, Any], found: Answer) -> dict[str, Any]:
    """A completion as vLLM writes it."""
    message: dict[str, Any] = {"role": "assistant", "content": found.text, "refusal": None, "tool_calls": []}
    return {
        "id": "chatcmpl-7f3a",
        "object": "chat.completion",
        "created": 1760000000,
        "model": body["model"],
        "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": found.finish}],
        "usage": {"prompt_tokens": 300, "completion_tokens": 20, "total_tokens": 320},
    }
