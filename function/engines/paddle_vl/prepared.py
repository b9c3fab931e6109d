"""What the pipeline found, with the picture that it really read: turned upright and flattened, where that was done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from function.engines.paddle_vl.convert import convert
from function.page import PageReading, Pixels

#: Of a page that was flattened.
FLATTENED = "the page was flattened before it was read (unwarp): boxes lie on the flattened page"


@dataclass(frozen=True, slots=True)
class Prepared:
    """One page, or a part of one.

    Attributes:
        blocks: as paddlex gives them, in reading order.
        boxes: of the layout model.
        pixels: what they lie on.
        rotation: degrees clockwise by which the given pixels were turned for that.
        flattened: whether they were flattened.
    """

    blocks: list[Any]
    boxes: list[dict[str, Any]]
    pixels: Pixels
    rotation: int = 0
    flattened: bool = False

    @classmethod
    def of(cls, found: Any, given: Pixels) -> Prepared:
        """From the pipeline's result for the pixels `given` (paddlex 3.7, pipelines paddleocr_vl, doc_preprocessor)."""
        settings = found["model_settings"]
        layout = found["layout_det_res"] if settings["use_layout_detection"] else None
        blocks, boxes = list(found["parsing_res_list"]), list(layout["boxes"]) if layout else []
        if not settings["use_doc_preprocessor"]:
            return cls(blocks, boxes, given)
        done = found["doc_preprocessor_res"]
        turned = int(done["angle"])  # against the clock; -1 where nobody looked
        pixels: Pixels = np.ascontiguousarray(done["output_img"])
        return cls(
            blocks, boxes, pixels, -turned % 360 if turned > 0 else 0, done["model_settings"]["use_doc_unwarping"]
        )

    def reading(self, number: int) -> PageReading:
        """As ours; `number` is the page's, for the names of its images."""
        found = convert(self.blocks, self.pixels, number=number, boxes=self.boxes)
        warnings = [*found.warnings, FLATTENED] if self.flattened else found.warnings
        return replace(found, rotation=self.rotation, warnings=warnings)
