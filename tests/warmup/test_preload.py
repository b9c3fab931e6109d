from __future__ import annotations

from pathlib import Path

import pytest

from tests.warmup.origin import fill, some_bytes
from warmup import preload as module
from warmup.errors import WeightsError
from warmup.preload import preload, read_part

FILES = {"a": some_bytes(10_001), "b": some_bytes(1, 2), "c": some_bytes(4096, 3)}


@pytest.mark.parametrize("readers", [1, 3, 50])
def test_every_byte_is_read_once_however_many_readers_there_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, readers: int
) -> None:
    """Segments meet without a gap and without an overlap."""
    monkeypatch.setattr(module, "SEGMENT", 1000)
    monkeypatch.setattr(module, "CHUNK", 64)
    fill(tmp_path, FILES)

    done = preload([tmp_path / name for name in FILES], readers)

    assert done.bytes == sum(map(len, FILES.values()))
    assert done.seconds > 0
    assert done.mb_per_second == pytest.approx(done.bytes / 1e6 / done.seconds)


@pytest.mark.parametrize(("start", "end"), [(0, 10_001), (17, 4000), (9999, 20_000), (20_000, 30_000)])
def test_a_part_is_read_from_front_to_back(tmp_path: Path, start: int, end: int) -> None:
    """What is hashed on the way is the file, in order, up to its end."""
    fill(tmp_path, FILES)
    seen: list[bytes] = []

    count = read_part(tmp_path / "a", start, end, bytearray(64), lambda view: seen.append(bytes(view)))

    assert b"".join(seen) == FILES["a"][start:end]
    assert count == len(FILES["a"][start:end])


def test_nothing_to_read_takes_nothing() -> None:
    """A tier without files is no error."""
    assert preload([]).bytes == 0


def test_a_file_that_is_missing_is_named(tmp_path: Path) -> None:
    """Not a traceback out of a thread."""
    with pytest.raises(WeightsError, match=rf"{tmp_path}/gone: expected a file that can be read, found nothing there"):
        preload([tmp_path / "gone"])
