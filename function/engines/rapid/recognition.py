"""What a level strip of pixels says: the recogniser, and CTC's decoding of its output (Graves et al., ICML 2006)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import cv2
import numpy as np

from function.engines.rapid.script import mostly_east_asian, without_look_alikes
from function.engines.rapid.splitting import joined, pieces
from function.engines.rapid.strip_ink import StripInk
from function.engines.rapid.unread import NOISE
from function.page import Pixels

if TYPE_CHECKING:
    from function.engines.rapid.runtime import Network, Tensor

#: Pixels that the model was trained on.
HEIGHT = 48
#: Strips are padded to one of these: a runtime compiles anew for each width, which takes as long as reading a few
#: lines, and keeps that. The warm-up page (warmup/pages/make.py) has a line for each but the last.
WIDTHS = (128, 256, 512, 768, 1024, 1536, 2048, 2560)
MAX_WIDTH = WIDTHS[-1]
#: Signs for each that was seen to be passed over: about as many touch their neighbours and cannot be seen.
_UNCOUNTED = 2


class Recogniser:
    """Reads strips, from as many threads at once as the network has streams.

    Args:
        network: compiled.
        alphabet: the meaning of each output class, the blank first.
    """

    def __init__(self, network: Network, alphabet: Sequence[str]) -> None:
        self._network = network
        self._alphabet = alphabet

    def recognise(self, strip: Pixels) -> tuple[str, float]:
        """Text and confidence of one line; none of an empty strip.

        The confidence is the mean probability of its characters, 0..1, where those that were passed over count as 0;
        what is no noise without those is none with them.
        """
        if 0 in strip.shape:
            return "", 0.0
        parts = [(self._read(piece), space) for piece, space in pieces(strip, MAX_WIDTH / HEIGHT)]
        characters = sum(len(text) for (text, _), _ in parts)
        weight = sum(len(text) * confidence for (text, confidence), _ in parts)
        return joined([(text, space) for (text, _), space in parts]), weight / max(1, characters)

    def _read(self, strip: Pixels) -> tuple[str, float]:
        image = _prepared(strip)
        classes, chances = self._network.run(image, _best)
        kept = np.flatnonzero((classes != 0) & (np.diff(classes, prepend=0) != 0))
        if not len(kept):
            return "", 0.0
        text = without_look_alikes("".join(self._alphabet[index] for index in classes[kept]))
        confidence = float(chances[kept].mean())
        if mostly_east_asian(text):
            return text, confidence
        pixels_a_step = image.shape[3] / len(classes) * strip.shape[0] / HEIGHT
        ink = StripInk(strip, text, (kept + 0.5) * pixels_a_step)
        told = confidence * len(text) / (len(text) + _UNCOUNTED * ink.passed_over())
        return ink.text_with_blanks(), max(told, min(confidence, NOISE))


def _best(output: Tensor) -> tuple[np.ndarray, np.ndarray]:
    steps = output[0]
    classes = steps.argmax(axis=1)
    return classes, steps[np.arange(len(classes)), classes]


def _prepared(strip: Pixels) -> Tensor:
    height, width = strip.shape[:2]
    scaled = min(MAX_WIDTH, max(1, round(width * HEIGHT / height)))
    image = cv2.resize(strip, (scaled, HEIGHT), interpolation=cv2.INTER_LINEAR)
    batch = np.zeros((1, 3, HEIGHT, _rounded(scaled)), dtype=np.float32)
    batch[0, :, :, :scaled] = (image.astype(np.float32) / 127.5 - 1.0).transpose(2, 0, 1)
    return batch


def _rounded(width: int) -> int:
    return next(wide for wide in WIDTHS if width <= wide)
