"""`make gpu-check` where there is no GPU: it says what is missing, and what it would print is true of what it saw."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from bench.gpu_check import gpu, run
from bench.gpu_check.__main__ import ABSENT, FAILED, NAMES, PAGES, USAGE, main
from bench.gpu_check.missing import missing
from bench.gpu_check.report import block, wrong
from function.engines.stub import stamp
from function.settings import Settings

CARD = "NVIDIA H200, 570.86.15, 143771, 512"


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The only folder that commands are looked for in, but for those of the system's shell."""
    folder = tmp_path / "bin"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    monkeypatch.setattr(gpu, "_TOOL", "nvidia-smi-of-this-test")
    return folder


def _tool(folder: Path, *lines: str) -> None:
    tool = folder / "nvidia-smi-of-this-test"
    tool.write_text("\n".join(["#!/bin/sh", *lines, ""]), encoding="utf-8")
    tool.chmod(0o755)


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ([f"echo '{CARD}'", "echo 'another, 1, 2, 3'"], gpu.Gpu("NVIDIA H200", "570.86.15", 143771, 512)),
        (["echo 'No devices were found'"], None),
        (["echo 'NVIDIA H200, 570.86.15, [N/A], [N/A]'"], None),
        (["exit 9"], None),
    ],
)
def test_the_card_is_what_its_makers_tool_says(path: Path, lines: list[str], found: gpu.Gpu | None) -> None:
    """The first of several; whatever else it says is no card."""
    _tool(path, *lines)

    assert gpu.first() == found


def test_the_peak_is_the_most_that_was_seen(path: Path, tmp_path: Path) -> None:
    """Sampled while the block runs; without a card nobody knows."""
    with gpu.Peak() as peak:
        pass
    assert peak.mib is None
    used, asked = tmp_path / "used", tmp_path / "asked"
    used.write_text("900", encoding="utf-8")
    asked.touch()
    _tool(path, f"used=$(cat {used})", f"echo >>{asked}", 'echo "card, 1, 1000, $used"')

    with gpu.Peak(seconds=0.01) as peak:
        before = _lines(asked, 1)
        used.write_text("300", encoding="utf-8")
        _lines(asked, before + 2)

    assert peak.mib == 900


def _lines(path: Path, least: int) -> int:
    """Wait until the tool was asked so often."""
    waiting = threading.Event()
    for _ in range(2000):
        if (count := len(path.read_text(encoding="utf-8").splitlines())) >= least:
            return count
        waiting.wait(0.01)
    raise AssertionError("the card was not asked again")


def test_all_that_is_missing_is_told_at_once(
    path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """GPU, packages, weights; nothing on standard output, where the report would stand."""
    monkeypatch.setattr("bench.gpu_check.missing.importlib.util.find_spec", lambda _: None)

    assert main([]) == ABSENT

    told = capsys.readouterr()
    assert told.out == ""
    for words in ("no NVIDIA GPU", "the package paddleocr", "the package paddle:", "python -m warmup fetch"):
        assert words in told.err


def test_each_missing_thing_can_be_mended(path: Path, tmp_path: Path) -> None:
    """A card, or none wanted; weights that are named but not there; the stub needs nothing."""
    native = Settings(accurate_engine="paddle_vl", weights=str(tmp_path))

    assert any("no NVIDIA GPU" in sentence for sentence in missing(native, on_cpu=False))
    assert not any("no NVIDIA GPU" in sentence for sentence in missing(native, on_cpu=True))
    assert any(str(tmp_path) in sentence for sentence in missing(native, on_cpu=True))
    _tool(path, f"echo '{CARD}'")
    assert not any("no NVIDIA GPU" in sentence for sentence in missing(native, on_cpu=False))
    assert list(missing(Settings(accurate_engine="stub"), on_cpu=False)) == []


def test_a_server_that_does_not_answer_is_missing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its address stands in the sentence; a GPU is asked for where the server would be in this machine."""
    monkeypatch.setattr("bench.gpu_check.missing._GLANCE", 0.05)
    near = Settings(accurate_engine="paddle_vl", vl_backend="vllm-server", vl_server_url="http://127.0.0.1:1/v1")

    told = list(missing(near, on_cpu=False))

    assert any("http://127.0.0.1:1/v1" in sentence for sentence in told)
    assert any("no NVIDIA GPU" in sentence for sentence in told)


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [("OCR_DPI", "fine", []), ("OCR_VL_BACKEND", "vllm-server", []), ("OCR_DPI", "200", ["--documents", "/dev"])],
)
def test_what_is_asked_wrongly_is_told(
    variable: str, value: str, words: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A setting, a server without an address, a folder without documents."""
    monkeypatch.setenv(variable, value)

    assert main(words) == USAGE
    assert capsys.readouterr().err


def test_what_is_read_wrongly_fails_the_check(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The real server with the stub as accurate engine: one document with its text, one with another text."""
    for name, text in (("right", "All of this is right."), ("wrong", "Nothing of that.")):
        pixels = stamp("All of this is right.", 400, 200)
        Image.fromarray(pixels).save(tmp_path / f"{name}.png")
        (tmp_path / f"{name}.txt").write_text(text, encoding="utf-8")
    monkeypatch.setenv("OCR_ACCURATE_ENGINE", "stub")

    assert main(["--documents", str(tmp_path), "--callers", "2", "--rounds", "2"]) == FAILED

    report = capsys.readouterr().out
    assert "| right.png | 0.0% |  |" in report
    assert report.count("MORE THAN ALLOWED") == 1
    assert "- stub 1" in report
    assert "- ready after" in report
    assert [line.split("|")[1:3] for line in report.splitlines()[-2:]] == [[" 1 ", " 4 "], [" 2 ", " 4 "]]


def test_a_stretch_in_which_something_failed_fails_the_check() -> None:
    """However well the samples were read before."""
    stretch = run.Stretch(8, 3, 2.0, 0.5, ["HTTP 503: busy"], 1400.0)
    seen = run.Findings(ready=61.0, phases={"vlm_server": 55.5, "doors": 0.01}, errors={"a.png": 0.05}, gpu_peak=40_000)
    seen.stretches = [stretch]
    report = block(seen, Settings(accurate_engine="paddle_vl"), None, 0.1)

    assert wrong(seen, 0.1) == ["1 failed with 8 at once"]
    assert wrong(seen, 0.01)[0] == "a.png"
    assert "ready after 61.0 s (vlm_server 55.5)" in report
    assert "| 8 | 3 | 1.500 | 0.50 | 1400 | 1 |" in report
    assert "peak 40000 MiB" in report
    assert "- no GPU" in report


class _Metrics(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(200)
        self.end_headers()
        self.wfile.write(
            b'# HELP x\nvllm:generation_tokens_total{engine="0"} 30.0\nvllm:generation_tokens_total 12.5\n'
        )

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def vllm() -> Iterator[str]:
    """The address of something that counts tokens."""
    with http.server.HTTPServer(("127.0.0.1", 0), _Metrics) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/v1"
        server.shutdown()


def test_tokens_are_counted_by_the_server(vllm: str) -> None:
    """Of all its engines; where nobody counts, none are made up."""
    settings = Settings(accurate_engine="paddle_vl", vl_backend="vllm-server", vl_server_url=vllm)

    assert run._tokens(settings) == 42.5
    assert run._tokens(Settings(accurate_engine="paddle_vl")) is None


def test_the_samples_are_there() -> None:
    """Those of this repository, with their texts."""
    found = run.samples(PAGES, NAMES)

    assert sorted(document.name for document in found) == sorted(NAMES)
    assert all("".join(document.pages).strip() for document in found)
