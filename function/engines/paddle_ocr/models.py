"""Which folders of OCR_WEIGHTS hold the models, and that everything in them is there before PaddleOCR looks.

PaddleOCR itself would go and look for a missing file on the internet, for seconds or for minutes. Folders are called as
paddlex calls them: `PP-OCRv6_small_det` in Paddle's format, `PP-OCRv6_small_det_onnx` in ONNX.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from function.errors import EngineFailed

Runtime: TypeAlias = Literal["onnxruntime", "paddle"]
Wanted: TypeAlias = Literal["auto", "onnxruntime", "paddle"]

#: Turns pages that lie on a side or stand on their head; used where its folder is there.
ORIENTATION = "PP-LCNet_x1_0_doc_ori"
#: What each runtime loads beside inference.yml: one of each group (paddlex 3.7, inference/models).
_FILES: dict[Runtime, tuple[tuple[str, ...], ...]] = {
    "onnxruntime": (("inference.onnx",),),
    "paddle": (("inference.pdiparams",), ("inference.json", "inference.pdmodel")),
}
_CONFIG = "inference.yml"
_REMEDY = (
    "Put the folders of the models below OCR_WEIGHTS, called as PaddleOCR calls them, and name the models by "
    "OCR_PADDLE_DETECTION and OCR_PADDLE_RECOGNITION."
)


@dataclass(frozen=True, slots=True)
class Model:
    """One model: its name and its folder."""

    name: str
    folder: Path


@dataclass(frozen=True, slots=True)
class Models:
    """What the pipeline is built from; `orientation` is None where pages are taken as they stand."""

    runtime: Runtime
    detection: Model
    recognition: Model
    orientation: Model | None


def find(weights: str, detection: str, recognition: str, wanted: Wanted) -> Models:
    """The models' folders, all files seen.

    Args:
        weights: the folder that holds them.
        detection: name of the model that finds lines.
        recognition: name of the model that reads them.
        wanted: which format; auto takes ONNX where both models are there in it.

    Raises:
        EngineFailed: names the file that is missing, or the model that a folder holds instead.
    """
    if not weights:
        raise EngineFailed("OCR_WEIGHTS is not set, and paddle_ocr takes its models from there", remedy=_REMEDY)
    place = Path(weights)
    runtime = _runtime(place, (detection, recognition), wanted)
    turning = _folder(place, ORIENTATION, runtime)
    return Models(
        runtime,
        _checked(place, detection, runtime),
        _checked(place, recognition, runtime),
        _checked(place, ORIENTATION, runtime) if turning.is_dir() else None,
    )


def _runtime(place: Path, names: tuple[str, ...], wanted: Wanted) -> Runtime:
    if wanted != "auto":
        return wanted
    there = [(_folder(place, name, "onnxruntime") / "inference.onnx").is_file() for name in names]
    return "onnxruntime" if all(there) else "paddle"


def _folder(place: Path, name: str, runtime: Runtime) -> Path:
    onnx = place / f"{name}_onnx"
    return onnx if runtime == "onnxruntime" and onnx.is_dir() else place / name


def _checked(place: Path, name: str, runtime: Runtime) -> Model:
    folder = _folder(place, name, runtime)
    for group in ((_CONFIG,), *_FILES[runtime]):
        if not any((folder / file).is_file() for file in group):
            wanted = folder / group[0]
            raise EngineFailed(f"the weights {wanted} cannot be used: they are not there", remedy=_REMEDY)
    held = re.search(
        r"""^\s*['"]?model_name['"]?:\s*['"]?([\w.-]+)""",
        _read(folder / _CONFIG).decode(errors="replace"),
        re.MULTILINE,
    )
    if held is None or held[1] != name:
        found = f"is of {held[1]}" if held else "names no model"
        raise EngineFailed(f"the weights {folder / _CONFIG} {found}, not of {name}", remedy=_REMEDY)
    return Model(name, folder)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as problem:
        raise EngineFailed(f"the weights {path} cannot be read: {problem.strerror}", remedy=_REMEDY) from problem


@lru_cache(maxsize=4)
def fingerprint(models: Models) -> str:
    """SHA-256 over every file that is loaded, in hexadecimal.

    Raises:
        EngineFailed: a file cannot be read.
    """
    digest = hashlib.sha256()
    for model in filter(None, (models.detection, models.recognition, models.orientation)):
        for file in (_CONFIG, *(name for group in _FILES[models.runtime] for name in group)):
            if (model.folder / file).is_file():
                digest.update(hashlib.sha256(_read(model.folder / file)).digest())
    return digest.hexdigest()


def alphabet(recognition: Model) -> frozenset[str]:
    """The characters that the recogniser can write; empty where its configuration lists none.

    Raises:
        EngineFailed: the configuration cannot be read.
    """
    import yaml

    path = recognition.folder / _CONFIG
    try:
        # In C where it is there: ten times faster, for 18,000 characters.
        told = yaml.load(_read(path), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
        return frozenset(map(str, told["PostProcess"]["character_dict"]))
    except (yaml.YAMLError, KeyError, TypeError) as problem:
        raise EngineFailed(f"the weights {path} hold no list of characters: {problem}", remedy=_REMEDY) from problem
