"""A real Redis for tests: Debian's redis-server on a free port of this machine, killed and started again at will.

Nothing is written to disk. It ends with whoever started it, or when that process is killed.
"""

from __future__ import annotations

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.conftest import missing

_SECONDS = 120.0


class RedisServer:
    """One that can die.

    Args:
        program: redis-server.
        folder: its own, for its log.
        port: which stays the same when it comes back.
        arguments: further ones.
    """

    def __init__(self, program: str, folder: Path, port: int, arguments: Sequence[str] = ()) -> None:
        self._program, self._folder, self.port, self._arguments = program, folder, port, arguments
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """For OCR_CACHE."""
        return f"redis://127.0.0.1:{self.port}/0"

    @property
    def pid(self) -> int:
        """Of the process that runs, or ran last; 0 before the first."""
        return self._process.pid if self._process else 0

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = {"port": self.port, "bind": "127.0.0.1", "save": "", "appendonly": "no", "dir": self._folder}
        command = [self._program, *(str(word) for name, value in options.items() for word in (f"--{name}", value))]
        command += self._arguments
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(["setpriv", "--pdeathsig", "KILL", *command], stdout=log, stderr=log)
        until = time.monotonic() + _SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise RuntimeError(f"redis-server did not start:\n{(self._folder / 'log').read_text()}")
            time.sleep(0.01)

    def kill(self) -> None:
        """As a node that fails does: no farewell, and all that it held is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(_SECONDS)

    def say(self, *words: bytes, then: Sequence[bytes] = ()) -> bytes:
        """One command, perhaps another on the same connection, and the beginning of the last one's answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=_SECONDS) as connection:
            for command in filter(None, (words, then)):
                lines = b"".join(b"$%d\r\n%b\r\n" % (len(word), word) for word in command)
                connection.sendall(b"*%d\r\n" % len(command) + lines)
                answer = connection.recv(1 << 16)
        return answer

    def _answers(self) -> bool:
        try:
            return self.say(b"PING").startswith((b"+PONG", b"-NOAUTH"))
        except OSError:
            return False


@contextmanager
def running(arguments: Sequence[str] = ()) -> Iterator[RedisServer]:
    """Start one, wait until it answers, end it. Skips the test where there is none."""
    program = shutil.which("redis-server")
    if program is None:
        missing("redis-server", "apt-get install redis-server")
    with TemporaryDirectory() as folder:
        server = RedisServer(program, Path(folder), _free_port(), arguments)
        server.start()
        try:
            yield server
        finally:
            server.kill()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
