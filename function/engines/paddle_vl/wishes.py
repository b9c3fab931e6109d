"""Options of the API as arguments of PaddleOCRVL.predict."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: Option and value, and what they mean to the pipeline; an option that is not asked for keeps the pipeline's default.
_SWITCHES = {
    "charts": "use_chart_recognition",
    "seals": "use_seal_recognition",
    "figures": "use_ocr_for_image_block",
    "unwarp": "use_doc_unwarping",
}
#: Pixels of a block that the model sees; its own default is 1280 tokens of 28 × 28 pixels.
_DETAIL = {"normal": 1_003_520, "high": 2_007_040}

#: What this engine does differently when it is asked to.
KNOWN = frozenset({*_SWITCHES, "detail", "content"})


def arguments(wishes: Mapping[str, str]) -> dict[str, Any]:
    """Keyword arguments for one page.

    Args:
        wishes: by their names in the API, already checked; unknown ones are passed over.
    """
    found: dict[str, Any] = {name: wishes.get(option) == "yes" for option, name in _SWITCHES.items()}
    found["max_pixels"] = _DETAIL[wishes.get("detail", "normal")]
    content = wishes.get("content", "page")
    if content != "page":  # one thing and nothing else: no layout to be found
        found["use_layout_detection"] = False
        found["prompt_label"] = "ocr" if content == "text" else content
    return found
