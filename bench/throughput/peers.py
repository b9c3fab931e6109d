"""Other people's services with the same models, asked for the same pages over HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bench.client import Answer, Client
from bench.coldstart import peers
from bench.server import Server
from bench.synthetic import Synthetic

_FOLDER = Path(__file__).resolve().parents[2] / "build" / "peers"
_BOUNDARY = "zeropage-bench-7c19"


@dataclass(frozen=True, slots=True)
class Talk:
    """How a service is spoken to.

    Attributes:
        call: sends one document.
        texts: the text of each page out of an answer 200.
    """

    call: Callable[[Client, Synthetic], Answer]
    texts: Callable[[Answer], list[str]]


def services() -> list[tuple[str, Server, Talk]]:
    """Those that can be installed here, not started yet: name, server, how it is spoken to."""
    talks = {"PaddleX serving": Talk(_paddlex, _paddlex_texts), "RapidOCR API": Talk(_rapidocr, _rapidocr_texts)}
    return [
        (way.name, Server(way.settings, command=way.command, ready_path=way.ready), talks[way.name])
        for way in peers.peers(_FOLDER)
    ]


def _paddlex(client: Client, document: Synthetic) -> Answer:
    body = {"file": base64.b64encode(document.content).decode(), "fileType": 1, "visualize": False}
    return client.request("POST", "/ocr", json.dumps(body).encode(), {"Content-Type": "application/json"})


def _paddlex_texts(answer: Answer) -> list[str]:
    return ["\n".join(page["prunedResult"]["rec_texts"]) for page in answer.json()["result"]["ocrResults"]]


def _rapidocr(client: Client, document: Synthetic) -> Answer:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="image_file"; filename="{document.name}"\r\n\r\n'
    body = head.encode() + document.content + f"\r\n--{_BOUNDARY}--\r\n".encode()
    return client.request("POST", "/ocr", body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"})


def _rapidocr_texts(answer: Answer) -> list[str]:
    return ["\n".join(line["rec_txt"] for line in answer.json().values())]
