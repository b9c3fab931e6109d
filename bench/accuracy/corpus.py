"""A folder of documents whose text is known.

`NAME.EXT` is a document if `NAME.txt` lies beside it; a form feed separates that text's pages. Optional beside it:
`NAME.facts.jsonl` (statements, see `facts`) and `NAME.html` (its tables). Optional in the folder or the one above:
`MANIFEST.json`, a list `entries` of {file, classes, ground_truth_kind}.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

_BESIDE = {".txt", ".jsonl", ".html", ".json", ".md"}


@dataclass(frozen=True)
class Sample:
    """One document and what is known of it.

    Attributes:
        path: the document.
        truth: its text, page by page; one page where the truth does not say where pages end.
        classes: what kind of document it is, for means by class.
        truth_kind: how far to trust the truth.
        facts: statements about its text.
        html: its tables, where known.
    """

    path: Path
    truth: list[str]
    classes: list[str] = field(default_factory=lambda: ["unclassified"])
    truth_kind: str = ""
    facts: list[dict[str, Any]] = field(default_factory=list)
    html: str | None = None

    @property
    def name(self) -> str:
        """File name."""
        return self.path.name

    @cached_property
    def sha256(self) -> str:
        """Of the document's bytes."""
        return hashlib.sha256(self.path.read_bytes()).hexdigest()

    def first(self, pages: int) -> Sample:
        """The same document as if it had only its first pages; unchanged where the truth has no page breaks."""
        facts = [fact for fact in self.facts if int(fact.get("page", 1)) <= pages]
        return Sample(self.path, self.truth[:pages], self.classes, self.truth_kind, facts, self.html)


def load(folder: Path) -> list[Sample]:
    """Every document of the folder that has a truth, by name.

    Raises:
        FileNotFoundError: there is none.
    """
    about = _manifest(folder)
    documents = (path for path in sorted(folder.iterdir()) if path.is_file() and path.suffix not in _BESIDE)
    found = [_sample(path, about.get(path.name, {})) for path in documents if path.with_suffix(".txt").is_file()]
    if not found:
        raise FileNotFoundError(f"{folder} holds no document NAME.EXT with its text NAME.txt beside it")
    return found


def _sample(path: Path, entry: dict[str, Any]) -> Sample:
    facts, html = path.with_suffix(".facts.jsonl"), path.with_suffix(".html")
    return Sample(
        path=path,
        truth=_pages(path.with_suffix(".txt").read_text(encoding="utf-8")),
        classes=entry.get("classes") or ["unclassified"],
        truth_kind=entry.get("ground_truth_kind", ""),
        facts=[json.loads(line) for line in facts.read_text("utf-8").splitlines() if line] if facts.is_file() else [],
        html=html.read_text(encoding="utf-8") if html.is_file() else None,
    )


def _pages(text: str) -> list[str]:
    pages = text.split("\f")
    while len(pages) > 1 and not pages[-1].strip():
        pages.pop()
    return pages


def _manifest(folder: Path) -> dict[str, dict[str, Any]]:
    for path in (folder / "MANIFEST.json", folder.parent / "MANIFEST.json"):
        if path.is_file():
            entries = json.loads(path.read_text(encoding="utf-8"))["entries"]
            return {Path(entry["file"]).name: entry for entry in entries if _belongs(entry, path.parent, folder)}
    return {}


def _belongs(entry: dict[str, Any], base: Path, folder: Path) -> bool:
    return Path(base, entry["file"]).parent == folder
