"""Which uploads are documents to read: not folders, not empty, of a kind that is read, and never our own output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from events.errors import shown
from events.places import Place
from events.uploads import DocumentUploaded, Ignored


@dataclass(frozen=True, slots=True)
class Scope:
    """What is read, and where our own output lies.

    Attributes:
        suffixes: endings of keys that are read, in any case (`.pdf`); empty: every ending.
        results: where results go; nothing that lies there is ever read, so that no loop can start even where inbox and
            results share a bucket.
    """

    suffixes: tuple[str, ...] = ()
    results: Sequence[Place] = ()


EVERYTHING = Scope()


def triage(upload: DocumentUploaded, scope: Scope) -> DocumentUploaded | Ignored:
    """The upload itself, or why it is not read."""
    if any((upload.bucket, upload.key) in place for place in scope.results):
        return Ignored("own_output", shown(upload.key))
    if upload.key.endswith("/"):
        return Ignored("folder", shown(upload.key))
    if upload.size == 0:
        return Ignored("empty", shown(upload.key))
    endings = tuple(suffix.lower() for suffix in scope.suffixes)
    if endings and not upload.key.lower().endswith(endings):
        return Ignored("suffix", shown(upload.key))
    return upload
