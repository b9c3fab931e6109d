"""What bounds the reading of a block: tokens, time, callers that have gone.

A page can make the model repeat itself for as long as it may. paddlex knows a limit of tokens and tells nobody when it
was reached, and none of time. So its predictor is held by reins: they end a block early, and mark text that was cut
with a character that no page bears, which `convert` finds again: paddlex passes on nothing else about a block.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from function.page import Pixels

#: Begins a text that was cut; the last code point of Unicode's private planes.
CUT = "\U0010fffd"
#: paddlex's processors raise where one side is 200 times the other (models/doc_vlm, smart_resize); rounding needs room.
_MOST_ASPECT = 150
_CELLS = ("<fcel>", "<ecel>")
_HELD = threading.local()


@dataclass(slots=True)
class Rein:
    """The bounds of what one thread reads now.

    Attributes:
        until: on the monotonic clock.
        gone: whether nobody waits any more for any of it.
        cuts: whether each block of the last batch was cut.
        server_seconds: that its blocks took of a server, each its share of what was there at the same time.
    """

    until: float
    gone: Callable[[], bool] = lambda: False
    cuts: list[bool] = field(default_factory=list)
    server_seconds: float = 0.0

    @property
    def over(self) -> bool:
        """Whether to stop now."""
        return time.monotonic() >= self.until or self.gone()

    @property
    def left(self) -> float:
        """Seconds; never negative."""
        return max(0.0, self.until - time.monotonic())


@contextmanager
def held(rein: Rein) -> Iterator[None]:
    """Whatever this thread reads in the block is bounded by `rein`."""
    _HELD.rein = rein
    try:
        yield
    finally:
        del _HELD.rein


def current() -> Rein:
    """The rein of this thread; one without an end where there is none."""
    found: Rein | None = getattr(_HELD, "rein", None)
    return found or Rein(float("inf"))


def mark(text: str | None) -> str:
    """Text that was cut, so that `convert` finds it again.

    What repeats itself is shortened first, for paddlex would not see it behind the mark; a table is told by cells, and
    paddlex takes what stands before the first one for nothing, so there the mark goes into it.
    """
    from paddlex.inference.pipelines.paddleocr_vl.uilts import truncate_repetitive_content

    text = text or ""
    least = 5000 if text.startswith(_CELLS) else 50  # as paddlex itself looks at tables, and at anything else
    short = str(truncate_repetitive_content(text, min_count=least))
    for cell in _CELLS:
        if short.startswith(cell):
            return f"<fcel>{CUT}{short[len(cell) :]}"
    return CUT + short


def fitting(block: Pixels) -> Pixels:
    """A block that the processors take: one that is far longer than wide gets a white margin along it."""
    height, width = block.shape[:2]
    missing_rows = max(0, -(-width // _MOST_ASPECT) - height)
    missing_columns = max(0, -(-height // _MOST_ASPECT) - width)
    if not missing_rows and not missing_columns:
        return block
    return np.pad(block, ((0, missing_rows), (0, missing_columns), (0, 0)), constant_values=255)


def harness(predictor: Any) -> None:
    """Put the reins on any of paddlex's DocVLM predictors: what it reads fits, and what was cut is marked."""
    process = predictor.process

    def reined(data: Sequence[dict[str, Any]], **arguments: Any) -> dict[str, Any]:
        rein = current()
        rein.cuts = []
        found: dict[str, Any] = process([{**item, "image": fitting(item["image"])} for item in data], **arguments)
        for index, cut in enumerate(rein.cuts):
            if cut:
                found["result"][index] = mark(found["result"][index])
        return found

    predictor.process = reined


def harness_paddle(predictor: Any) -> None:
    """Let Paddle's generation stop in time, and tell what was cut."""
    from paddlex.inference.models.common.transformers.generation import StoppingCriteria, StoppingCriteriaList

    class Stop(StoppingCriteria):  # type: ignore[misc]
        def __call__(self, *_: Any, **__: Any) -> bool:
            return current().over

    model, generate = predictor.infer, predictor.infer.generate

    def reined(inputs: dict[str, Any], **arguments: Any) -> Any:
        found = generate({**inputs, "stopping_criteria": StoppingCriteriaList([Stop()])}, **arguments)
        current().cuts = [not _ended(row, model) for row in found[0].numpy()]
        return found

    model.generate = reined
    harness(predictor)


def harness_transformers(predictor: Any) -> None:
    """Let transformers' generation stop in time, pad batches, sort them by size, and tell what was cut."""
    import torch
    from transformers import StoppingCriteria, StoppingCriteriaList

    class Stop(StoppingCriteria):  # type: ignore[misc]
        def __call__(self, input_ids: Any, *_: Any, **__: Any) -> Any:
            return torch.full((input_ids.shape[0],), current().over, device=input_ids.device)

    generate, prepare = predictor.generate, predictor.preprocess_images

    def reined(inputs: Any, arguments: dict[str, Any]) -> Any:
        found = generate(inputs, {**arguments, "stopping_criteria": StoppingCriteriaList([Stop()])})
        asked = inputs["input_ids"].shape[1]
        current().cuts = [not _ended(row, predictor.infer) for row in found[:, asked:].cpu().numpy()]
        return found

    def padded(images: Any, **arguments: Any) -> Any:
        return prepare(images, padding=True, padding_side="left", **arguments)

    predictor.generate, predictor.preprocess_images = reined, padded
    harness(predictor)
    _sort_by_size(predictor)


def _sort_by_size(predictor: Any) -> None:
    """Blocks of like size together: a batch takes as long as its largest, and the rest of it is padding."""
    predict = predictor.predict

    def by_size(blocks: Sequence[dict[str, Any]], **arguments: Any) -> Iterator[Any]:
        order = sorted(range(len(blocks)), key=lambda index: blocks[index]["image"].size)
        found = dict(zip(order, predict([blocks[index] for index in order], **arguments), strict=True))
        return (found[index] for index in range(len(blocks)))

    predictor.predict = by_size


def _ended(tokens: Any, model: Any) -> bool:
    """Whether the model itself came to an end."""
    ends = model.generation_config.eos_token_id
    return bool(np.isin(tokens, ends if isinstance(ends, list | tuple) else [ends]).any())
