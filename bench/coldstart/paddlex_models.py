"""Turn two ONNX files into models and a pipeline that PaddleX serves; runs in PaddleX's own environment.

    build/peers/paddlex/bin/python bench/coldstart/paddlex_models.py DETECTION.onnx RECOGNITION.onnx FOLDER

PaddleX wants a folder a model with `inference.onnx` and an `inference.yml` that says how pixels and classes are to be
treated; the pipeline's own file is exported by paddleocr itself, so that nothing is left out of it.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import onnxruntime
import yaml
from paddleocr import PaddleOCR  # of PaddleX's environment

_DETECTION, _RECOGNITION = "PP-OCRv6_small_det", "PP-OCRv6_small_rec"


def main() -> None:
    """Write FOLDER/OCR.yaml, last: it marks that everything is there."""
    detection, recognition, folder = map(Path, sys.argv[1:])
    _model(folder, _DETECTION, detection, _detection())
    _model(folder, _RECOGNITION, recognition, _recognition(recognition))
    pipeline = PaddleOCR(
        text_detection_model_name=_DETECTION,
        text_detection_model_dir=str(folder / _DETECTION),
        text_recognition_model_name=_RECOGNITION,
        text_recognition_model_dir=str(folder / _RECOGNITION),
        use_doc_orientation_classify=False,
        use_doc_unwarping=False,
        use_textline_orientation=False,
        engine="onnxruntime",
        device="cpu",
    )
    pipeline.export_paddlex_config_to_yaml(str(folder / "OCR.yaml"))


def _model(folder: Path, name: str, weights: Path, description: dict[str, Any]) -> None:
    (folder / name).mkdir(parents=True, exist_ok=True)
    shutil.copy(weights, folder / name / "inference.onnx")
    told = {"Global": {"model_name": name}, **description}
    (folder / name / "inference.yml").write_text(yaml.safe_dump(told, allow_unicode=True), encoding="utf-8")


def _detection() -> dict[str, Any]:
    normalise = {
        "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "scale": "1./255.", "order": "hwc",
    }  # fmt: skip
    operations = [
        {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}}, {"DetLabelEncode": None},
        {"DetResizeForTest": None}, {"NormalizeImage": normalise}, {"ToCHWImage": None},
    ]  # fmt: skip
    found = {"name": "DBPostProcess", "thresh": 0.3, "box_thresh": 0.6, "max_candidates": 1000, "unclip_ratio": 1.5}
    return {"PreProcess": {"transform_ops": operations}, "PostProcess": found}


def _recognition(weights: Path) -> dict[str, Any]:
    session = onnxruntime.InferenceSession(str(weights), providers=["CPUExecutionProvider"])
    characters = session.get_modelmeta().custom_metadata_map["character"].split("\n")
    operations = [
        {"DecodeImage": {"channel_first": False, "img_mode": "BGR"}},
        {"RecResizeImg": {"image_shape": [3, 48, 320]}},
    ]
    decoded = {"name": "CTCLabelDecode", "character_dict": characters}
    return {"PreProcess": {"transform_ops": operations}, "PostProcess": decoded}


if __name__ == "__main__":
    main()
