"""Partials become the answer that one undivided reading would have given; only timings and cost tell the difference.

A result of a thousand pages is many times larger as objects than as the bytes that are written. So pages go, as the
bytes that they are in their partials, into the file that is written, and of each only what the steps over the whole
document look at is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import msgspec
from msgspec import Struct, structs

from function.errors import Refusal
from function.reading.result_file import ResultFile
from function.reading.splitting.manifest import Manifest, Partial
from function.reading.whole import whole
from function.results.markdown import markdown_part
from function.results.model import Cost, DocumentResult, PageError, PageResult, Rung


class _Glance(Struct, frozen=True):
    """What of a page the steps over the whole document look at."""

    number: int
    rung: Rung | None
    reason: str
    markdown: str
    error: PageError | None = None
    warnings: list[str] | None = None
    degraded: str | None = None


class Join:
    """Partials put together, one after the other; use it in a `with`.

    Args:
        manifest: of all partials.
        complete: pages are wanted as objects, with their blocks: formats other than Markdown look at those.
    """

    def __init__(self, manifest: Manifest, *, complete: bool) -> None:
        self._manifest = manifest
        self._restructured = manifest.options.restructure == "yes"
        self._complete = complete or self._restructured
        self._pages: list[PageResult] = []
        self._warnings: dict[str, None] = {}
        self._timings: dict[str, float] = {}
        self._cost = Cost(0.0, 0.0)
        #: Ranges that were given up, first and last page each.
        self.gaps: list[tuple[int, int]] = []
        self._file = ResultFile(self._whole())

    def add(self, partial: Partial) -> None:
        """The next range's, sound (`manifest.fitting`)."""
        raw = bytes(partial.pages)
        if self._complete:
            pages = msgspec.json.decode(raw, type=list[PageResult])
        else:
            pages = [_glanced(page) for page in msgspec.json.decode(raw, type=list[_Glance])]
        if not self._restructured:
            self._file.add(raw[1:-1], map(markdown_part, pages))
        # Of a page that is only glanced at, its text stands in the file, too.
        self._pages += pages if self._complete else [structs.replace(page, markdown="") for page in pages]
        self._warnings.update(dict.fromkeys(partial.warnings))
        _add(self._timings, partial.timings)
        self._cost = Cost(
            cpu_seconds=round(self._cost.cpu_seconds + partial.cost.cpu_seconds, 4),
            gpu_seconds=round(self._cost.gpu_seconds + partial.cost.gpu_seconds, 4),
        )
        if partial.failed:
            self.gaps.append((partial.first, partial.last))

    def result(self) -> tuple[DocumentResult, ResultFile]:
        """The answer, and the same as it is written; unless pages are complete, they and the Markdown stand there only.

        Raises:
            Refusal: not a single page could be read, none of them for our own fault; as an undivided reading does.
        """
        if not self.gaps and all(page.error is not None for page in self._pages):
            raise _refusal(self._pages[0])
        result = self._whole()
        if self._restructured:
            self._file.close()
            self._file = ResultFile.of(result)
        return result, self._file

    def _whole(self) -> DocumentResult:
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

    def __enter__(self) -> Join:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _glanced(page: _Glance) -> PageResult:
    return PageResult(
        number=page.number, width=0, height=0, dpi=None, rung=page.rung, reason=page.reason, rotation=0, blocks=[],
        markdown=page.markdown, error=page.error, warnings=page.warnings, degraded=page.degraded,
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
