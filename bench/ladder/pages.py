"""Every page of a folder, read once by each rung: what the sweep replays."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from bench.accuracy import metrics
from bench.accuracy.corpus import Sample
from bench.client import Client
from function.reading.accurate.need import Signs

#: Of a server that measures every page's signs and never follows them.
NEVER = {
    "OCR_FAST_ENGINE": "rapid",
    "OCR_ACCURATE_ENGINE": "stub",
    "OCR_LADDER_DOUBT": "1",
    "OCR_LADDER_INK": "1",
    "OCR_LADDER_CELLS": "0",
    "OCR_LADDER_FORMULAS": "0",
    "OCR_LADDER_HEIGHT": "0",
    "OCR_REQUEST_SECONDS": "3600",
}


@dataclass(frozen=True)
class Page:
    """One page, read by both rungs.

    Attributes:
        document, number: which.
        signs: what the ladder judges by.
        fast: character error rate of the fast rung, wherever text stands, 0..1.
        accurate: the same of the accurate one; 0 where the truth itself stands in for it.
        fast_seconds, accurate_seconds: that each takes.
        folder: the name of the one that its document lies in.
    """

    document: str
    number: int
    signs: Signs
    fast: float
    accurate: float
    fast_seconds: float
    accurate_seconds: float
    folder: str = ""


#: What one rung made of the first pages of a document: (text, evidence) each, and seconds a page; or what went wrong.
Answer = tuple[Sequence[tuple[str, dict[str, float] | None]], float]
Ask = Callable[[Sample, int], "Answer | str"]


def asking(url: str, **options: str) -> Ask:
    """Reads through a server.

    Args:
        url: of it.
        options: of /v1/parse, besides pages.
    """
    client = Client(url)

    def ask(sample: Sample, pages: int) -> Answer | str:
        body = sample.path.read_bytes()
        answer = client.parse(body, name=sample.name, format="json", pages=f"1-{pages}", **options)
        if answer.status != 200:
            return f"HTTP {answer.status}: {answer.body[:200].decode(errors='replace')}"
        found = answer.json()["pages"]
        return [(_text(page), page.get("evidence")) for page in found], answer.seconds / max(1, len(found))

    return ask


def oracle(seconds: float) -> Ask:
    """The truth in the accurate engine's place: the most that any engine could bring. Its seconds are assumed."""
    return lambda sample, pages: ([(text, None) for text in sample.truth[:pages]], seconds)


def collect(
    samples: Iterable[Sample], fast: Ask, accurate: Ask, *, pages: int, tell: Callable[[str], None] = lambda _: None
) -> list[Page]:
    """Read every document with both rungs.

    Args:
        samples: documents; those whose truth does not say where pages end are left out, and so are pages without truth.
        fast: the fast rung, with evidence.
        accurate: the accurate rung, or what stands in for it.
        pages: at most so many of each document.
        tell: gets a line of progress.
    """
    found: list[Page] = []
    for sample in samples:
        answers = [ask(sample, pages) for ask in (fast, accurate)]
        if problems := [answer for answer in answers if isinstance(answer, str)]:
            tell(f"{sample.name} is left out: {problems[0]}")
            continue
        found += _pages(sample.first(pages), *answers, tell=tell)  # type: ignore[arg-type]
    return found


def _pages(sample: Sample, fast: Answer, accurate: Answer, *, tell: Callable[[str], None]) -> list[Page]:
    if not len(sample.truth) == len(fast[0]) == len(accurate[0]):
        tell(f"{sample.name} is left out: its truth and its readings have different numbers of pages")
        return []
    found = []
    for number, (truth, read, better) in enumerate(zip(sample.truth, fast[0], accurate[0], strict=True), start=1):
        if truth.strip() and read[1] is not None:
            errors = [metrics.score([truth], [text]).cer_free for text in (read[0], better[0])]
            signs, folder = _signs(read[1]), sample.path.parent.name
            found.append(Page(sample.name, number, signs, errors[0], errors[1], fast[1], accurate[1], folder))
    tell(f"{sample.name}: {len(found)} pages")
    return found


def _signs(told: dict[str, Any]) -> Signs:
    return Signs(
        doubtful=told["doubtful"],
        unread=told["unread"],
        cells=int(told["cells"]),
        formulas=int(told["formulas"]),
        height=told["height"],
        foreign=bool(told["foreign"]),
    )


def _text(page: dict[str, Any]) -> str:
    return "\n".join(block["text"] for block in page["blocks"])
