"""The collection of real and of hostile documents: beside the repository, never in it (their licences differ).

    from tests.shared import BAD, GOOD, needs_shared

    @needs_shared
    @pytest.mark.parametrize("sample", GOOD, ids=str)
    def test_every_good_document_gives_a_result(sample: Sample) -> None: ...

Where the folder is absent the lists are empty and `needs_shared` skips, visibly.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = ROOT.parent / "shared" / "documents"


@dataclass(frozen=True, slots=True)
class Sample:
    """One file of the collection.

    Attributes:
        path: where its bytes are.
        kind: `good`, or the sort of harm.
        expect: `ok`, `error` or `either` (any answer, but no crash and no hang).
        truth: file of its text, pages split by form feeds; None where there is none.
        truth_kind: how far to trust that text.
        classes: what it is like: language, scanned, multi-column and so on.
    """

    path: Path
    kind: str
    expect: str
    truth: Path | None
    truth_kind: str
    classes: tuple[str, ...]

    def __str__(self) -> str:
        """The name that pytest shows."""
        return f"{self.path.parent.name}/{self.path.name}"


def _sample(entry: dict[str, Any]) -> Sample:
    truth = entry.get("ground_truth")
    return Sample(
        path=DOCUMENTS / entry["file"],
        kind=entry["kind"],
        expect=entry.get("expect") or "ok",
        truth=DOCUMENTS / truth if truth else None,
        truth_kind=entry.get("ground_truth_kind") or "",
        classes=tuple(entry.get("classes") or ()),
    )


def _samples() -> list[Sample]:
    manifest = DOCUMENTS / "MANIFEST.json"
    if not manifest.exists():
        return []
    return [_sample(entry) for entry in json.loads(manifest.read_text(encoding="utf-8"))["entries"]]


_ALL = _samples()
GOOD = [sample for sample in _ALL if sample.path.parent.name == "good"]
BAD = [sample for sample in _ALL if sample.path.parent.parent.name == "bad"]


def needs_shared(test: Any) -> Any:
    """Mark a test or class `shared`, and skip it where the collection is absent."""
    absent = pytest.mark.skipif(not _ALL, reason="the collection of documents is not at ../shared/documents")
    return pytest.mark.shared(absent(test))
