"""What warmup/README.md says of the weights is true: its commands run, and what it quotes is what is said."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.warmup.origin import Origin, contents, fill, some_bytes, write_manifest
from warmup.__main__ import _parser, main

TEXT = (ROOT / "warmup" / "README.md").read_text(encoding="utf-8")
FAULTS = TEXT.partition("### What goes wrong, and what it says\n")[2].partition("\n### ")[0]
FILES = {"PaddleOCR-VL-1.6/model.safetensors": some_bytes(5_000), "b": some_bytes(3, 2)}


def _commands() -> Iterator[list[str]]:
    """Each `python -m warmup …` of the shell blocks, without the variables before it; those of `report` stand alone."""
    for block in re.findall(r"^```sh\n(.*?)^```", TEXT, re.DOTALL | re.MULTILINE):
        for line in block.replace("\\\n", " ").splitlines():
            words = shlex.split(line, comments=True)
            while words and "=" in words[0]:
                words.pop(0)
            if words[:3] == ["python", "-m", "warmup"] and words[3] != "report":
                yield words[3:]


COMMANDS = list(_commands())


def test_every_command_is_one() -> None:
    """The three of them, with options that exist."""
    assert {_parser().parse_args(words).command for words in COMMANDS} == {"fetch", "verify", "preload"}


@pytest.mark.parametrize("words", [words for words in COMMANDS if "s3://models/weights" not in words], ids=" ".join)
def test_every_command_does_what_it_is_there_for(words: list[str], tmp_path: Path) -> None:
    """Run as written, on another folder: it ends with 0, and the volume is right. Buckets: test_weights_door.py."""
    with Origin(FILES) as origin:
        places = {
            "/weights": tmp_path / "volume",
            "/mnt/disk": tmp_path / "disk",
            "https://mirror.example/weights": origin.url,
            "weights.lock.json": tmp_path / "weights.lock.json",
        }
        fill(tmp_path / "disk", FILES)
        write_manifest(tmp_path / "volume", FILES, [f"{origin.url}/"], known=False)
        text = (tmp_path / "volume" / "weights.toml").read_text(encoding="utf-8")
        text = text.replace("accurate = []", 'accurate = ["small"]')
        (tmp_path / "volume" / "weights.toml").write_text(text, encoding="utf-8")
        if words[0] != "fetch":
            fill(tmp_path / "volume", FILES)

        assert main([str(places.get(word, word)) for word in words]) == 0

    assert contents(tmp_path / "volume", FILES) == FILES


def test_what_is_quoted_is_what_is_said() -> None:
    """Each piece of a message in the table of faults stands in the program."""
    said = " ".join(path.read_text(encoding="utf-8") for path in (ROOT / "warmup").glob("*.py"))
    said = re.sub(r'"\s+f?"', "", said)  # sentences that go over two lines
    quoted = [
        code for row in re.findall(r"^\| (`.*?) \|", FAULTS, re.MULTILINE) for code in re.findall(r"`(.*?)`", row)
    ]
    pieces = [
        piece.strip() for code in quoted for piece in re.split(r"[\d,]+|…|, |(?<=expected) |found |(?<=sent) ", code)
    ]

    assert len(quoted) >= 9
    assert [piece for piece in pieces if piece and piece not in said] == []
