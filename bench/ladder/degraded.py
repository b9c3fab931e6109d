"""`python -m bench.ladder.degraded FOLDER OUT`: pages that can be read, in versions that can hardly be.

Real folders hold few pages that are badly read. This takes the first page of each document that the fast rung read well
(as `out/ladder/ladder.json` of a run on FOLDER tells), and writes it smaller, blurred, noisy and compressed, with its
text beside it; then `python -m bench.ladder FOLDER OUT` reads both.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.accuracy import corpus
from function.documents.sources import from_path
from function.settings import Settings
from function.wiring import build

if TYPE_CHECKING:
    from function.page import Pixels

#: Heights of small print in pixels to which pages are shrunk; 9 and less is where the fast rung begins to fail.
SMALL = (14, 10, 7)
#: Print that high is blurred (by which sigma) and made noisy (by which deviation), and so high is compressed.
_SHARP, _BLURS, _NOISE, _COMPRESSED, _QUALITY = 30, (2.2, 3.2), 90, 16, 8


def versions(page: Pixels, height: float, seed: int = 1) -> Iterator[tuple[str, Pixels]]:
    """Names and pixels.

    Args:
        page: h × w × 3.
        height: of its small print, in pixels.
        seed: of the noise.
    """
    import cv2

    def shrunk(to: float) -> Pixels:
        factor = min(1.0, to / height)
        size = tuple(max(1, round(side * factor)) for side in page.shape[1::-1])
        return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), np.uint8)

    for to in SMALL:
        yield f"to{to}px", shrunk(to)
    sharp = shrunk(_SHARP)
    for sigma in _BLURS:
        yield f"blur{sigma:g}".replace(".", "_"), np.asarray(cv2.GaussianBlur(sharp, (0, 0), sigma), np.uint8)
    noise = np.random.default_rng(seed).normal(0, _NOISE, sharp.shape)
    yield "noise", np.clip(sharp + noise, 0, 255).astype(np.uint8)
    encoded = cv2.imencode(".jpg", shrunk(_COMPRESSED), [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])[1]
    yield "jpeg", np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def main(arguments: Sequence[str] | None = None) -> int:
    """Exit code."""
    import cv2

    parser = argparse.ArgumentParser(prog="python -m bench.ladder.degraded", description=__doc__)
    parser.add_argument("folder", type=Path, help="documents NAME.EXT with NAME.txt")
    parser.add_argument("out", type=Path, help="where the versions are written")
    parser.add_argument("--read", type=Path, default=Path("out/ladder/ladder.json"), help="what a run on FOLDER wrote")
    parser.add_argument("--bad", type=float, default=0.05, help="as bench.ladder's")
    options = parser.parse_args(arguments)
    pages = json.loads(options.read.read_text(encoding="utf-8"))["pages"]
    heights = {page["document"]: page["signs"]["height"] for page in pages if _is_sound(page, options.bad)}
    options.out.mkdir(parents=True, exist_ok=True)
    function = build(Settings(fast_engine="stub"))
    try:
        for sample in corpus.load(options.folder):
            if sample.name not in heights:
                continue
            with (
                from_path(str(sample.path), max_bytes=1 << 30) as source,
                function.reader.opener.open(source) as opened,
            ):
                page = opened.draw(1, 200.0).pixels
            for name, pixels in versions(page, heights[sample.name]):
                cv2.imwrite(str(options.out / f"{sample.path.stem}.{name}.png"), pixels)
                (options.out / f"{sample.path.stem}.{name}.txt").write_text(sample.truth[0], encoding="utf-8")
    finally:
        function.stop()
    return 0


def _is_sound(page: dict[str, float | dict[str, float]], bad: float) -> bool:
    return page["number"] == 1 and page["fast"] <= bad and page["signs"]["height"] > 0  # type: ignore[operator,index]


if __name__ == "__main__":
    raise SystemExit(main())
