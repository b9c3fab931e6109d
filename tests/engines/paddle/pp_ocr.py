"""The models that come inside the rapidocr wheel, laid out as PaddleOCR wants its own: real reading through PaddleOCR.

The values in the configurations are those that PP-OCR's models were trained with, as PaddleX's documentation tells.
"""

from __future__ import annotations

import importlib.util
import json
import shutil
from pathlib import Path
from typing import Any

from function.engines.rapid.models import alphabet

DETECTION, RECOGNITION = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"


def packaged() -> Path | None:
    """The folder of the wheel's models; None where it is not installed."""
    spec = importlib.util.find_spec("rapidocr")
    return Path(spec.submodule_search_locations[0]) / "models" if spec and spec.submodule_search_locations else None


def write(place: Path, source: Path) -> Path:
    """Both folders below `place`, in ONNX; JSON is YAML, too."""
    for name, kind, config in ((DETECTION, "det", _detection()), (RECOGNITION, "rec", _recognition(source))):
        folder = place / f"{name}_onnx"
        folder.mkdir(parents=True)
        shutil.copy(source / f"PP-OCRv6_{kind}_small.onnx", folder / "inference.onnx")
        text = json.dumps({"Global": {"model_name": name}, **config}, ensure_ascii=False, indent=1)
        folder.joinpath("inference.yml").write_text(text, encoding="utf-8")
    return place


def _steps(*steps: tuple[str, dict[str, Any] | None]) -> dict[str, Any]:
    decode = {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}}
    return {"transform_ops": [decode, *({name: told} for name, told in steps)]}


def _detection() -> dict[str, Any]:
    normal = {"mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "order": "hwc", "scale": "1./255."}
    steps = _steps(
        ("DetLabelEncode", None), ("DetResizeForTest", None), ("NormalizeImage", normal), ("ToCHWImage", None)
    )
    found = {"name": "DBPostProcess", "thresh": 0.3, "box_thresh": 0.6, "max_candidates": 1000, "unclip_ratio": 1.5}
    return {"PreProcess": steps, "PostProcess": found}


def _recognition(source: Path) -> dict[str, Any]:
    characters = alphabet(source / "PP-OCRv6_rec_small.onnx")[1:-1]  # PaddleOCR adds blank and space itself
    steps = _steps(("RecResizeImg", {"image_shape": [3, 48, 320]}))
    return {"PreProcess": steps, "PostProcess": {"name": "CTCLabelDecode", "character_dict": characters}}
