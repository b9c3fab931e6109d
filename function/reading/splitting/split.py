"""When a document is split, into which ranges, and what comes of a delivery that splits one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from function.reading.options import Options
from function.reading.splitting.manifest import Manifest, divided
from function.reading.splitting.page_costs import PageCosts
from function.reading.uploads.commit import result_id
from function.reading.whole import ReadBy
from function.results.model import DocumentInfo
from function.stores.base import ObjectHead


@dataclass(frozen=True, slots=True)
class Divided:
    """A document is read in ranges, by whoever is asked to.

    Attributes:
        source: the version of the upload that is read.
        manifest: what was fixed.
        key: of the manifest.
        requests: ranges that are to be asked for.
        complete: every range is there; they are to be joined.
        elsewhere: this range belongs to a reading by another engine than ours, which other pods may still have.
    """

    source: ObjectHead
    manifest: Manifest
    key: str
    requests: Sequence[tuple[int, int]] = ()
    complete: bool = False
    elsewhere: bool = False


@dataclass(frozen=True, slots=True)
class SplitRules:
    """When a document is split.

    Attributes:
        pages: OCR_SPLIT_PAGES: documents of more are split into ranges of at most so many; 0 splits none by pages.
        seconds: OCR_SPLIT_SECONDS: documents that would take longer are split into ranges of about so long; 0: none.
        costs: what pages took so far.
    """

    pages: int
    seconds: float
    costs: PageCosts

    def pages_a_range(self, count: int, tier: str) -> int:
        """At most so many; 0 where the document is read in one go.

        Args:
            count: pages asked for.
            tier: asked for.
        """
        most = self.pages if 0 < self.pages < count else 0
        took = self.costs.of_a_page(tier)
        if self.seconds and took and count * took > self.seconds:
            by_time = max(1, int(self.seconds / took))
            most = min(most or by_time, by_time)
        return most if most < count else 0


def manifest_of(
    head: ObjectHead,
    name: str,
    fingerprint: str,
    document: DocumentInfo,
    options: Options,
    engines: Mapping[str, ReadBy],
    numbers: Sequence[int],
    most: int,
) -> Manifest:
    """The manifest of a document that is split now.

    Args:
        head: of the upload that was fetched.
        name: key of the result without its ending.
        fingerprint: of everything that determines the answer.
        document: what was opened.
        options: that its pages are read with.
        engines: all that there are, by the rung they read.
        numbers: of the pages asked for, ascending.
        most: pages a range.
    """
    return Manifest(
        id=result_id(head, fingerprint),
        bucket=head.bucket,
        key=head.key,
        source_version=head.version,
        source_etag=head.etag,
        name=name,
        fingerprint=fingerprint,
        document=document,
        options=options,
        engines=dict(engines),
        ranges=divided(numbers, most),
        count=len(numbers),
    )
