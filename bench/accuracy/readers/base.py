"""The seam between the measurement and whatever reads documents."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Protocol

from bench.accuracy.corpus import Sample


class Unavailable(Exception):
    """This reader cannot run here; the message says what would make it run."""


@dataclass
class Reading:
    """What a reader made of one document.

    Attributes:
        pages: text, page by page.
        seconds: wall clock for all of it, without loading the reader.
        rungs: for ours, the rung of each page.
        tables: for ours, the rows of every table.
        error: why there is nothing.
    """

    pages: list[str]
    seconds: float
    rungs: list[str] = field(default_factory=list)
    tables: list[list[list[str]]] = field(default_factory=list)
    error: str = ""

    def to_json(self) -> dict[str, Any]:
        """For the cache."""
        return asdict(self)

    @classmethod
    def from_json(cls, stored: dict[str, Any]) -> Reading:
        """From the cache."""
        return cls(**stored)


class Reader(Protocol):
    """Reads documents, one after another."""

    @property
    def name(self) -> str:
        """As it stands in the tables."""
        ...

    @property
    def kept(self) -> bool:
        """Whether equal versions give equal readings, so that they may come from the cache."""
        ...

    @property
    def version(self) -> str:
        """What determines its answers beside the document: part of the cache's key, printed with the table.

        Raises:
            Unavailable: it is not installed.
        """
        ...

    def start(self) -> None:
        """Load what reading needs, so that `read` measures reading alone."""
        ...

    def read(self, sample: Sample, pages: int) -> Reading:
        """Read the first `pages` pages. Whatever goes wrong is the reading's `error`, never raised."""
        ...

    def close(self) -> None:
        """Give back what `start` took."""
        ...


def page_images(path: Path, dpi: float, pages: int) -> list[Any]:
    """A document's first pages as Pillow images, PDFs drawn at `dpi`: for readers that know no PDF or no frames."""
    import pypdfium2
    from PIL import Image, ImageSequence

    if path.read_bytes()[:1024].lstrip().startswith(b"%PDF"):
        with pypdfium2.PdfDocument(path) as document:
            count = min(len(document), pages)
            return [document[index].render(scale=dpi / 72).to_pil() for index in range(count)]
    with Image.open(path) as image:
        frames = ImageSequence.Iterator(image)
        return [frame.copy() for frame, _ in zip(frames, range(pages), strict=False)]
