"""A document whose bytes are opened and drawn in a child, so that it can hurt nobody."""

from __future__ import annotations

import logging
import math
import mmap
import os
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar

import msgspec

from function import errors
from function.documents import memory
from function.documents.base import Limits, PageWords, Source
from function.documents.channel import Broken
from function.documents.deaths import ChildDied
from function.documents.messages import (
    Draw,
    Drawn,
    Failed,
    Open,
    Opened,
    ReadText,
    Reply,
    Request,
    TextRead,
    WriteSearchable,
    Written,
)
from function.documents.process import Child
from function.documents.raw_layer import MOST_BYTES, RawLayer
from function.page import Box, PageImage, TextLayer
from function.telemetry import metrics

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

log = logging.getLogger(__name__)

T = TypeVar("T")
#: What is made of a reply and its descriptor, which stays the caller's; raises Broken where they are nonsense.
Take: TypeAlias = Callable[[Reply, int | None], T]

#: What a child may refuse a document for, by name.
_REFUSALS = {
    kind.__name__: kind
    for kind in (
        errors.Corrupt,
        errors.Encrypted,
        errors.TooLarge,
        errors.TooManyPages,
        errors.TooManyPixels,
        errors.UnsupportedType,
    )
}


class Lease(Protocol):
    """Where children come from."""

    def child(self) -> Child:
        """One that stands."""
        ...

    def alone(self) -> AbstractContextManager[None]:
        """While a second try is made."""
        ...


class SandboxedDocument:
    """An open document; used from one thread. Its child may die and be replaced, page by page.

    Args:
        source: the bytes; kept open by the caller.
        lease: of a child.
        limits: named in what callers hear.

    Raises:
        Refusal: it cannot be opened, or is over a limit.
        RendererKilled: the child was killed from outside.
    """

    def __init__(self, source: Source, lease: Lease, limits: Limits) -> None:
        if source.size == 0:
            raise errors.Corrupt(
                "the document is empty: it has 0 bytes",
                remedy="Choose another; if this one should not be empty, get it from its source again.",
            )
        self._source = source
        self._lease = lease
        self._limits = limits
        self._warnings: list[str] = []
        self._opened = self._twice(self._open_in)
        self._warnings += self._opened.warnings

    @property
    def media_type(self) -> str:
        """Found from the content."""
        return self._opened.media_type

    @property
    def pages(self) -> int:
        """How many."""
        return self._opened.pages

    @property
    def warnings(self) -> list[str]:
        """What was passed over; grows while pages are drawn."""
        return self._warnings

    def draw(self, number: int, dpi: float, *, grey: bool = False, part: Box | None = None) -> PageImage:
        """Draw a page; see `base.Document`."""
        drawn, pixels = self._of_page(number, Draw(number, dpi, grey, part), self._drawn)
        self._warnings += [warning for warning in drawn.warnings if warning not in self._warnings]
        return _page(number, pixels, drawn)

    def text_layer(self, number: int, dpi: float) -> TextLayer:
        """A page's own text; see `base.Document`."""
        from function.documents.layer_columns import layer_of

        return layer_of(self._of_page(number, ReadText(number, dpi), _text_read))

    def searchable(self, pages: Sequence[PageWords]) -> memoryview:
        """The document as a searchable PDF; see `base.Document`."""
        data = msgspec.msgpack.encode(pages)
        asked, view = memory.sized("words", len(data))
        try:
            with view:
                view[:] = data
            return self._twice(lambda child: self._answer(child, WriteSearchable(len(data)), _written, asked))
        finally:
            os.close(asked)

    def _of_page(self, number: int, request: Request, take: Take[T]) -> T:
        if not 1 <= number <= self.pages:
            raise errors.BadRequest(
                f"there is no page {number}: the document has {self.pages}",
                remedy=f"Ask for pages from 1 to {self.pages}.",
            )
        return self._twice(lambda child: self._answer(child, request, take))

    def _answer(self, child: Child, request: Request, take: Take[T], along: int | None = None) -> T:
        """What `take` makes of the reply, which it must not trust: the child may have been taken over."""
        if child.holds is not self:
            self._open_in(child)
        reply, descriptor = child.ask(request, along, pages=1 if along is None else self.pages)
        _raise_if_failed(reply)
        try:
            with child.understood():
                return take(reply, descriptor)
        finally:
            if descriptor is not None:
                os.close(descriptor)

    def _drawn(self, reply: Reply, descriptor: int | None) -> tuple[Drawn, mmap.mmap]:
        if not isinstance(reply, Drawn) or min(reply.width, reply.height) < 1 or reply.channels not in (1, 3):
            raise Broken("no drawn page")
        if reply.dpi is not None and not 0 < reply.dpi < math.inf:
            raise Broken(f"a page drawn at {reply.dpi} dpi")
        size = reply.width * reply.height * reply.channels
        return reply, _bulk(descriptor, size, most=self._limits.child_memory_bytes)

    def _open_in(self, child: Child) -> Opened:
        child.holds = self
        child.documents += 1
        # Opened anew, since readers move the position, which duplicates share; the child itself may open nothing.
        descriptor = os.open(f"/proc/self/fd/{self._source.fileno()}", os.O_RDONLY | os.O_CLOEXEC)
        try:
            reply, _ = child.ask(Open(self._source.size), descriptor)
        finally:
            os.close(descriptor)
        _raise_if_failed(reply)
        with child.understood():
            if not isinstance(reply, Opened) or not 1 <= reply.pages <= self._limits.max_pages:
                raise Broken("no opened document")
        return reply

    def _twice(self, step: Callable[[Child], T]) -> T:
        """Do one step; where the child dies of it, once more in a fresh child, while nobody else does the like."""
        try:
            return step(self._lease.child())
        except ChildDied as died:
            log.info("a render child died of document %s: %s", self._source.sha256, died.death.how)
            if not died.death.may_go_better:
                raise died.death.refusal(self._limits) from died
        metrics.retries.labels("document").inc()
        with self._lease.alone():
            try:
                return step(self._lease.child())
            except ChildDied as died:
                raise died.death.refusal(self._limits) from died


def _raise_if_failed(reply: Reply) -> None:
    if not isinstance(reply, Failed):
        return
    if reply.trace:
        log.log(logging.WARNING if reply.ours else logging.DEBUG, "in a render child: %s", reply.trace)
    raise _REFUSALS.get(reply.kind, errors.Corrupt)(reply.detail, remedy=reply.remedy)


def _text_read(reply: Reply, descriptor: int | None) -> RawLayer:
    if not isinstance(reply, TextRead):
        raise Broken("no text layer")
    from function.documents.layer_columns import require_fitting

    with _bulk(descriptor, reply.size, most=MOST_BYTES) as data:
        try:
            raw = msgspec.msgpack.decode(data, type=RawLayer)
        except msgspec.MsgspecError as problem:
            raise Broken(f"no text layer: {problem}") from problem
    require_fitting(raw)
    return raw


def _written(reply: Reply, descriptor: int | None) -> memoryview:
    if not isinstance(reply, Written):
        raise Broken("no PDF")
    return memoryview(_bulk(descriptor, reply.size))


def _bulk(descriptor: int | None, size: int, *, most: float = math.inf) -> mmap.mmap:
    """A mapping of what came along; the descriptor stays the caller's."""
    if descriptor is None or size > most:
        raise Broken(f"{size} bytes, without a descriptor or more than {most}")
    try:
        return memory.view(descriptor, size)
    except ValueError as problem:
        raise Broken(str(problem)) from problem


def _page(number: int, data: mmap.mmap, drawn: Drawn) -> PageImage:
    """The page on the mapping itself, which ends when the array does."""
    import numpy as np

    pixels = np.frombuffer(data, np.uint8).reshape(drawn.height, drawn.width, drawn.channels)
    return PageImage(number, pixels, drawn.dpi, is_damaged=bool(drawn.warnings))
