"""What this function's start does with its weights."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from function.documents.base import Opener
from function.reading.reader import Reader
from function.rungs import _page, rungs
from function.settings import Settings
from tests.warmup.origin import fill, some_bytes, write_manifest
from warmup.errors import WeightsError
from warmup.expected import WrongText

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


DET, REC = "PP-OCRv6_small_det_onnx", "thai_PP-OCRv5_mobile_rec_onnx"
PADDLE = {
    f"{folder}/{file}": f"Global:\n  model_name: {folder.removesuffix('_onnx')}\n".encode()
    for folder in (DET, REC)
    for file in ("inference.onnx", "inference.yml")
}


@pytest.fixture
def paddle_ocr(tmp_path: Path) -> dict[str, Any]:
    """The works of a start with two models of paddle_ocr; the manifest lists the one that finds lines."""
    fill(tmp_path, PADDLE)
    write_manifest(tmp_path, {path: data for path, data in PADDLE.items() if path.startswith(DET)}, model=DET)
    reader = cast("Reader", SimpleNamespace(batchers={"fast": None}, remembered=None))
    named = {"paddle_detection": DET.removesuffix("_onnx"), "paddle_recognition": REC.removesuffix("_onnx")}
    settings = Settings(fast_engine="paddle_ocr", weights=str(tmp_path), verify_weights="full", **named)
    return {rung.name: rung.work for rung in rungs(settings, reader, cast("Opener", None), warm_up=False)}


def test_models_of_paddle_ocr_are_verified_where_a_manifest_lists_them(
    paddle_ocr: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    """Any other is a language that somebody brought: allowed, and told in one line."""
    told = paddle_ocr["weights_verified"]()

    assert told["bytes"] == sum(len(data) for path, data in PADDLE.items() if path.startswith(DET))
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == [REC]


def test_an_altered_model_of_paddle_ocr_stops_the_start(paddle_ocr: dict[str, Any], tmp_path: Path) -> None:
    """It names the file, and the command that brings it again."""
    path = tmp_path / DET / "inference.onnx"
    path.write_bytes(path.read_bytes().replace(b"model", b"modem"))

    with pytest.raises(WeightsError, match=rf"{DET}/inference\.onnx.*--tier {DET}"):
        paddle_ocr["weights_verified"]()


def test_models_of_paddle_ocr_that_are_not_there_are_told_by_the_engine(tmp_path: Path) -> None:
    """It knows which file it looked for; nothing is verified before."""
    reader = cast("Reader", SimpleNamespace(batchers={"fast": None}, remembered=None))
    settings = Settings(fast_engine="paddle_ocr", weights=str(tmp_path))

    found = {rung.name for rung in rungs(settings, reader, cast("Opener", None), warm_up=False)}

    assert found == {"render_child", "engine_load.fast"}


def _names(*, warm_up: bool = True, **settings: Any) -> dict[str, Sequence[str]]:
    """The rungs for an accurate tier, with what they stand on."""
    reader = cast("Reader", SimpleNamespace(batchers={"fast": None, "accurate": None}, remembered=None))
    told = Settings(fast_engine="stub", accurate_engine="paddle_vl", **settings)
    return {rung.name: rung.after for rung in rungs(told, reader, cast("Opener", None), warm_up=warm_up)}


def test_the_server_of_the_accurate_tier_is_waited_for() -> None:
    """Beside everything else: only the page that it reads stands on it; a terminal does not wait for it."""
    server = {"vl_backend": "vllm-server", "vl_server_url": "http://127.0.0.1:8000/v1"}
    found = _names(**server)

    assert found["vlm_server"] == ()
    assert [name for name, after in found.items() if "vlm_server" in after] == ["warmup_page.accurate"]
    assert "vlm_server" not in _names(**server, warm_up=False)
    assert "vlm_server" not in _names(vl_backend="native")


def test_the_accurate_tier_may_arrange_a_page_in_its_way_but_not_make_it_up() -> None:
    """Half of its warm-up page; an engine that gives lines has to be nearly exact."""
    settings = Settings(fast_engine="paddle_ocr", accurate_engine="paddle_vl")
    arranged, exact = _page(settings, "paddle_vl"), _page(settings, "paddle_ocr")
    third = "".join(arranged.text.split())[: 2 * len("".join(arranged.text.split())) // 3]

    assert arranged.check(third) > exact.most_errors
    with pytest.raises(WrongText):
        exact.check(third)
    with pytest.raises(WrongText):
        arranged.check("something else that is as long as nothing on it")
