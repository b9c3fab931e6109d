"""The file of OCR_HOOK_TOKENS_FILE: who may knock, and what is said of a line that is wrong."""

from __future__ import annotations

from pathlib import Path

import pytest

from function import hook_tokens
from function.settings import SettingsError


def said(path: Path, content: bytes) -> str:
    """The message about a file with this content."""
    path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        hook_tokens.read(str(path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def test_tokens_stand_by_sender_and_no_file_asks_for_none(tmp_path: Path) -> None:
    """A file without lines is not the same as no file: it lets nobody in."""
    file = tmp_path / "tokens"
    file.write_text("# whose\n\nminio one\n  ceph\ttwo \n", encoding="utf-8")

    assert hook_tokens.read(str(file)) == {"minio": "one", "ceph": "two"}
    assert hook_tokens.read("") is None
    file.write_text("", encoding="utf-8")
    assert hook_tokens.read(str(file)) == {}


def test_a_misspelt_sender_is_told_with_its_line_and_the_nearest(tmp_path: Path) -> None:
    """Else its token would guard nothing."""
    words = said(tmp_path / "tokens", b"# ours\nmino secret\n")

    assert words.startswith("OCR_HOOK_TOKENS_FILE: line 2: no sender is called 'mino'; there are ")
    assert words.endswith("; did you mean minio?")
    assert "secret" not in words


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (b"minio", "line 1: a line is `minio TOKEN`, two words; this one has 1."),
        (b"minio a secret", "line 1: a line is `minio TOKEN`, two words; this one has 3."),
        (b"secret", "line 1: a line is `SENDER TOKEN`, two words; this one has 1."),
        (b"secret minio", "line 1: the sender minio comes first, then its token"),
    ],
)
def test_a_line_of_another_shape_is_told_without_what_may_be_a_token(tmp_path: Path, line: bytes, words: str) -> None:
    """Messages end up in logs."""
    told = said(tmp_path / "tokens", line)

    assert words in told
    assert "secret" not in told


def test_a_file_that_cannot_be_read_is_told_with_the_meaning_and_the_remedy(tmp_path: Path) -> None:
    """As a wrong value of any other setting; also where the file is no text."""
    with pytest.raises(SettingsError) as caught:
        hook_tokens.read("/nope")

    assert str(caught.value).startswith("OCR_HOOK_TOKENS_FILE='/nope' is wrong: No such file or directory; name a file")
    assert "It means: file with a line `SENDER TOKEN`" in str(caught.value)
    assert "it is no text in UTF-8" in said(tmp_path / "tokens", b"\xff\xfe")
