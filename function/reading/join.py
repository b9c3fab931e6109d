"""Partials become the answer that one undivided reading would have given; only timings and cost tell the difference.

A result of a thousand pages is many times larger as objects than as the bytes that are written. So pages stay the bytes
that they are in their partials, and of each only what the steps over the whole document look at is taken out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import cast

import msgspec
from msgspec import Struct, structs

from function.errors import Refusal
from function.reading.manifest import Manifest, Partial
from function.reading.whole import whole
from function.results.model import Cost, DocumentResult, PageError, PageResult, Rung

#: As the encoder writes a result without pages; no text can hold it, since quotes in texts are escaped.
_NO_PAGES = b'"pages":[]'


class _Glance(Struct, frozen=True):
    """What of a page the steps over the whole document look at."""

    number: int
    rung: Rung | None
    reason: str
    markdown: str
    error: PageError | None = None
    degraded: str | None = None


class Join:
    """Partials put together, one after the other.

    Args:
        manifest: of all partials.
        complete: pages are wanted as objects, with their blocks: formats other than Markdown look at those.
    """

    def __init__(self, manifest: Manifest, *, complete: bool) -> None:
        self._manifest = manifest
        self._complete = complete or manifest.options.restructure == "yes"
        self._bytes = bytearray()
        self._pages: list[PageResult] = []
        self._warnings: dict[str, None] = {}
        self._timings: dict[str, float] = {}
        self._cost = Cost(0.0, 0.0)
        #: Ranges that were given up, first and last page each.
        self.gaps: list[tuple[int, int]] = []

    def add(self, partial: Partial) -> None:
        """The next range's, sound (`manifest.fitting`)."""
        raw = bytes(partial.pages)
        if self._complete:
            self._pages += msgspec.json.decode(raw, type=list[PageResult])
        else:
            self._pages += [_glanced(page) for page in msgspec.json.decode(raw, type=list[_Glance])]
            self._bytes += (b"," if self._bytes else b"") + raw[1:-1]
        self._warnings.update(dict.fromkeys(partial.warnings))
        _add(self._timings, partial.timings)
        self._cost = Cost(
            cpu_seconds=round(self._cost.cpu_seconds + partial.cost.cpu_seconds, 4),
            gpu_seconds=round(self._cost.gpu_seconds + partial.cost.gpu_seconds, 4),
        )
        if partial.failed:
            self.gaps.append((partial.first, partial.last))

    def result(self) -> DocumentResult:
        """The answer; its pages have no blocks unless they are complete.

        Raises:
            Refusal: not a single page could be read, none of them for our own fault; as an undivided reading does.
        """
        if not self.gaps and all(page.error is not None for page in self._pages):
            raise _refusal(self._pages[0])
        manifest = self._manifest
        return whole(
            manifest.document,
            manifest.options,
            manifest.engines,
            self._pages,
            warnings=list(self._warnings),
            timings=self._timings,
            cost=self._cost,
        )

    def encoded(self, result: DocumentResult) -> bytes:
        """The JSON of what `result` told, with all of every page; to be called once."""
        if self._complete:
            return msgspec.json.encode(result)
        shell = msgspec.json.encode(structs.replace(result, pages=[]))
        at = shell.index(_NO_PAGES) + len(_NO_PAGES) - 1
        told, self._bytes = self._bytes, bytearray()
        told[:0] = shell[:at]  # in place, as is the rest: a second copy would be as large as the result
        told += memoryview(shell)[at:]
        return cast(bytes, told)  # stores take whatever is like bytes


def _glanced(page: _Glance) -> PageResult:
    return PageResult(
        number=page.number, width=0, height=0, dpi=None, rung=page.rung, reason=page.reason, rotation=0, blocks=[],
        markdown=page.markdown, error=page.error, degraded=page.degraded,
    )  # fmt: skip


def _add(sums: dict[str, float], timings: Mapping[str, float]) -> None:
    """Seconds by phase over all ranges; `total` is what they took one after the other."""
    for phase, seconds in timings.items():
        sums[phase] = round(sums.get(phase, 0.0) + seconds, 4)


def _refusal(page: PageResult) -> Refusal:
    """What the page died of, told by its error."""
    error = page.error
    assert error is not None
    kind = next((kind for kind in _below(Refusal) if kind("").type == error.type), Refusal)
    return kind(error.detail, remedy=error.remedy)


def _below(kind: type[Refusal]) -> Iterable[type[Refusal]]:
    yield kind
    for further in kind.__subclasses__():
        yield from _below(further)
