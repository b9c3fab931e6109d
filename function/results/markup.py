"""What the writers of HTML and XML share: text made harmless, and the language that a script gives away."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable

from function.results.model import PageResult

#: No XML 1.0 document may hold these, not even escaped.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: Scripts of one language, or nearly so; Han alone is taken for Chinese. Of others the script tells no language.
_SCRIPTS = {
    "ja": re.compile("[\u3041-\u30ff]"),
    "ko": re.compile("[\uac00-\ud7a3\u1100-\u11ff]"),
    "zh": re.compile("[\u4e00-\u9fff]"),
    "he": re.compile("[\u05d0-\u05ea]"),
    "el": re.compile("[\u03b1-\u03c9]"),
    "th": re.compile("[\u0e01-\u0e5b]"),
}
#: So large a share of the letters is the text's own and no quotation.
_MOSTLY = 0.3


def legal(text: str) -> str:
    """Without the characters that XML forbids."""
    return _FORBIDDEN.sub("", text)


def escaped(text: str) -> str:
    """As text or a quoted attribute of HTML or XML."""
    return html.escape(legal(text))


def language_of(pages: Iterable[PageResult]) -> str:
    """The language, where the script tells it (`ja`, `zh` …); else empty, which in HTML means that it is not known."""
    text = "".join(block.text for page in pages for block in page.blocks)
    letters = sum(map(str.isalpha, text))
    found = {tag: len(script.findall(text)) for tag, script in _SCRIPTS.items()}
    if found["ja"] > _MOSTLY / 3 * letters:  # half of Japanese is Han
        return "ja"
    tag, count = max(found.items(), key=lambda pair: pair[1])
    return tag if count and count >= _MOSTLY * letters else ""
