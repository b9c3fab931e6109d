"""Recognises what list items begin with: bullets, numbers, letters, East Asian numbering."""

from __future__ import annotations

import re

#: Characters that are nothing but bullets.
_BULLET = re.compile(r"^[•●◦○▪■□◆◇▶►➢➤✓✔✗❏❑☐☑☒‣⁃∙·]\s*(?=\S)")
#: What has a sign: a number alone or with what shares and sums are counted in, a temperature, an amount with decimals;
#: "50 % wool" and "5 EUR for children" are as often items of a list.
_ALONE = r"\d+(?:[.,]\d+)*\s*(?:[%‰€£$]|EUR|USD|GBP|CHF)?\s*$"
_SIGNED = rf"(?:{_ALONE}|\d+(?:[.,]\d+)?\s*[°℃℉]|\d+(?:[.,]\d{{3}})*[.,]\d\d(?![\d.,]))"
#: Characters that are bullets only before a space, and not where they are signs; nobody writes a plus before a number
#: of things.
_DASH = re.compile(rf"^(?:[-–—](?!\s+{_SIGNED})|\*|\+(?!\s+\d))\s+(?=\S)")
_NUMBER = re.compile(r"^(\d{1,3})\.(?:\s+|(?=[^\W\d_]|[【「《（“]))(?=\S)|^(\d{1,2})、")
_CLOSED_NUMBER = re.compile(r"^(\d{1,3})(?:\)(?:\s+|(?=[^\W\d_]))|）\s*)(?=\S)")
_BRACKETED = re.compile(r"^[(（\[](\d{1,3}|[a-zA-Z]|[ivx]{1,4})[)）\]]\s*(?=\S)")
_LETTER = re.compile(r"^([a-zA-Z]|[ivx]{1,4})(?:[.)]\s+|）\s*)(?=\S)")
_EAST_ASIAN = re.compile(r"^[一二三四五六七八九十]{1,3}、\s*(?=\S)")
_EAST_ASIAN_BRACKETED = re.compile(r"^(?:[(（][一二三四五六七八九十]{1,3}[)）]|[㈠-㈩])\s*(?=\S)")
_CIRCLED = re.compile(r"^[①-⑳❶-❿]\s*(?=\S)")
#: How many characters at a line's end show it.
_LEADER_LOOK = 20
#: Dots that lead to a page's number, in tables of contents; more of them, no ellipsis, also lead to a price.
_LEADER = re.compile(
    r"(?:[.…·]\s?){4,}\s*(?:\d{1,4}|[ivxl]{1,6})$"
    r"|(?:[.…·]\s?){6,}[^.…·\d]{0,8}(?:[$€£¥]\s?\d[\d.,]*|\d+[.,]\d\d(?:\s?[$€£¥])?)$"
)

_KINDS = {
    "bullet": _BULLET,
    "dash": _DASH,
    "number": _NUMBER,
    "closed_number": _CLOSED_NUMBER,
    "bracketed": _BRACKETED,
    "letter": _LETTER,
    "east_asian": _EAST_ASIAN,
    "east_asian_bracketed": _EAST_ASIAN_BRACKETED,
    "circled": _CIRCLED,
}


def marker_kind(text: str) -> str | None:
    """What kind of marker a text begins with, or None."""
    return next((kind for kind, pattern in _KINDS.items() if pattern.match(text)), None)


def leads_to_page(text: str) -> bool:
    """Whether a line is an entry of a table of contents or of a price list."""
    return bool(_LEADER.search(text[-_LEADER_LOOK:]))


def marker_number(text: str) -> int | None:
    """The number that a text begins with, where its marker is one in digits."""
    found = _NUMBER.match(text) or _CLOSED_NUMBER.match(text) or _BRACKETED.match(text)
    digits = next((group for group in found.groups() if group), "") if found else ""
    return int(digits) if digits.isdigit() else None
