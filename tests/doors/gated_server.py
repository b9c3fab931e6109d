"""The real server with a stub engine that a test holds back: a page that says `gate NAME` waits for that file.

python -m tests.doors.gated_server FOLDER
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from function.doors.cli import main
from function.engines.stub import StubEngine
from function.page import PageImage, PageReading


def hold_back(folder: Path) -> None:
    """Let the engine stand still at pages whose gates are closed, each in a batch of its own: tests count them."""
    read = StubEngine._read_page

    def held(engine: StubEngine, page: PageImage) -> tuple[PageReading | Exception, int]:
        outcome, times = read(engine, page)
        if isinstance(outcome, PageReading):
            for line in outcome.lines:
                word, _, name = line.text.partition(" ")
                while word == "gate" and not (folder / name).exists():
                    time.sleep(0.005)
        return outcome, times

    StubEngine._read_page = held  # type: ignore[method-assign, assignment]
    StubEngine.max_batch = property(lambda _: 1)  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    hold_back(Path(sys.argv[1]))
    sys.exit(main(["serve"]))
