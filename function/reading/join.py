"""Partials become the answer that one undivided reading would have given; only timings and cost tell the difference."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from function.errors import Refusal
from function.reading.manifest import Manifest, Partial
from function.reading.whole import whole
from function.results.model import Cost, DocumentResult, PageResult


def joined(manifest: Manifest, partials: Sequence[Partial]) -> DocumentResult:
    """The whole result.

    Args:
        manifest: of all partials.
        partials: one a range, in order; each sound (`manifest.fitting`).

    Raises:
        Refusal: not a single page could be read, none of them for our own fault; as an undivided reading does.
    """
    pages = [page for partial in partials for page in partial.pages]
    if not any(partial.failed for partial in partials) and all(page.error is not None for page in pages):
        raise _refusal(pages[0])
    return whole(
        manifest.document,
        manifest.options,
        manifest.engines,
        pages,
        warnings=list(dict.fromkeys(warning for partial in partials for warning in partial.warnings)),
        timings=_summed(partial.timings for partial in partials),
        cost=Cost(
            cpu_seconds=round(sum(partial.cost.cpu_seconds for partial in partials), 4),
            gpu_seconds=round(sum(partial.cost.gpu_seconds for partial in partials), 4),
        ),
    )


def _summed(timings: Iterable[Mapping[str, float]]) -> dict[str, float]:
    """Seconds by phase over all ranges; `total` is what they took one after the other."""
    sums: dict[str, float] = {}
    for told in timings:
        for phase, seconds in told.items():
            sums[phase] = round(sums.get(phase, 0.0) + seconds, 4)
    return sums


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
