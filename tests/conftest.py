"""What every test stands on: a clean environment, repeatable chance, no silent skips where CI promised a service."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "warmup" / "pages"

# The same examples on every run and every worker; a slow, shared machine must not fail a test by its clock.
settings.register_profile("repeatable", derandomize=True, deadline=None, max_examples=50, database=None)
settings.load_profile("repeatable")

# Once and before any thread: a store client that iterates over the environment while a test takes names away fails.
for _name in [name for name in os.environ if name.startswith("AWS_")]:
    del os.environ[_name]


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer's own OCR_* variables change nothing here."""
    for name in [name for name in os.environ if name.startswith("OCR_") or name in {"PORT", "K_SINK"}]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True)
def _logging_as_it_was() -> Iterator[None]:
    """A command that was tried in this process sets how much is logged; the next test expects to see warnings."""
    root = logging.getLogger()
    before = root.level
    yield
    root.setLevel(before)


@pytest.fixture
def pages() -> Path:
    """The project's own sample documents, each with its text beside it."""
    return PAGES


def missing(service: str, remedy: str) -> NoReturn:
    """Skip for want of an optional service or tool; where CI=true it was promised, so fail."""
    message = f"{service} is missing: {remedy}"
    if os.environ.get("CI") == "true":
        pytest.fail(message)
    pytest.skip(message)
