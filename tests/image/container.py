"""Runs an image's root file system as a pod would: by its configuration, under Pod Security "restricted".

    python -m tests.image.container ROOT CONFIG.json [ARGUMENT …]      ARGUMENTs replace the image's CMD, as `args` does

The root is mounted read-only, /tmp and /dev/shm are the only writable folders, the user is the image's own, without any
capability and without ways to new ones, and the program is PID 1 of its own process namespace. SIGTERM is passed on to
it, and its exit code is ours. The network is this machine's, so that a test can call it. As root, on Linux.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

# <linux/sched.h>, <linux/mount.h>, <linux/prctl.h>
_NEW_MOUNTS, _NEW_PROCESSES, _NEW_IPC = 0x00020000, 0x20000000, 0x08000000
_READ_ONLY, _NO_SUID, _NO_DEVICES, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
_DIE_WITH_PARENT, _DROP_BOUNDING, _NO_NEW_PRIVILEGES = 1, 24, 38
#: What a container runtime makes of /dev.
DEVICES = ("null", "zero", "full", "random", "urandom")

_libc = ctypes.CDLL(None, use_errno=True)


def main(root: Path, config: dict[str, Any], arguments: list[str]) -> int:
    """Run it; returns its exit code, negative where a signal ended it."""
    _call("unshare", _NEW_MOUNTS | _NEW_PROCESSES | _NEW_IPC)
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    child = os.fork()
    if child == 0:
        _become(root, config, arguments)

    def pass_on(number: int, frame: FrameType | None) -> None:
        os.kill(child, number)

    signal.signal(signal.SIGTERM, pass_on)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def _become(root: Path, config: dict[str, Any], arguments: list[str]) -> NoReturn:
    """PID 1 of the container; ends the process, whatever happens."""
    try:
        # Before the chroot, behind which this Python's own library is out of reach.
        last = int(Path("/proc/sys/kernel/cap_last_cap").read_text(encoding="ascii"))
        environment = dict(entry.split("=", 1) for entry in config["Env"])
        environment |= {name: value for name, value in os.environ.items() if name.startswith(("OCR_", "AWS_", "PORT"))}
        _mounts(root)
        os.chroot(root)
        os.chdir(config.get("WorkingDir") or "/")
        user, group = map(int, config["User"].split(":"))
        _drop(user, group, last)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        command = [*config["Entrypoint"], *(arguments or config["Cmd"])]
        os.execvpe(command[0], command, environment)
    except BaseException as problem:  # noqa: BLE001 - a copy of the parent must not go on
        print(f"container: {type(problem).__name__}: {problem}", file=sys.stderr, flush=True)
        os._exit(125)


def _mounts(root: Path) -> None:
    _mount("none", Path("/"), flags=_RECURSIVE | _PRIVATE)
    _mount(str(root), root, flags=_BIND)
    (root / "tmp").mkdir(exist_ok=True)
    devices = [(Path("/dev") / name, root / "dev" / name) for name in DEVICES]
    # Mounts over folders of the image, made while it can still be written below them.
    _mount("tmpfs", root / "dev", kind="tmpfs", flags=_NO_SUID, options="mode=755,size=64k")
    for outside, inside in devices:
        inside.touch()
        _mount(str(outside), inside, flags=_BIND)
    (root / "dev" / "shm").mkdir()
    _mount("tmpfs", root / "dev" / "shm", kind="tmpfs", flags=_NO_SUID | _NO_DEVICES, options="mode=1777,size=64m")
    _mount("tmpfs", root / "dev", flags=_REMOUNT | _READ_ONLY | _NO_SUID, kind="tmpfs", options="mode=755,size=64k")
    _mount("tmpfs", root / "tmp", kind="tmpfs", flags=_NO_SUID | _NO_DEVICES, options="mode=1777,size=256m")
    _mount("proc", root / "proc", kind="proc", flags=_NO_SUID | _NO_DEVICES)
    _mount("none", root, flags=_REMOUNT | _BIND | _READ_ONLY | _NO_SUID)


def _drop(user: int, group: int, last_capability: int) -> None:
    for capability in range(last_capability + 1):
        _call("prctl", _DROP_BOUNDING, capability, 0, 0, 0)
    os.setgroups([])
    os.setresgid(group, group, group)
    os.setresuid(user, user, user)
    _call("prctl", _NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    # After the change of user, which would clear it.
    _call("prctl", _DIE_WITH_PARENT, signal.SIGKILL, 0, 0, 0)


def _mount(source: str, target: Path, *, kind: str = "", flags: int = 0, options: str = "") -> None:
    _call("mount", source.encode(), bytes(target), kind.encode() or None, flags, options.encode() or None)


def _call(name: str, *arguments: object) -> None:
    """One function of libc.

    Raises:
        OSError: it said no.
    """
    if getattr(_libc, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}{arguments}: {os.strerror(number)}")


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), json.loads(Path(sys.argv[2]).read_text(encoding="utf-8")), sys.argv[3:]))
