"""`Zeropage-Warnings`: what Markdown, text and other formats without fields have no place for.

A structured field (RFC 9651), as `Cache-Status` is: how many remarks there are, and the first, shortened.
"""

from __future__ import annotations

import re

from flask import Response

from function.results.model import DocumentResult
from function.results.remarks import remarks

NAME = "Zeropage-Warnings"
#: Characters of the first remark: what stands between here and the caller takes a few kilobytes of headers, all in all.
_LONGEST = 300


def tell(response: Response, result: DocumentResult) -> None:
    """Set the header where there is anything to be told."""
    if told := remarks(result):
        response.headers[NAME] = f'{len(told)}; first="{_string(told[0])}"'


def _string(words: str) -> str:
    """The inside of a structured field's string: printable ASCII, and nothing that would end it."""
    plain = re.sub(r"[^\x20-\x7e]", "?", words)
    cut = plain if len(plain) <= _LONGEST else f"{plain[: _LONGEST - 3]}..."
    return cut.replace("\\", "\\\\").replace('"', '\\"')
