"""The graphics card, by what NVIDIA's own tool says of it."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass

from bench.sampling import Sampling

_TOOL = "nvidia-smi"


@dataclass(frozen=True)
class Gpu:
    """One card.

    Attributes:
        name: as its maker calls it.
        driver: version.
        total: MiB of memory.
        used: MiB, by whomever.
    """

    name: str
    driver: str
    total: int
    used: int


def first() -> Gpu | None:
    """The first card; None where there is none, or no tool to ask."""
    if not shutil.which(_TOOL):
        return None
    asked = "--query-gpu=name,driver_version,memory.total,memory.used"
    try:
        done = subprocess.run(
            [_TOOL, asked, "--format=csv,noheader,nounits"], capture_output=True, text=True, timeout=60, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    lines = done.stdout.strip().splitlines() if done.returncode == 0 else []
    cells = [cell.strip() for cell in lines[0].split(",")] if lines else []
    if len(cells) != 4 or not (cells[2].isdigit() and cells[3].isdigit()):
        return None
    return Gpu(cells[0], cells[1], int(cells[2]), int(cells[3]))


class Peak(Sampling):
    """The most memory in use while the `with` block runs, sampled: `mib` afterwards, None where there is no card."""

    def __init__(self, *, seconds: float = 0.5) -> None:
        super().__init__(seconds)
        self.mib: int | None = None

    def look(self) -> bool:
        """Ask the card."""
        if (gpu := first()) is None:
            return False
        self.mib = max(self.mib or 0, gpu.used)
        return True
