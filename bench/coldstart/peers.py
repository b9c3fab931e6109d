"""Other people's services with the same models, each in an environment of its own that is made once.

PaddleX pins another OpenCV than rapidocr brings, so no two of them, nor we, could share one.
"""

from __future__ import annotations

import base64
import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from bench.coldstart.starts import Request, Way
from bench.coldstart.ways import page
from function.engines.rapid.models import find_weights

_ROOT = Path(__file__).resolve().parents[2]
#: The newest that were tried; a new list makes the environment anew.
_PADDLEX = ("paddleocr==3.7.0", "paddlex[serving]==3.7.2", "onnxruntime")
_RAPIDOCR = ("rapidocr_api==0.2.0", "rapidocr==3.10.0", "onnxruntime")


def peers(folder: Path, names: Sequence[str] = ("paddlex", "rapidocr")) -> list[Way]:
    """Those that can be installed here; why one cannot is told on stderr.

    Args:
        folder: of their environments.
        names: which.
    """
    found = []
    for name in names:
        try:
            found.append(_MAKERS[name](folder))
        except (subprocess.CalledProcessError, OSError) as problem:
            print(f"{name} is left out: {problem}", file=sys.stderr)
    return found


def paddlex(folder: Path) -> Way:
    """`paddlex --serve` on ONNX Runtime; loads its models before its port opens."""
    python = environment(folder / "paddlex", _PADDLEX)
    models = folder / "paddlex-models"
    if not (models / "OCR.yaml").is_file():
        weights = find_weights("")
        script = str(_ROOT / "bench" / "coldstart" / "paddlex_models.py")
        _run(str(python), script, str(weights.detection), str(weights.recognition), str(models))
    serve = (
        f'exec "{python.parent}/paddlex" --serve --engine onnxruntime --device cpu --pipeline "{models}/OCR.yaml" '
        '--host 127.0.0.1 --port "$PORT"'
    )
    body = {"file": base64.b64encode(page("JPEG")).decode(), "fileType": 1, "visualize": False}
    request = Request("image", "/ocr", json.dumps(body).encode(), {"Content-Type": "application/json"})
    # Nothing is to be fetched, so nobody needs to be asked where from.
    return Way(
        "PaddleX serving", ["sh", "-c", serve], "/health", {"PADDLE_PDX_DISABLE_MODEL_SOURCE_CHECK": "True"}, request
    )


def rapidocr(folder: Path) -> Way:
    """`rapidocr_api` on ONNX Runtime; loads its models at the first request."""
    python = environment(folder / "rapidocr", _RAPIDOCR)
    serve = f'exec "{python}" -m rapidocr_api.main --ip 127.0.0.1 --port "$PORT"'
    boundary = "zeropage-bench-2b7e"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="image_file"; filename="page.jpg"\r\n\r\n'
    body = head.encode() + page("JPEG") + f"\r\n--{boundary}--\r\n".encode()
    form = {"Content-Type": f"multipart/form-data; boundary={boundary}"}
    return Way("RapidOCR API", ["sh", "-c", serve], "/", request=Request("image", "/ocr", body, form))


_MAKERS = {"paddlex": paddlex, "rapidocr": rapidocr}


def environment(folder: Path, packages: Sequence[str], run: Callable[..., None] | None = None) -> Path:
    """A virtual environment with these packages, made unless it is there already; returns its interpreter.

    Args:
        folder: of the environment.
        packages: what pip installs.
        run: runs a command (a test's).

    Raises:
        CalledProcessError: it cannot be made, or the packages cannot be had.
    """
    run = run or _run
    python, stamp = folder / "bin" / "python", folder / ".packages"
    wanted = "\n".join(packages)
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != wanted:
        run(str(_ROOT / "requirements" / "make-venv.sh"), str(folder))
        run(str(python), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", *packages)
        stamp.write_text(wanted, encoding="utf-8")
    return python


def _run(*command: str) -> None:
    subprocess.run(command, check=True, cwd=_ROOT, stdout=sys.stderr)
