"""What PaddleX's clients ask for, and what becomes of each field: honoured, or refused by name; none is passed over.

Fields and their defaults are those of `paddlex --serve` (pipelines OCR and PaddleOCR-VL, paddlex 3.7).
"""

from __future__ import annotations

from collections.abc import Container
from typing import Any, Literal, TypeVar

import msgspec
from msgspec import Struct

from function.errors import BadRequest
from function.reading.options import Content, Options

#: One field's reason to be refused, by its name; `None` is always allowed, for it asks for nothing.
_NO_SUCH_KNOB = "the function's models have no such setting"
_OF_THE_MODEL = "how the model writes is the operator's choice"
_REFUSED = {
    "returnWordBox": "boxes are told of lines, not of words",
    "textDetBoxThresh": _NO_SUCH_KNOB,
    "textDetLimitSideLen": _NO_SUCH_KNOB,
    "textDetLimitType": _NO_SUCH_KNOB,
    "textDetThresh": _NO_SUCH_KNOB,
    "textDetUnclipRatio": _NO_SUCH_KNOB,
    "layoutMergeBboxesMode": _NO_SUCH_KNOB,
    "layoutNms": _NO_SUCH_KNOB,
    "layoutThreshold": _NO_SUCH_KNOB,
    "layoutUnclipRatio": _NO_SUCH_KNOB,
    "maxNewTokens": _OF_THE_MODEL + " (OCR_VL_MAX_TOKENS)",
    "maxPixels": _OF_THE_MODEL,
    "mergeLayoutBlocks": _OF_THE_MODEL,
    "minPixels": _OF_THE_MODEL,
    "repetitionPenalty": _OF_THE_MODEL,
    "showFormulaNumber": "formulas are not numbered",
    "temperature": _OF_THE_MODEL,
    "topP": _OF_THE_MODEL,
    "useTextlineOrientation": "pages are turned as a whole; single lines that stand on their head are not",
    "vlmExtraArgs": _OF_THE_MODEL,
}
#: `false` asks for nothing in these.
_SWITCHES = frozenset({"returnWordBox", "showFormulaNumber", "useDocUnwarping", "useTextlineOrientation"})
#: Refused at /ocr alone.
_REFUSED_OF_LINES = {"useDocUnwarping": "pages are flattened at /layout-parsing alone, by PaddleOCR-VL"}
#: The field by which PaddleX's clients ask for what only some engines know, by the name of our option.
_WISHED_BY = {
    "charts": "useChartRecognition",
    "seals": "useSealRecognition",
    "figures": "useOcrForImageBlock",
    "unwarp": "useDocUnwarping",
    "content": "useLayoutDetection",
}
_CONTENTS: dict[str, Content] = {
    "ocr": "text",
    "formula": "formula",
    "table": "table",
    "chart": "chart",
    "seal": "seal",
}

Asked = TypeVar("Asked", bound="Struct")


class Common(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What both readings take.

    Attributes:
        file: the document in base64, or its address where OCR_URL_INPUT allows its host.
        fileType: 0 a PDF, 1 an image; null lets the content decide.
        useDocOrientationClassify: false gives boxes for the page as it came, otherwise for the upright one.
        useDocUnwarping: true has PaddleOCR-VL flatten pages at /layout-parsing.
        visualize: pictures of the pages; null gives them for short documents.
    """

    file: str
    fileType: Literal[0, 1] | None = None  # noqa: N815 - the names are PaddleX's
    useDocOrientationClassify: bool | None = None  # noqa: N815
    useDocUnwarping: bool | None = None  # noqa: N815
    useTextlineOrientation: bool | None = None  # noqa: N815
    visualize: bool | None = None
    logId: str | None = None  # noqa: N815


class OcrRequest(Common, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /ocr: lines of text."""

    textDetLimitSideLen: int | None = None  # noqa: N815
    textDetLimitType: str | None = None  # noqa: N815
    textDetThresh: float | None = None  # noqa: N815
    textDetBoxThresh: float | None = None  # noqa: N815
    textDetUnclipRatio: float | None = None  # noqa: N815
    textRecScoreThresh: float | None = None  # noqa: N815
    returnWordBox: bool | None = None  # noqa: N815


class LayoutRequest(Common, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /layout-parsing: blocks and Markdown."""

    useLayoutDetection: bool | None = None  # noqa: N815
    useChartRecognition: bool | None = None  # noqa: N815
    useSealRecognition: bool | None = None  # noqa: N815
    useOcrForImageBlock: bool | None = None  # noqa: N815
    layoutThreshold: Any = None  # noqa: N815
    layoutNms: Any = None  # noqa: N815
    layoutUnclipRatio: Any = None  # noqa: N815
    layoutMergeBboxesMode: Any = None  # noqa: N815
    layoutShapeMode: Literal["auto", "rect"] = "auto"  # noqa: N815
    promptLabel: Literal["ocr", "formula", "table", "chart", "seal"] | None = None  # noqa: N815
    formatBlockContent: bool | None = None  # noqa: N815
    repetitionPenalty: Any = None  # noqa: N815
    temperature: Any = None
    topP: Any = None  # noqa: N815
    minPixels: Any = None  # noqa: N815
    maxPixels: Any = None  # noqa: N815
    maxNewTokens: Any = None  # noqa: N815
    mergeLayoutBlocks: Any = None  # noqa: N815
    markdownIgnoreLabels: list[str] | None = None  # noqa: N815
    vlmExtraArgs: Any = None  # noqa: N815
    prettifyMarkdown: bool = True  # noqa: N815
    showFormulaNumber: bool = False  # noqa: N815
    returnMarkdownImages: bool = True  # noqa: N815
    restructurePages: bool = False  # noqa: N815
    mergeTables: bool = True  # noqa: N815
    relevelTitles: bool = True  # noqa: N815
    outputFormats: list[Literal["docx"]] | None = None  # noqa: N815


class PageAgain(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A page that was read before."""

    prunedResult: dict[str, Any]  # noqa: N815
    markdownImages: dict[str, str] | None = None  # noqa: N815


class RestructureRequest(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /restructure-pages: steps over all pages of a document that was read before."""

    pages: list[PageAgain]
    mergeTables: bool = True  # noqa: N815
    relevelTitles: bool = True  # noqa: N815
    concatenatePages: bool = False  # noqa: N815
    prettifyMarkdown: bool = True  # noqa: N815
    showFormulaNumber: bool = False  # noqa: N815
    returnMarkdownImages: bool = True  # noqa: N815
    outputFormats: list[Literal["docx"]] | None = None  # noqa: N815
    logId: str | None = None  # noqa: N815


def decoded(body: bytes, kind: type[Asked]) -> Asked:
    """A request's body.

    Raises:
        BadRequest: it is not JSON of this shape, or asks for what is not done here.
    """
    try:
        asked = msgspec.json.decode(body, type=kind)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as problem:
        raise BadRequest(
            f"the body is no such JSON: {problem}",
            remedy='Send JSON such as {"file": "…base64…", "fileType": 1}, with the fields of /docs alone. '
            "Files as they are, and forms, go to POST /v1/parse.",
        ) from None
    refused = _REFUSED | _REFUSED_OF_LINES if kind is OcrRequest else _REFUSED
    for name in sorted(refused.keys() & set(kind.__struct_fields__)):
        value = getattr(asked, name)
        if value is None or (name in _SWITCHES and value is False):
            continue
        raise BadRequest(f"{name} cannot be had: {refused[name]}", remedy=f"Leave {name} out, or send null.")
    return asked


def options_of_ocr(_: OcrRequest) -> Options:
    """Lines are what the fast rung reads, and a sound text layer gives them exactly."""
    return Options(tier="fast")


def options_of_layout(asked: LayoutRequest) -> Options:
    """What is told to the story.

    Whatever only PaddleOCR-VL can do has it read every page's picture, so that no wish is passed over.

    Raises:
        BadRequest: fields that contradict each other, or halves of what is one step here.
    """
    content: Content = "page"
    if asked.useLayoutDetection is False:
        content = _CONTENTS[asked.promptLabel or "ocr"]
    elif asked.promptLabel is not None:
        raise BadRequest(
            "promptLabel says what a page without layout is, and useLayoutDetection is not false",
            remedy="Send useLayoutDetection=false beside it, or leave promptLabel out.",
        )
    if asked.restructurePages:
        require_both(asked.mergeTables, asked.relevelTitles)
    charts, seals, figures = asked.useChartRecognition, asked.useSealRecognition, asked.useOcrForImageBlock
    accurate = bool(charts or seals or figures or asked.useDocUnwarping) or content != "page"
    return Options(
        tier="accurate" if accurate else "auto",
        ocr="always" if accurate else "auto",
        charts="yes" if charts else "no",
        seals="yes" if seals else "no",
        figures="yes" if figures else "no",
        unwarp="yes" if asked.useDocUnwarping else "no",
        content=content,
        restructure="yes" if asked.restructurePages else "no",
    )


def require_known(options: Options, known: Container[str]) -> None:
    """Raises BadRequest where a wish is nothing that the accurate engine knows: no place here tells of it."""
    for wish in options.wishes:
        if wish not in known:
            raise BadRequest(
                f"{_WISHED_BY[wish]} cannot be had: the accurate engine does not know {wish}, or its weights lack it",
                remedy=f"Leave {_WISHED_BY[wish]} out, or have OCR_WEIGHTS hold what it takes.",
            )


def require_both(tables: bool, titles: bool) -> None:
    """Raises BadRequest where only one of the steps is wanted."""
    if not (tables and titles):
        raise BadRequest(
            "mergeTables and relevelTitles are one step here, and one of them is false",
            remedy="Send both as true, or leave them out.",
        )
