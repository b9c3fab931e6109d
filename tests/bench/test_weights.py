from __future__ import annotations

from pathlib import Path

import pytest

from bench import weights


def test_every_way_of_reading_is_measured_in_every_round(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A line a round, then medians and ratios; the file is taken away again."""
    code = weights.main(["--size", "1MiB", "--rounds", "2", "--at", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()

    assert code == 0
    assert [line.count("MB/s") for line in lines[:2]] == [4, 4]
    assert [line.split()[0] for line in lines[2:6]] == ["dd", "preload", "verify", "warm"]
    assert [line.split(":")[0] for line in lines[6:]] == ["preload / dd", "verify / dd", "verify / warm"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("text", "size"), [("1GiB", 1 << 30), ("512 MiB", 512 << 20), ("64K", 1 << 16), ("7", 7)])
def test_sizes_are_read_as_people_write_them(text: str, size: int) -> None:
    """Powers of 1,024."""
    assert weights._size(text) == size
