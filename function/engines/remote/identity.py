"""What reads at the other end, without asking it: at scale zero a question would wake a GPU.

Every answer of the function says which engine gave it, so the first page tells. Until then the operator's word counts
(OCR_REMOTE_ENGINE) or, without one, a name that no answer ever bears: what is kept under it was read without the other
end, so it stays right. Whoever keeps an answer asks `info` after reading, not before.

While another revision is rolled out, two may answer by turns, also within one document. Then both together are the
identity, so that nothing which one of them may have read is ever kept as the other's.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Callable
from threading import Lock

import msgspec

from function.engines.base import UNKNOWN_VERSION
from function.results.model import EngineInfo

log = logging.getLogger(__name__)

UNKNOWN = EngineInfo(name="remote", version=UNKNOWN_VERSION, weights="")
#: Seconds after which one that answered no more is forgotten; documents take less.
LATELY = 3600.0


def declared(text: str) -> EngineInfo | None:
    """OCR_REMOTE_ENGINE: the object `engine` of an answer of the other end; None where it is empty.

    Raises:
        ValueError: it is no such object.
    """
    if not text.strip():
        return None
    try:
        return msgspec.json.decode(text, type=EngineInfo)
    except msgspec.DecodeError as problem:
        raise ValueError(f"it is not the object `engine` of an answer, as JSON ({problem})") from None


class Identity:
    """Used from many threads.

    Args:
        told: what the operator says it is.
        lately: seconds for which one that answered counts; longer than a document may take.
        clock: monotonic seconds (tests).
    """

    def __init__(
        self, told: EngineInfo | None = None, *, lately: float = LATELY, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._told, self._lately, self._clock = told, lately, clock
        self._seen: dict[str, tuple[EngineInfo, float]] = {}
        self._lock = Lock()

    @property
    def info(self) -> EngineInfo:
        """Of whoever answered lately; before anybody did, the operator's word, or UNKNOWN."""
        with self._lock:
            found = [info for _, (info, _) in sorted(self._seen.items())]
        return _together(found) if found else self._told or UNKNOWN

    def saw(self, info: EngineInfo) -> None:
        """An answer came, and this is who gave it."""
        key, now = f"{info.name}\0{info.version}\0{info.weights}", self._clock()
        with self._lock:
            is_new = key not in self._seen
            # The one that was seen last stays, however long ago that was: nothing else is known.
            self._seen = {k: (i, at) for k, (i, at) in self._seen.items() if now - at < self._lately}
            self._seen[key] = info, now
        if is_new:
            log.info("pages are read elsewhere by %s %s", info.name, info.version)
            if self._told is not None and info != self._told:
                log.warning("OCR_REMOTE_ENGINE names another engine than the one that answers; the answers count")


def _together(found: list[EngineInfo]) -> EngineInfo:
    if len(found) == 1:
        return found[0]
    return EngineInfo(
        name=" or ".join(dict.fromkeys(info.name for info in found)),
        version=" or ".join(dict.fromkeys(info.version for info in found)),
        weights=hashlib.sha256(msgspec.json.encode(found)).hexdigest(),
    )
