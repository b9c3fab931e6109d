from __future__ import annotations

import errno
import hashlib
import os
import tarfile
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from tests.warmup.origin import Origin, contents, fill, read_only, some_bytes, write_manifest
from warmup import stamp
from warmup.download import Patience
from warmup.errors import FetchError
from warmup.fetch import Fetch, Fetched, Stopped, Told
from warmup.sources_http import HttpSource

FILES = {"a.bin": some_bytes(3_000_000), "vl/b.bin": some_bytes(50_000, 2)}
SIZE = sum(map(len, FILES.values()))
HASTY = Patience(tries=3, first_pause=0.001, longest_pause=0.002)


def _fetch(volume: Path, **options: object) -> Fetched:
    return Fetch(volume, ["fast"], HttpSource(), **{"patience": HASTY} | options).run()


def test_an_empty_folder_is_filled_and_stamped(volume: Path, origin: Origin) -> None:
    """The whole way: downloaded, verified, stamped; a start then reads nothing."""
    done = _fetch(volume)

    assert contents(volume, FILES) == FILES
    assert {each.file.path for each in done.arrived} == set(FILES)
    assert stamp.holds(volume, [each.file for each in done.arrived])
    assert not (volume / ".parts").exists()


def test_the_stamp_outlives_an_archive_of_the_volume(volume: Path, tmp_path: Path, origin: Origin) -> None:
    """Image layers and tar keep whole seconds of the time of change, and no fraction of them."""
    done = _fetch(volume)
    with tarfile.open(tmp_path / "layer.tar", "w", format=tarfile.USTAR_FORMAT) as layer:
        layer.add(volume, "volume")
    with tarfile.open(tmp_path / "layer.tar") as layer:
        layer.extraction_filter = getattr(tarfile, "data_filter", None)  # since 3.10.12
        layer.extractall(tmp_path / "unpacked")

    assert stamp.holds(tmp_path / "unpacked" / "volume", [each.file for each in done.arrived])


def test_a_second_fetch_downloads_nothing(volume: Path, origin: Origin) -> None:
    """So a Job may run at every rollout."""
    _fetch(volume)
    asked = len(origin.requests)
    again = _fetch(volume)

    assert len(origin.requests) == asked
    assert (again.arrived, again.kept) == ((), 2)


def test_only_what_is_wrong_is_fetched_again(volume: Path, origin: Origin) -> None:
    """Also where the stamp still holds, since the file was altered behind its back."""
    _fetch(volume)
    status = (volume / "a.bin").stat()
    (volume / "a.bin").write_bytes(FILES["a.bin"][:-1] + b"?")
    os.utime(volume / "a.bin", ns=(status.st_atime_ns, status.st_mtime_ns))

    done = _fetch(volume)

    assert [each.file.path for each in done.arrived] == ["a.bin"]
    assert contents(volume, FILES) == FILES


def test_what_broke_off_is_resumed_within_a_run(volume: Path, origin: Origin) -> None:
    """Every byte crosses the network once."""
    origin.script["a.bin"] = ["cut 2000000", "cut 500000"]
    _fetch(volume)
    first, *others = origin.headers_of("a.bin")

    assert contents(volume, FILES) == FILES
    assert origin.sent["a.bin"] == len(FILES["a.bin"])
    assert "Range" not in first
    assert [headers["Range"] for headers in others] == ["bytes=2000000-", "bytes=2500000-"]
    assert all(headers["If-Range"] for headers in others)


@pytest.mark.parametrize("known", [True, False], ids=["hash known", "hash unknown"])
def test_what_broke_off_is_resumed_by_the_next_run(volume: Path, origin: Origin, known: bool) -> None:
    """A Job that failed and is started again goes on."""
    write_manifest(volume, FILES, [f"{origin.url}/"], known=known)
    origin.script["a.bin"] = ["cut 2000000", "503", "503", "503"]
    with pytest.raises(FetchError, match=r"a\.bin.*HTTP 503.*Run the command again") as caught:
        _fetch(volume)

    done = _fetch(volume)

    assert caught.value.exit_code == 75
    assert contents(volume, FILES) == FILES
    assert origin.sent["a.bin"] == len(FILES["a.bin"])
    assert [each.resumed for each in done.arrived] == [2_000_000]


def test_a_source_that_knows_no_ranges_is_read_from_the_start(volume: Path, origin: Origin) -> None:
    """It answers with the whole, which then counts."""
    origin.script["a.bin"] = ["cut 2000000", "ignore range"]
    _fetch(volume)

    assert contents(volume, FILES) == FILES


@pytest.mark.parametrize("known", [True, False], ids=["hash known", "hash unknown"])
def test_a_file_that_changes_in_between_is_read_from_the_start(volume: Path, origin: Origin, known: bool) -> None:
    """Never half of the one and half of the other."""
    newer = FILES | {"a.bin": some_bytes(3_000_000, 9)}
    write_manifest(volume, newer, [f"{origin.url}/"], known=known)
    origin.script["a.bin"] = ["cut 2000000", "503", "503", "503"]
    with pytest.raises(FetchError):
        _fetch(volume)
    origin.files = newer

    _fetch(volume)

    assert contents(volume, newer) == newer


def test_without_tag_and_hash_nothing_is_resumed(volume: Path, origin: Origin) -> None:
    """Nobody could tell whether the two halves belong together."""
    write_manifest(volume, FILES, [f"{origin.url}/"], known=False)
    origin.tagged = False
    origin.script["a.bin"] = ["cut 2000000"]
    _fetch(volume)

    assert contents(volume, FILES) == FILES
    assert [headers.get("Range") for headers in origin.headers_of("a.bin")] == [None, None]


def test_a_part_that_went_bad_costs_one_more_download(volume: Path, origin: Origin) -> None:
    """What was resumed does not fit the hash, so the whole is fetched."""
    fill(volume, {".parts/a.bin": bytes(1_000_000)})
    _fetch(volume)

    assert contents(volume, FILES) == FILES
    assert origin.sent["a.bin"] == 2_000_000 + 3_000_000


def test_a_part_that_is_too_long_is_thrown_away(volume: Path, origin: Origin) -> None:
    """The source answers that there is no such range."""
    fill(volume, {".parts/a.bin": bytes(4_000_000)})
    _fetch(volume)

    assert contents(volume, FILES) == FILES


@pytest.mark.parametrize("answer", ["408", "429 0", "500", "502", "503 0", "cut 0"])
def test_what_may_succeed_later_is_tried_again(volume: Path, origin: Origin, answer: str) -> None:
    """A source that is busy for a moment fails nobody."""
    origin.script["a.bin"] = [answer, answer]
    _fetch(volume)

    assert contents(volume, FILES) == FILES


@pytest.mark.parametrize("answer", ["401", "403", "404", "410", "451"])
def test_what_will_not_succeed_is_not_tried_again(volume: Path, origin: Origin, answer: str) -> None:
    """The message says what the source said; exit code 70."""
    origin.script["a.bin"] = [answer]
    with pytest.raises(FetchError, match=rf"a\.bin.*{origin.url}/a\.bin: .*HTTP {answer}.*--from") as caught:
        _fetch(volume)

    assert caught.value.exit_code == 70
    assert len(origin.headers_of("a.bin")) == 1
    assert list(contents(volume, FILES)) == ["vl/b.bin"]


def test_mirrors_are_tried_in_order(volume: Path, origin: Origin) -> None:
    """One has no such file, the next is not there, the third serves."""
    with Origin({}) as empty:
        gone = empty.url
    write_manifest(volume, FILES, [f"{origin.url}/none/", f"{gone}/", f"{origin.url}/"])
    done = _fetch(volume)

    assert contents(volume, FILES) == FILES
    assert {each.address for each in done.arrived} == {f"{origin.url}/{name}" for name in FILES}


def test_wrong_bytes_never_reach_their_place(volume: Path, origin: Origin) -> None:
    """Expected and found are told; nothing is left of them."""
    origin.script["a.bin"] = ["wrong bytes"]
    with pytest.raises(FetchError) as caught:
        _fetch(volume)

    assert caught.value.exit_code == 70
    assert f"expected SHA-256 {hashlib.sha256(FILES['a.bin']).hexdigest()}, it sent SHA-256 " in str(caught.value)
    assert not (volume / "a.bin").exists()
    assert not (volume / ".parts/a.bin").exists()


def test_a_file_of_another_size_is_not_even_downloaded(volume: Path, origin: Origin) -> None:
    """Two gigabytes of the wrong file would take an hour."""
    origin.files["a.bin"] = bytes(10)
    with pytest.raises(FetchError, match="expected 3,000,000 bytes, it offers 10"):
        _fetch(volume)

    assert not (volume / "a.bin").exists()


def test_an_answer_without_a_length_is_taken(volume: Path, origin: Origin) -> None:
    """Size and hash are checked at its end."""
    origin.script["a.bin"] = ["no length"]
    _fetch(volume)

    assert contents(volume, FILES) == FILES


def test_redirects_are_followed_but_not_for_ever(volume: Path, origin: Origin) -> None:
    """Published files often lie behind one."""
    origin.files["elsewhere"] = FILES["a.bin"]
    origin.script["a.bin"] = ["redirect /elsewhere"]
    _fetch(volume)
    (volume / "a.bin").unlink()
    origin.script["a.bin"] = ["redirect /a.bin"] * 20
    with pytest.raises(FetchError, match="redirects more than 10 times"):
        _fetch(volume)

    assert origin.sent["elsewhere"] == 3_000_000


def test_two_fetches_at_once_download_every_file_once(volume: Path, origin: Origin) -> None:
    """The second waits for the first, and then finds nothing to do."""
    origin.script["a.bin"] = ["wait"]
    waits = Event()

    def say(words: str) -> None:
        assert f"another fetch is at work on {volume}" in words
        waits.set()
        origin.go_on.set()

    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(_fetch, volume, told=Told(say=say)) for _ in range(2)]
        done = [future.result(60) for future in both]

    assert waits.is_set()
    assert contents(volume, FILES) == FILES
    assert sorted(len(each.arrived) for each in done) == [0, 2]
    assert origin.sent.total() == SIZE


def test_without_locks_two_fetches_do_not_harm_each_other(
    volume: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On a file system that has none, each has parts of its own, and nothing is left of them."""

    def no_locks(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr("fcntl.flock", no_locks)
    origin.script["a.bin"] = ["cut 1000", "cut 2000"]
    with ThreadPoolExecutor(2) as pool:
        done = [future.result(60) for future in [pool.submit(_fetch, volume) for _ in range(2)]]

    assert contents(volume, FILES) == FILES
    assert sum(len(each.arrived) for each in done) >= 2
    assert sorted(path.name for path in volume.glob(".*")) == [".fetch.lock"]


def test_whoever_stops_keeps_what_has_arrived(volume: Path, origin: Origin) -> None:
    """Ctrl-C costs nothing but the time until the next run."""
    stop = Event()
    origin.script["a.bin"] = ["stall 2000000"]

    def progress(_: int) -> None:
        if (part := volume / ".parts/a.bin").exists() and part.stat().st_size >= 1_000_000:
            stop.set()

    with pytest.raises(Stopped):
        _fetch(volume, stop=stop, told=Told(progress=progress))
    origin.go_on.set()
    done = _fetch(volume)

    assert contents(volume, FILES) == FILES
    assert max(each.resumed for each in done.arrived) >= 1_000_000


def test_a_full_disk_is_told_as_such(volume: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the room that there is; another run would end the same, so exit code 70."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(FetchError, match=r"a\.bin cannot be written: the disk is full\. [\d,]+ MiB are free") as caught:
        _fetch(volume)

    assert caught.value.exit_code == 70


def test_a_volume_that_is_too_small_is_told_before_anything_is_downloaded(volume: Path, origin: Origin) -> None:
    """Rather than after an hour."""
    text = (volume / "weights.toml").read_text(encoding="utf-8")
    (volume / "weights.toml").write_text(text.replace("size = 3000000", f"size = {1 << 60}"), encoding="utf-8")
    with pytest.raises(FetchError, match="MB free, and 1,152,921,504,607 MB are to come"):
        _fetch(volume)

    assert origin.requests == []


def test_a_folder_that_cannot_be_written_is_told_as_such(origin: Origin) -> None:
    """The user, not a traceback."""
    with tempfile.TemporaryDirectory() as folder:  # pytest's own is closed to others
        write_manifest(Path(folder), FILES, [f"{origin.url}/"])
        with read_only(Path(folder)), pytest.raises(FetchError, match="cannot be written: this user may not") as caught:
            _fetch(Path(folder))

    assert folder in str(caught.value)


def test_a_full_read_only_volume_is_no_error(origin: Origin) -> None:
    """Nothing is to be done, so nothing has to be written; that there is no stamp is said."""
    said: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        write_manifest(Path(folder), FILES, [f"{origin.url}/"])
        fill(Path(folder), FILES)
        with read_only(Path(folder)):
            done = _fetch(Path(folder), told=Told(say=said.append))

    assert done.kept == 2
    assert said == [f"no stamp could be written to {folder}: this user may not"]


def test_the_same_command_is_recommended_only_if_it_may_help(volume: Path, origin: Origin) -> None:
    """One file is gone for good, the other source is only busy: exit code 70, both are told."""
    origin.script = {"a.bin": ["404"], "vl/b.bin": ["503"] * 3}
    with pytest.raises(FetchError, match=r"(?s)HTTP 404.*HTTP 503|HTTP 503.*HTTP 404") as caught:
        _fetch(volume)

    assert caught.value.exit_code == 70
