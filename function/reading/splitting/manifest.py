"""What a split document's parts hold: the manifest, which fixes everything, and a partial for each of its ranges.

Each is sealed: a checksum stands before its content, so that one that was altered or cut is told from a sound one, and
each names the answer that it belongs to, so that parts of two answers are never joined.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TypeVar

import msgspec
from msgspec import Struct

from function.reading.options import Options
from function.reading.whole import ReadBy
from function.results.model import Cost, DocumentInfo, PageError, PageResult

#: Raised when parts change their meaning; those of another version are not read.
VERSION = 1


class Unfit(Exception):
    """A part that was altered, is of another version, or belongs to another answer."""


class Manifest(Struct, frozen=True):
    """What was decided when the document was split.

    Attributes:
        id: of the answer that the ranges are joined to.
        bucket: of the upload, as are `key`, `source_version` and `source_etag`.
        name: key of the result without its ending.
        fingerprint: of everything that determines the answer.
        document: what was opened.
        options: that pages are read with.
        engines: all that there are, by the rung they read.
        ranges: first and last page each, ascending; pages that were not asked for may lie between and within.
        count: how many pages were asked for.
    """

    id: str
    bucket: str
    key: str
    source_version: str
    source_etag: str
    name: str
    fingerprint: str
    document: DocumentInfo
    options: Options
    engines: dict[str, ReadBy]
    ranges: list[tuple[int, int]]
    count: int
    version: int = VERSION

    def numbers(self, first: int, last: int) -> list[int]:
        """The pages of a range that were asked for."""
        return [number for number in self.options.numbers(self.document.pages) if first <= number <= last]


class Partial(Struct, frozen=True):
    """The result of one range.

    Attributes:
        answer: id of the manifest.
        fingerprint: of the manifest, and of the engine that read.
        pages: of the range, in order: JSON of a list of PageResult, which is not taken apart for joining it.
        warnings: about the document, as far as this range met them.
        timings: seconds by phase.
        failed: the range was given up; every page has an error.
    """

    answer: str
    fingerprint: str
    first: int
    last: int
    pages: msgspec.Raw
    warnings: list[str]
    timings: dict[str, float]
    cost: Cost
    failed: bool = False
    version: int = VERSION


class _Sealed(Struct):
    checksum: str
    content: msgspec.Raw


class _Numbered(Struct):
    number: int


class _Version(Struct):
    version: int = 0


T = TypeVar("T", Manifest, Partial)


def sealed(part: Manifest | Partial) -> bytes:
    """A part as it is written."""
    content = msgspec.json.encode(part)
    return msgspec.json.encode(_Sealed(hashlib.sha256(content).hexdigest(), msgspec.Raw(content)))


def unsealed(data: bytes, kind: type[T]) -> T:
    """A part as it was written. Raises Unfit where it is not."""
    try:
        found = msgspec.json.decode(data, type=_Sealed)
        content = bytes(found.content)
        if hashlib.sha256(content).hexdigest() != found.checksum:
            raise Unfit("its checksum does not fit: it was altered")
        version = msgspec.json.decode(content, type=_Version).version
        if version != VERSION:
            raise Unfit(f"it is of version {version}, and this function reads version {VERSION}")
        return msgspec.json.decode(content, type=kind)
    except msgspec.MsgspecError as problem:
        raise Unfit(f"it is no {kind.__name__.lower()}: {problem}") from None


def fitting(data: bytes, manifest: Manifest, first: int, last: int) -> Partial:
    """A range's partial that belongs to this manifest. Raises Unfit for any other."""
    partial = unsealed(data, Partial)
    told = partial.answer, partial.fingerprint, partial.first, partial.last
    if told != (manifest.id, manifest.fingerprint, first, last):
        raise Unfit("it belongs to another answer or range")
    try:
        numbers = [page.number for page in msgspec.json.decode(partial.pages, type=list[_Numbered])]
    except msgspec.MsgspecError as problem:
        raise Unfit(f"its pages cannot be read: {problem}") from None
    if numbers != manifest.numbers(first, last):
        raise Unfit("it does not hold the pages of its range")
    return partial


def given_up(manifest: Manifest, first: int, last: int, error: PageError) -> Partial:
    """The partial of a range that failed whenever it was delivered."""
    pages = [
        PageResult(
            number=number, width=0, height=0, dpi=None, rung=None, reason="the page was given up", rotation=0,
            blocks=[], markdown="", error=error,
        )
        for number in manifest.numbers(first, last)
    ]  # fmt: skip
    return partial_of(manifest, first, last, pages, failed=True)


def partial_of(
    manifest: Manifest,
    first: int,
    last: int,
    pages: Sequence[PageResult],
    *,
    warnings: Sequence[str] = (),
    timings: Mapping[str, float] | None = None,
    cost: Cost | None = None,
    failed: bool = False,
) -> Partial:
    """What was read of a range."""
    return Partial(
        answer=manifest.id,
        fingerprint=manifest.fingerprint,
        first=first,
        last=last,
        pages=msgspec.Raw(msgspec.json.encode(pages)),
        warnings=list(warnings),
        timings=dict(timings or {}),
        cost=cost or Cost(0.0, 0.0),
        failed=failed,
    )


def divided(numbers: Sequence[int], most: int) -> list[tuple[int, int]]:
    """Ranges, first and last page each, of as equal length as can be.

    Args:
        numbers: of the pages asked for, ascending.
        most: pages a range.
    """
    count = -(-len(numbers) // most)
    borders = [len(numbers) * index // count for index in range(count + 1)]
    return [(numbers[begin], numbers[end - 1]) for begin, end in pairwise(borders)]
