"""What the container may use of the machine: processors, and the arithmetic that they are fast at."""

from __future__ import annotations

import math
import os
from pathlib import Path

#: In /proc/cpuinfo, of x86 and of Arm; frequencies and serial numbers differ between equal processors.
_IDENTIFYING = (
    "vendor_id", "cpu family", "model", "model name", "stepping", "flags",
    "CPU implementer", "CPU architecture", "CPU variant", "CPU part", "Features",
)  # fmt: skip


def available_cpus(root: Path = Path("/")) -> int:
    """Processors that this process may keep busy, at least 1.

    The smaller of the scheduling affinity and the cgroup's CPU quota (version 2: `cpu.max`, version 1:
    `cpu.cfs_quota_us`, of this group and every group above it), rounded up: the odd half of a processor is used too.

    Args:
        root: where `proc` and `sys` lie; a test's folder.
    """
    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.ceil(min(affinity, _quota(root))))


def has_bf16(root: Path = Path("/")) -> bool:
    """Whether the processor multiplies bfloat16 by itself (AVX512_BF16 or AMX); emulated, it is slower than float32."""
    flags = _text(root / "proc/cpuinfo")
    return "avx512_bf16" in flags or "amx_bf16" in flags


def identity(root: Path = Path("/")) -> str:
    """Architecture, model and abilities of the processor: machine code made for one may crash or crawl on another."""
    first, _, _ = _text(root / "proc/cpuinfo").partition("\n\n")
    told = dict(line.split(":", 1) for line in first.splitlines() if ":" in line)
    known = {name.strip(): value.strip() for name, value in told.items()}
    return " ".join([os.uname().machine, *(known[name] for name in _IDENTIFYING if name in known)])


def _quota(root: Path) -> float:
    quotas = [math.inf]
    for line in _text(root / "proc/self/cgroup").splitlines():
        _, controllers, path = line.split(":", 2)
        if controllers == "":
            quotas += [_quota_v2(folder) for folder in _upwards(root / "sys/fs/cgroup", path)]
        elif "cpu" in controllers.split(","):
            for mount in (root / "sys/fs/cgroup" / controllers, root / "sys/fs/cgroup/cpu"):
                quotas += [_quota_v1(folder) for folder in _upwards(mount, path)]
    return min(quotas)


def _upwards(mount: Path, path: str) -> list[Path]:
    """The group's folder and those above it; inside a container the mount itself is often the group."""
    group = mount / path.lstrip("/")
    return [folder for folder in (group, *group.parents) if folder == mount or mount in folder.parents]


def _quota_v2(group: Path) -> float:
    words = _text(group / "cpu.max").split()
    return int(words[0]) / int(words[1]) if len(words) == 2 and words[0] != "max" else math.inf


def _quota_v1(group: Path) -> float:
    quota, period = _text(group / "cpu.cfs_quota_us").strip(), _text(group / "cpu.cfs_period_us").strip()
    return int(quota) / int(period) if quota and period and int(quota) > 0 else math.inf


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""
