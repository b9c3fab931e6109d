"""The least that serves: Flask behind gunicorn. `gunicorn with_flask:app`."""

from __future__ import annotations

from typing import Any

from flask import Flask, request
from PIL import Image

app = Flask("overhead")


@app.get("/health")
def health() -> str:
    """Whether it serves."""
    return "ok"


@app.post("/read")
def read() -> dict[str, Any]:
    """Decode the upload, read nothing."""
    with Image.open(request.files["file"].stream) as image:
        width, height = image.convert("RGB").size
    return {"text": f"pixels {width} x {height}"}
