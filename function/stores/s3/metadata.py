"""User metadata over HTTP headers: S3 keeps US-ASCII, so other text travels as RFC 2047 encoded words.

That is how S3 itself returns what it cannot put into a header, and the words mark themselves: a value that another
client wrote plainly, with a `%` say, is never mistaken for one of ours.
Source: docs.aws.amazon.com/AmazonS3/latest/userguide/UsingMetadata.html.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from email.errors import HeaderParseError
from email.header import decode_header, make_header

#: S3's limit on names and values together.
MAX_BYTES = 2048
_NAME = re.compile(r"[a-z0-9][a-z0-9-]*")
_PLAIN = re.compile(r"(?!.*=\?)[!-~]([ -~]*[!-~])?|")
_WORDS = re.compile(r"\s*(=\?[^?\s]+\?[BbQq]\?[^?\s]*\?=\s*)+")


def encoded(metadata: Mapping[str, str]) -> dict[str, str]:
    """As headers can carry it.

    Raises:
        ValueError: a name that no header can have, or more than S3 keeps.
    """
    for name in metadata:
        if not _NAME.fullmatch(name):
            raise ValueError(f"metadata {name!r}: a name has letters, digits and `-` only, in lower case")
    words = {name: value if _PLAIN.fullmatch(value) else _word(value) for name, value in metadata.items()}
    if (size := sum(len(name) + len(value) for name, value in words.items())) > MAX_BYTES:
        raise ValueError(f"metadata has {size} bytes; S3 keeps {MAX_BYTES}")
    return words


def decoded(headers: Mapping[str, str]) -> dict[str, str]:
    """As it was meant; what cannot be decoded stays as it came."""
    return {name.lower(): _text(value) for name, value in headers.items()}


def _word(value: str) -> str:
    return f"=?UTF-8?B?{base64.b64encode(value.encode('utf-8', 'replace')).decode('ascii')}?="


def _text(value: str) -> str:
    if not _WORDS.fullmatch(value):
        return value
    try:
        return str(make_header(decode_header(value)))
    except (HeaderParseError, LookupError, UnicodeError):
        return value
