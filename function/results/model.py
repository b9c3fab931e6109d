"""The result as users get it: a document of pages of blocks of lines. The schema at /v1/schema.json is made from this.

Coordinates are pixels of the upright page (`rotation` already applied), origin at the top left.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

#: Raised when a field changes its meaning or goes away; new optional fields keep it.
SCHEMA_VERSION = "1"

Bbox = Annotated[list[float], Meta(min_length=4, max_length=4, description="[x0, y0, x1, y1] in pixels")]
Confidence = Annotated[float, Meta(ge=0, le=1)]
Rung = Literal["text", "fast", "accurate"]
BlockType = Literal[
    "title",
    "heading",
    "paragraph",
    "list",
    "table",
    "header",
    "footer",
    "page_number",
    "code",
    "formula",
    "figure",
    "chart",
    "seal",
    "caption",
    "footnote",
]


class Line(Struct, frozen=True, omit_defaults=True):
    """One line of text; of a row of cells, each cell."""

    bbox: Bbox
    text: str
    confidence: Confidence
    angle: Annotated[float, Meta(description="of its baseline, in degrees, clockwise positive")] = 0.0
    vertical: bool = False
    """Its characters stand one below the other."""


class Block(Struct, frozen=True, omit_defaults=True):
    """Lines that belong together, in reading order.

    `text` is running text: lines joined, hyphenation mended; a table's rows one a line, cells separated by tabs; a
    list's items one a line, those within another one set in by two spaces more; a formula's LaTeX. An engine that tells
    no confidence of text gives that of having found the block.
    """

    type: BlockType
    bbox: Bbox
    text: str
    confidence: Confidence
    lines: list[Line]
    level: Annotated[int, Meta(ge=1, le=6)] | None = None
    """Of a heading, 1 the largest."""
    rows: list[list[str]] | None = None
    """Of a table, cell by cell; every row is equally long."""
    html: str | None = None
    """Of a table from an engine that writes HTML; harmless. Where its cells span, `rows` is null."""
    image: str | None = None
    """Name, among the page's `images`, of what was cut out for it."""
    label: str | None = None
    """What the engine itself calls it; its text may then hold formulas, as LaTeX in dollars."""


class Image(Struct, frozen=True):
    """A part of a page, cut out: a figure, a chart, a seal."""

    name: str
    media_type: str
    data: bytes
    """In JSON as base64."""


class PageError(Struct, frozen=True):
    """Why a page could not be read; the other pages stand."""

    type: str
    title: str
    detail: str
    remedy: str


class PageResult(Struct, frozen=True):
    """One page, read."""

    number: Annotated[int, Meta(ge=1)]
    width: int
    height: int
    dpi: float | None
    rung: Rung | None
    """Which rung read it; null where `error` stands."""
    reason: str
    """Why that rung."""
    rotation: Annotated[int, Meta(description="degrees clockwise the page was turned to stand upright")]
    blocks: list[Block]
    markdown: str
    error: PageError | None = None
    images: list[Image] | None = None
    """What blocks refer to by `image`; null where there is none."""
    warnings: list[str] | None = None
    """What was left out or cut on this page, and why; null where nothing was."""
    evidence: dict[str, float] | None = None
    """What was measured to tell whether the page needs the accurate rung; null where nobody asked."""
    degraded: str | None = None
    """The page needs the accurate rung, as `reason` tells, and why it did not get it; never stored or kept."""


class DocumentInfo(Struct, frozen=True):
    """What was read."""

    name: str
    sha256: str
    media_type: str
    pages: int
    """How many the document has, not how many were asked for."""


class EngineInfo(Struct, frozen=True):
    """What read it; equal info and equal bytes give an equal answer."""

    name: str
    version: str
    weights: str
    """SHA-256 over the weight files."""


class Cost(Struct, frozen=True):
    """What it took, for the bill."""

    cpu_seconds: float
    gpu_seconds: float


class DocumentResult(Struct, frozen=True):
    """The whole answer."""

    document: DocumentInfo
    engine: EngineInfo
    pages: list[PageResult]
    markdown: str
    timings: dict[str, float]
    """Seconds by phase, summed over pages; phases overlap, so they may add up to more than `total`."""
    cost: Cost
    warnings: list[str] = field(default_factory=list)
    """What a careful reader should know: frames or pages that were not read, and why; which pages bear warnings."""
    id: str = ""
    """Of a result in the results bucket: the same for every redelivery of its upload; empty over HTTP."""
    engines: dict[str, EngineInfo] | None = None
    """By the rung they read, where `engine` is not the only one."""
    cached: bool = False
    """It was read before and stood in the cache: `timings` and `cost` are those of finding it."""
    schema_version: str = SCHEMA_VERSION
