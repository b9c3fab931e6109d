"""Which folders of weights a pipeline needs, checked before anything is loaded: an absent file is told by its name.

paddlex itself would look for a missing model on the internet, for up to half a minute, and take a folder that was
copied halfway for a model (paddlex 3.7, utils/model_paths and official_models).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Literal, TypeAlias

from function.errors import EngineFailed
from warmup.errors import ManifestError
from warmup.verify import expected

Version: TypeAlias = Literal["v1", "v1.5", "v1.6"]
Layout: TypeAlias = Literal["onnxruntime", "paddle"]

#: Read at each end of a file whose hash nobody knows: 2 GB of weights at every start would cost seconds.
_ENDS = 1 << 20


@dataclass(frozen=True, slots=True)
class Names:
    """What paddlex calls the parts of a pipeline; folders bear the same names but for the size at their end."""

    pipeline: str
    language: str
    layout: str


NAMES: dict[Version, Names] = {
    "v1": Names("PaddleOCR-VL", "PaddleOCR-VL-0.9B", "PP-DocLayoutV2"),
    "v1.5": Names("PaddleOCR-VL-1.5", "PaddleOCR-VL-1.5-0.9B", "PP-DocLayoutV3"),
    "v1.6": Names("PaddleOCR-VL-1.6", "PaddleOCR-VL-1.6-0.9B", "PP-DocLayoutV3"),
}
#: What prepares pages, where its folder is there: turns those that lie on a side or on their head, flattens bent ones.
ORIENTATION, UNWARPING = "PP-LCNet_x1_0_doc_ori", "UVDoc"
_NATIVE = (
    "chat_template.jinja config.json inference.yml model.safetensors preprocessor_config.json tokenizer.model "
    "tokenizer_config.json"
).split()
_TRANSFORMERS = (
    "chat_template.jinja config.json inference.yml model.safetensors preprocessor_config.json tokenizer.json "
    "tokenizer_config.json"
).split()


@dataclass(frozen=True, slots=True)
class Models:
    """Folders that hold every file that will be read.

    Attributes:
        language: None where a server has it.
        layout_by: what runs the layout model, and those that prepare pages.
        orientation, unwarping: None where they are not there; pages are then taken as they stand.
    """

    root: Path
    names: Names
    layout: Path
    layout_by: Layout
    language: Path | None
    files: tuple[Path, ...]
    orientation: Path | None = None
    unwarping: Path | None = None


def find_models(
    weights: str, version: Version, *, backend: str, layout: Literal["auto", "onnxruntime", "paddle"] = "auto"
) -> Models:
    """Find a pipeline's models below a folder.

    Args:
        weights: the folder, as `python -m warmup fetch` fills it.
        version: of the pipeline.
        backend: `native`, `transformers`, or else a server's, which has the language model itself.
        layout: what is to run the layout model; auto takes ONNX Runtime where there is a model for it.

    Raises:
        EngineFailed: names the first file that is missing or empty, and the command that fetches it.
    """
    if not weights:
        raise EngineFailed(
            "PaddleOCR-VL has no weights: OCR_WEIGHTS is empty", remedy="Set OCR_WEIGHTS to the folder that holds them."
        )
    root, names = Path(weights), NAMES[version]
    onnx = root / f"{names.layout}_onnx"
    by: Layout = layout if layout != "auto" else ("onnxruntime" if (onnx / "inference.onnx").is_file() else "paddle")
    folder = onnx if by == "onnxruntime" else root / names.layout
    orientation, unwarping = (_preparing(root, name, by) for name in (ORIENTATION, UNWARPING))
    files = [file for used in (folder, orientation, unwarping) if used is not None for file in _loaded(used, by)]
    language = None
    if not backend.endswith("-server"):
        language = root / names.pipeline
        files += [language / name for name in (_TRANSFORMERS if backend == "transformers" else _NATIVE)]
    for file in files:
        _must_hold(file, root)
    return Models(root, names, folder, by, language, tuple(files), orientation, unwarping)


def _preparing(root: Path, name: str, by: Layout) -> Path | None:
    """The folder of a model that prepares pages, in the layout model's format; None where it is not there."""
    folder = root / (f"{name}_onnx" if by == "onnxruntime" else name)
    return folder if folder.is_dir() else None


def _loaded(folder: Path, by: Layout) -> list[Path]:
    """The files of a model that this process runs."""
    if by == "onnxruntime":
        return [folder / "inference.yml", folder / "inference.onnx"]
    return [folder / "inference.yml", _program(folder), folder / "inference.pdiparams"]


def _program(folder: Path) -> Path:
    """Paddle's newer format, or the one before where that lies there."""
    older = folder / "inference.pdmodel"
    return older if older.is_file() else folder / "inference.json"


def _must_hold(file: Path, root: Path) -> None:
    try:
        reason = "" if file.stat().st_size else "it is empty"
    except OSError as problem:
        reason = problem.strerror or str(problem)
    if reason:
        name = file.parent.name
        raise EngineFailed(
            f"the weights of PaddleOCR-VL are not complete: {file}: {reason}",
            remedy=f"Fetch them with `python -m warmup fetch --to {root} --tier {name}`.",
        )


@lru_cache(maxsize=4)
def fingerprint(models: Models) -> str:
    """SHA-256 over the models' files: by the hashes that manifest or lock know, else by size, beginning and end.

    Raises:
        EngineFailed: a file cannot be read.
    """
    try:
        known = {models.root / file.path: file.sha256 for file in expected(models.root, _tiers(models))}
    except ManifestError:  # the folder has a manifest of its own, for other models
        known = {}
    digest = hashlib.sha256()
    for path in sorted(models.files):
        digest.update(f"{path.relative_to(models.root)}\0{known.get(path) or _by_its_ends(path)}\n".encode())
    return digest.hexdigest()


def _tiers(models: Models) -> list[str]:
    """The manifest's names of these models."""
    folders = (models.layout, models.language, models.orientation, models.unwarping)
    return [folder.name for folder in folders if folder is not None]


def _by_its_ends(path: Path) -> str:
    try:
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(0)
            digest = hashlib.sha256(file.read(_ENDS))
            file.seek(max(0, size - _ENDS))
            digest.update(file.read(_ENDS))
    except OSError as problem:
        raise EngineFailed(f"the weights {path} cannot be read: {problem.strerror}") from problem
    return f"{size} {digest.hexdigest()}"
