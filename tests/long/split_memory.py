"""`python -m tests.long.split_memory FOLDER`: reads one split document to its join, and tells its own peak memory.

A process for each figure, since a peak never comes down again. It is all pods at once: it splits, reads every range and
joins, with the stub engine and folders for buckets.
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

from events import ours
from events.event import Event
from events.uploads import DocumentUploaded
from function.reading.caller import Caller
from function.settings import Settings
from function.wiring import build
from tests.doors.conftest import stamped_tiff

#: Of a page: as many as a full page of a book has.
LINES = 45


class Kept:
    """A sink that keeps what it is sent."""

    def __init__(self) -> None:
        self.events: list[Event] = []

    def send(self, event: Event) -> None:
        """Take one."""
        self.events.append(event)


def document(pages: int) -> bytes:
    """No two pages alike."""
    return stamped_tiff(
        *("\n".join(f"line {line} of page {page}, which says little" for line in range(LINES)) for page in range(pages))
    )


def main(folder: Path) -> dict[str, int]:
    """Read `folder`/in/a.tif; bytes of the result, and of this process's peak before, and after all of it."""
    places = {"inbox": f"file://{folder}/in", "results": f"file://{folder}/out", "sink": "http://nowhere/"}
    function = build(Settings(fast_engine="stub", split_pages=9, slots=1, max_pages=5000, **places))  # type: ignore[arg-type]
    function.start()
    function.wait_until_ready()
    assert function.events is not None
    sink = Kept()
    deliveries = replace(function.events.deliveries, sink=sink)
    deliveries.answer([DocumentUploaded("in", "a.tif")], Caller(600), replies=True)
    requests = [ours.from_event(event) for event in sink.events]
    for number, asked in enumerate(requests):
        if number == len(requests) - 1:
            before = peak()
        deliveries.answer([asked], Caller(600), replies=True)
    function.stop()
    return {"result": (folder / "out" / "a.tif.json").stat().st_size, "before": before, "peak": peak()}


def peak() -> int:
    """Bytes that this process held at most, from the kernel."""
    lines = Path("/proc/self/status").read_text(encoding="ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM"))


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]))))
