"""The gated server whose start can be held back, too: its engine is loaded once the file `load` is there.

python -m tests.web.held_server FOLDER
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from function.doors.cli import main
from function.engines.stub import StubEngine
from tests.doors.gated_server import hold_back


def hold_load(folder: Path) -> None:
    """Let loading the engine wait for the file `load`."""
    load = StubEngine.load

    def held(engine: StubEngine) -> None:
        while not (folder / "load").exists():
            time.sleep(0.005)
        load(engine)

    StubEngine.load = held  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    hold_back(Path(sys.argv[1]))
    hold_load(Path(sys.argv[1]))
    sys.exit(main(["serve"]))
