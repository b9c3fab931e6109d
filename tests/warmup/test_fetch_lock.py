"""`fetch --lock`: hashes that nobody knows are recorded at the first download, and then hold everywhere."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from tests.warmup.origin import Origin, contents, fill, some_bytes, write_manifest
from warmup import verify
from warmup.download import Patience
from warmup.errors import FetchError, ManifestError, WeightsError
from warmup.fetch import Fetch, Fetched
from warmup.sources_http import HttpSource
from warmup.verify import check

FILES = {"a.bin": some_bytes(70_000), "vl/b.bin": some_bytes(5_000, 2)}


@pytest.fixture
def volume(tmp_path: Path, origin: Origin) -> Path:
    """Whose manifest knows no hash."""
    return _volume(tmp_path / "volume", origin)


def _volume(folder: Path, origin: Origin) -> Path:
    write_manifest(folder, FILES, [f"{origin.url}/"], known=False)
    return folder


def _fetch(volume: Path, **options: object) -> Fetched:
    patience = Patience(tries=2, first_pause=0.001)
    return Fetch(volume, ["fast"], HttpSource(), patience=patience, **options).run()


def test_without_lock_nothing_is_recorded_and_the_gap_is_told(volume: Path) -> None:
    """What came is used, and named as unchecked."""
    done = _fetch(volume)

    assert (done.locked, done.unknown) == ((), ("a.bin", "vl/b.bin"))
    assert not (volume / "weights.lock.json").exists()
    assert check(volume, ["fast"]).unknown == done.unknown


def test_the_first_download_is_recorded_with_its_source(volume: Path, origin: Origin) -> None:
    """Size, hash and address of each file, and from then on every verification knows them."""
    done = _fetch(volume, record=True)
    lock = json.loads((volume / "weights.lock.json").read_text(encoding="utf-8"))

    assert (done.locked, done.unknown) == (("a.bin", "vl/b.bin"), ())
    assert lock["a.bin"] == {
        "size": 70_000,
        "sha256": hashlib.sha256(FILES["a.bin"]).hexdigest(),
        "source": f"{origin.url}/a.bin",
    }
    assert check(volume, ["fast"], "full").unknown == ()


def test_the_stamp_of_the_first_download_holds_for_what_was_locked(
    volume: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first start after `fetch --lock` need not hash again."""
    monkeypatch.setattr(verify, "SMALL", 0)
    _fetch(volume, record=True)

    assert check(volume, ["fast"], "stamp").how == "stamp"


def test_files_that_lay_there_already_are_recorded_as_such(volume: Path, origin: Origin) -> None:
    """Nobody can say where they came from."""
    fill(volume, FILES)
    done = _fetch(volume, record=True)
    lock = json.loads((volume / "weights.lock.json").read_text(encoding="utf-8"))

    assert (len(done.arrived), done.locked) == (0, ("a.bin", "vl/b.bin"))
    assert {entry["source"] for entry in lock.values()} == {"it lay there already"}
    assert origin.requests == []


def test_what_is_altered_after_locking_is_found(volume: Path) -> None:
    """The message says that the expectation comes from the lock."""
    _fetch(volume, record=True)
    (volume / "a.bin").write_bytes(bytes(70_000))

    with pytest.raises(WeightsError, match=r"expected SHA-256 [0-9a-f]{64} \(from weights\.lock\.json\), found"):
        check(volume, ["fast"])


def test_a_lock_kept_elsewhere_holds_for_other_volumes(tmp_path: Path, volume: Path, origin: Origin) -> None:
    """Recorded on one, checked into a repository, read-only for the next: what differs does not come in."""
    shared, second, third = tmp_path / "lock.json", tmp_path / "second", tmp_path / "third"
    _fetch(volume, record=True, shared_lock=shared)
    bytes_of_lock, place_of_lock = shared.read_bytes(), shared.stat().st_ino
    shared.chmod(0o444)
    _fetch(_volume(second, origin), record=True, shared_lock=shared)
    origin.files["a.bin"] = some_bytes(70_000, 8)
    with pytest.raises(FetchError, match=r"expected SHA-256 .* \(from weights\.lock\.json\), it sent"):
        _fetch(_volume(third, origin), record=True, shared_lock=shared)

    assert shared.stat().st_ino == place_of_lock, "it was written anew"
    assert shared.read_bytes() == bytes_of_lock == (second / "weights.lock.json").read_bytes()
    assert contents(second, FILES) == FILES
    assert contents(third, FILES) == {"vl/b.bin": FILES["vl/b.bin"]}


def test_a_lock_kept_elsewhere_counts_for_more_than_the_one_beside_the_weights(tmp_path: Path, volume: Path) -> None:
    """A volume that was filled with something else is brought in line."""
    fill(volume, FILES | {"a.bin": bytes(70_000)})
    _fetch(volume, record=True)
    right = {
        "a.bin": {"size": 70_000, "sha256": hashlib.sha256(FILES["a.bin"]).hexdigest(), "source": "checked by hand"}
    }
    (tmp_path / "lock.json").write_text(json.dumps(right), encoding="utf-8")

    done = _fetch(volume, record=True, shared_lock=tmp_path / "lock.json")

    assert [each.file.path for each in done.arrived] == ["a.bin"]
    assert contents(volume, FILES) == FILES
    assert check(volume, ["fast"], "full").unknown == ()


def test_a_hash_that_is_published_counts_for_more_than_a_lock(volume: Path, origin: Origin) -> None:
    """The manifest of a later release may know what was recorded before."""
    fill(volume, FILES | {"a.bin": bytes(70_000)})
    _fetch(volume, record=True)
    write_manifest(volume, FILES, [f"{origin.url}/"])

    with pytest.raises(WeightsError, match=hashlib.sha256(FILES["a.bin"]).hexdigest()):
        check(volume, ["fast"])


@pytest.mark.parametrize("text", ["{", '{"a.bin": {}}', '{"a.bin": {"size": 1, "sha256": "x", "source": ""}}'])
def test_a_lock_that_cannot_be_read_stops_everything(volume: Path, text: str) -> None:
    """Passing over it would accept anything."""
    (volume / "weights.lock.json").write_text(text, encoding="utf-8")

    for work in (lambda: _fetch(volume), lambda: check(volume, ["fast"])):
        with pytest.raises(ManifestError, match=rf"{volume}/weights\.lock\.json cannot be read: .*Mend it, or remove"):
            work()
