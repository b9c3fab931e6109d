"""Every server that is compared: how it starts, how it is asked, which text it answers."""

from __future__ import annotations

import base64
import io
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.client import Answer, Client
from bench.coldstart.peers import environment
from bench.server import Server
from bench.synthetic import Synthetic
from function.engines.stub import stamp

_ROOT = Path(__file__).resolve().parents[2]
_SERVICES = _ROOT / "bench" / "overhead" / "services"
_PEERS = _ROOT / "build" / "peers"
_BOUNDARY = "zeropage-bench-90d2"
_TEXT = "one small page"
_SIDES = (320, 200)
#: The newest that were tried; paddlex is the environment of `bench.coldstart --peers`.
_PACKAGES = {
    "flask": ("flask==3.1.3", "gunicorn==27.0.1", "pillow"),
    "litserve": ("litserve==0.2.19", "pillow"),
    "bentoml": ("bentoml==1.4.39", "pillow"),
    "paddlex": ("paddleocr==3.7.0", "paddlex[serving]==3.7.2", "onnxruntime"),
}
#: As many requests at once as any of the others takes.
_OURS = {"OCR_FAST_ENGINE": "stub", "OCR_SLOTS": "16", "OCR_ADMISSION_SECONDS": "60", "OCR_LOG_LEVEL": "info"}


@dataclass(frozen=True)
class Way:
    """One server.

    Attributes:
        name: in the table.
        does: what it does beside answering, in a few words.
        server: not started yet.
        ask: sends the page.
        expected: a word that a right answer holds.
    """

    name: str
    does: str
    server: Server
    ask: Callable[[Client, Synthetic], Answer]
    expected: str


def page() -> Synthetic:
    """A small PNG that the stub engine reads."""
    buffer = io.BytesIO()
    Image.fromarray(stamp(_TEXT, *_SIDES)).save(buffer, "PNG")
    return Synthetic("page.png", buffer.getvalue(), (_TEXT,))


def ours() -> Way:
    """The function with the stub engine."""
    return Way("ours", "limits, sandboxed decoding, admission, metrics, log, result", Server(_OURS), _parse, _TEXT)


def peers(names: list[str]) -> list[Way]:
    """Those that can be installed here; why one cannot is told on stderr."""
    found = []
    for name in names:
        try:
            found.append(_MAKERS[name](environment(_PEERS / name, _PACKAGES[name])))
        except (subprocess.CalledProcessError, OSError) as problem:
            print(f"{name} is left out: {problem}", file=sys.stderr)
    return found


def _flask(python: Path) -> Way:
    serve = (
        f'exec "{python}" -m gunicorn --chdir "{_SERVICES}" --bind "127.0.0.1:$PORT" --workers 1 '
        "--worker-class gthread --threads 16 with_flask:app"
    )
    return _peer("Flask, gunicorn", "decoding in the process", serve, "/health", _form)


def _litserve(python: Path) -> Way:
    serve = f'exec "{python}" "{_SERVICES}/with_litserve.py" "$PORT"'
    return _peer("LitServe", "base64, decoding in a worker process", serve, "/health", _base64)


def _bentoml(python: Path) -> Way:
    serve = (
        f'exec "{python.parent}/bentoml" serve --working-dir "{_SERVICES}" --host 127.0.0.1 --port "$PORT" '
        "with_bentoml:Reader"
    )
    return _peer("BentoML", "decoding in the process, metrics, log", serve, "/readyz", _form)


def _paddlex(python: Path) -> Way:
    serve = f'exec "{python}" "{_SERVICES}/with_paddlex.py" "$PORT"'
    return _peer("PaddleX serving", "base64, decoding in the process, log", serve, "/health", _paddlex_json)


_MAKERS = {"flask": _flask, "litserve": _litserve, "bentoml": _bentoml, "paddlex": _paddlex}


def _peer(name: str, does: str, serve: str, ready: str, ask: Callable[[Client, Synthetic], Answer]) -> Way:
    # What they would tell their makers, and where their models would come from, they are told to leave alone.
    quiet = {"BENTOML_DO_NOT_TRACK": "True", "PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True"}
    server = Server(quiet, command=["sh", "-c", serve], ready_path=ready)
    return Way(name, does, server, ask, f"pixels {_SIDES[0]} x {_SIDES[1]}")


def _parse(client: Client, document: Synthetic) -> Answer:
    return client.parse(document.content, name=document.name, format="json")


def _form(client: Client, document: Synthetic) -> Answer:
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="page.png"\r\n'
    body = f"{head}Content-Type: image/png\r\n\r\n".encode() + document.content + f"\r\n--{_BOUNDARY}--\r\n".encode()
    return client.request("POST", "/read", body, {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"})


def _base64(client: Client, document: Synthetic) -> Answer:
    return _json(client, "/read", {"file": base64.b64encode(document.content).decode()})


def _paddlex_json(client: Client, document: Synthetic) -> Answer:
    return _json(client, "/ocr", {"file": base64.b64encode(document.content).decode(), "fileType": 1})


def _json(client: Client, path: str, body: dict[str, object]) -> Answer:
    return client.request("POST", path, json.dumps(body).encode(), {"Content-Type": "application/json"})
