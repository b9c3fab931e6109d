"""What the tests of fetching share: a source that has a file's `FILES`, and a volume whose manifest names it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.warmup.origin import Origin, write_manifest


@pytest.fixture
def origin(request: pytest.FixtureRequest) -> Iterator[Origin]:
    """It has every file of the test module's FILES."""
    with Origin(request.module.FILES) as running:
        yield running


@pytest.fixture
def volume(request: pytest.FixtureRequest, tmp_path: Path, origin: Origin) -> Path:
    """An empty one, but for its manifest."""
    folder = tmp_path / "volume"
    write_manifest(folder, request.module.FILES, [f"{origin.url}/"])
    return folder
