"""What is sent along with an object, so that bits that flip are noticed: on the way there, and on the way back.

The CRC32 is told beforehand, in headers: boto3's own would be made on the way and follow the body in a framing that
stores other than Amazon's refuse more often than the headers.
"""

from __future__ import annotations

import base64
import hashlib
import zlib
from collections.abc import Iterable


def of(chunks: Iterable[bytes]) -> tuple[dict[str, str], dict[str, str]]:
    """For PutObject: what every store knows, and what only some do.

    Content-MD5 is compared and forgotten. The CRC32 is kept with the object and told with every download; some stores
    pass over it, and some refuse it.
    """
    md5, crc32 = hashlib.md5(usedforsecurity=False), 0
    for chunk in chunks:
        md5.update(chunk)
        crc32 = zlib.crc32(chunk, crc32)
    kept = {"ChecksumAlgorithm": "CRC32", "ChecksumCRC32": _words(crc32.to_bytes(4, "big"))}
    return {"ContentMD5": _words(md5.digest())}, kept


def _words(digest: bytes) -> str:
    return base64.b64encode(digest).decode("ascii")
