"""Pages become an answer: the steps over a whole document, the same whether it was read in one go or in ranges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from function.reading.across_pages import restructured
from function.reading.options import Options
from function.results.markdown import document_markdown
from function.results.model import Cost, DocumentInfo, DocumentResult, EngineInfo, PageResult
from function.results.remarks import warned


class ReadBy(Struct, frozen=True):
    """An engine, as far as an answer tells of it.

    Attributes:
        info: of the engine.
        wishes: options that it knows beyond what all know.
    """

    info: EngineInfo
    wishes: list[str]


def whole(
    document: DocumentInfo,
    options: Options,
    engines: Mapping[str, ReadBy],
    pages: Sequence[PageResult],
    *,
    warnings: Sequence[str],
    timings: dict[str, float],
    cost: Cost,
) -> DocumentResult:
    """The answer.

    Args:
        document: what was read.
        options: that were asked for.
        engines: all that there are, by the rung they read.
        pages: in order.
        warnings: about the document, from opening and drawing it.
        timings: seconds by phase.
        cost: of all pages.
    """
    results = restructured(list(pages)) if options.restructure == "yes" else list(pages)
    return DocumentResult(
        document=document,
        engine=engines["accurate" if options.tier == "accurate" else "fast"].info,
        pages=results,
        markdown=document_markdown(results),
        timings=timings,
        cost=cost,
        warnings=[
            *warnings,
            *options.unused,
            *options.unmet(_known(engines, results)),
            *_degraded(results),
            *warned(results),
        ],
        engines=_several(engines, options, results),
    )


def _known(engines: Mapping[str, ReadBy], pages: Sequence[PageResult]) -> frozenset[str]:
    """The wishes that whoever read these pages knows."""
    rungs = {page.rung for page in pages}
    return frozenset(wish for rung, of in engines.items() if rung in rungs for wish in of.wishes)


def _several(
    engines: Mapping[str, ReadBy], options: Options, pages: Sequence[PageResult]
) -> dict[str, EngineInfo] | None:
    """By rung, where the accurate engine read some pages of what the fast one could answer."""
    if options.tier == "accurate" or not any(page.rung == "accurate" for page in pages):
        return None
    return {rung: of.info for rung, of in engines.items()}


def _degraded(pages: Sequence[PageResult]) -> list[str]:
    """One warning for all pages that were not read as well as they need, by reason."""
    numbers: dict[str, list[str]] = {}
    for page in pages:
        if page.degraded is not None:
            numbers.setdefault(page.degraded, []).append(str(page.number))
    return [
        f"degraded: pages {', '.join(told)} need the accurate rung and did not get it: {why}"
        for why, told in numbers.items()
    ]
