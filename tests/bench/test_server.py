from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from bench.server import Server, ServerEnded
from tests.conftest import ROOT

_READY = """
import http.server, os, signal, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers()
signal.signal(signal.SIGTERM, lambda *_: sys.exit({code}))
print("serving on", os.environ["PORT"], os.environ.get("OCR_DPI"), flush=True)
http.server.HTTPServer(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()
"""


def _server(script: str, **settings: str) -> Server:
    return Server(settings, command=(sys.executable, "-c", script), ready_seconds=30)


def test_a_server_is_ready_when_the_block_begins_and_gone_after_it() -> None:
    """PORT and the settings reach it, SIGTERM ends it, its exit code and its log remain."""
    with _server(_READY.format(code=7), OCR_DPI="100") as server:
        assert server.exit_code() is None
        assert server.url.endswith(str(server.port))

    assert server.exit_code() == 7
    assert f"serving on {server.port} 100" in server.logs


def test_stop_gives_the_exit_code() -> None:
    """For tests of a clean end."""
    with _server(_READY.format(code=0)) as server:
        assert server.stop() == 0


def test_a_server_that_ends_before_it_is_ready_is_told_with_its_last_words() -> None:
    """Nobody waits out the time limit for a dead process."""
    server = _server("import sys; print('no such luck'); sys.exit(3)")

    with pytest.raises(ServerEnded, match=r"(?s)ended with 3.*no such luck"):
        server.start()


def test_a_server_that_ignores_sigterm_is_killed() -> None:
    """No test leaves a process behind."""
    stubborn = _READY.format(code=0).replace("lambda *_: sys.exit(0)", "signal.SIG_IGN")
    with _server(stubborn) as server:
        with pytest.raises(ServerEnded, match="went on"):
            server.stop(seconds=0.2)

        assert server.exit_code() == -9


@pytest.mark.skipif(
    shutil.which("setpriv") is None, reason="setpriv (util-linux) is missing: apt-get install util-linux"
)
def test_a_server_ends_with_the_process_that_started_it() -> None:
    """A killed test run leaves no server behind."""
    script = f"""
import sys, time
from bench.server import Server
print(Server(command=(sys.executable, "-c", {_READY.format(code=0)!r})).start().pid, flush=True)
time.sleep(60)
"""
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        parent.kill()

    deadline = time.monotonic() + 30
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        return ") Z " not in Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    except FileNotFoundError:
        return False
