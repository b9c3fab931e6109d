"""Pages that were read before, whatever document they stood in: a re-saved or partly changed one costs its new pages.

A page is known by a cryptographic hash of its pixels and of all else that its reading depends on. A page that differs
in one pixel is another page: an invoice may differ in one digit. Readings with warnings are not kept, since something
was left out of them, perhaps for want of time.
"""

from __future__ import annotations

import hashlib
import logging
import time
from dataclasses import dataclass, replace

import msgspec
import numpy as np
from msgspec import structs

from function.caches.base import Cache, CacheFailed, CacheResting
from function.page import PageImage, PageReading, ReadLine
from function.results.model import Block, EngineInfo, Image
from function.telemetry import metrics

log = logging.getLogger(__name__)

#: Changes whenever a value is written in another way, so that two releases at one Redis never meet in a key.
_FORMAT = "page 1"
_DIGEST_BYTES = 32


class _Kept(msgspec.Struct, frozen=True, array_like=True):
    """What of a reading is kept: all but its cost."""

    lines: list[ReadLine]
    width: int
    height: int
    rotation: int
    blocks: list[Block] | None
    images: list[Image]
    number: int = 0
    """Of the page that was read: its images are called by it."""


@dataclass(frozen=True, slots=True)
class KnownPages:
    """Used from many threads.

    Attributes:
        cache: where readings are kept.
        release: of the program: another one may read otherwise.
        max_bytes: of a reading that is kept.
    """

    cache: Cache
    release: str
    max_bytes: int

    def key(self, image: PageImage, engine: EngineInfo) -> str:
        """A hash of the pixels and all else that a reading depends on: 10 ms for a letter page at 200 dots an inch."""
        asked = [image.asked.language, sorted(image.asked.wishes.items())]
        told = msgspec.json.encode([_FORMAT, self.release, engine, asked, image.dpi, image.pixels.shape])
        found = hashlib.sha256(told + b"\0")
        found.update(np.ascontiguousarray(image.pixels).data)
        return found.hexdigest()

    def find(self, key: str, number: int) -> PageReading | None:
        """The reading as that of the page of this number, or None where the page must be read."""
        began = time.perf_counter()
        outcome, found = self._looked_up(key, number)
        metrics.cache_seconds.observe(time.perf_counter() - began)
        metrics.cache_page_lookups.labels(outcome).inc()
        return found

    def keep(self, key: str, reading: PageReading, number: int) -> None:
        """Keep the reading of the page of this number for the next page that is equal."""
        value = _sealed(key, reading, number)
        if len(value) > self.max_bytes:
            metrics.cache_stores.labels("too-large").inc()
        else:
            self.cache.put(key, value)

    def _looked_up(self, key: str, number: int) -> tuple[str, PageReading | None]:
        try:
            value = self.cache.get(key)
        except CacheResting:
            return "resting", None
        except CacheFailed:
            return "error", None
        if value is None:
            return "miss", None
        found = _unsealed(key, value, number)
        if found is None:
            log.warning("the cache held something that is no page of ours; the page is read")
            return "error", None
        return "hit", found


def may_be_shared(reading: PageReading) -> bool:
    """Whether it is what anybody else's equal page would be answered with."""
    return not reading.warnings


def renumbered(reading: PageReading, was: int, now: int) -> PageReading:
    """The reading of an equal page of another number: engines call images `page-NUMBER-…`, each of its own."""
    if was == now or not reading.images:
        return reading
    names = {image.name: f"page-{now}-{image.name.removeprefix(f'page-{was}-')}" for image in reading.images}
    blocks = [
        structs.replace(block, image=names.get(block.image, block.image)) if block.image else block
        for block in reading.blocks or []
    ]
    images = [structs.replace(image, name=names[image.name]) for image in reading.images]
    return replace(reading, blocks=blocks if reading.blocks is not None else None, images=images)


def _sealed(key: str, reading: PageReading, number: int) -> bytes:
    """A reading as bytes, behind a hash that ties it to its key."""
    kept = _Kept(reading.lines, reading.width, reading.height, reading.rotation, reading.blocks, reading.images, number)
    body = msgspec.msgpack.encode(kept)
    return _digest(key, body) + body


def _unsealed(key: str, value: bytes, number: int) -> PageReading | None:
    """None where it is damaged, another key's, or of another shape."""
    body = value[_DIGEST_BYTES:]
    if value[:_DIGEST_BYTES] != _digest(key, body):
        return None
    try:
        kept = msgspec.msgpack.decode(body, type=_Kept)
    except msgspec.DecodeError:
        return None
    found = PageReading(kept.lines, kept.width, kept.height, kept.rotation, blocks=kept.blocks, images=kept.images)
    return renumbered(found, kept.number, number)


def _digest(key: str, body: bytes) -> bytes:
    return hashlib.sha256(key.encode() + b"\0" + body).digest()
