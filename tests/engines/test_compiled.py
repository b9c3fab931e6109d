from __future__ import annotations

import hashlib
import importlib.util
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from function.engines.rapid.compiled import CompiledModels
from function.engines.rapid.engine import RapidEngine
from function.page import PageImage
from tests.conftest import missing
from tests.engines.drawing import page_of

MODEL = b"a compiled model" * 1000


def _kept(folder: Path, *fits: str) -> CompiledModels:
    return CompiledModels(folder, fits or ("library 1", "processor"))


def _keep(folder: Path) -> Path:
    models = _kept(folder)
    models.keep(MODEL, "reader", "streams=2")
    models.wait()
    (path,) = folder.iterdir()
    return path


def test_what_was_kept_is_there_at_the_next_start(tmp_path: Path) -> None:
    """The folder is made, one file an entry, nothing besides."""
    path = _keep(tmp_path / "new")

    assert path.name.startswith("reader-")
    assert _kept(tmp_path / "new").load("reader", "streams=2") == MODEL


@pytest.mark.parametrize(
    ("fits", "model", "detail"),
    [
        (("library 2", "processor"), "reader", "streams=2"),
        (("library 1", "another processor"), "reader", "streams=2"),
        (("library 1", "processor"), "finder", "streams=2"),
        (("library 1", "processor"), "reader", "streams=4"),
    ],
)
def test_an_entry_for_anything_else_is_not_opened(
    tmp_path: Path, fits: tuple[str, ...], model: str, detail: str
) -> None:
    """Library, processor, model and hints must be the same."""
    _keep(tmp_path)

    assert _kept(tmp_path, *fits).load(model, detail) is None


@pytest.mark.parametrize(
    "spoil", [lambda whole: whole[:-1], lambda whole: whole[:40] + b"!" + whole[41:], lambda _: b""]
)
def test_a_spoilt_entry_is_told_and_passed_over(
    tmp_path: Path, spoil: Callable[[bytes], bytes], caplog: pytest.LogCaptureFixture
) -> None:
    """Cut short, altered or empty: never handed to a library that trusts its bytes; the next one kept replaces it."""
    path = _keep(tmp_path)
    path.write_bytes(spoil(path.read_bytes()))

    assert _kept(tmp_path).load("reader", "streams=2") is None
    assert "cut short or altered" in caplog.text
    _keep(tmp_path)
    assert _kept(tmp_path).load("reader", "streams=2") == MODEL


def test_a_folder_that_cannot_be_written_is_used_and_told_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A start goes on, whatever the volume does; here a file stands where the folder should be."""
    (tmp_path / "file").write_bytes(b"")
    models = _kept(tmp_path / "file" / "folder")
    for name in ("reader", "finder"):
        models.keep(MODEL, name)
        models.wait()

    assert [record.message.startswith("OCR_COMPILED") for record in caplog.records] == [True]
    assert models.load("reader") is None


def test_writers_at_once_leave_one_whole_entry(tmp_path: Path) -> None:
    """Pods that start together on one volume."""
    pods = [_kept(tmp_path) for _ in range(8)]
    for pod in pods:
        pod.keep(MODEL, "reader")
    for pod in pods:
        pod.wait()

    assert len(list(tmp_path.iterdir())) == 1
    assert _kept(tmp_path).load("reader") == MODEL


def _age(path: Path, days: float) -> None:
    then = time.time() - days * 86400
    os.utime(path, (then, then))


def test_entries_that_nobody_has_used_for_a_month_go_when_one_is_kept(tmp_path: Path) -> None:
    """Each new library, processor or model leaves the old entries behind; what is in use or not ours stays."""
    used, unused = (tmp_path / f"{name}-{'0a' * 16}.compiled" for name in ("used", "unused"))
    foreign, left = tmp_path / "notes-of-mine.compiled", tmp_path / f".reader-{'0a' * 16}.compiled.00ff"
    for path, days in ((used, 29), (unused, 31), (foreign, 400), (left, 2)):
        path.write_bytes(MODEL)
        _age(path, days)
    _kept(tmp_path).load("reader")
    assert unused.exists()

    models = _kept(tmp_path)
    models.keep(MODEL, "reader")
    models.wait()

    assert sorted(path.name for path in tmp_path.iterdir() if "reader" not in path.name) == [foreign.name, used.name]
    assert models.load("reader") == MODEL
    assert not left.exists()


def test_taking_an_entry_keeps_it_from_going(tmp_path: Path) -> None:
    """A node that starts rarely finds what it kept; its time of change says when it was used."""
    path = _keep(tmp_path)
    _age(path, 31)

    assert _kept(tmp_path).load("reader", "streams=2") == MODEL
    models = _kept(tmp_path)
    models.keep(MODEL, "finder")
    models.wait()
    assert path.exists()


def _text(folder: Path, page: PageImage) -> list[tuple[str, float]]:
    engine = RapidEngine(runtime="openvino", threads=2, compiled=str(folder))
    engine.load()
    try:
        return [(line.text, line.confidence) for _, outcome in engine.read([page]) for line in outcome.lines]
    finally:
        engine.close()


def test_kept_models_read_the_same_text_and_are_not_compiled_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """First start, second start, and a start with entries that are whole but nothing that OpenVINO takes."""
    if importlib.util.find_spec("openvino") is None:
        missing("openvino", "pip install the extra `cpu`")
    from function.engines.rapid.runtime_openvino import OpenVinoRuntime

    compiled: list[str] = []
    compile_model = OpenVinoRuntime._compiled

    def counted(runtime: OpenVinoRuntime, path: Path, hints: Mapping[str, object]) -> object:
        compiled.append(path.stem)
        return compile_model(runtime, path, hints)

    monkeypatch.setattr(OpenVinoRuntime, "_compiled", counted)
    page = PageImage(1, page_of())
    first = _text(tmp_path, page)
    assert (len(compiled), len(list(tmp_path.iterdir()))) == (2, 2)

    assert _text(tmp_path, page) == first
    assert len(compiled) == 2

    for path in tmp_path.iterdir():
        path.write_bytes(hashlib.sha256(MODEL).digest() + MODEL)
    with caplog.at_level(logging.WARNING):
        assert _text(tmp_path, page) == first
    assert len(compiled) == 4
    assert "OpenVINO takes no kept model" in caplog.text
