"""A folder as the source of weights, and sources whose bytes end early."""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.warmup.origin import contents, fill, some_bytes, write_manifest
from warmup.download import Patience
from warmup.errors import FetchError
from warmup.fetch import Fetch
from warmup.sources import FolderSource, Opened
from warmup.verify import check
from warmup.weights import WeightFile

FILES = {"a.bin": some_bytes(3_000_000), "vl/b.bin": some_bytes(50_000, 2)}
SIZE = sum(map(len, FILES.values()))
HASTY = Patience(tries=3, first_pause=0.001, longest_pause=0.002)


def test_a_folder_can_be_the_source(volume: Path, tmp_path: Path) -> None:
    """A disk that was carried over; what it lacks is named."""
    fill(tmp_path / "disk", {"a.bin": FILES["a.bin"]})
    fetch = Fetch(volume, ["fast"], FolderSource(tmp_path / "disk"), patience=HASTY)
    with pytest.raises(FetchError, match=rf"b\.bin could not be fetched: {tmp_path}/disk/vl/b\.bin: it is not there"):
        fetch.run()
    fill(tmp_path / "disk", FILES)
    fetch.run()

    assert contents(volume, FILES) == FILES
    assert check(volume, ["fast"], "full").bytes == SIZE


class _Short:
    """A source whose bytes end early once, as a bucket's may, and which says so only by its size."""

    def __init__(self, folder: Path, cuts: int) -> None:
        self._folder, self._cuts = FolderSource(folder), cuts

    def addresses(self, file: WeightFile) -> Sequence[str]:
        return self._folder.addresses(file)

    def open(self, address: str, offset: int, validator: str) -> Opened:
        opened = self._folder.open(address, offset, validator)
        if self._cuts:
            self._cuts -= 1
            opened.stream.close()
            return replace(opened, stream=io.BytesIO(FILES["a.bin"][offset : offset + 1_000_000]))
        return opened


def test_bytes_that_end_early_are_not_taken_for_the_file(volume: Path, tmp_path: Path) -> None:
    """Also where no hash would tell; what came is kept, and the rest asked for."""
    write_manifest(volume, {"a.bin": FILES["a.bin"]}, known=False)
    fill(tmp_path / "disk", FILES)
    done = Fetch(volume, ["fast"], _Short(tmp_path / "disk", 2), patience=HASTY).run()

    assert contents(volume, FILES) == {"a.bin": FILES["a.bin"]}
    assert [each.resumed for each in done.arrived] == [2_000_000]


def test_a_folder_whose_file_has_changed_is_read_from_the_start(volume: Path, tmp_path: Path) -> None:
    """Without a hash its size and time of change tell."""
    write_manifest(volume, {"a.bin": FILES["a.bin"]}, known=False)
    fill(tmp_path / "disk", FILES)
    with pytest.raises(FetchError, match="it broke off after 1,000,000 of 3,000,000 bytes"):
        Fetch(volume, ["fast"], _Short(tmp_path / "disk", 1), patience=Patience(tries=1)).run()
    newer = some_bytes(3_000_000, 9)
    fill(tmp_path / "disk", {"a.bin": newer})
    os.utime(tmp_path / "disk" / "a.bin", ns=(1, 1))
    Fetch(volume, ["fast"], FolderSource(tmp_path / "disk"), patience=HASTY).run()

    assert contents(volume, FILES) == {"a.bin": newer}
