"""What a caller may ask for, the same through every door."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from typing import Literal, TypeAlias, get_args

from msgspec import Struct

from function.errors import BadRequest
from function.reading.languages import is_language
from function.spelling import nearest

Tier: TypeAlias = Literal["auto", "fast", "accurate"]
Ocr: TypeAlias = Literal["auto", "always", "never"]
Switch: TypeAlias = Literal["no", "yes"]
Detail: TypeAlias = Literal["normal", "high"]
Content: TypeAlias = Literal["page", "text", "table", "formula", "chart", "seal"]

#: Longest `pages` that is looked at; a document of OCR_MAX_PAGES single pages fits.
_LONGEST_SELECTION = 20_000
_SELECTION = "Write pages as numbers and ranges by commas, such as 1-3,7,9- (from the ninth to the last)."
_PART = re.compile(r"(\d{1,9})?(-)?(\d{1,9})?", re.ASCII)


class Options(Struct, frozen=True, kw_only=True):
    """One document's options.

    Attributes:
        tier: auto takes, page by page, the cheapest rung whose evidence is good enough.
        ocr: auto trusts a sound text layer; always reads the pixels; never reads nothing but the text layer.
        pages: which, as `1-3,7,9-`; empty means all. OCR_MAX_PAGES bounds the whole document, whichever are asked for.
        language: a tag (BCP 47), for engines that take one; none does yet, and the answer's warnings say so.
        charts: read charts into tables, beside cutting them out.
        seals: read what stands in seals and stamps.
        figures: read what stands in figures.
        unwarp: flatten photographed or curved pages before they are read.
        detail: how many pixels of a block the model sees: `high` for tiny print and large tables, and slower.
        content: what a page is; `page` has a layout, anything else is one thing that fills it.
        restructure: join tables that go on on the next page, and level headings over the whole document.
    """

    tier: Tier = "auto"
    ocr: Ocr = "auto"
    pages: str = ""
    language: str = ""
    charts: Switch = "no"
    seals: Switch = "no"
    figures: Switch = "no"
    unwarp: Switch = "no"
    detail: Detail = "normal"
    content: Content = "page"
    restructure: Switch = "no"

    @property
    def wishes(self) -> dict[str, str]:
        """What was asked for that only some engines know, by name."""
        return {name: value for name in WISHES if (value := getattr(self, name)) != _DEFAULTS[name]}

    def unmet(self, known: Container[str]) -> list[str]:
        """Wishes that changed nothing, as warnings of the answer.

        Args:
            known: what the engines know that read its pages.
        """
        return [
            f"{name}={value} changed nothing: no page was read by an engine that knows it; tier=accurate asks for "
            "PaddleOCR-VL, where there is one"
            for name, value in self.wishes.items()
            if name not in known
        ]

    @property
    def unused(self) -> list[str]:
        """What was asked for and changes nothing, as warnings of the answer."""
        if not self.language:
            return []
        return [f"language={self.language} changed nothing: the engine reads every language that it knows at once"]

    @classmethod
    def parse(cls, given: Mapping[str, str], *, besides: Sequence[str] = ("format",)) -> Options:
        """Options from text fields.

        Args:
            given: what was asked for, by name.
            besides: what else may be asked for there, which whoever calls this has looked at: the remedy tells all.

        Raises:
            BadRequest: names the field, its value and what it may be.
        """
        for name in given:
            if name not in cls.__struct_fields__:
                known = (*cls.__struct_fields__, *besides)
                raise BadRequest(
                    f"there is no option {name[:40]!r}{nearest(name[:40], known)}",
                    remedy=f"The options are {', '.join(known)}.",
                )
        for name, allowed in _CHOICES.items():
            if name in given:
                _one_of(name, given[name], allowed)
        pages = given.get("pages", "").replace(" ", "")
        if len(pages) > _LONGEST_SELECTION:
            raise BadRequest(
                f"pages is {len(pages)} characters long; at most {_LONGEST_SELECTION} are looked at",
                remedy="Join neighbours to ranges, as in 1-300.",
            )
        if pages:
            _ranges(pages)
        language = given.get("language", "")
        if language and not is_language(language):
            raise BadRequest(
                f"language={language[:40]!r} is no language",
                remedy="Write its tag, such as en, ja, zh-Hant or de-AT, or leave it out.",
            )
        chosen = {name: given[name] for name in _CHOICES if name in given}
        return cls(pages=pages, language=language, **chosen)  # type: ignore[arg-type]

    def numbers(self, count: int) -> list[int]:
        """The page numbers asked for, ascending and each once, of a document of `count` pages.

        Raises:
            BadRequest: a range begins after the last page.
        """
        if not self.pages:
            return list(range(1, count + 1))
        chosen: set[int] = set()
        for first, last in _ranges(self.pages):
            if first > count:
                raise BadRequest(
                    f"pages={self.pages[:80]!r} asks for page {first}; the document has {count}",
                    remedy=f"Ask for pages from 1 to {count}.",
                )
            chosen.update(range(first, min(last or count, count) + 1))
        return sorted(chosen)


#: Options that are one of a few words.
_CHOICES: dict[str, tuple[str, ...]] = {
    "tier": get_args(Tier),
    "ocr": get_args(Ocr),
    "charts": get_args(Switch),
    "seals": get_args(Switch),
    "figures": get_args(Switch),
    "unwarp": get_args(Switch),
    "detail": get_args(Detail),
    "content": get_args(Content),
    "restructure": get_args(Switch),
}
#: What engines are told beside the page; the first word of each choice asks for nothing.
WISHES = ("charts", "seals", "figures", "unwarp", "detail", "content")
_DEFAULTS = {name: _CHOICES[name][0] for name in WISHES}


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise BadRequest(
            f"{name}={value[:40]!r} is not known{nearest(value[:40], allowed)}",
            remedy=f"Write {name} as one of {', '.join(allowed)}.",
        )


def _ranges(pages: str) -> list[tuple[int, int | None]]:
    """`1-3,7,9-` as [(1, 3), (7, 7), (9, None)]."""
    found: list[tuple[int, int | None]] = []
    for part in pages.split(","):
        match = _PART.fullmatch(part)
        if not match or not (match[1] or match[3]) or (match[3] and not match[2]):
            raise BadRequest(f"pages={pages[:80]!r} cannot be read at {part[:20]!r}", remedy=_SELECTION)
        first = int(match[1] or 1)
        last = (int(match[3]) if match[3] else None) if match[2] else first
        if first < 1 or (last is not None and last < first):
            raise BadRequest(
                f"pages={pages[:80]!r}: {part[:20]!r} is no range of page numbers from 1 upwards", remedy=_SELECTION
            )
        found.append((first, last))
    return found
