"""PP-OCR through PaddleOCR, as far as that goes without it: which files it asks for, what it makes of answers."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

from function.engines.paddle_ocr import models
from function.engines.paddle_ocr.engine import PaddleOcrEngine
from function.engines.paddle_ocr.lines import reading
from function.errors import EngineFailed
from function.settings import Settings
from function.wiring.engines import engines_of

DET, REC = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"
SQUARE = [[10, 20], [110, 20], [110, 50], [10, 50]]


def _write(place: Path, folder: str, *files: str, name: str = "", characters: str = "[a, b, c]") -> None:
    place.joinpath(folder).mkdir(parents=True)
    text = (
        f"Global:\n  model_name: {name or folder.removesuffix('_onnx')}\nPostProcess:\n  character_dict: {characters}\n"
    )
    place.joinpath(folder, "inference.yml").write_text(text, encoding="utf-8")
    for file in files:
        place.joinpath(folder, file).write_bytes(file.encode())


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """Both models in ONNX, the recogniser in Paddle's format, too."""
    for name in (DET, REC):
        _write(tmp_path, f"{name}_onnx", "inference.onnx")
    _write(tmp_path, REC, "inference.json", "inference.pdiparams")
    return tmp_path


def _engine(weights: Path | str, **more: Any) -> PaddleOcrEngine:
    return PaddleOcrEngine(weights=str(weights), detection=DET, recognition=REC, **more)


def test_onnx_is_taken_where_both_models_are_there_in_it(weights: Path) -> None:
    """One of them alone is not enough; a folder without the ending may hold ONNX as well."""
    found = models.find(str(weights), DET, REC, "auto")
    assert (found.runtime, found.detection.folder.name) == ("onnxruntime", f"{DET}_onnx")

    (weights / f"{DET}_onnx").rename(weights / DET)
    assert models.find(str(weights), DET, REC, "auto").detection.folder.name == DET

    (weights / DET / "inference.onnx").rename(weights / DET / "inference.pdmodel")
    (weights / DET / "inference.pdiparams").touch()
    found = models.find(str(weights), DET, REC, "auto")
    assert (found.runtime, found.recognition.folder.name) == ("paddle", REC)


def test_pages_are_turned_where_the_model_for_it_is_there(weights: Path) -> None:
    """In the format of the others."""
    assert models.find(str(weights), DET, REC, "auto").orientation is None
    _write(weights, f"{models.ORIENTATION}_onnx", "inference.onnx")

    found = models.find(str(weights), DET, REC, "auto")

    assert found.orientation is not None
    assert found.orientation.folder == weights / f"{models.ORIENTATION}_onnx"


@pytest.mark.parametrize(
    ("runtime", "gone"),
    [
        ("onnxruntime", "inference.yml"),
        ("onnxruntime", "inference.onnx"),
        ("paddle", "inference.yml"),
        ("paddle", "inference.pdiparams"),
        ("paddle", "inference.json"),
    ],
)
def test_a_missing_file_is_named_at_once(weights: Path, runtime: models.Wanted, gone: str) -> None:
    """Before PaddleOCR is imported, which would look for it on the internet."""
    _write(weights, DET, "inference.json", "inference.pdiparams")
    folder = weights / (f"{REC}_onnx" if runtime == "onnxruntime" else REC)
    (folder / gone).unlink()

    with pytest.raises(EngineFailed, match=f"{folder.name}/{gone}") as raised:
        _engine(weights, runtime=runtime).load()

    assert "OCR_PADDLE_RECOGNITION" in raised.value.remedy
    assert "paddleocr" not in sys.modules


def test_a_folder_that_holds_another_model_is_refused(weights: Path) -> None:
    """As PaddleOCR would, seconds later and in other words."""
    path = weights / f"{REC}_onnx" / "inference.yml"
    path.write_text(path.read_text(encoding="utf-8").replace(REC, "PP-OCRv5_mobile_rec"), encoding="utf-8")

    with pytest.raises(EngineFailed, match=f"is of PP-OCRv5_mobile_rec, not of {REC}"):
        _engine(weights).load()


def test_without_a_folder_the_variable_is_named() -> None:
    """There are no models that would come with a package."""
    with pytest.raises(EngineFailed, match="OCR_WEIGHTS"):
        _ = _engine("").info


def test_other_bytes_are_other_weights(weights: Path) -> None:
    """Each file that is loaded counts, no other does, and the runtime is part of the version."""
    before = _engine(weights).info
    (weights / "README.md").touch()
    assert _engine(weights).info == before
    assert before.version.endswith("-onnxruntime")

    models.fingerprint.cache_clear()
    (weights / f"{DET}_onnx" / "inference.onnx").write_bytes(b"another")

    assert _engine(weights).info.weights != before.weights


def test_the_alphabet_is_the_recognisers(weights: Path) -> None:
    """Nine of ten characters that print; space is none."""
    engine = _engine(weights)

    assert engine.reads("a b c")
    assert engine.reads("abcabcabca d".replace(" ", ""))
    assert not engine.reads("abcd")
    assert not engine.reads("  ")


def _result(*lines: tuple[str, float, object], **more: Any) -> dict[str, Any]:
    texts, scores, polys = ([line[place] for line in lines] for place in range(3))
    return {"rec_texts": texts, "rec_scores": scores, "rec_polys": polys, **more}


def test_lines_keep_place_text_and_slope() -> None:
    """Inside the page; what is empty or outside is left out."""
    steep = [[0, 0], [100, 100], [80, 120], [-20, 20]]
    outside = [[300, 20], [400, 20], [400, 50], [300, 50]]
    found = reading(
        _result((" one ", 1.2, SQUARE), ("", 0.9, SQUARE), ("two", 0.5, steep), ("x", 1, outside)), 200, 100, 0
    )

    assert [(line.text, line.box, line.confidence, line.angle) for line in found.lines] == [
        ("one", (10, 20, 110, 50), 1.0, 0.0),
        ("two", (0, 0, 100, 100), 0.5, 45.0),
    ]


@pytest.mark.parametrize(
    ("angle", "clockwise", "size"), [(90, 270, (100, 200)), (180, 180, (200, 100)), (270, 90, (100, 200))]
)
def test_a_page_that_was_turned_says_how(angle: int, clockwise: int, size: tuple[int, int]) -> None:
    """PaddleOCR turns against the clock; boxes are of the turned page."""
    found = reading(_result(doc_preprocessor_res={"angle": angle}), 200, 100, 1.5)

    assert (found.rotation, (found.width, found.height), found.gpu_seconds) == (clockwise, size, 1.5)


@pytest.mark.parametrize("angle", [-1, 0])
def test_a_page_that_was_not_turned_stays_as_it_is(angle: int) -> None:
    """-1 is what it says where nobody looked."""
    found = reading(_result(doc_preprocessor_res={"angle": angle}), 200, 100, 0)

    assert (found.rotation, found.width, found.height) == (0, 200, 100)


def test_settings_choose_it(weights: Path) -> None:
    """By name, with the models that they name."""
    environment = {
        "OCR_FAST_ENGINE": "paddle_ocr",
        "OCR_WEIGHTS": str(weights),
        "OCR_PADDLE_DETECTION": DET,
        "OCR_PADDLE_RECOGNITION": REC,
        "OCR_PADDLE_RUNTIME": "onnxruntime",
    }
    engine = engines_of(Settings.from_environment(environment), None)["fast"]

    assert isinstance(engine, PaddleOcrEngine)
    assert engine.info.name == "paddle_ocr"
    assert (engine.parallel, engine.max_batch, engine.gains_from_batches) == (1, 1, False)
