"""An engine without a model: instant, deterministic, and what it reads depends on the pixels alone.

It ships with the package, so that users, too, can test what they build around the reader without weights.

`stamp(text, width, height)` draws a page that holds `text` as black and white squares, and `StubEngine` reads exactly
that text back, a line of text a line, also from a page turned by 90, 180 or 270 degrees. The squares survive PNG, and
any drawing at the same size; they are as large as fits, so a page of little text also survives JPEG. A page that bears
no stamp reads as one line, `pixels 0123456789abcdef`, a digest of its pixels; a page of one colour is blank.

Words in the text that the stub obeys, for tests of what goes wrong (more with `StubEngine(faults=…)`):

    stub:page-fault      this page is yielded as an EngineFailed of its own
    stub:engine-fault    the whole batch ends with an EngineFailed
    stub:lost            the page is never yielded (an engine that breaks its contract)
    stub:twice           the page is yielded twice (the same)
    stub:wait=0.5        the page takes 0.5 s longer
"""

from __future__ import annotations

import hashlib
import re
import struct
import threading
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Literal, TypeAlias

import numpy as np

from function.engines.intake import require_pixels
from function.errors import EngineFailed, OcrError
from function.page import PageImage, PageReading, Pixels, ReadLine
from function.results.model import EngineInfo

Fault: TypeAlias = Literal["page", "engine", "lost", "twice"]

FAULTS: Mapping[str, Fault] = {
    "stub:page-fault": "page",
    "stub:engine-fault": "engine",
    "stub:lost": "lost",
    "stub:twice": "twice",
}
_WAIT = re.compile(r"stub:wait=(\d+(?:\.\d+)?)")

#: Sides of a square in pixels, the largest that fits is taken.
_SIDES = (16, 8, 4, 2, 1)
#: Magic, length in bytes, CRC-32 of the UTF-8 text that follows.
_HEADER = struct.Struct(">4sII")
_MAGIC = b"\xa5ST\x5a"


def stamp(text: str, width: int, height: int) -> Pixels:
    """Draw a page that StubEngine reads back as exactly `text`.

    Args:
        text: one or more lines; empty lines are not read back, since an engine gives none.
        width: of the page, in pixels.
        height: of the page, in pixels.

    Returns:
        height × width × 3, uint8, white where nothing is stamped.

    Raises:
        ValueError: the text does not fit even with squares of one pixel.
    """
    raw = text.encode()
    bits = np.unpackbits(np.frombuffer(_HEADER.pack(_MAGIC, len(raw), zlib.crc32(raw)) + raw, dtype=np.uint8))
    page = np.full((height, width, 3), 255, dtype=np.uint8)
    for side in _SIDES:
        rows, columns = height // side, width // side
        if rows * columns >= bits.size:
            cells = np.zeros(rows * columns, dtype=np.uint8)
            cells[: bits.size] = bits
            ink = cells.reshape(rows, columns).repeat(side, axis=0).repeat(side, axis=1)
            page[: rows * side, : columns * side][ink == 1] = 0
            return page
    raise ValueError(f"{len(raw)} bytes need {bits.size} pixels, the page has {width} × {height}; make it larger")


def _stamped(pixels: Pixels) -> str | None:
    for side in _SIDES:
        cells = pixels[side // 2 :: side, side // 2 :: side, 1]
        cells = cells[: pixels.shape[0] // side, : pixels.shape[1] // side].reshape(-1)
        raw = np.packbits(cells[: _HEADER.size * 8] < 128).tobytes()
        if len(raw) < _HEADER.size or not raw.startswith(_MAGIC):
            continue
        _, length, checksum = _HEADER.unpack(raw)
        body = np.packbits(cells[_HEADER.size * 8 : (_HEADER.size + length) * 8] < 128).tobytes()
        if len(body) == length and zlib.crc32(body) == checksum:
            return body.decode()
    return None


def _text_of(pixels: Pixels) -> tuple[str, int]:
    """The text and the degrees clockwise by which the pixels had to be turned for it."""
    for rotation in (0, 90, 180, 270):
        text = _stamped(np.rot90(pixels, -rotation // 90))
        if text is not None:
            return text, rotation
    if (pixels == pixels[0, 0]).all():
        return "", 0
    digest = hashlib.sha256(str(pixels.shape).encode() + np.ascontiguousarray(pixels).tobytes()).hexdigest()
    return f"pixels {digest[:16]}", 0


def _reading(text: str, rotation: int, pixels: Pixels) -> PageReading:
    height, width = pixels.shape[:2]
    if rotation in (90, 270):
        height, width = width, height
    rows = text.split("\n")
    step = height / len(rows)
    lines = [
        ReadLine(box=(0.0, index * step, float(width), (index + 0.8) * step), text=row, confidence=1.0)
        for index, row in enumerate(rows)
        if row
    ]
    return PageReading(lines=lines, width=width, height=height, rotation=rotation)


class StubEngine:
    """Implements engines.base.Engine by the trick that this module's docstring describes.

    Args:
        seconds_per_page: how long a page pretends to take.
        seconds_per_line: how long a crop given to `recognise` pretends to take.
        seconds_to_load: how long `load` pretends to take.
        max_batch: as in the contract.
        faults: words in a page's text and what they make happen, besides FAULTS.
        literate: what `reads` answers; False means its disagreement with a text layer counts for nothing.
        seconds_per_batch: how long a batch pretends to take besides its pages.
        parallel: as in the contract.
        gains_from_batches: as in the contract.
        load_fault: not empty: `load` raises EngineFailed with this message.
    """

    def __init__(
        self,
        *,
        seconds_per_page: float = 0.0,
        seconds_per_line: float = 0.0,
        seconds_to_load: float = 0.0,
        max_batch: int = 4,
        faults: Mapping[str, Fault] | None = None,
        literate: bool = False,
        seconds_per_batch: float = 0.0,
        parallel: int = 1,
        gains_from_batches: bool = False,
        load_fault: str = "",
    ) -> None:
        self._seconds_per_page = seconds_per_page
        self._seconds_per_line = seconds_per_line
        self._seconds_to_load = seconds_to_load
        self._max_batch = max_batch
        self._faults = {**FAULTS, **(faults or {})}
        self._literate = literate
        self._load_fault = load_fault
        self._seconds_per_batch = seconds_per_batch
        self._parallel = parallel
        self._gains_from_batches = gains_from_batches
        # With several readers, single lines come from a thread of their own.
        self._in_use = threading.Semaphore(parallel if parallel == 1 else parallel + 1)

    @property
    def info(self) -> EngineInfo:
        """There are no weights."""
        return EngineInfo(name="stub", version="1", weights="")

    @property
    def parallel(self) -> int:
        """As given."""
        return self._parallel

    @property
    def gains_from_batches(self) -> bool:
        """As given."""
        return self._gains_from_batches

    @property
    def max_batch(self) -> int:
        """As given."""
        return self._max_batch

    def load(self) -> None:
        """Wait as told, and fail as told.

        Raises:
            EngineFailed: `load_fault` was given.
        """
        _wait(self._seconds_to_load)
        if self._load_fault:
            raise EngineFailed(self._load_fault)

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """Read each page by its stamp; see engines.base.Engine."""
        _wait(self._seconds_per_batch)
        for index, page in enumerate(pages):
            with self._alone():
                outcome, times = self._read_page(page)
            for _ in range(times):
                yield index, outcome

    def _read_page(self, page: PageImage) -> tuple[PageReading | Exception, int]:
        """The outcome, and how often to yield it (once, unless the page asks for a broken engine)."""
        try:
            require_pixels(page.pixels)
        except OcrError as problem:
            return problem, 1
        text, rotation = _text_of(page.pixels)
        asked = _WAIT.search(text)
        _wait(self._seconds_per_page + (float(asked[1]) if asked else 0.0))
        fault = next((fault for words, fault in self._faults.items() if words in text), None)
        if fault == "engine":
            raise EngineFailed(f"the stub engine was told to fail by page {page.number}")
        if fault == "page":
            return EngineFailed(f"the stub engine was told to fail page {page.number}"), 1
        return _reading(text, rotation, page.pixels), {"lost": 0, "twice": 2}.get(fault or "", 1)

    def recognise(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """Each crop's stamp or digest; blank and empty crops read as nothing, with confidence 0."""
        with self._alone():
            texts = [_text_of(crop)[0] if crop.size else "" for crop in crops]
            _wait(self._seconds_per_line * len(crops))
        return [(text, 1.0 if text else 0.0) for text in texts]

    def reads(self, text: str) -> bool:
        """As given by `literate`."""
        return self._literate

    def close(self) -> None:
        """Nothing is held."""

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """The contract allows so many threads; real engines return wrong text without a word when it is broken."""
        if not self._in_use.acquire(blocking=False):
            remedy = "Let only the batcher call the engine."
            raise EngineFailed("too many threads used the engine at once", remedy=remedy)
        try:
            yield
        finally:
            self._in_use.release()


def _wait(seconds: float) -> None:
    if seconds > 0:
        time.sleep(seconds)
