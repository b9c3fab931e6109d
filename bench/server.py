"""The real server as a child: started on a free port, awaited until ready, ended by SIGTERM."""

from __future__ import annotations

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType

_ROOT = Path(__file__).resolve().parents[1]
#: Below the kernel's ephemeral ports (from 32768 on), so that no outgoing connection takes the port in between.
_PORTS = range(18_000, 32_000)
_TAKEN = "Address already in use"


class ServerEnded(RuntimeError):
    """The server ended before it was ready, or did not end when it was told to."""


class Server:
    """`python -m function serve` on a port of its own; use it in a `with`.

    Args:
        settings: variables on top of the inherited environment.
        ready_seconds: how long loading may take.
        wait_until_ready: False returns as soon as the process runs, to watch it warm up.
        command: what to run instead (a wrapper under which to measure, another server).
        ready_path: what answers 200 once it is ready.
    """

    def __init__(
        self,
        settings: Mapping[str, str] | None = None,
        *,
        ready_seconds: float = 120.0,
        wait_until_ready: bool = True,
        command: Sequence[str] = (sys.executable, "-m", "function", "serve"),
        ready_path: str = "/readyz",
    ) -> None:
        self._settings = dict(settings or {})
        self._ready_seconds = ready_seconds
        self._waits = wait_until_ready
        self._command = list(command)
        self._ready_path = ready_path
        self._log = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop
        self._process: subprocess.Popen[bytes] | None = None
        self._last_log = ""
        self.port = 0

    @property
    def url(self) -> str:
        """`http://127.0.0.1:PORT`, no slash at the end."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self) -> int:
        """Of gunicorn's master; its workers and their children descend from it."""
        return self._running.pid

    def is_alive(self) -> bool:
        """Whether the process still runs."""
        return self._process is not None and self._process.poll() is None

    def exit_code(self) -> int | None:
        """The exit code; None while it runs, negative where a signal ended it."""
        return None if self._process is None else self._process.poll()

    @property
    def logs(self) -> str:
        """Everything that it wrote so far, stdout and stderr together."""
        if self._log.closed:
            return self._last_log
        size = os.fstat(self._log.fileno()).st_size
        # pread leaves the offset alone, which the server shares.
        return os.pread(self._log.fileno(), size, 0).decode(errors="replace")

    def start(self) -> Server:
        """Start and, unless told otherwise, wait until its ready path answers 200.

        Raises:
            ServerEnded: it ended, or was not ready in time; the message holds its last lines.
        """
        for last_try in (False, False, True):
            self.port = _free_port()
            self._spawn()
            try:
                if self._waits:
                    self.wait_until_ready()
                return self
            except ServerEnded:
                self.kill()
                if last_try or _TAKEN not in self.logs:
                    self._close_log()
                    raise
        raise AssertionError("unreachable: the last try returns or raises")

    def wait_until_ready(self) -> None:
        """Ask the ready path until it answers 200; raises ServerEnded as `start` does."""
        deadline = time.monotonic() + self._ready_seconds
        while time.monotonic() < deadline:
            if not self.is_alive():
                raise ServerEnded(f"the server ended with {self.exit_code()}:\n{self.logs[-4000:]}")
            if self._is_ready():
                return
            time.sleep(0.05)
        raise ServerEnded(f"the server was not ready within {self._ready_seconds:g} s:\n{self.logs[-4000:]}")

    def stop(self, *, seconds: float = 60.0) -> int:
        """Send SIGTERM and wait.

        Args:
            seconds: how long finishing may take.

        Returns:
            The exit code.

        Raises:
            ServerEnded: it did not end in time, and was killed.
        """
        process = self._running
        process.send_signal(signal.SIGTERM)
        try:
            code = process.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerEnded(f"the server went on for {seconds:g} s after SIGTERM:\n{self.logs[-4000:]}") from None
        finally:
            self._close_log()
        return code

    def kill(self) -> None:
        """End it and all that it started, at once."""
        if self.is_alive():
            os.killpg(self._running.pid, signal.SIGKILL)
            self._running.wait()

    def __enter__(self) -> Server:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if self.is_alive():
                self.stop()
        finally:
            self.kill()
            self._close_log()

    @property
    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            raise ServerEnded("the server was not started: use it in a `with`, or call start()")
        return self._process

    def _spawn(self) -> None:
        self._log.seek(0)
        self._log.truncate()
        given = [f"{name}={value}" for name, value in {**self._settings, "PORT": str(self.port)}.items()]
        # `env` keeps the inherited environment without our reading it, then becomes the server: same process.
        self._process = subprocess.Popen(
            [*_dies_with_its_parent(), "/usr/bin/env", *given, *self._command],
            cwd=_ROOT,
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )

    def _is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}{self._ready_path}", timeout=5) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    def _close_log(self) -> None:
        if not self._log.closed:
            self._last_log = self.logs
            self._log.close()


def _dies_with_its_parent() -> list[str]:
    """A measurement or test that is itself killed must leave no server; where util-linux is absent it would."""
    setpriv = shutil.which("setpriv")
    return [setpriv, "--pdeathsig", "TERM"] if setpriv else []


def _free_port() -> int:
    for port in random.SystemRandom().sample(_PORTS, 50):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise ServerEnded(f"no free port among 50 tried between {_PORTS.start} and {_PORTS.stop}")
