"""A visitor of the page in a real browser, and documents whose reading the test holds back."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, Route, expect

from function.engines.stub import stamp
from tests.server import Server

_DROP = """([name, type, data]) => {
  const bytes = Uint8Array.from(atob(data), (letter) => letter.charCodeAt(0));
  const moved = new DataTransfer();
  moved.items.add(new File([bytes], name, { type }));
  return moved;
}"""


class Visitor:
    """One visitor at the page, whose browser keeps a list of what it complained about and whom it asked.

    Attributes:
        page: playwright's.
        complaints: errors in the browser's console, violations of the policy among them.
        hosts: which the page asked anything of.
    """

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.page: Page = context.new_page()
        self.server = server
        self.complaints: list[str] = []
        self.hosts: set[str] = set()
        self.page.on("console", lambda said: self.complaints.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.hosts.add(request.url.split("/")[2]))

    def come(self) -> Visitor:
        """Open the page."""
        self.page.goto(self.server.url)
        return self

    def drop(self, name: str, media_type: str, data: bytes) -> None:
        """Let a document fall on the page."""
        encoded = base64.b64encode(data).decode()
        self.page.dispatch_event("#drop", "drop", {"dataTransfer": self._moved(name, media_type, encoded)})

    def paste(self, name: str, media_type: str, data: bytes) -> None:
        """Paste a document."""
        moved = self._moved(name, media_type, base64.b64encode(data).decode())
        self.page.evaluate(
            "(moved) => document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: moved }))", moved
        )

    def expect_title(self, words: str) -> None:
        """How it stands, in words."""
        expect(self.page.locator("#state-title")).to_have_text(words)

    def articles(self) -> Locator:
        """The pages that have come."""
        return self.page.locator("article")

    def answer_with(self, *pages: dict[str, Any], **result: Any) -> None:
        """Let the server's next answer be these pages, whatever is asked, and the rest of its `result` be so."""
        lines = [("page", page) for page in pages] + [("result", {**result_of(pages), **result})]
        body = "".join(f"event: {name}\ndata: {json.dumps(told)}\n\n" for name, told in lines)

        def fulfil(route: Route) -> None:
            route.fulfill(status=200, content_type="text/event-stream", body=body)

        self.page.route("**/v1/parse*", fulfil)

    def _moved(self, name: str, media_type: str, encoded: str) -> Any:
        return self.page.evaluate_handle(_DROP, [name, media_type, encoded])


def result_of(pages: tuple[dict[str, Any], ...]) -> dict[str, Any]:
    """An answer of these pages."""
    return {
        "document": {"name": "x", "sha256": "", "media_type": "image/png", "pages": len(pages)},
        "engine": {"name": "canned", "version": "", "weights": ""},
        "pages": list(pages), "markdown": "", "timings": {"total": 1.0}, "warnings": ["Nothing of this is true."],
        "cost": {"cpu_seconds": 1.5, "gpu_seconds": 0.25}, "cached": False,
    }  # fmt: skip


def block(kind: str, text: str, confidence: float = 1.0, **more: Any) -> dict[str, Any]:
    """One block of one line, at the top left."""
    box = [10, 10, 300, 40]
    line = {"bbox": box, "text": text, "confidence": confidence}
    return {"type": kind, "bbox": box, "text": text, "confidence": confidence, "lines": [line], **more}


def page_of(*blocks: dict[str, Any], **more: Any) -> dict[str, Any]:
    """One page of blocks."""
    return {
        "number": 1, "width": 400, "height": 200, "dpi": 100.0, "rung": "accurate", "reason": "asked for",
        "rotation": 0, "blocks": list(blocks), "markdown": "", "error": None, **more,
    }  # fmt: skip


def pdf(*texts: str) -> bytes:
    """A PDF of scanned pages that the stub engine reads as these texts."""
    first, *rest = [Image.fromarray(stamp(text, 400, 520)).convert("1") for text in texts]
    data = io.BytesIO()
    first.save(data, "PDF", resolution=200, save_all=True, append_images=rest)
    return data.getvalue()


def png(text: str) -> bytes:
    """A picture that the stub engine reads as this text."""
    data = io.BytesIO()
    Image.fromarray(stamp(text, 400, 200)).save(data, "PNG")
    return data.getvalue()


def open_gate(folder: Path, name: str) -> None:
    """Let the page that says `gate NAME` be read."""
    (folder / name).touch()
