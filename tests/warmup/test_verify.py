from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.warmup.origin import fill, read_only, some_bytes, write_manifest
from warmup import stamp, verify
from warmup.errors import WarmupError, WeightsError
from warmup.verify import check

FILES = {"a.bin": some_bytes(3_000_000), "vl/b.bin": some_bytes(5000, 2)}
SIZE = sum(map(len, FILES.values()))


@pytest.fixture
def volume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A filled one, whose few bytes count as many."""
    monkeypatch.setattr(verify, "SMALL", 0)
    write_manifest(tmp_path, FILES)
    fill(tmp_path, FILES)
    return tmp_path


def _alter(path: Path) -> None:
    """One bit, behind the file system's back: size and time of change stay."""
    status, data = path.stat(), bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def _replace_by_a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(
    ("harm", "expected", "found"),
    [
        (lambda path: path.unlink(), "3,000,000 bytes", "nothing there"),
        (lambda path: os.truncate(path, 2_999_999), "3,000,000 bytes", "2,999,999 bytes"),
        (lambda path: os.truncate(path, 0), "3,000,000 bytes", "0 bytes"),
        (_alter, "SHA-256 ", "SHA-256 "),
        (_replace_by_a_folder, "3,000,000 bytes", "no file"),
    ],
    ids=["missing", "cut short", "empty", "altered", "a folder"],
)
def test_each_fault_is_told_with_file_expected_found_and_remedy(
    volume: Path, harm: Callable[[Path], None], expected: str, found: str
) -> None:
    """Whoever reads the log of a pod that does not start knows what to type."""
    harm(volume / "a.bin")

    with pytest.raises(WeightsError) as caught:
        check(volume, ["fast"], "full")

    (problem,) = caught.value.problems
    assert problem.path == str(volume / "a.bin")
    assert expected in problem.expected
    assert found in problem.found
    assert problem.expected != problem.found
    assert f"`python -m warmup fetch --to {volume} --tier fast`" in str(caught.value)
    assert caught.value.exit_code == 70


def test_a_verified_volume_is_stamped_and_not_read_again(volume: Path) -> None:
    """The first start pays for all."""
    first, second = check(volume, ["fast"]), check(volume, ["fast"])

    assert (first.how, first.bytes) == ("full", SIZE)
    assert (second.how, second.bytes) == ("stamp", 0)


def test_full_passes_over_the_stamp_and_finds_what_it_cannot_see(volume: Path) -> None:
    """A bit that changes on the disk changes neither size nor time; the next `stamp` start then looks in full, too."""
    check(volume, ["fast"])
    _alter(volume / "a.bin")

    assert check(volume, ["fast"], "stamp").how == "stamp"
    with pytest.raises(WeightsError):
        check(volume, ["fast"], "full")
    with pytest.raises(WeightsError):
        check(volume, ["fast"], "stamp")


def _touch(volume: Path) -> None:
    os.utime(volume / "a.bin", ns=(1, 1))


def _expect_others(volume: Path) -> None:
    text = (volume / "weights.toml").read_text(encoding="utf-8")
    (volume / "weights.toml").write_text(text.replace('path = "vl/b.bin"', 'path = "c.bin"'), encoding="utf-8")
    fill(volume, {"c.bin": FILES["vl/b.bin"]})


def _break_the_stamp(volume: Path) -> None:
    (volume / stamp.NAME).write_bytes(b"{")


def _take_the_stamp_away(volume: Path) -> None:
    (volume / stamp.NAME).unlink()


@pytest.mark.parametrize("change", [_touch, _expect_others, _break_the_stamp, _take_the_stamp_away])
def test_a_stamp_counts_only_for_what_it_was_given_for(volume: Path, change: Callable[[Path], None]) -> None:
    """Another time of change, another manifest, no stamp that can be read: everything is hashed again."""
    check(volume, ["fast"])
    change(volume)

    assert check(volume, ["fast"]).how == "full"
    assert check(volume, ["fast"]).how == "stamp"


def test_a_changed_hash_in_the_manifest_voids_the_stamp(volume: Path) -> None:
    """Files that were right for the last release may be wrong for this one."""
    check(volume, ["fast"])
    write_manifest(volume, FILES | {"a.bin": some_bytes(3_000_000, 3)})

    with pytest.raises(WeightsError, match=r"a\.bin: expected SHA-256"):
        check(volume, ["fast"])


def test_a_changed_size_in_the_manifest_voids_the_stamp_where_no_hash_is_known(volume: Path) -> None:
    """The stamp of such a file says no more than its size."""
    write_manifest(volume, FILES, known=False)
    check(volume, ["fast"])
    text = (volume / "weights.toml").read_text(encoding="utf-8")
    (volume / "weights.toml").write_text(text.replace('path = "a.bin"', 'path = "a.bin"\nsize = 7'), encoding="utf-8")

    with pytest.raises(WeightsError, match=r"a\.bin: expected 7 bytes, found 3,000,000 bytes"):
        check(volume, ["fast"])


def test_a_volume_that_cannot_be_written_is_verified_at_every_start_and_says_so(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It works; what would save the time is logged."""
    monkeypatch.setattr(verify, "SMALL", 0)
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to others
        volume = Path(folder)
        write_manifest(volume, FILES)
        fill(volume, FILES)
        with read_only(volume):
            first, second = check(volume, ["fast"]), check(volume, ["fast"])

    assert (first.how, second.how) == ("full", "full")
    assert f"run `python -m warmup verify --in {volume} --tier fast` once" in second.note
    assert second.note in caplog.messages


def test_a_read_only_volume_that_has_its_stamp_is_complete(monkeypatch: pytest.MonkeyPatch) -> None:
    """As pods mount what a Job has filled: nothing is written, nothing is complained about."""
    monkeypatch.setattr(verify, "SMALL", 0)
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to others
        volume = Path(folder)
        write_manifest(volume, FILES)
        fill(volume, FILES)
        check(volume, ["fast"])
        with read_only(volume):
            found = [check(volume, ["fast"], mode) for mode in ("stamp", "full")]

    assert [(checked.how, checked.note) for checked in found] == [("stamp", ""), ("full", "")]


def test_a_small_folder_is_hashed_each_time_and_left_as_it_was(volume: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It may be that of an installed package, and takes no time worth saving."""
    monkeypatch.setattr(verify, "SMALL", SIZE + 1)

    assert [check(volume, ["fast"]).how for _ in range(2)] == ["full", "full"]
    assert not (volume / stamp.NAME).exists()


def test_off_looks_at_nothing(tmp_path: Path) -> None:
    """Not even whether there is anything."""
    assert check(tmp_path / "nowhere", ["fast"], "off").how == "off"


def test_a_mode_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    """Silently verifying nothing would be worse."""
    with pytest.raises(WarmupError, match="'sometimes' is no way to verify weights; take one of stamp, full, off"):
        check(tmp_path, ["fast"], "sometimes")


def test_files_without_a_known_hash_must_be_there_and_are_named(volume: Path, caplog: pytest.LogCaptureFixture) -> None:
    """They pass, since nobody can say more, but not unnoticed."""
    write_manifest(volume, FILES, known=False)
    first, second = check(volume, ["fast"]), check(volume, ["fast"])
    (volume / "a.bin").unlink()

    assert (first.how, first.bytes, first.unknown) == ("full", 0, ("a.bin", "vl/b.bin"))
    assert (second.how, second.unknown) == ("stamp", first.unknown)
    assert "no hash is known of 2 files of weights, so they are not verified: a.bin, vl/b.bin" in caplog.messages
    with pytest.raises(WeightsError, match="expected a file, found nothing there"):
        check(volume, ["fast"])


def test_several_faults_are_told_at_once(volume: Path) -> None:
    """Nobody wants to mend one, start, and hear of the next."""
    (volume / "a.bin").unlink()
    os.truncate(volume / "vl/b.bin", 1)

    with pytest.raises(WeightsError) as caught:
        check(volume, ["fast"])

    assert {Path(problem.path).name for problem in caught.value.problems} == {"a.bin", "b.bin"}
