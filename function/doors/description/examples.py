"""Examples of the description: requests that are accepted as they stand, results made from the classes themselves."""

from __future__ import annotations

import base64
import functools
import struct
import zlib
from typing import Any

import msgspec

from function.results.model import Block, Cost, DocumentInfo, DocumentResult, EngineInfo, Line, PageResult


def png() -> bytes:
    """A white page of 64 × 64 pixels."""
    rows = zlib.compress((b"\0" + b"\xff" * 64) * 64, 9)
    head = struct.pack(">IIBBBBB", 64, 64, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*one) for one in ((b"IHDR", head), (b"IDAT", rows), (b"IEND", b"")))


def paddlex_request() -> dict[str, Any]:
    """What PaddleX's clients send."""
    return {"file": base64.b64encode(png()).decode(), "fileType": 1, "visualize": False}


def restructure_request() -> dict[str, Any]:
    """A page as /layout-parsing gave it."""
    block = {"block_label": "text", "block_content": "A line.", "block_bbox": [10, 10, 90, 24]}
    return {"pages": [{"prunedResult": {"width": 100, "height": 100, "parsing_res_list": [block]}}]}


@functools.cache
def result() -> Any:
    """A page with one line, as JSON."""
    line = Line([120.0, 80.0, 640.0, 112.0], "A line.", 0.99)
    block = Block("paragraph", line.bbox, line.text, line.confidence, [line])
    page = PageResult(1, 1654, 2339, 200.0, "fast", "the page has no text of its own", 0, [block], "A line.")
    told = DocumentResult(
        DocumentInfo("scan.pdf", "7a8a9caf" * 8, "application/pdf", 1),
        EngineInfo("rapid", "1-openvino-bf16", "da2d61aa" * 8),
        [page],
        "A line.\n",
        {"open": 0.01, "total": 1.07},
        Cost(0.9, 0.0),
    )
    return msgspec.to_builtins(told)


def event() -> dict[str, Any]:
    """An upload, told as a CloudEvent."""
    return {
        "specversion": "1.0",
        "id": "8e03978e",
        "source": "s3://inbox",
        "subject": "scan.pdf",
        "type": "dev.zeropage.document.uploaded",
        "data": {"bucket": "inbox", "key": "scan.pdf"},
    }


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
