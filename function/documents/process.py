"""One render child, seen from the server: started, asked, watched and buried."""

from __future__ import annotations

import contextlib
import functools
import logging
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

from function.documents import memory
from function.documents.base import Limits
from function.documents.channel import Broken, Channel
from function.documents.deaths import ChildDied, Death
from function.documents.messages import WALLS, Close, Drawn, Ready, Reply, Request, TextRead, Written
from function.errors import RendererKilled

log = logging.getLogger(__name__)

CHILD_MODULE = "function.documents.child"
#: The kernel counts a child's CPU time against OCR_PAGE_SECONDS. The clock on the wall runs on where children wait for
#: a processor or a disk, so it only ends those that have been silent for this many times as long.
WALL_PER_CPU = 3.0
#: Starting takes a quarter of a second; on a busy node that pulls its files from a cold disk, far longer.
START_SECONDS = 60.0
_END_SECONDS = 2.0
#: How a child ends that lives, and no longer says what a child says.
_NONSENSE = Death(1)
_ROOT = Path(__file__).resolve().parents[2]


def search_path() -> str:
    """Where a child finds its modules, as it is now.

    To be asked before anything is imported side by side: while OpenCV is being imported its own folder stands on the
    path, and a child that is started just then would find OpenCV's `typing` in the place of Python's.
    """
    return os.pathsep.join([str(_ROOT), *filter(None, sys.path)])


class Child:
    """A running render child; used by one thread at a time.

    Args:
        limits: that it puts upon itself.
        module: that it runs (tests run worse ones).
        path: where it finds its modules; see `search_path`.

    Raises:
        RendererKilled: there is no memory or no process left for it.
    """

    def __init__(self, limits: Limits, module: str, path: str) -> None:
        self._limits = limits
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._errors, errors = _pipe()
        try:
            self._process = _spawn(module, path, theirs, errors, limits)
        except OSError as problem:
            ours.close()
            os.close(self._errors)
            raise RendererKilled(f"a render child cannot be started: {problem}") from problem
        finally:
            theirs.close()
            os.close(errors)
        self._channel: Channel[Reply] = Channel(ours, Reply)
        self._is_ready = False
        self._is_asked = False
        #: What it has open; set by whoever asked for it.
        self.holds: object | None = None
        #: How many documents it has opened.
        self.documents = 0

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def is_usable(self) -> bool:
        """Alive, and not in the middle of something that its caller walked away from."""
        return not self._is_asked and self._process.poll() is None

    def wait_until_ready(self) -> None:
        """Block until it stands.

        Raises:
            RendererKilled: it does not come up: our fault, whatever the document.
        """
        if self._is_ready:
            return
        try:
            reply, _ = self._channel.receive(START_SECONDS)
        except (Broken, TimeoutError) as problem:
            death = self._death() if isinstance(problem, Broken) else Death(0, timed_out=True)
            self.kill()
            log.error("a render child did not start: %s: %s", death.how, self._last_words())
            raise RendererKilled("a render child did not start; the log tells why") from problem
        assert isinstance(reply, Ready)
        missing = [wall for wall in WALLS if wall not in reply.walls]
        if missing and self._limits.sandbox == "required":
            self.kill()
            raise RendererKilled(
                f"OCR_SANDBOX=required, but this kernel, or what bounds the container, gives no wall for {missing}",
                remedy="Run where it has Landlock and seccomp (Linux 5.13, x86_64, aarch64), or set OCR_SANDBOX=auto.",
            )
        _tell(tuple(missing), self._limits.sandbox)
        self._is_ready = True

    def ask(self, request: Request, descriptor: int | None = None, *, pages: int = 1) -> tuple[Reply, int | None]:
        """Send a request and wait for its reply; a descriptor that comes with it belongs to the caller.

        Args:
            request: what is asked.
            descriptor: goes along, and stays the caller's.
            pages: that it is about; each may take its time.

        Raises:
            ChildDied: it died, or was silent for too long and is dead now.
        """
        self._is_asked = True
        try:
            self._channel.send(request, descriptor)
            answer = self._channel.receive(self._limits.page_seconds * WALL_PER_CPU * pages)
        except TimeoutError as problem:
            self.kill()
            raise ChildDied(Death(self._process.returncode, timed_out=True)) from problem
        except Broken as problem:
            death = self._death()
            log.debug("render child %d died: %s: %s", self.pid, death.how, self._last_words())
            raise ChildDied(death) from problem
        self._is_asked = False
        reply, bulk = answer
        if bulk is not None and not isinstance(reply, Drawn | TextRead | Written):
            os.close(bulk)  # a child that has been taken over shall not fill our table of descriptors
            bulk = None
        return reply, bulk

    @contextlib.contextmanager
    def understood(self) -> Iterator[None]:
        """While what it answered is taken in: a child that answers nonsense is ended, and counts as dead of that.

        Raises:
            ChildDied: Broken was raised within.
        """
        try:
            yield
        except Broken as problem:
            self.kill()
            log.debug("render child %d speaks nonsense: %s", self.pid, problem)
            raise ChildDied(_NONSENSE) from problem

    def forget(self) -> None:
        """Have it close its document, if it has one, so that it can take another.

        Raises:
            ChildDied: it died of that.
        """
        if self.holds is not None and not self._is_asked:
            self.holds = None
            self.ask(Close())

    def own_bytes(self) -> int:
        """Memory that is its own."""
        return memory.anonymous_bytes(self.pid)

    def end(self) -> None:
        """Hang up, and wait until it is gone."""
        self._channel.close()
        try:
            self._process.wait(0 if self._is_asked else _END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        if self._errors >= 0:
            os.close(self._errors)
            self._errors = -1

    def kill(self) -> None:
        """End it at once; `end` is still to be called."""
        self._process.kill()
        self._process.wait()

    def _death(self) -> Death:
        """How it died; if it lives and only speaks nonsense, that ends here."""
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
            return _NONSENSE
        return Death(self._process.returncode)

    def _last_words(self) -> str:
        """What it wrote to its standard error, as far as the pipe could hold it."""
        with contextlib.suppress(BlockingIOError, OSError):
            return os.read(self._errors, 1 << 16).decode(errors="replace").strip()
        return ""


@functools.cache
def _tell(missing: tuple[str, ...], sandbox: str) -> None:
    """Once a process: which walls its children have."""
    standing = [wall for wall in WALLS if wall not in missing]
    log.log(
        logging.WARNING if missing else logging.INFO,
        "walls around render children: %s; missing: %s (OCR_SANDBOX=%s)",
        ", ".join(standing) or "none", ", ".join(missing) or "none", sandbox,
        extra={"walls": standing},
    )  # fmt: skip


def _pipe() -> tuple[int, int]:
    """A pipe that neither side ever waits for: a child that writes more than it holds writes it nowhere."""
    reading, writing = os.pipe()
    os.set_blocking(reading, False)
    os.set_blocking(writing, False)
    return reading, writing


def _spawn(module: str, path: str, sock: socket.socket, errors: int, limits: Limits) -> subprocess.Popen[bytes]:
    """Start a child that has three standard files, one socket, and none of the server's descriptors or secrets."""
    number = sock.fileno()
    return subprocess.Popen(
        [sys.executable, "-m", module, str(number), msgspec.json.encode(limits).decode()],
        pass_fds=(number,),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=errors,
        cwd=_ROOT,
        env={"PYTHONPATH": path, "LC_ALL": "C.UTF-8"},
        start_new_session=True,
    )
