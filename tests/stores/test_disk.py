"""What is peculiar to files: people put them there, links lead away, a process dies between two renames."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from function.errors import BadRequest, SourceGone, StoreDenied
from function.stores.base import ABSENT, Conflict
from function.stores.disk import OWN, DiskStore
from tests.conftest import ROOT


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The bucket `inbox`."""
    inbox = tmp_path / "root" / "inbox"
    inbox.mkdir(parents=True)
    return inbox


@pytest.fixture
def store(folder: Path) -> DiskStore:
    """Over its parent."""
    return DiskStore(folder.parent)


def _put(store: DiskStore, key: str, body: bytes, **more: Any) -> str:
    return store.put("inbox", key, body, media_type="a/b", **more)


def test_a_file_that_somebody_copied_in_is_an_upload(store: DiskStore, folder: Path) -> None:
    """Nothing is written beside it, so a folder that may only be read will do."""
    (folder / "scans").mkdir()
    (folder / "scans" / "a.pdf").write_bytes(b"bytes")
    head = store.head("inbox", "scans/a.pdf")

    assert (head.size, head.metadata) == (5, {})
    with store.get("inbox", "scans/a.pdf", max_bytes=10, etag=head.etag) as body:
        assert body.read(10) == b"bytes"
    assert [found.key for found in store.scan("inbox")] == ["scans/a.pdf"]
    assert sorted(path.name for path in folder.iterdir()) == ["scans"]


def test_a_result_is_a_plain_file(store: DiskStore, folder: Path) -> None:
    """People open it; what it is made of is not in their way."""
    _put(store, "out/a.pdf.json", b"{}")

    assert (folder / "out" / "a.pdf.json").read_bytes() == b"{}"
    assert [path.name for path in folder.iterdir() if not path.name.startswith(".")] == ["out"]
    assert not list((folder / OWN).glob("*.part"))


def test_a_file_that_was_changed_by_others_has_another_etag(store: DiskStore, folder: Path) -> None:
    """And none of the metadata, unless its bytes are the same, as after a restored backup."""
    first = _put(store, "a.pdf", b"first", metadata={"one": "1"})
    os.utime(folder / "a.pdf", (1, 1))
    assert store.head("inbox", "a.pdf").metadata == {"one": "1"}
    (folder / "a.pdf").write_bytes(b"other")
    head = store.head("inbox", "a.pdf")

    assert head.etag != first
    assert head.metadata == {}
    with pytest.raises(Conflict):
        _put(store, "a.pdf", b"third", only_if=first)


@pytest.mark.parametrize("to", ["..", "../..", "/"])
def test_a_link_that_leads_out_is_not_followed(store: DiskStore, folder: Path, to: str) -> None:
    """Whoever may put files there must not read or write what the function may."""
    (folder.parent / "secret.pdf").write_bytes(b"secret")
    (folder / "link").symlink_to(to)
    (folder / "file.pdf").symlink_to(folder.parent / "secret.pdf")

    for attempt in (
        lambda: store.head("inbox", "link/secret.pdf"),
        lambda: store.get("inbox", "link/secret.pdf", max_bytes=100),
        lambda: _put(store, "link/secret.pdf", b"x"),
        lambda: store.delete("inbox", "link/secret.pdf"),
    ):
        with pytest.raises(BadRequest):
            attempt()
    assert store.head("inbox", "file.pdf") is None
    with pytest.raises(SourceGone):
        store.get("inbox", "file.pdf", max_bytes=100)
    assert [found.key for found in store.scan("inbox")] == []
    assert (folder.parent / "secret.pdf").read_bytes() == b"secret"


@pytest.mark.parametrize("key", [f"{OWN}/x.json", "a/" + "x" * 300, "nul\0", "..", "../inbox/a.pdf", "a/./b", ""])
def test_a_key_that_is_no_file_of_the_bucket_is_refused(store: DiskStore, folder: Path, key: str) -> None:
    """400: it would be refused again."""
    with pytest.raises(BadRequest):
        _put(store, key, b"x")
    with pytest.raises(BadRequest):
        store.head("inbox", key)


@pytest.mark.parametrize("bucket", ["..", ".", "/", "a/b", ""])
def test_a_bucket_is_a_folder_of_the_root(store: DiskStore, bucket: str) -> None:
    """No way out there either."""
    with pytest.raises(BadRequest):
        store.head(bucket, "a.pdf")


def test_a_pipe_and_a_folder_are_no_objects(store: DiskStore, folder: Path) -> None:
    """And nobody waits for a pipe's writer."""
    os.mkfifo(folder / "pipe.pdf")
    (folder / "folder.pdf").mkdir()

    assert store.head("inbox", "pipe.pdf") is None
    assert store.head("inbox", "folder.pdf") is None
    assert store.head("inbox", "folder.pdf/deeper") is None
    with pytest.raises(BadRequest):
        _put(store, "folder.pdf", b"x")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_may_not_be_written_is_our_configuration(store: DiskStore, folder: Path) -> None:
    """Told as a denial, with what to do."""
    folder.chmod(0o500)
    with pytest.raises(StoreDenied, match="inbox"):
        _put(store, "a.json", b"x")
    folder.chmod(0o700)


def test_metadata_outlives_a_kill_between_its_writing_and_the_files(
    store: DiskStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whichever of the two files a crash leaves in place, it has its own metadata."""
    _put(store, "a.json", b"old", metadata={"ocr-id": "old"})
    rename = Path.replace

    def dies(self: Path, target: Path) -> Path:
        if Path(target).name == "a.json":
            raise KeyboardInterrupt
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", dies)
    with pytest.raises(KeyboardInterrupt):
        _put(store, "a.json", b"new", metadata={"ocr-id": "new"})
    monkeypatch.undo()

    assert store.head("inbox", "a.json").metadata == {"ocr-id": "old"}
    _put(store, "a.json", b"new", metadata={"ocr-id": "new"})
    assert store.head("inbox", "a.json").metadata == {"ocr-id": "new"}


def test_processes_respect_each_others_conditions(store: DiskStore, folder: Path) -> None:
    """Many processes write if absent; one of them does."""
    code = (
        "import sys\nfrom function.stores.base import ABSENT, Conflict\nfrom function.stores.disk import DiskStore\n"
        "store, name = DiskStore(sys.argv[1]), sys.argv[2]\nsys.stdin.readline()\n"
        "try:\n    store.put('inbox', 'a.json', name.encode(), media_type='a/b', only_if=ABSENT)\n    print(name)\n"
        "except Conflict:\n    print('conflict')\n"
    )
    command = [sys.executable, "-c", code, str(folder.parent)]
    processes = [
        subprocess.Popen([*command, f"{number}"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        for number in range(4)
    ]
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    told = [process.communicate(timeout=60)[0].strip() for process in processes]
    winner = (folder / "a.json").read_text()

    assert sorted(told) == sorted(["conflict"] * 3 + [winner])
    with pytest.raises(Conflict):
        _put(store, "a.json", b"late", only_if=ABSENT)
