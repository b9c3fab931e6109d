"""PaddleX's own server and its OCR application, around a pipeline that reads nothing."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

from paddlex.inference.serving.basic_serving import create_pipeline_app, run_server


class Idle:
    """In the place of a pipeline."""

    def predict(self, images: list[Any], **_: Any) -> Iterator[Any]:
        """Each image's size instead of its text."""
        for image in images:
            height, width = image.shape[:2]
            yield SimpleNamespace(json={"res": {"rec_texts": [f"pixels {width} x {height}"]}})


if __name__ == "__main__":
    config = {"pipeline_name": "OCR", "Serving": {"visualize": False}}
    run_server(create_pipeline_app(Idle(), config), host="127.0.0.1", port=int(sys.argv[1]))
