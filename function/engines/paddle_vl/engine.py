"""PaddleOCR-VL behind engines/base.py, whichever backend reads."""

from __future__ import annotations

import gc
import importlib.metadata
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, Literal

from function.engines.intake import require_pixels
from function.engines.paddle_vl import wishes
from function.engines.paddle_vl.models import Models, Version, find_models, fingerprint
from function.engines.paddle_vl.pipeline import Pipeline
from function.engines.paddle_vl.prepared import Prepared
from function.engines.paddle_vl.recycling import Recycled
from function.engines.paddle_vl.reins import Rein, held
from function.engines.paddle_vl.server import Server
from function.engines.paddle_vl.tiles import Tile, joined, tiles_of
from function.engines.paddlex import free_memory, is_out_of_memory, on_gpu
from function.errors import DeadlineExceeded, EngineFailed, OcrError
from function.page import PageImage, PageReading, Pixels
from function.results.model import EngineInfo

#: Smaller sides hold no letter, and the layout model's own resizing fails on them.
_LEAST_SIDE = 4


class PaddleVLEngine:
    """Reads whole pages: blocks, tables, formulas, charts and seals, in reading order.

    Args:
        weights: folder with the models' folders, as `python -m warmup fetch` fills it.
        version: of the pipeline.
        backend: `native`, `transformers`, or a server's.
        server: where that is.
        layout: what runs the layout model.
        device: of what runs in this process; empty takes a GPU if there is one.
        batch: blocks that transformers reads at once.
        parallel: pages sent to a server at once.
        max_tokens: of one block; what is longer is cut and marked.
        page_seconds: in which a page is read, else it is cut and marked, or, by a server, an outage.
        recycle_pages, recycle_bytes: after how many pages, or how much growth, everything is loaded anew; 0 never.
        threads: of the layout model in ONNX Runtime.
        cache: folder that paddlex may write to.
    """

    def __init__(
        self,
        *,
        weights: str,
        version: Version = "v1.6",
        backend: str = "native",
        server: Server | None = None,
        layout: Literal["auto", "onnxruntime", "paddle"] = "auto",
        device: str = "",
        batch: int = 8,
        parallel: int = 16,
        max_tokens: int = 4096,
        page_seconds: float = 180.0,
        recycle_pages: int = 5000,
        recycle_bytes: int = 4 << 30,
        threads: int = 0,
        cache: str = "",
    ) -> None:
        self._where: tuple[str, Version, str, Literal["auto", "onnxruntime", "paddle"]]
        self._where = (weights, version, backend, layout)
        self._server, self._device, self._batch = server, device, batch
        self._max_tokens, self._page_seconds = max_tokens, page_seconds
        self._threads, self._cache = threads, cache
        self.max_batch = batch if backend == "transformers" else 1
        self.parallel = parallel if server is not None else 1
        # Pages of a server are read by a thread each: the company that they wait for is there already.
        self.gains_from_batches = backend == "transformers"
        self._pipelines = Recycled(self._build, pages=recycle_pages, growth=recycle_bytes)

    @property
    def info(self) -> EngineInfo:
        """What reads, for the fingerprint of answers. Raises EngineFailed where weights are missing."""
        _, version, backend, _ = self._where
        told = f"{_installed('paddleocr')} {version} {backend} {self._max_tokens}"
        if self._server is not None:
            told += f" {self._server.model}"
        return EngineInfo(name="paddle_vl", version=told, weights=fingerprint(self._models()))

    @property
    def wishes(self) -> frozenset[str]:
        """Options of the API that it knows; flattening pages takes a model that need not be there."""
        return wishes.KNOWN if self._models().unwarping else wishes.KNOWN - {"unwarp"}

    @property
    def reloads(self) -> int:
        """How often the models were loaded anew so that memory stays bounded."""
        return max(0, self._pipelines.built - 1)

    def _models(self) -> Models:
        weights, version, backend, layout = self._where
        return find_models(weights, version, backend=backend, layout=layout)

    def _build(self) -> Pipeline:
        _, version, backend, _ = self._where
        return Pipeline(
            self._models(),
            version,
            backend,
            device=self._device,
            batch=self._batch,
            server=self._server,
            threads=self._threads,
            cache=self._cache,
        )

    def load(self) -> None:
        """Check that every file is there, then load. Raises EngineFailed naming what is wrong."""
        self._models()
        self._pipelines.load()

    def read(self, pages: Sequence[PageImage]) -> Iterator[tuple[int, PageReading | Exception]]:
        """Read pages; pages that want the same together. With a server, from several threads at once."""
        groups: dict[tuple[bool, tuple[tuple[str, str], ...]], list[tuple[int, PageImage, list[Tile]]]] = {}
        for index, page in enumerate(pages):
            try:
                require_pixels(page.pixels)
                if _is_blank(page.pixels):
                    yield index, PageReading(lines=[], width=page.width, height=page.height)
                    continue
                tiles = tiles_of(page.pixels)
            except OcrError as problem:
                yield index, problem
                continue
            alike = len(tiles) == 1, tuple(sorted(page.asked.wishes.items()))
            groups.setdefault(alike, []).append((index, page, tiles))
        for (whole, asked), group in groups.items():
            yield from self._read_group({**wishes.arguments(dict(asked)), "whole": whole}, group)

    def _read_group(
        self, arguments: dict[str, Any], group: list[tuple[int, PageImage, list[Tile]]]
    ) -> Iterator[tuple[int, PageReading | Exception]]:
        tiles = [tile for _, _, found in group for tile in found]
        found, seconds = self._read_tiles([page for _, page, _ in group], tiles, arguments)
        readings = iter(found)
        for index, page, its in group:
            parts = [(tile, next(readings).reading(page.number)) for tile in its]
            yield index, replace(joined(page.pixels, parts), gpu_seconds=seconds / len(tiles) * len(its))

    def _read_tiles(
        self, pages: list[PageImage], tiles: list[Tile], arguments: dict[str, Any]
    ) -> tuple[list[Prepared], float]:
        """What was found on each tile, and the GPU's seconds for all. Raises an Outage where we failed."""
        began = time.monotonic()
        remaining = max(page.asked.remaining() for page in pages)
        seconds = min(self._page_seconds * len(pages), remaining)
        if seconds <= 0:
            raise DeadlineExceeded("nobody waits any more for these pages")
        rein = Rein(time.monotonic() + seconds, lambda: all(page.asked.gone() for page in pages))
        try:
            with self._pipelines.using(len(tiles)) as pipeline, held(rein):
                found = pipeline.read([tile.pixels for tile in tiles], max_new_tokens=self._max_tokens, **arguments)
            took = time.monotonic() - began if self._server is None and on_gpu(self._device) else rein.server_seconds
            return [Prepared.of(one, tile.pixels) for one, tile in zip(found, tiles, strict=True)], took
        except OcrError:
            raise
        except Exception as problem:
            raise self._failed(problem) from problem
        finally:
            gc.collect(1)

    def _failed(self, problem: Exception) -> EngineFailed:
        """What an exception of the libraries means; after it, the next page shall work."""
        self._pipelines.renew()
        if is_out_of_memory(problem):
            free_memory()
            return EngineFailed(
                "PaddleOCR-VL ran out of memory on this page",
                remedy="Try again; where it stays, lower OCR_VL_BATCH or OCR_MAX_PIXELS, or take a larger GPU.",
            )
        return EngineFailed(f"PaddleOCR-VL failed ({type(problem).__name__}: {str(problem)[:300]}); the log tells more")

    def recognise(self, crops: Sequence[Pixels]) -> list[tuple[str, float]]:
        """It reads whole pages only."""
        raise NotImplementedError("PaddleOCR-VL reads whole pages only")

    def reads(self, text: str) -> bool:
        """It knows 109 languages, so its disagreement always means something."""
        return True

    def close(self) -> None:
        """Give memory and connections back."""
        self._pipelines.close()


def _installed(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "none"


def _is_blank(pixels: Pixels) -> bool:
    return min(pixels.shape[:2]) < _LEAST_SIDE or bool((pixels == pixels[0, 0]).all())
