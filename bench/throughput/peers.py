"""Other people's services with the same models, asked for the same pages over HTTP."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
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
        most_callers: it reads one at a time, so that more than this only wait longer.
        digital: sends a PDF that has a text layer; None where it takes no PDFs.
    """

    call: Callable[[Client, Synthetic], Answer]
    texts: Callable[[Answer], list[str]]
    most_callers: int = 8
    digital: Callable[[Client, Synthetic], Answer] | None = None


def services(names: Sequence[str]) -> list[tuple[str, Server, Talk]]:
    """Those of `paddlex` and `rapidocr` that can be installed here: name, server (not started), how to speak to it."""
    talks = {
        "PaddleX serving": Talk(_paddlex, _paddlex_texts, digital=_paddlex_pdf),
        "RapidOCR API": Talk(_rapidocr, _rapidocr_texts),
    }
    return [
        (way.name, Server(way.settings, command=way.command, ready_path=way.ready, ready_seconds=300), talks[way.name])
        for way in (peers.peers(_FOLDER, names) if names else [])
    ]


def _paddlex(client: Client, document: Synthetic, file_type: int = 1) -> Answer:
    body = {"file": base64.b64encode(document.content).decode(), "fileType": file_type, "visualize": False}
    return client.request("POST", "/ocr", json.dumps(body).encode(), {"Content-Type": "application/json"})


def _paddlex_pdf(client: Client, document: Synthetic) -> Answer:
    return _paddlex(client, document, 0)


def _paddlex_texts(answer: Answer) -> list[str]:
    return ["\n".join(page["prunedResult"]["rec_texts"]) for page in answer.json()["result"]["ocrResults"]]


def _rapidocr(client: Client, document: Synthetic) -> Answer:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="image_file"; filename="{document.name}"\r\n\r\n'
    body = head.encode() + document.content + f"\r\n--{_BOUNDARY}--\r\n".encode()
    return client.request("POST", "/ocr", body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"})


def _rapidocr_texts(answer: Answer) -> list[str]:
    return ["\n".join(line["rec_txt"] for line in answer.json().values())]
