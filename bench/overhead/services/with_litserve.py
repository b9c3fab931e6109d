"""LitServe with one worker, its own way: an API object in a process of its own behind FastAPI."""

from __future__ import annotations

import base64
import io
import sys
from typing import Any

import litserve  # type: ignore[import-not-found] # in an environment of its own
from PIL import Image


class Api(litserve.LitAPI):  # type: ignore[misc]
    """Decode the upload, read nothing."""

    def setup(self, device: str) -> None:
        """Nothing to load."""

    def decode_request(self, request: dict[str, str]) -> Image.Image:
        """JSON with base64, since an upload does not pass into the worker's process."""
        return Image.open(io.BytesIO(base64.b64decode(request["file"]))).convert("RGB")

    def predict(self, image: Image.Image) -> str:
        """Its size instead of its text."""
        return f"pixels {image.width} x {image.height}"

    def encode_response(self, output: str) -> dict[str, Any]:
        """As the others answer."""
        return {"text": output}


if __name__ == "__main__":
    server = litserve.LitServer(Api(api_path="/read"), accelerator="cpu", workers_per_device=1)
    server.run(host="127.0.0.1", port=int(sys.argv[1]), generate_client_file=False, log_level="warning")
