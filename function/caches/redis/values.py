"""How a value lies in Redis: compressed, behind a mark, and never opened to more than was ever put there."""

from __future__ import annotations

import zlib

from function.caches.base import CacheFailed

_MARK = b"Z1"
#: Of one to nine. Answers shrink to a quarter with the fastest, and little further with the others.
_LEVEL = 1


def most_stored(max_bytes: int) -> int:
    """The longest that a value of `max_bytes` can lie in Redis: what does not shrink grows by less than that."""
    return max_bytes + max_bytes // 500 + 64


def packed(value: bytes) -> bytes:
    """As it is stored."""
    return _MARK + zlib.compress(value, _LEVEL)


def unpacked(stored: bytes, max_bytes: int) -> bytes:
    """The value.

    Raises:
        CacheFailed: somebody else wrote it, it is cut, or it is larger than `max_bytes`.
    """
    if not stored.startswith(_MARK):
        raise CacheFailed("what stands under the key is not ours")
    opener = zlib.decompressobj()
    try:
        value = opener.decompress(stored[len(_MARK) :], max_bytes + 1)
    except zlib.error:
        raise CacheFailed("what stands under the key is damaged") from None
    if len(value) > max_bytes or not opener.eof or opener.unused_data:
        raise CacheFailed("what stands under the key is cut, too long, or too large")
    return value
