"""The whole function with PaddleOCR-VL as its accurate tier: settings, start, warm-up page, options, result."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import cv2
import pytest

from function.engines.stub import stamp
from tests.conftest import ROOT
from tests.engines.paddle.layout import write_layout
from tests.engines.paddle.vlm_server import Answer, VlmServer, stamped
from tests.engines.paddle.vlm_server import Asked as Request

pytestmark = pytest.mark.paddle

TABLE = "<fcel>a<fcel>b<nl><fcel>1<lcel><nl>"


@pytest.fixture
def server() -> Iterator[VlmServer]:
    """One that reads stamps, and one table on every page."""

    def reply(asked: Request) -> Answer:
        return Answer(TABLE) if asked.prompt == "Table Recognition:" else stamped(asked)

    server = VlmServer(reply=reply)
    yield server
    server.close()


def test_a_file_is_parsed_by_the_accurate_tier(server: VlmServer, tmp_path: Path) -> None:
    """From the command line: blocks in order, the table with its span as HTML, the figure as an image."""
    weights = tmp_path / "weights"
    write_layout(
        weights / "PP-DocLayoutV3_onnx",
        [("text", (0, 0, 1, 0.5)), ("table", (0, 0.5, 0.5, 1)), ("image", (0.5, 0.5, 1, 1))],
    )
    page = stamp("accurately read", 600, 800)
    page[500:700, 100:500] = 90  # a page's lower half is not empty
    cv2.imwrite(str(tmp_path / "page.png"), page)
    settings = {
        "OCR_ACCURATE_ENGINE": "paddle_vl",
        "OCR_FAST_ENGINE": "stub",
        "OCR_VL_BACKEND": "vllm-server",
        "OCR_VL_SERVER_URL": server.url,
        "OCR_WEIGHTS": str(weights),
        "OCR_PADDLE_CACHE": str(tmp_path / "cache"),
    }

    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "function",
            "parse",
            "--tier",
            "accurate",
            "--format",
            "json",
            str(tmp_path / "page.png"),
        ],
        env={**os.environ, **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )

    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    (found,) = result["pages"]
    assert result["engine"]["name"] == "paddle_vl"
    assert [block["type"] for block in found["blocks"]] == ["paragraph", "table", "figure"]
    assert found["blocks"][0]["text"] == "accurately read"
    assert 'colspan="2"' in found["blocks"][1]["html"]
    assert found["images"][0]["name"] == found["blocks"][2]["image"]
    assert "![figure](page-1-figure-1.jpg)" in result["markdown"]
    assert not server.refused
