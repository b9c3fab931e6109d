"""The glyphs of a page's text layer, in columns: a dense page holds 10,000, and may cost milliseconds only."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from function.page import Glyph

Floats: TypeAlias = "npt.NDArray[np.float64]"
Flags: TypeAlias = "npt.NDArray[np.bool_]"
Indices: TypeAlias = "npt.NDArray[np.intp]"
Chars: TypeAlias = "npt.NDArray[np.str_]"


@dataclass(frozen=True, slots=True, eq=False)
class Glyphs:
    """Any number of glyphs; each column is an attribute of Glyph.

    Attributes:
        chars: one character each (`<U1`).
        boxes: N × 4.
        pens: N × 2.
        lumas: -1 where the paint is no plain colour.
        sizes, angles, advances, mapped, visible, generated, bold: as in Glyph.
    """

    chars: Chars
    boxes: Floats
    pens: Floats
    sizes: Floats
    angles: Floats
    advances: Floats
    lumas: Floats
    mapped: Flags
    visible: Flags
    generated: Flags
    bold: Flags

    @classmethod
    def of(cls, glyphs: Iterable[Glyph]) -> Glyphs:
        """From single ones."""
        some = list(glyphs)

        def column(name: str, kind: Any = np.float64) -> npt.NDArray[Any]:
            return np.array([getattr(glyph, name) for glyph in some], dtype=kind)

        return cls(
            chars=column("char", "<U1"),
            boxes=column("box").reshape(-1, 4),
            pens=column("pen").reshape(-1, 2),
            sizes=column("size"),
            angles=column("angle"),
            advances=column("advance"),
            lumas=np.array([-1.0 if glyph.luma is None else glyph.luma for glyph in some], dtype=np.float64),
            mapped=column("mapped", np.bool_),
            visible=column("visible", np.bool_),
            generated=column("generated", np.bool_),
            bold=column("bold", np.bool_),
        )

    def __len__(self) -> int:
        return len(self.chars)

    def __iter__(self) -> Iterator[Glyph]:
        for index in range(len(self)):
            luma = float(self.lumas[index])
            yield Glyph(
                char=str(self.chars[index]),
                box=tuple(self.boxes[index].tolist()),
                size=float(self.sizes[index]),
                angle=float(self.angles[index]),
                mapped=bool(self.mapped[index]),
                visible=bool(self.visible[index]),
                generated=bool(self.generated[index]),
                bold=bool(self.bold[index]),
                pen=tuple(self.pens[index].tolist()),
                advance=float(self.advances[index]),
                luma=None if luma < 0 else int(luma),
            )

    def take(self, which: Indices | Flags | slice) -> Glyphs:
        """Some of them."""
        return Glyphs(**{column.name: getattr(self, column.name)[which] for column in fields(self)})

    def codes(self) -> npt.NDArray[np.uint32]:
        """Code points."""
        return np.ascontiguousarray(self.chars).view(np.uint32)

    def blank(self) -> Flags:
        """Which are spaces of any kind."""
        return np.asarray(np.strings.isspace(self.chars), dtype=np.bool_)
