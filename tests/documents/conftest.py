"""What tests of this room share: limits, a pool of real children, pools of worse ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import pytest

from function.documents.base import Document, Limits
from function.documents.pool import Pool
from function.documents.sources import from_bytes

LIMITS = Limits(max_pages=2000, max_pixels=4_000_000, page_seconds=60.0, child_memory_bytes=2 << 30)

#: A child that meets with disaster on page 2, drawn or read; `MARK` is a file that does not exist yet.
_WORSE = """
import os, signal, sys
from pathlib import Path
from function.documents import child
from function.documents import memory
from function.documents.messages import Draw, Drawn, Open, ReadText, TextRead
MARK = Path({mark!r})
real = child.Servant._done
def done(self, request, descriptor):
    if isinstance(request, Draw | ReadText) and request.number == 2:
        {disaster}
    return real(self, request, descriptor)
child.Servant._done = done
sys.exit(child.main())
"""


@pytest.fixture(scope="module")
def pool() -> Iterator[Pool]:
    """Real children."""
    pool = Pool(LIMITS, size=4)
    yield pool
    pool.close()


@pytest.fixture
def strict() -> Iterator[Pool]:
    """Real children under tight limits."""
    limits = Limits(max_pages=3, max_pixels=1_000_000, page_seconds=60.0, child_memory_bytes=256 << 20)
    pool = Pool(limits, size=1)
    yield pool
    pool.close()


@pytest.fixture
def fresh() -> Iterator[Pool]:
    """A pool of its own, for tests that look at its children."""
    pool = Pool(LIMITS, size=3)
    yield pool
    pool.close()


@pytest.fixture
def visible() -> Iterator[Pool]:
    """Children without walls: of others nobody but root may look into /proc."""
    pool = Pool(replace(LIMITS, sandbox="off"), size=3)
    yield pool
    pool.close()


class Opened(Protocol):
    """Opens bytes until the end of the test."""

    def __call__(self, data: bytes, *, pool: Pool | None = None) -> Document:
        """The opened document."""
        ...


@pytest.fixture
def opened(pool: Pool) -> Iterator[Opened]:
    """Opens bytes until the end of the test."""
    with ExitStack() as stack:
        real = pool

        def open_(data: bytes, *, pool: Pool | None = None) -> Document:
            source = stack.enter_context(from_bytes(data))
            return stack.enter_context((pool or real).open(source))

        yield open_


@pytest.fixture
def worse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Pool]]:
    """Makes pools whose children meet with a disaster, one statement, whenever page 2 is drawn."""
    monkeypatch.syspath_prepend(tmp_path)
    pools: list[Pool] = []

    def make(disaster: str, limits: Limits = LIMITS, size: int = 2) -> Pool:
        name = f"worse_child_{len(pools)}"
        text = _WORSE.format(disaster=disaster, mark=str(tmp_path / "mark"))
        (tmp_path / f"{name}.py").write_text(text, encoding="utf-8")
        pools.append(Pool(limits, size=size, child_module=name))
        return pools[-1]

    yield make
    for pool in pools:
        pool.close()
