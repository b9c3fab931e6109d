"""Our own reader as callers get it: over HTTP, all defaults."""

from __future__ import annotations

import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

from bench.accuracy.corpus import Sample
from bench.accuracy.readers.base import Reading
from bench.client import Client
from bench.server import Server

_ROOT = Path(__file__).resolve().parents[3]


class OurReader:
    """POST /v1/parse on a server of its own, or on one that runs already.

    Args:
        url: of a running server; empty starts one.
        ocr: the option of that name: `always` measures the engine where `auto` would take the text layer.
    """

    #: Settings decide what it reads, and none of them shows in its version.
    kept = False

    def __init__(self, *, url: str = "", ocr: str = "auto") -> None:
        self.name = "ours" if ocr == "auto" else f"ours-{ocr}"
        self._url = url
        self._ocr = ocr
        self._server: Server | None = None
        self._client: Client | None = None

    @property
    def version(self) -> str:
        """The commit and a digest of the code; or a running server's address."""
        if self._url:
            return self._url
        told = sha256()
        for path in sorted(_ROOT.glob("function/**/*.py")):
            told.update(path.read_bytes())
        return f"{_commit()}, code {told.hexdigest()[:12]}"

    def start(self) -> None:
        """Start the server and read one small page, as RapidOCR's reader does."""
        if not self._url:
            self._server = Server({"OCR_REQUEST_SECONDS": "3600"}).start()
        self._client = Client(self._url or (self._server.url if self._server else ""))
        self._client.parse(b"P5 256 64 255\n" + b"\xff" * (256 * 64), name="blank.pgm", format="json")

    def read(self, sample: Sample, pages: int) -> Reading:
        """One request for the first pages."""
        if self._client is None:
            raise AssertionError("start() comes first")
        document = sample.path.read_bytes()
        answer = self._client.parse(document, name=sample.name, format="json", pages=f"1-{pages}", ocr=self._ocr)
        if answer.status != 200:
            return Reading(
                [], answer.seconds, error=f"HTTP {answer.status}: {answer.body[:300].decode(errors='replace')}"
            )
        return _reading(answer.json(), answer.seconds)

    def close(self) -> None:
        """End the server."""
        if self._client:
            self._client.close()
        if self._server:
            self._server.stop()


def _reading(result: dict[str, Any], seconds: float) -> Reading:
    pages = result["pages"]
    blocks = [block for page in pages for block in page["blocks"]]
    failed = [f"page {page['number']}: {page['error']['detail']}" for page in pages if page.get("error")]
    return Reading(
        pages=["\n".join(block["text"] for block in page["blocks"]) for page in pages],
        seconds=seconds,
        rungs=[page["rung"] or "none" for page in pages],
        tables=[block["rows"] for block in blocks if block.get("rows")],
        error="; ".join(failed) if len(failed) == len(pages) else "",
    )


def _commit() -> str:
    command = ["git", "-C", str(_ROOT), "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "uncommitted"
