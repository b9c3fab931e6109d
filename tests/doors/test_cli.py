"""The command line: what a person or a script at a terminal sees."""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from function.doors import arguments
from function.doors.cli import main
from function.doors.event_tools import cli as events_cli
from function.settings import describe
from tests.doors.conftest import stamped_png, stamped_tiff
from warmup import __main__ as warmup_cli


@pytest.fixture(autouse=True)
def _stub_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OCR_FAST_ENGINE", "stub")


@pytest.fixture
def scan(tmp_path: Path) -> Path:
    """A file that the stub engine reads as `hello`."""
    path = tmp_path / "scan.png"
    path.write_bytes(stamped_png("hello"))
    return path


def test_parse_prints_the_text_alone_on_stdout(scan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So that it can be piped."""
    assert main(["parse", str(scan)]) == 0

    assert capsys.readouterr().out == "hello\n"


def test_parse_heads_each_of_several_files(scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Like `head` and `tail` do; one that is named twice is read once."""
    other = tmp_path / "other.png"
    other.write_bytes(scan.read_bytes())

    assert main(["parse", str(scan), str(other), str(scan)]) == 0
    assert capsys.readouterr().out == f"==> {scan} <==\nhello\n\n==> {other} <==\nhello\n\n"


def test_json_is_the_whole_result(scan: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The same object that HTTP answers."""
    assert main(["parse", "--format", "json", str(scan)]) == 0

    result = json.loads(capsys.readouterr().out)
    assert result["document"]["name"] == "scan.png"
    assert result["pages"][0]["blocks"][0]["lines"][0]["text"] == "hello"


def test_json_of_several_files_is_an_object_a_line(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """That bears its path. What fails has none, only its reason on stderr; files of --output are indented as always."""
    (tmp_path / "bad.pdf").write_bytes(b"%PDF-1.7 nothing")
    other = tmp_path / "other.png"
    other.write_bytes(scan.read_bytes())
    files = [str(scan), str(tmp_path / "bad.pdf"), str(other)]

    assert main(["parse", "--format", "json", *files]) == 65
    said = capsys.readouterr()
    results = [json.loads(line) for line in said.out.splitlines()]
    assert [result["document"]["name"] for result in results] == [str(scan), str(other)]
    assert "bad.pdf" in said.err

    assert main(["parse", "--format", "json", "--output", str(tmp_path / "out"), str(scan), str(other)]) == 0
    assert len((tmp_path / "out" / "other.png.json").read_text().splitlines()) > 10


def test_output_writes_a_file_beside_the_others(scan: Path, tmp_path: Path) -> None:
    """NAME.EXT.FORMAT, as in the results bucket."""
    assert main(["parse", "--format", "markdown", "--output", str(tmp_path / "out"), str(scan)]) == 0

    assert (tmp_path / "out" / "scan.png.md").read_text() == "hello\n"


def test_pages_are_chosen(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the same words as over HTTP."""
    path = tmp_path / "three.tif"
    path.write_bytes(stamped_tiff("one", "two", "three"))

    assert main(["parse", "--pages", "2-", str(path)]) == 0
    assert capsys.readouterr().out.split() == ["two", "three"]


@pytest.mark.parametrize(
    ("content", "arguments", "code"),
    [
        (b"no document", [], 65),
        (stamped_png("stub:page-fault"), [], 70),
        (stamped_png("x"), ["--tier", "best"], 2),
        (stamped_png("x"), ["--pages", "7"], 2),
        (None, [], 2),
    ],
)
def test_the_exit_code_tells_whose_fault_it_was(
    content: bytes | None, arguments: list[str], code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """2 usage, 65 the document's, 70 ours; the reason and the remedy on stderr, nothing on stdout."""
    path = tmp_path / "input"
    if content is not None:
        path.write_bytes(content)

    assert main(["parse", str(path), *arguments]) == code
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.strip()


def test_a_file_that_is_not_there_is_told_in_one_plain_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nobody at a terminal made a request; nor is the name said twice."""
    path = tmp_path / "nofile.pdf"

    assert main(["parse", str(path)]) == 2
    assert capsys.readouterr().err == (
        f"{path} cannot be read: there is no such file. Name a file that is there and may be read.\n"
    )


def test_an_empty_file_is_told_without_a_word_of_uploads(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """There was none."""
    path = tmp_path / "empty.pdf"
    path.touch()

    assert main(["parse", str(path)]) == 65
    said = capsys.readouterr().err
    assert "the document is empty: it has 0 bytes. Choose another;" in said
    assert "upload" not in said


def test_one_bad_file_does_not_keep_the_others_from_being_read(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The gravest end is the command's."""
    bad = tmp_path / "bad.pdf"
    bad.write_bytes(b"%PDF-1.7 nothing")

    assert main(["parse", str(bad), str(scan)]) == 65
    said = capsys.readouterr()
    assert "hello" in said.out
    assert str(bad) in said.err


def test_a_wrong_setting_stops_the_start_with_one_line_that_names_it(
    scan: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """No traceback."""
    monkeypatch.setenv("OCR_DPI", "many")

    assert main(["parse", str(scan)]) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith("OCR_DPI='many' is wrong")
    assert "\n" not in said


@pytest.mark.parametrize(
    ("variables", "named"),
    [
        ({"OCR_INBOX": "inbox", "OCR_RESULTS": "s3://results"}, "OCR_INBOX"),
        ({"OCR_INBOX": "s3://inbox"}, "OCR_RESULTS"),
        ({"OCR_INBOX": "s3://a/in", "OCR_RESULTS": "s3://a"}, "OCR_RESULTS"),
        ({"OCR_FORMATS": "word"}, "OCR_FORMATS"),
        ({"OCR_INBOX": "s3://in", "OCR_RESULTS": "s3://out", "OCR_RESULT_KEY": "{bucket}"}, "OCR_RESULT_KEY"),
        ({"OCR_RESULT_METADATA": "ocr-id=1"}, "OCR_RESULT_METADATA"),
        ({"OCR_HOOK_TOKENS_FILE": "/nonexistent"}, "OCR_HOOK_TOKENS_FILE='/nonexistent' is wrong: No such file"),
        ({"OCR_API_KEYS_FILE": "/nope"}, "OCR_API_KEYS_FILE='/nope' is wrong: No such file or directory; mend"),
        ({"K_SINK": "http://sink", "K_CE_OVERRIDES": "{x"}, "K_CE_OVERRIDES"),
    ],
)
def test_serve_refuses_settings_that_contradict_each_other_before_it_starts(
    variables: dict[str, str], named: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line, no server, no traceback."""
    for name, value in variables.items():
        monkeypatch.setenv(name, value)

    assert main(["serve"]) == 2
    said = capsys.readouterr().err.strip()
    assert said.startswith(named)
    assert "\n" not in said


def test_output_that_would_lose_a_result_is_refused_before_reading(
    scan: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder that is a file."""
    assert main(["parse", str(scan), "--output", str(scan)]) == 2
    assert "is no folder" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_ends_in_one_line(
    scan: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """70, for it is no fault of the document; no traceback. Root may write anywhere, so a file stands in the way."""
    (tmp_path / "file").write_text("", encoding="utf-8")

    assert main(["parse", str(scan), "--output", str(tmp_path / "file" / "out")]) == 70
    told = capsys.readouterr().err
    assert "out/" in told
    assert "cannot be written: Not a directory. Name a folder that may be written." in told
    assert told.count("\n") == 1


def test_settings_prints_every_setting_with_value_default_and_meaning(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """One line each, and a hint for what looks like a typo."""
    monkeypatch.setenv("OCR_DPI", "300")
    monkeypatch.setenv("OCR_SLOT", "2")

    assert main(["settings"]) == 0
    said = capsys.readouterr()
    lines = said.out.splitlines()
    assert len(lines) == len(list(describe()))
    assert any(line.startswith("OCR_DPI=300.0  (default 200.0 dots/inch)") for line in lines)
    assert "did you mean OCR_SLOTS?" in said.err


@pytest.mark.parametrize(
    "parser",
    [arguments.parser, events_cli._parser, warmup_cli._parser],
    ids=["function", "events", "warmup"],
)
def test_every_help_is_a_manual(parser: Callable[[], argparse.ArgumentParser]) -> None:
    """What a command does, what each argument means, how it ends; and the examples are understood."""
    [commands] = [action.choices for action in parser()._actions if isinstance(action, argparse._SubParsersAction)]
    for name, command in commands.items():
        if (parser, name) == (warmup_cli._parser, "report"):
            continue  # has a parser of its own
        told = command.format_help()
        assert command.description, name
        assert "exit status:" in told.lower(), name
        assert [action.dest for action in command._actions if not action.help] == [], name
        for example in re.findall(r"^  .*python -m function (.*)", told.partition("example")[2], re.MULTILINE):
            assert parser().parse_args(shlex.split(re.split(r" [|<>]", example)[0])).command == name


def test_a_reader_who_has_seen_enough_ends_it_quietly(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`settings | head`: no traceback, and an exit code that says that not all was written."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", encoding="utf-8") as nobody:
        monkeypatch.setattr("sys.stdout", nobody)
        assert main(["settings"]) == 141

    assert capsys.readouterr().err == ""
