from __future__ import annotations

import pytest

from bench.soak import TOLERANCE, report, soak
from tests.server import Server

pytestmark = pytest.mark.long


def test_memory_after_a_thousand_pages_is_that_after_fifty() -> None:
    """Pages of four sizes and four kinds of file, no two alike; the server and its render children together."""
    with Server({"OCR_ADMISSION_SECONDS": "600", "OCR_REQUEST_SECONDS": "3600"}) as server:
        result = soak(server, first_pages=50, pages=1000, tell=lambda line: print(line, flush=True))

    print(report(result))
    assert result.failed == 0
    assert abs(result.growth) <= TOLERANCE, report(result)
