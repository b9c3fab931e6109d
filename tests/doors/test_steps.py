"""What a stream says while its document is made, and that it says nothing after the end."""

from __future__ import annotations

import time
from collections.abc import Generator

from function.doors.steps import Steps
from function.reading.caller import Caller
from function.reading.reader import Progress
from function.results.model import Cost, DocumentInfo, DocumentResult, EngineInfo


def test_nothing_follows_the_result_however_long_the_end_takes() -> None:
    """The summary is the last line, though whoever made it tidies up for longer than the silence that is allowed."""
    result = DocumentResult(DocumentInfo("", "", "", 0), EngineInfo("stub", "1", "stub"), [], "", {}, Cost(0.0, 0.0))

    def make(_: Caller) -> Generator[Progress, None, None]:
        yield result
        time.sleep(0.1)

    steps = list(Steps(make, Caller(60.0), silence=0.01))

    assert steps[-1] is result
