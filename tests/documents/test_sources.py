"""Bytes on their way in."""

from __future__ import annotations

import hashlib
import io
import os
from pathlib import Path
from typing import IO

import pytest

from function.documents.sources import StoredSource, from_bytes, from_path, from_stream
from function.errors import BadRequest, TooLarge

DATA = bytes(range(256)) * 5000


def _stored(source: StoredSource) -> bytes:
    return os.pread(source.fileno(), source.size + 1, 0)


def _from_stream(stream: IO[bytes], *, max_bytes: int = 1 << 30, spool_bytes: int = 1 << 30) -> StoredSource:
    return from_stream(stream, "scan.pdf", max_bytes=max_bytes, spool_bytes=spool_bytes)


@pytest.mark.parametrize("spool_bytes", [0, 1_048_576, 1 << 30], ids=["disk", "moved to disk", "memory"])
def test_a_stream_is_kept_and_hashed_wherever_it_lies(spool_bytes: int) -> None:
    """In memory and on disk the bytes, their number and their hash are the same."""
    with _from_stream(io.BytesIO(DATA), spool_bytes=spool_bytes) as source:
        assert _stored(source) == DATA
        assert source.size == len(DATA)
        assert source.sha256 == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize("spool_bytes", [0, 1 << 30], ids=["disk", "memory"])
def test_nobody_can_change_a_stored_document(spool_bytes: int) -> None:
    """A child that has been taken over must not be able to change what a second try will read."""
    with (
        _from_stream(io.BytesIO(DATA), spool_bytes=spool_bytes) as source,
        pytest.raises(OSError, match=r"not permitted|Bad file"),
    ):
        os.pwrite(source.fileno(), b"x", 0)


def test_a_stream_over_the_limit_is_refused_by_name() -> None:
    """The message names the limit, its value and its variable."""
    with pytest.raises(TooLarge, match=r"the limit is 1000 bytes \(OCR_MAX_BYTES\); scan.pdf has more"):
        _from_stream(io.BytesIO(DATA), max_bytes=1000)


def test_a_stream_is_not_read_far_beyond_the_limit() -> None:
    """An endless upload costs one piece more than the limit."""

    class Endless(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"x" * size

    endless = Endless()
    with pytest.raises(TooLarge):
        _from_stream(endless, max_bytes=10_000_000)

    assert endless.given <= 12_000_000


def test_a_failing_stream_leaves_no_descriptor_behind() -> None:
    """A caller that hangs up in the middle costs nothing."""

    class Broken(io.RawIOBase):
        def read(self, size: int = -1) -> bytes:
            raise ConnectionResetError

    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for _ in range(3):
        with pytest.raises(ConnectionResetError):
            _from_stream(Broken())

    assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_a_file_is_read_where_it_lies(tmp_path: Path) -> None:
    """The command line copies nothing."""
    path = tmp_path / "a.bin"
    path.write_bytes(DATA)

    with from_path(path, max_bytes=1 << 30) as source:
        assert (source.name, source.size, _stored(source)) == ("a.bin", len(DATA), DATA)
        assert source.sha256 == hashlib.sha256(DATA).hexdigest()


def test_a_file_over_the_limit_is_refused_by_name(tmp_path: Path) -> None:
    """With its own size, too."""
    path = tmp_path / "a.bin"
    path.write_bytes(DATA)

    with pytest.raises(TooLarge, match=r"1000 bytes \(OCR_MAX_BYTES\); a.bin has 1280000"):
        from_path(path, max_bytes=1000)


def test_a_missing_file_is_the_callers_mistake(tmp_path: Path) -> None:
    """Not an outage."""
    with pytest.raises(BadRequest, match="there is no such file"):
        from_path(tmp_path / "none.pdf", max_bytes=1000)


def test_bytes_are_a_source() -> None:
    """As tests and events need it."""
    with from_bytes(DATA, "b") as source:
        assert (source.name, _stored(source)) == ("b", DATA)
