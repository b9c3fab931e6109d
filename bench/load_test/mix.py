"""The mix of documents: read from a TOML file, drawn or taken from files, written where Locust finds it."""

from __future__ import annotations

import io
import json
import random
import zlib
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Literal

import msgspec
from PIL import Image, ImageDraw, ImageFont

from bench import synthetic
from bench.load_test.words import words
from bench.synthetic import Synthetic
from warmup.pages.make import pdf

DEFAULT = Path(__file__).with_name("mix.toml")


class Kind(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One kind of document.

    Attributes:
        name: as it stands in the report.
        share: of what is sent, relative to the others'.
        make: what is drawn; empty where there are `files`.
        files: patterns of files, relative to the mix.
        count: how many are drawn.
        least: share of a document's words that a right answer holds.
        options: of /v1/parse.
    """

    name: str
    share: float
    make: Literal["", "born-digital", "scan", "table"] = ""
    files: list[str] = msgspec.field(default_factory=list)
    count: int = 1
    least: float = 0.9
    options: dict[str, str] = msgspec.field(default_factory=dict)


class Mix(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """All kinds of a file."""

    kind: list[Kind]


def read(path: Path) -> Mix:
    """The mix that a file describes.

    Raises:
        ValueError: it describes none; says which field is wrong.
        OSError: it cannot be read.
    """
    try:
        mix = msgspec.toml.decode(path.read_bytes(), type=Mix)
    except msgspec.MsgspecError as problem:
        raise ValueError(f"{path}: {problem}") from problem
    for kind in mix.kind:
        if bool(kind.make) == bool(kind.files):
            raise ValueError(f"{path}: kind {kind.name!r} needs either `make` or `files`")
        if kind.share <= 0 or kind.count < 1 or not 0 <= kind.least <= 1:
            raise ValueError(f"{path}: kind {kind.name!r}: share and count are positive, least is between 0 and 1")
    if not mix.kind:
        raise ValueError(f"{path}: there is no [[kind]]")
    return mix


def write(mix: Mix, base: Path, folder: Path) -> list[dict[str, object]]:
    """Write every document into the folder, and `mix.json`, the list of kinds that Locust's users read.

    Args:
        mix: what to make.
        base: what `files` are relative to.
        folder: exists.

    Raises:
        ValueError: a pattern finds no file, or a file has no text beside it.
    """
    told: list[dict[str, object]] = []
    for number, kind in enumerate(mix.kind):
        documents: list[dict[str, object]] = []
        for made in _documents(kind, base, seed=number + 1):
            path = folder / f"{number}-{len(documents)}-{made.name.replace('/', '-')}"
            path.write_bytes(made.content)
            documents.append({"file": str(path), "words": words("\n".join(made.pages))})
        told.append({
            "name": kind.name, "share": kind.share, "least": kind.least, "options": kind.options,
            "documents": documents,
        })  # fmt: skip
    (folder / "mix.json").write_text(json.dumps(told), encoding="utf-8")
    return told


def _documents(kind: Kind, base: Path, seed: int) -> Iterator[Synthetic]:
    if kind.make:
        # Seeds far from those of other measurements, so that a server that keeps answers has not met these.
        return islice(_MAKERS[kind.make](zlib.crc32(b"load") + seed), kind.count)
    return _files(kind, base)


def _files(kind: Kind, base: Path) -> Iterator[Synthetic]:
    paths = [path for pattern in kind.files for path in sorted(base.glob(pattern)) if path.suffix != ".txt"]
    if not paths:
        raise ValueError(f"kind {kind.name!r}: no file at {', '.join(kind.files)} below {base}")
    for path in paths:
        text = path.with_suffix(".txt")
        if not text.is_file():
            raise ValueError(f"kind {kind.name!r}: {path} has no text beside it, {text.name}")
        yield Synthetic(path.name, path.read_bytes(), (text.read_text(encoding="utf-8"),))


def _born_digital(seed: int) -> Iterator[Synthetic]:
    chance = random.Random(seed)
    while True:
        name = f"letter {chance.randrange(10**9)}"
        paragraphs = [[name], *([_sentence(chance) for _ in range(5)] for _ in range(6))]
        yield Synthetic(f"{name}.pdf", pdf(paragraphs), ("\n".join(line for each in paragraphs for line in each),))


def _tables(seed: int) -> Iterator[Synthetic]:
    chance = random.Random(seed)
    while True:
        name = f"table {chance.randrange(10**9)}"
        rows = [[_word(chance), *(f"{chance.uniform(1, 10**4):.2f}" for _ in range(3))] for _ in range(8)]
        formulas = [f"f(x) = {chance.randint(2, 99)}x + {chance.randint(100, 999)}" for _ in range(2)]
        buffer = io.BytesIO()
        _table(name, rows, formulas).save(buffer, "PNG", compress_level=1)
        # Formulas are read, but the words that count are the table's: how x and = are spelt differs by engine.
        yield Synthetic(f"{name}.png", buffer.getvalue(), ("\n".join([name, *(" ".join(row) for row in rows)]),))


def _table(title: str, rows: list[list[str]], formulas: list[str]) -> Image.Image:
    image = Image.new("L", (1240, 1000), 255)
    draw, font = ImageDraw.Draw(image), ImageFont.load_default(30)
    draw.text((120, 60), title, font=font, fill=20)
    for row, cells in enumerate(rows):
        for column, cell in enumerate(cells):
            x, y = 120 + column * 250, 140 + row * 80
            draw.rectangle((x, y, x + 250, y + 80), outline=20, width=3)
            draw.text((x + 24, y + 22), cell, font=font, fill=20)
    for index, formula in enumerate(formulas):
        draw.text((120, 820 + index * 70), formula, font=font, fill=20)
    return image


def _word(chance: random.Random) -> str:
    return chance.choice(synthetic.WORDS)


def _sentence(chance: random.Random) -> str:
    return " ".join([*(_word(chance) for _ in range(6)), str(chance.randint(1000, 9999))])


_MAKERS: dict[str, Callable[[int], Iterator[Synthetic]]] = {
    "born-digital": _born_digital,
    "scan": synthetic.documents,
    "table": _tables,
}
