"""One message a sender's shape: read by tests, by `python -m events`, and shown by events/README.md.

A sample is a JSON file:

    {"sender": "minio",                    a name of `senders.ALL`
     "modes": ["hook"],                    how it travels: hook, binary, structured, batched
     "headers": {"Content-Type": "…"},     of the request; for CloudEvents those of binary mode
     "body": …,                            a JSON value, or text where the sender sends text
     "expect": [{"bucket": "…", …}]}       what it comes to: an upload's fields, {"ignored": REASON},
                                           {"confirm": TOPIC}, {"first": PAGE, "last": PAGE, …}, {"refused": true}
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Sample:
    """One message as its sender sends it.

    Attributes:
        name: of the file.
        sender: a name of `senders.ALL`.
        modes: how it travels.
        headers: in binary mode, or of the webhook.
        body: a JSON value, or text.
        expect: what it comes to.
    """

    name: str
    sender: str
    modes: tuple[str, ...]
    headers: dict[str, str]
    body: Any
    expect: tuple[dict[str, Any], ...]

    def message(self, mode: str) -> tuple[dict[str, str], bytes]:
        """Headers and body in one of the modes: `hook`, `binary`, `structured`, `batched`."""
        if mode in {"hook", "binary"}:
            return dict(self.headers), _bytes(self.body)
        event = {name[3:].lower(): unquote(value) for name, value in self.headers.items() if name.startswith("ce-")}
        event |= {"datacontenttype": self.headers["Content-Type"], "data": self.body}
        if mode == "batched":
            return {"Content-Type": "application/cloudevents-batch+json; charset=utf-8"}, _bytes([event])
        return {"Content-Type": "application/cloudevents+json; charset=utf-8"}, _bytes(event)


def _bytes(body: Any) -> bytes:
    return body.encode() if isinstance(body, str) else json.dumps(body, ensure_ascii=False).encode()


def names() -> list[str]:
    """Of all samples, in alphabetical order."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def load(name: str) -> Sample:
    """One of `names()`."""
    entry = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Sample(
        name=name,
        sender=entry["sender"],
        modes=tuple(entry["modes"]),
        headers=entry["headers"],
        body=entry["body"],
        expect=tuple(entry["expect"]),
    )
