"""What this function's start does with its weights."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import cast

import pytest

from function.documents.base import Opener
from function.reading.reader import Reader
from function.rungs import rungs
from function.settings import Settings
from tests.warmup.origin import fill, some_bytes, write_manifest

FILES = {"a.onnx": some_bytes(70_000), "b.onnx": some_bytes(5_000, 2)}
SIZE = sum(map(len, FILES.values()))


@pytest.mark.parametrize(("known", "verified", "read"), [(True, SIZE, 0), (False, 0, SIZE)])
def test_each_file_of_weights_is_read_once(tmp_path: Path, known: bool, verified: int, read: int) -> None:
    """By the verification, or, where it had no hash to compare with, ahead of the engine."""
    write_manifest(tmp_path, FILES, known=known)
    fill(tmp_path, FILES)
    reader = cast("Reader", SimpleNamespace(batchers={"fast": None}, remembered=None))
    settings = Settings(weights=str(tmp_path), verify_weights="full")
    works = {rung.name: rung.work for rung in rungs(settings, reader, cast("Opener", None), warm_up=False)}

    told = [works[name]() or {"bytes": 0} for name in ("weights_verified", "weights_read")]

    assert [facts["bytes"] for facts in told] == [verified, read]
