"""Render children: what they cost, and what they leave behind."""

from __future__ import annotations

import gc
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from function.documents import pool as pool_module
from function.documents.base import Source
from function.documents.pool import Pool
from function.documents.sources import from_bytes
from function.errors import DeadlineExceeded, OcrError
from tests.documents import making
from tests.documents.conftest import LIMITS
from tests.documents.watching import DOCUMENT, child_of, children, descriptors, is_running, shade, wait_until


def test_a_child_is_used_again(fresh: Pool) -> None:
    """Starting one takes longer than opening a small document."""
    seen = set()
    for _ in range(5):
        with from_bytes(DOCUMENT) as source, fresh.open(source) as document:
            seen.add(child_of(document))

    assert len(seen) == 1


def test_documents_that_are_open_at_once_have_a_child_each(fresh: Pool) -> None:
    """So one that crashes takes nobody with it."""
    with (
        from_bytes(DOCUMENT) as source,
        fresh.open(source) as one,
        fresh.open(source) as two,
    ):
        assert child_of(one) != child_of(two)
        assert shade(one, 2) == shade(two, 2)


@pytest.mark.parametrize("wait", [True, False])
def test_children_can_be_started_beforehand(fresh: Pool, wait: bool) -> None:
    """Never more than the pool's size."""
    before = children()

    fresh.start(10, wait=wait)

    assert len(children() - before) == 3
    with from_bytes(DOCUMENT) as source, fresh.open(source) as document:
        assert child_of(document) in children() - before
    fresh.close()
    assert children() == before


def test_whoever_finds_no_child_waits_and_then_hears_so() -> None:
    """An outage: the sender tries again."""
    pool = Pool(LIMITS, size=1, wait_seconds=0.05)
    with (
        from_bytes(DOCUMENT) as source,
        pool.open(source),
        pytest.raises(DeadlineExceeded, match=r"0\.05 s"),
        pool.open(source),
    ):
        pass
    with from_bytes(DOCUMENT) as source, pool.open(source) as document:
        assert document.pages == 6
    pool.close()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_a_document_that_is_forgotten_in_a_circle_gives_its_turn_back() -> None:
    """A failure holds frames, and frames hold readings: the collector may end the child's socket before its lease."""
    pool = Pool(LIMITS, size=1, wait_seconds=0.05)
    pool.start(wait=True)

    def reading(source: Source) -> Iterator[object]:
        with pool.open(source) as document:
            yield document

    with from_bytes(DOCUMENT) as source:
        circle: list[object] = [forgotten := reading(source)]
        next(forgotten)
        circle.append(circle)
        del forgotten, circle
        gc.collect()
        with pool.open(source) as document:
            assert document.pages == 6
    pool.close()


def test_waiting_ends_when_a_child_comes_free() -> None:
    """Sixteen callers share two children, and no others are started."""
    pool = Pool(LIMITS, size=2)
    seen = set()

    def read(number: int) -> int:
        with from_bytes(DOCUMENT) as source, pool.open(source) as document:
            seen.add(child_of(document))
            return shade(document, 1 + number % 6)

    with ThreadPoolExecutor(16) as threads:
        shades = list(threads.map(read, range(48)))
    pool.close()

    assert shades[:6] == sorted(set(shades))
    assert shades == shades[:6] * 8
    assert len(seen) <= 2


def test_a_child_is_replaced_after_many_documents(fresh: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a library leaks does not pile up."""
    monkeypatch.setattr(pool_module, "MOST_DOCUMENTS", 3)
    seen = []
    for _ in range(6):
        with from_bytes(DOCUMENT) as source, fresh.open(source) as document:
            seen.append(child_of(document))

    assert len(set(seen)) == 2


def test_a_child_that_kept_much_memory_is_replaced(fresh: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """As after a document that fragmented its heap."""
    monkeypatch.setattr(pool_module, "MOST_KEPT_BYTES", 1)
    before = children()
    with from_bytes(DOCUMENT) as source, fresh.open(source):
        pass

    assert children() == before


def test_many_documents_leave_neither_descriptors_nor_zombies_nor_mappings(visible: Pool) -> None:
    """Good ones, refused ones, and abandoned ones."""
    inputs = [DOCUMENT, making.saved(making.picture(), "PNG"), b"rubbish", making.pdf([]), b"%PDF-1.4 wreck"]
    others = children()
    visible.start(1, wait=True)
    before = descriptors()

    for _ in range(40):
        for data in inputs:
            try:
                with from_bytes(data) as source, visible.open(source) as document:
                    document.draw(1, 20)
                    document.text_layer(1, 20)
            except OcrError:
                pass

    assert descriptors() == before
    assert "memfd:" not in Path("/proc/self/maps").read_text()
    (child,) = children() - others
    assert sum(1 for _ in Path(f"/proc/{child}/fd").iterdir()) <= 6
    assert "memfd:" not in Path(f"/proc/{child}/maps").read_text()


def test_pixels_outlive_their_document(fresh: Pool) -> None:
    """The batcher reads them when the page's turn comes; they cannot be written to."""
    with from_bytes(DOCUMENT) as source, fresh.open(source) as document:
        page = document.draw(2, 20)
    fresh.close()

    assert int(page.pixels[50, 50, 0]) == 26
    assert not page.pixels.flags.writeable


def test_children_end_with_their_parent() -> None:
    """However it ends: nothing draws on for nobody."""
    script = (
        "import os, signal\n"
        "from function.documents.base import Limits\n"
        "from function.documents.pool import Pool\n"
        "from function.documents.sources import from_bytes\n"
        "from tests.documents import making\n"
        "pool = Pool(Limits(10, 10**6, 20, 2 << 30), size=2)\n"
        "source = from_bytes(making.pdf())\n"
        "with pool.open(source) as document, pool.open(source) as other:\n"
        "    print(document._lease.child().pid, other._lease.child().pid, flush=True)\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    root = Path(__file__).resolve().parents[2]
    parent = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, check=False, timeout=120
    )

    assert parent.returncode == -signal.SIGKILL, parent.stderr
    pids = [int(word) for word in parent.stdout.split()]
    assert len(pids) == 2
    wait_until(lambda: not any(is_running(pid) for pid in pids))


def test_children_inherit_no_sockets_and_no_secrets(visible: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A hostile document must find nothing of the server's in the process it takes over."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.set_inheritable(True)
        with from_bytes(DOCUMENT) as source, visible.open(source) as document:
            child = Path(f"/proc/{child_of(document)}")
            ours = Path(f"/proc/self/fd/{server.fileno()}").readlink()
            theirs = {path.readlink() for path in (child / "fd").iterdir()}
            environment = (child / "environ").read_bytes()

    assert ours not in theirs
    assert sum(str(name).startswith("socket:") for name in theirs) == 1
    assert b"secret" not in environment


def test_children_are_confined(fresh: Pool) -> None:
    """First to go when memory is short, no core files, no new privileges, limited address space."""
    with from_bytes(DOCUMENT) as source, fresh.open(source) as document:
        child = Path(f"/proc/{child_of(document)}")
        limits = (child / "limits").read_text()
        status = (child / "status").read_text()
        adjusted = (child / "oom_score_adj").read_text()

    assert f"Max address space         {2 << 30}" in limits
    assert "Max core file size        0 " in limits
    assert "Max processes             0 " in limits
    assert f"Max file size             {2 << 30}" in limits
    assert "NoNewPrivs:\t1" in status
    assert int(adjusted) == 1000


def test_children_are_light(visible: Pool) -> None:
    """They import neither numpy nor the settings."""
    with from_bytes(DOCUMENT) as source, visible.open(source) as document:
        document.draw(1, 20)
        maps = Path(f"/proc/{child_of(document)}/maps").read_text()

    assert "numpy" not in maps
    assert "pdfium" in maps


def test_a_child_starts_whatever_stands_on_the_path_just_then(
    fresh: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Libraries put folders of theirs there while they are imported, with modules that are called like Python's."""
    (tmp_path / "typing.py").write_text("raise ImportError('not this one')", encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))

    fresh.start(wait=True)
