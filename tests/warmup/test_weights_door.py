"""`python -m warmup fetch|verify|preload`: what a person or a Job sees, and the exit codes that scripts rely on."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests import s3_server as server
from tests.conftest import ROOT
from tests.warmup.origin import Origin, contents, fill, some_bytes, write_manifest
from warmup.__main__ import main
from warmup.progress import Progress

FILES = {"a.bin": some_bytes(3_000_000), "vl/b.bin": some_bytes(60_000, 2)}


def test_fetch_tells_what_came_from_where(volume: Path, origin: Origin, capsys: pytest.CaptureFixture[str]) -> None:
    """A line a file on stdout, so that a Job's log is a record; the second run has nothing to tell."""
    codes = [main(["fetch", "--to", str(volume), "--tier", "fast"]) for _ in range(2)]
    lines = capsys.readouterr().out.splitlines()

    assert codes == [0, 0]
    assert sorted(lines[:2]) == [
        f"a.bin: 3,000,000 bytes from {origin.url}/a.bin",
        f"vl/b.bin: 60,000 bytes from {origin.url}/vl/b.bin",
    ]
    assert lines[2:] == [
        f"2 fetched, 0 there already: {volume} is complete",
        f"0 fetched, 2 there already: {volume} is complete",
    ]


def test_verify_tells_each_file_and_the_remedy(volume: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Right ones too, since silence is no proof; 70 where something is wrong."""
    fill(volume, FILES)
    good = main(["verify", "--in", str(volume), "--tier", "fast"])
    out = capsys.readouterr().out
    os.truncate(volume / "a.bin", 7)
    bad = main(["verify", "--in", str(volume)])
    told = capsys.readouterr()

    assert (good, bad) == (0, 70)
    assert "right    a.bin: 3,000,000 bytes\n" in out
    assert re.search(r"2 files right, 3\.1 MB read in \d+\.\d\d s \([\d,]+ MB/s\)\n", out)
    assert f"WRONG    {volume}/a.bin: expected 3,000,000 bytes, found 7 bytes\n" in told.out
    assert f"Mend it with `python -m warmup fetch --to {volume} --tier fast`." in told.err


@pytest.mark.parametrize("command", ["verify", "preload"])
def test_a_tier_that_was_not_fetched_is_passed_over_unless_asked_for(
    command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """After `fetch --tier fast` nothing more needs to be said; a tier that lacks one file is no such tier."""
    fast, accurate = {"a.bin": b"fast" * 9}, {"vl/b.bin": b"accurate" * 9, "vl/c.bin": b"c"}
    write_manifest(tmp_path, fast, accurate=accurate)
    fill(tmp_path, fast)
    passed = main([command, "--in", str(tmp_path)])
    told = capsys.readouterr().err
    asked = main([command, "--in", str(tmp_path), "--tier", "accurate"])
    fill(tmp_path, {"vl/c.bin": b"c"})
    halved = main([command, "--in", str(tmp_path)])

    assert (passed, asked, halved) == (0, 70, 70)
    assert told == f"Nothing of the accurate tier lies in {tmp_path}: passed over. `--tier accurate` would not.\n"


def test_an_empty_folder_is_wrong_in_every_tier(volume: Path) -> None:
    """Nothing there is not nothing wanted."""
    assert [main([command, "--in", str(volume)]) for command in ("verify", "preload")] == [70, 70]


def test_strict_verification_fails_where_nobody_knows_a_hash(volume: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without it they are only named; the remedy works."""
    write_manifest(volume, FILES, known=False)
    fill(volume, FILES)
    lenient, strict = main(["verify", "--in", str(volume)]), main(["verify", "--in", str(volume), "--strict"])
    told = capsys.readouterr()
    locked = main(["fetch", "--lock", "--to", str(volume)])

    assert (lenient, strict, locked) == (0, 70, 0)
    assert "no hash  a.bin: 3,000,000 bytes\n" in told.out
    assert f"Record them with `python -m warmup fetch --lock --to {volume}`" in told.err
    assert main(["verify", "--in", str(volume), "--strict"]) == 0


def test_the_folder_is_that_of_the_setting_unless_named(
    volume: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """In a pod OCR_WEIGHTS says where they are."""
    fill(volume, FILES)
    nowhere = main(["preload"])
    monkeypatch.setenv("OCR_WEIGHTS", str(volume))

    assert (nowhere, main(["preload"])) == (2, 0)
    told = capsys.readouterr()
    assert "set OCR_WEIGHTS" in told.err
    assert "3.1 MB read in" in told.out


def test_a_slip_in_where_to_fetch_from_is_a_matter_of_usage(volume: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, as for any other wrong argument."""
    assert main(["fetch", "--to", str(volume), "--from", "no/such/folder"]) == 2
    assert "--from: no/such/folder is no folder, and no address" in capsys.readouterr().err


def test_a_source_that_is_down_is_worth_another_try_later(
    volume: Path, origin: Origin, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 75, on which a Job's back-off rests; the file that could be had is there."""
    origin.script["a.bin"] = ["503"] * 9
    code = main(["fetch", "--to", str(volume), "--tries", "1"])

    assert code == 75
    assert list(contents(volume, FILES)) == ["vl/b.bin"]
    assert "a.bin could not be fetched" in capsys.readouterr().err


def test_weights_come_out_of_a_bucket(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """For sites without the internet: what was put below a prefix, with what it lacks named."""
    write_manifest(tmp_path, FILES)
    with server.running() as s3, pytest.MonkeyPatch.context() as patch:
        server.set_environment(patch)
        patch.setenv("AWS_ENDPOINT_URL", s3.url)
        bucket = s3.bucket()
        command = ["fetch", "--to", str(tmp_path), "--tier", "fast", "--tries", "1", "--from", f"s3://{bucket}/models"]
        s3.s3.put_object(Bucket=bucket, Key="models/a.bin", Body=FILES["a.bin"])
        lacking = main(command)
        told = capsys.readouterr().err
        s3.s3.put_object(Bucket=bucket, Key="models/vl/b.bin", Body=FILES["vl/b.bin"])

        assert (lacking, main(command)) == (70, 0)

    assert f"s3://{bucket}/models/vl/b.bin: there is no such object" in told
    assert contents(tmp_path, FILES) == FILES


def test_a_fetch_that_is_killed_goes_on_where_it_stood(volume: Path, origin: Origin) -> None:
    """SIGKILL in the middle of a file: nothing half stands in its place, and the next run asks for the rest alone."""
    origin.script["a.bin"] = ["stall 2500000"]
    command = [sys.executable, "-m", "warmup", "fetch", "--to", str(volume), "--tier", "fast"]
    part = volume / ".parts" / "a.bin"
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None and not (part.exists() and part.stat().st_size >= 2_000_000):
            time.sleep(0.005)  # until the condition of the line above holds
        process.send_signal(signal.SIGKILL)
    left = part.stat().st_size
    assert not (volume / "a.bin").exists()

    code = main(["fetch", "--to", str(volume), "--tier", "fast"])

    assert (process.returncode, code) == (-signal.SIGKILL, 0)
    assert contents(volume, FILES) == FILES
    assert origin.headers_of("a.bin")[-1]["Range"] == f"bytes={left}-"
    assert main(["verify", "--in", str(volume), "--tier", "fast"]) == 0


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(("out", "bar"), [(_Terminal(), True), (io.StringIO(), False)], ids=["terminal", "log"])
def test_progress_is_a_bar_on_a_terminal_and_lines_elsewhere(
    out: io.StringIO, bar: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A log is not filled with control characters; the bar leaves no trace before a line that stays."""
    now = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    progress = Progress(out)
    progress.begin(2, 4_000_000)
    for _ in range(3):
        now[0] += 11.0
        progress.add(1_000_000)
    progress.one_less()
    progress.say("a.bin is here")
    progress.end()
    text = out.getvalue()

    assert "fetching 2 files, 4.0 MB\n" in text
    assert "75%" in text
    assert "3.0 of 4.0 MB, 0.1 MB/s, 2 files to come" in text
    assert ("\r" in text, "[######" in text) == (bar, bar)
    assert ("\r\033[Ka.bin is here\n" if bar else "\na.bin is here\n") in text
