from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from function.engines.paddle_ocr.models import ORIENTATION
from function.engines.paddle_ocr.models import find as find_models
from function.engines.rapid.models import find_weights
from function.errors import EngineFailed
from function.settings import Settings
from warmup.errors import ManifestError
from warmup.verify import check
from warmup.weights import load_manifest


def test_the_fast_tier_is_what_comes_with_the_wheel() -> None:
    """Names, sizes and hashes of the manifest are those of the files that the engine opens by default."""
    weights = find_weights("")
    folder = weights.detection.parent

    checked = check(folder, ["fast"], "full")

    assert {folder / file.path for file in load_manifest().files(["fast"])} == {weights.detection, weights.recognition}
    assert (checked.how, checked.bytes, checked.unknown) == ("full", 31_163_977, ())
    assert not (folder / "weights.stamp.json").exists()


def test_no_size_or_hash_is_told_of_files_that_nobody_here_has_seen() -> None:
    """All but the fast tier's are recorded by the first download (`fetch --lock`), not made up."""
    manifest = load_manifest()
    fast, files = {file.path for file in manifest.files(["fast"])}, manifest.files(list(manifest.models))

    assert {(file.size, file.sha256) for file in files if file.path not in fast} == {(None, None)}
    assert {"PaddleOCR-VL-1.6/model.safetensors", "PP-DocLayoutV3/inference.yml"} <= {file.path for file in files}


@pytest.mark.parametrize("runtime", ["onnxruntime", "paddle"])
def test_what_paddle_ocr_reads_by_default_can_be_fetched(
    runtime: Literal["onnxruntime", "paddle"], tmp_path: Path
) -> None:
    """Every file that it looks for, in either format, with what turns pages: nothing less will do, and nothing more."""
    names = [Settings().paddle_detection, Settings().paddle_recognition, ORIENTATION]
    files = load_manifest().files([f"{name}_onnx" if runtime == "onnxruntime" else name for name in names])
    for file in files:
        path = tmp_path / file.path
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"Global:\n  model_name: {path.parent.name.removesuffix('_onnx')}\n", encoding="utf-8")

    found = find_models(str(tmp_path), names[0], names[1], runtime)
    assert found.orientation is not None

    for file in files:
        path, text = tmp_path / file.path, (tmp_path / file.path).read_text(encoding="utf-8")
        path.unlink()
        with pytest.raises(EngineFailed, match=path.parent.name):
            find_models(str(tmp_path), names[0], names[1], runtime)
        path.write_text(text, encoding="utf-8")


def test_a_model_brings_the_models_that_it_needs_once() -> None:
    """Two versions of PaddleOCR-VL share their layout model."""
    paths = [file.path for file in load_manifest().files(["PaddleOCR-VL-1.5", "PaddleOCR-VL-1.6"])]

    assert paths.count("PP-DocLayoutV3/inference.pdiparams") == 1
    assert [file.path for file in load_manifest().files(["PaddleOCR-VL"]) if "LayoutV2" in file.path]


def test_every_file_is_published_somewhere_over_https() -> None:
    """What is not hashed yet must at least not be altered on the way."""
    manifest = load_manifest()
    files = manifest.files(list(manifest.models))

    assert [url for file in files for url in file.urls if not url.startswith("https://")] == []
    assert all(file.urls for file in files)


def test_a_tier_that_is_not_there_is_answered_with_those_that_are() -> None:
    """A slip of the hand costs one look."""
    with pytest.raises(ManifestError, match=r"no tier and no model 'fats'; it has fast, accurate, PP-OCRv6-small"):
        load_manifest().files(["fats"])


_GOOD = '[tiers]\nfast = ["m"]\n[models.m]\nlicence = "none"\nsources = []\nfiles = [{ path = "a" }]\n'


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ('path = "a"', 'path = "../a"', "must stay below the folder"),
        ('path = "a"', 'path = "/a"', "must stay below the folder"),
        ('path = "a"', 'path = ".parts/a"', "without hidden parts"),
        ('path = "a"', 'path = "a", sha256 = "12"', "sha256"),
        ('path = "a"', 'path = "a", size = 0', "size"),
        ('path = "a"', 'path = "a", sise = 1', "sise"),
        ('"m"', '"n"', "no model 'n'"),
        ("[tiers]", "[tiers", "cannot be read"),
    ],
)
def test_a_wrong_manifest_is_refused_by_name(tmp_path: Path, old: str, new: str, complaint: str) -> None:
    """The message names the file and what is wrong in it."""
    path = tmp_path / "weights.toml"
    path.write_text(_GOOD, encoding="utf-8")
    load_manifest(tmp_path)
    path.write_text(_GOOD.replace(old, new), encoding="utf-8")

    with pytest.raises(ManifestError, match=complaint) as caught:
        load_manifest(tmp_path)

    assert str(path) in str(caught.value)
