"""Weights that a runtime takes and that read nonsense: right files, right shapes, numbers in the wrong places."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

#: ModelProto.graph, GraphProto.initializer, TensorProto.raw_data (the field numbers of onnx.proto).
_GRAPH, _INITIALIZER, _RAW = 7, 5, 9


def permuted(path: Path) -> None:
    """Shuffle the numbers inside each large tensor of an ONNX file, in place."""
    content = bytearray(path.read_bytes())
    chance = np.random.default_rng(7)
    changed = 0
    for start, end in _tensors(content):
        if end - start > 4096 and (end - start) % 4 == 0:
            numbers = np.frombuffer(content, np.float32, (end - start) // 4, start).copy()
            chance.shuffle(numbers)
            content[start:end] = numbers.tobytes()
            changed += 1
    assert changed > 5, "no tensors were found"
    path.write_bytes(content)


def _tensors(content: bytearray) -> Iterator[tuple[int, int]]:
    for graph in _fields(content, 0, len(content), _GRAPH):
        for tensor in _fields(content, *graph, _INITIALIZER):
            yield from _fields(content, *tensor, _RAW)


def _fields(content: bytearray, at: int, end: int, wanted: int) -> Iterator[tuple[int, int]]:
    """Where each length-delimited field of a number begins and ends."""
    while at < end:
        tag, at = _varint(content, at)
        kind = tag & 7
        if kind == 2:
            length, at = _varint(content, at)
            if tag >> 3 == wanted:
                yield at, at + length
            at += length
        elif kind == 0:
            _, at = _varint(content, at)
        else:
            at += 8 if kind == 1 else 4


def _varint(content: bytearray, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = content[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7
