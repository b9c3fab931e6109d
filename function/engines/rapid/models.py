"""Where the weights lie, what they hash to, and the alphabet that is written inside them."""

from __future__ import annotations

import hashlib
import importlib.util
import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from function.errors import EngineFailed

_REMEDY = "Install the extra `cpu` (its wheel `rapidocr` holds the files), or set OCR_WEIGHTS to their folder."

#: ModelProto.metadata_props, and key and value of its entries (the field numbers of onnx.proto).
_METADATA_PROPS, _KEY, _VALUE = 14, 1, 2


@dataclass(frozen=True, slots=True)
class Weights:
    """The two ONNX files."""

    detection: Path
    recognition: Path


def find_weights(folder: str) -> Weights:
    """Find both models.

    Args:
        folder: where they lie; empty: the folder `models` of the installed rapidocr package, which is not imported
            (that alone would cost 0.7 to 1 s of every cold start).

    Raises:
        EngineFailed: names the missing file, and how to get it.
    """
    place = Path(folder) if folder else _packaged()
    return Weights(detection=_one(place, "det"), recognition=_one(place, "rec"))


def _packaged() -> Path:
    spec = importlib.util.find_spec("rapidocr")
    if spec is None or not spec.submodule_search_locations:
        raise EngineFailed("the package rapidocr, which holds the weights, is not installed", remedy=_REMEDY)
    return Path(spec.submodule_search_locations[0]) / "models"


def _one(place: Path, kind: str) -> Path:
    """PP-OCRv6 small where it is; else the only model of that kind, so that a larger one can be dropped in."""
    usual = place / f"PP-OCRv6_{kind}_small.onnx"
    if usual.is_file():
        return usual
    others = sorted(place.glob(f"*{kind}*.onnx"))
    if len(others) == 1:
        return others[0]
    found = f"several files *{kind}*.onnx lie there" if others else "it is not there"
    raise EngineFailed(f"the weights {usual} cannot be used: {found}", remedy=_REMEDY)


@lru_cache(maxsize=4)
def fingerprint(weights: Weights) -> str:
    """SHA-256 over both files, detection first, in hexadecimal; 31 MB take about 0.03 s, once.

    Raises:
        EngineFailed: a file cannot be read.
    """
    digest = hashlib.sha256()
    for path in (weights.detection, weights.recognition):
        try:
            digest.update(path.read_bytes())
        except OSError as problem:
            raise EngineFailed(f"the weights {path} cannot be read: {problem.strerror}", remedy=_REMEDY) from problem
    return digest.hexdigest()


def alphabet(recognition: Path) -> list[str]:
    """What each output class of the recogniser means, class 0 (the CTC blank) first and the space last.

    The characters lie one a line in the file's metadata `character`; they are read without a runtime, so that
    `Engine.reads` works before `load` and is the same for every runtime.

    Raises:
        EngineFailed: the file cannot be read or has no such metadata.
    """
    try:
        with recognition.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as raw:
            for number, value in _fields(raw, 0, len(raw)):
                if number == _METADATA_PROPS:
                    entry = dict(_fields(raw, *value))
                    if raw[slice(*entry[_KEY])] == b"character":
                        return ["", *raw[slice(*entry[_VALUE])].decode().split("\n"), " "]
    except (OSError, ValueError, IndexError, KeyError) as problem:
        raise EngineFailed(f"the weights {recognition} cannot be read: {problem}", remedy=_REMEDY) from problem
    raise EngineFailed(f"the weights {recognition} hold no metadata `character` with their alphabet", remedy=_REMEDY)


def _fields(raw: mmap.mmap, at: int, end: int) -> Iterator[tuple[int, tuple[int, int]]]:
    """Number and (start, end) of each length-delimited field of a protobuf message; others are passed over.

    Source: protobuf's encoding (tag = number << 3 | wire type; 0 varint, 1 eight bytes, 2 length-delimited, 5 four).
    """
    while at < end:
        tag, at = _varint(raw, at)
        number, kind = tag >> 3, tag & 7
        if kind == 2:
            length, at = _varint(raw, at)
            if at + length > end:
                raise ValueError("the file is cut short")
            yield number, (at, at + length)
            at += length
        elif kind == 0:
            _, at = _varint(raw, at)
        elif kind in (1, 5):
            at += 8 if kind == 1 else 4
        else:
            raise ValueError("it is no ONNX file")


def _varint(raw: mmap.mmap, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = raw[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
