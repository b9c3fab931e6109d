"""A browser a worker, a held server a file, a fresh visitor a test."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.conftest import missing
from tests.server import Server
from tests.web.visitor import Visitor

expect.set_options(timeout=30_000)  # a busy machine is no fault of the page
_NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The chromium that the system has; none is downloaded."""
    found = next(filter(None, map(shutil.which, _NAMES)), None)
    if found is None:
        missing("chromium", "apt-get install chromium")
    with sync_playwright() as playwright:
        # Containers have neither the privileges of its sandbox nor a large /dev/shm; the pages are our own.
        flags = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
        chromium = playwright.chromium.launch(executable_path=found, args=flags)
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def gates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where gates are opened; the server's start is."""
    folder = tmp_path_factory.mktemp("gates")
    (folder / "load").touch()
    return folder


@pytest.fixture(scope="module")
def server(gates: Path) -> Iterator[Server]:
    """Reads stamped pages, and waits where they say so."""
    settings = {"OCR_FAST_ENGINE": "stub", "OCR_HEARTBEAT_SECONDS": "0.1"}
    command = (sys.executable, "-m", "tests.web.held_server", str(gates))
    with Server(settings, command=command) as held:
        yield held


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that remembers nothing, in English, on a desk."""
    with browser.new_context(locale="en-GB", viewport={"width": 1200, "height": 900}) as fresh:
        yield fresh


@pytest.fixture
def visitor(context: BrowserContext, server: Server) -> Iterator[Visitor]:
    """At the page; when the test is over, its browser must have had nothing to complain about."""
    came = Visitor(context, server).come()
    yield came
    assert came.complaints == []
    assert came.hosts <= {f"127.0.0.1:{server.port}"}
