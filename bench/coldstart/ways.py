"""What is started: a bare server, the yardstick script, and ourselves."""

from __future__ import annotations

import io
from itertools import islice
from pathlib import Path

from PIL import Image

from bench import synthetic
from bench.coldstart.starts import Request, Way, python
from function.engines.rapid.cpu import available_cpus
from function.engines.rapid.models import find_weights
from function.engines.rapid.runtime import choose_precision, choose_runtime
from function.settings import Settings

_ROOT = Path(__file__).resolve().parents[2]
BARE, SCRIPT = "http.server", "Flask script"
OURS_IMAGE, OURS_A4, OURS_PDF = "ours, letter image first", "ours, A4 image first", "ours, letter PDF first"
#: Its second document is a page of 35 lines; so many pixels wide and tall.
_SEED, _DRAWN = 14, (1240, 1650)
#: Sheets at 150 dots per inch.
LETTER, A4 = (1275, 1650), (1240, 1754)


def ways(warm_up: list[Path], *, compiled: str = "") -> list[Way]:
    """Everything that is compared without a flag.

    Args:
        warm_up: images or one-page PDFs that the script reads while it loads: those that we read.
        compiled: folder for OCR_COMPILED; empty for none.
    """
    ours = {"OCR_COMPILED": compiled} if compiled else {}
    serve = python("-m", "function", "serve")
    return [
        Way(BARE, ["sh", "-c", f'exec "{python()[0]}" -m http.server "$PORT"'], "/"),
        Way(SCRIPT, _script(warm_up), "/readyz", request=_image("/read"), says="warm-up:"),
        Way(OURS_IMAGE, serve, "/readyz", ours, _image("/v1/parse?ocr=always")),
        Way(OURS_A4, serve, "/readyz", ours, _image("/v1/parse?ocr=always", A4)),
        Way(OURS_PDF, serve, "/readyz", ours, _pdf()),
    ]


def page_of_engine() -> str:
    """The warm-up page that our start reads with the runtime at hand, as function/waking.py chooses it."""
    return "strip" if choose_runtime(Settings.from_environment().runtime) == "onnxruntime" else "page"


def _script(warm_up: list[Path]) -> list[str]:
    settings = Settings.from_environment()
    weights = find_weights(settings.weights)
    runtime = choose_runtime(settings.runtime)
    arguments = [
        repr(str(weights.detection)),
        repr(str(weights.recognition)),
        repr([str(path) for path in warm_up]),
        f"runtime={runtime!r}",
        f"precision={choose_precision(settings.precision, runtime)!r}",
        f"threads={settings.threads or available_cpus()}",
    ]
    return python(
        *("-m", "gunicorn", "--workers", "1", "--worker-class", "gthread", "--threads", "32", "--no-control-socket"),
        f"bench.coldstart.script:create({', '.join(arguments)})",
    )


def _image(path: str, sheet: tuple[int, int] = LETTER) -> Request:
    return Request("image", path, page("JPEG", sheet), {"Content-Type": "image/jpeg"})


def _pdf() -> Request:
    return Request("PDF", "/v1/parse?ocr=always", page("PDF"), {"Content-Type": "application/pdf"})


def page(kind: str, sheet: tuple[int, int] = LETTER) -> bytes:
    """A page of text that no warm-up page holds, on a sheet so many pixels wide and tall."""
    _, document = islice(synthetic.documents(_SEED), 2)
    whole = Image.new("RGB", sheet, (255, 255, 255))
    with Image.open(io.BytesIO(document.content)) as image:
        assert image.size == _DRAWN
        whole.paste(image, (0, 0))
    buffer = io.BytesIO()
    whole.save(buffer, kind, quality=85, resolution=150, dpi=(150, 150))
    return buffer.getvalue()
