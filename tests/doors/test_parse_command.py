"""`parse` over several files, folders and patterns, and over a folder that is watched."""

from __future__ import annotations

import argparse
import io
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from function.doors import parse_command
from function.doors.cli import main
from function.doors.inputs import expanded
from function.doors.watching import Watch, write_whole
from function.errors import Busy, Corrupt, OcrError
from tests.conftest import ROOT
from tests.doors.conftest import stamped_png, stamped_tiff

SUFFIXES = (".pdf", ".png", ".tif")


@pytest.fixture(autouse=True)
def _stub_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCR_FAST_ENGINE", "stub")


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder of two documents, one of them deeper, beside what is none."""
    folder = tmp_path / "scans"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / "a.png").write_bytes(stamped_png("first"))
    (folder / "deep" / "er" / "a.PNG").write_bytes(stamped_png("second"))
    (folder / "notes.txt").write_text("no document")
    (folder / ".hidden" / "b.png").write_bytes(stamped_png("nobody's"))
    return folder


def test_a_folder_stands_for_the_documents_below_it(
    scans: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Results keep its structure, so that two of one name do not meet; hidden ones and others are passed over."""
    out = tmp_path / "out"

    assert main(["parse", str(scans)]) == 0
    assert [line for line in capsys.readouterr().out.splitlines() if line and line[0] != "="] == ["first", "second"]
    assert main(["parse", str(scans), "--output", str(out)]) == 0
    assert (out / "a.png.txt").read_text() == "first\n"
    assert (out / "deep" / "er" / "a.PNG.txt").read_text() == "second\n"
    assert len(list(out.rglob("*.*"))) == 2


def test_a_pattern_that_the_shell_left_alone_is_followed(scans: Path, tmp_path: Path) -> None:
    """`**` for any depth; a file whose name only looks like one is that file."""
    odd = tmp_path / "a[1].png"
    odd.write_bytes(b"")

    found = expanded([f"{scans}/**/*.[pP][nN][gG]", str(odd), "-"], SUFFIXES)

    assert list(found) == [str(scans / "a.png"), str(scans / "deep" / "er" / "a.PNG"), str(odd), "-"]


@pytest.mark.parametrize(
    ("named", "places"),
    [
        (["scans/**/*.[pP][nN][gG]"], ["a.png", "deep/er/a.PNG"]),
        (["*/*/er/*"], ["scans/deep/er/a.PNG"]),
        (["scans/a.png", "scans/deep/../a.png", "scans"], ["a.png", "deep/er/a.PNG"]),
        (["scans/a.png", "-", "-", "scans/deep/er/a.PNG"], ["a.png", "stdin", "a.PNG"]),
        (["scans/deep/er", "more", "scans/a.png"], ["scans/deep/er/a.PNG", "more/a.PNG", "scans/a.png"]),
        (["scans/deep/er/a.PNG", "more/a.PNG"], ["scans/deep/er/a.PNG", "more/a.PNG"]),
    ],
    ids=["pattern", "pattern of folders", "named twice", "one by one", "folders that meet", "files that meet"],
)
@pytest.mark.parametrize("absolute", [False, True])
def test_each_result_has_a_place_of_its_own_where_its_document_stood(
    named: list[str], places: list[str], absolute: bool, scans: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the folder, or the pattern's part without wildcards; each file once, however it is spelt."""
    (scans.parent / "more").mkdir()
    (scans.parent / "more" / "a.PNG").write_bytes(b"")
    monkeypatch.chdir(scans.parent)

    names = [f"{scans.parent}/{name}" if absolute and name != "-" else name for name in named]
    assert list(expanded(names, SUFFIXES).values()) == places


@pytest.mark.parametrize("name", ["empty", "none/*.png"])
def test_where_nothing_is_found_that_is_told(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A usage error, before any engine is loaded."""
    (tmp_path / "empty").mkdir()

    assert main(["parse", str(tmp_path / name)]) == 2
    assert name in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--watch", "{folder}", "scan.pdf"], ["--watch", "{folder}/none"]])
def test_files_or_a_folder_to_watch_are_named(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """One of both, and a folder that exists."""
    assert main(["parse", *(one.replace("{folder}", str(tmp_path)) for one in arguments)]) == 2
    assert "--watch" in capsys.readouterr().err


def test_standard_input_is_read_beside_files(
    scans: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In its place among them."""
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stamped_png("piped"))))

    assert main(["parse", "-", str(scans / "a.png")]) == 0
    out = capsys.readouterr().out
    assert out.index("==> - <==\npiped") < out.index("first")


def test_progress_is_told_where_stderr_is_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """How many pages of how many; nowhere else, and stdout stays clean."""
    (tmp_path / "three.tif").write_bytes(stamped_tiff("a", "b", "c"))
    main(["parse", str(tmp_path / "three.tif")])
    silent = capsys.readouterr()
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    main(["parse", str(tmp_path / "three.tif")])
    told = capsys.readouterr()

    assert silent.err == ""
    assert "three.tif: 3 of 3 pages" in told.err
    assert told.err.endswith("\r\033[K"), "the line is cleared"
    assert silent.out == told.out


def test_the_help_is_a_manual(capsys: pytest.CaptureFixture[str]) -> None:
    """Results, watching, environment, exit codes and examples; each of the examples is understood."""
    with pytest.raises(SystemExit):
        main(["parse", "--help"])
    told = capsys.readouterr().out

    for part in ("results:", "watching:", "environment:", "exit status:", "examples:"):
        assert part in told
    examples = [line.strip() for line in parse_command.MORE.partition("examples:")[2].splitlines() if line.strip()]
    for example in examples:
        words = example.partition(" | ")[0].partition(" <")[0].split()[3:]
        parser = argparse.ArgumentParser()
        parse_command.add_to(parser.add_subparsers())
        parser.parse_args(words)
    assert len(examples) >= 4


class Watched:
    """A watch whose reader takes the file's text for its result, or refuses it."""

    def __init__(self, folder: Path, output: Path | None = None, ending: str = "txt") -> None:
        self.reads: list[str] = []
        self.folder = folder
        self.problem: OcrError | None = None
        self.watch = Watch(folder, output or folder, ending, SUFFIXES, self._read)

    def _read(self, path: Path, place: str) -> int:
        self.reads.append(place)
        if self.problem is not None:
            self.watch.refused(path, self.problem)
            return self.problem.exit_code
        write_whole(self.watch.output / f"{place}.{self.watch.ending}", path.read_bytes())
        return 0

    def looks(self, count: int = 3) -> list[str]:
        """What was read in so many looks."""
        before = len(self.reads)
        for _ in range(count):
            self.watch.look()
        return self.reads[before:]


def put(path: Path, text: str, *, age: float = 100.0) -> None:
    """A file of some age, as far as its own time tells."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    then = time.time() - age
    os.utime(path, (then, then))


def test_a_document_is_read_once_when_it_has_settled(tmp_path: Path) -> None:
    """Not while it still grows; once, however often one looks; in folders below, too."""
    watched = Watched(tmp_path)
    put(tmp_path / "a.pdf", "half")
    assert watched.looks(1) == []
    put(tmp_path / "a.pdf", "whole now")
    put(tmp_path / "sub" / "b.png", "b")
    assert watched.looks(1) == [], "it changed since the last look"

    assert watched.looks(5) == ["a.pdf", "sub/b.png"]
    assert (tmp_path / "a.pdf.txt").read_text() == "whole now"


def test_a_new_watcher_goes_on_where_the_last_one_was(tmp_path: Path) -> None:
    """The results tell; half of one, under its temporary name, does not."""
    put(tmp_path / "a.pdf", "a")
    put(tmp_path / "b.pdf", "b")
    (tmp_path / "b.pdf.txt").write_text("b, as it was read")
    (tmp_path / ".a.pdf.txt.part").write_text("ha")

    assert Watched(tmp_path).looks() == ["a.pdf"]
    assert Watched(tmp_path).looks() == []
    assert (tmp_path / "b.pdf.txt").read_text() == "b, as it was read"


def test_a_document_that_changes_is_read_again(tmp_path: Path) -> None:
    """Also one that is moved there with an old time of its own."""
    watched = Watched(tmp_path)
    put(tmp_path / "a.pdf", "old")
    assert watched.looks() == ["a.pdf"]
    put(tmp_path / "elsewhere", "another, and older", age=5000)
    (tmp_path / "elsewhere").rename(tmp_path / "a.pdf")

    assert watched.looks() == ["a.pdf"]
    assert (tmp_path / "a.pdf.txt").read_text() == "another, and older"


def test_a_folder_that_vanishes_or_is_closed_ends_no_watch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever clears up below the watched folder does not stop it; what stands elsewhere is read."""
    put(tmp_path / "gone" / "a.pdf", "a")
    put(tmp_path / "here" / "b.pdf", "b")
    scandir = os.scandir

    def vanished(path: str) -> object:
        if "gone" in str(path):
            raise FileNotFoundError(path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", vanished)
    assert Watched(tmp_path).looks() == ["here/b.pdf"]


def test_results_that_look_like_documents_are_not_read(tmp_path: Path) -> None:
    """A searchable PDF beside its document."""
    watched = Watched(tmp_path, ending="pdf")
    put(tmp_path / "a.png", "a")

    assert watched.looks() == ["a.png"]
    (tmp_path / "a.png").unlink()
    assert watched.looks() == []
    assert Watched(tmp_path, ending="pdf").looks() == []


def test_a_refusal_is_left_beside_the_results_and_stands_until_the_document_changes(tmp_path: Path) -> None:
    """With reason and remedy; a mended document takes it away."""
    out = tmp_path / "out"
    watched = Watched(tmp_path / "in", out)
    put(tmp_path / "in" / "a.pdf", "damaged")
    watched.problem = Corrupt("it is damaged")
    assert watched.looks() == ["a.pdf"]
    assert json.loads((out / "a.pdf.error.json").read_text())["detail"] == "it is damaged"
    assert Watched(tmp_path / "in", out).looks() == []

    watched.problem = None
    put(tmp_path / "in" / "a.pdf", "mended", age=50)
    assert watched.looks() == ["a.pdf"]
    assert sorted(path.name for path in out.iterdir()) == ["a.pdf.txt"]


def test_an_outage_is_tried_again_later(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves nothing behind."""
    watched = Watched(tmp_path)
    put(tmp_path / "a.pdf", "a")
    watched.problem = Busy("no slot")
    assert watched.looks() == ["a.pdf"]
    assert [path.name for path in tmp_path.iterdir()] == ["a.pdf"]
    watched.problem = None
    now = time.monotonic()
    monkeypatch.setattr("function.doors.watching.time.monotonic", lambda: now + 31)

    assert watched.looks() == ["a.pdf"]
    assert (tmp_path / "a.pdf.txt").exists()


def wait_for(there: Callable[[], bool], process: subprocess.Popen[bytes]) -> None:
    """Until it is so, while the process lives."""
    until = time.monotonic() + 60
    while not there():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)


def test_the_command_watches_until_it_is_ended(tmp_path: Path) -> None:
    """By SIGTERM with 0, as by Ctrl-C; what came meanwhile is read."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    command: Sequence[str] = [
        sys.executable, "-m", "function", "parse", "--watch", str(tmp_path / "in"), "--output", str(tmp_path / "out"),
    ]  # fmt: skip
    with subprocess.Popen(command, cwd=ROOT, env={**os.environ}, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for((tmp_path / "out" / "bad.pdf.error.json").exists, process)
            (tmp_path / "in" / "a.png").write_bytes(stamped_png("came later"))
            wait_for((tmp_path / "out" / "a.png.txt").exists, process)
            process.send_signal(signal.SIGTERM)
            assert process.wait(60) == 0
        finally:
            process.kill()

    assert (tmp_path / "out" / "a.png.txt").read_text() == "came later\n"
