"""What starts the server beside the function: it goes on while pages are read, and ends when there are none.

The script is the one in the manifest, with a port of the test's own and shorter pauses.
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from tests.manifests import KNATIVE

MANIFEST = KNATIVE / "components/vlm-server/pod.yaml"
#: Says how many requests are under way, as vLLM's metrics do; told by a file. Beside it lines without a number, and
#: what is no text. Where the file says `broken`, the answer ends in the middle.
SERVER = """
import http.server, pathlib, sys
class Metrics(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        print("asked", flush=True)
        count = pathlib.Path(sys.argv[2]).read_text()
        self.send_response(200)
        if count == "broken":
            self.send_header("Content-Length", "1000")
        self.end_headers()
        odd = 'vllm:num_requests_waiting{model_name="a"}\\nvllm:num_requests_running{model_name="b"} NaN\\n'
        told = f'# TYPE x gauge\\n{odd}vllm:num_requests_running{{model_name="a"}} {count}\\n\\xff'
        self.wfile.write(told.encode("latin-1"))
    def log_message(self, *_): pass
server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), Metrics)
print("up", flush=True)
server.serve_forever()
"""


def _container() -> dict[str, object]:
    operations = yaml.safe_load(MANIFEST.read_text(encoding="utf-8"))
    [container] = [entry["value"] for entry in operations if entry["path"] == "/spec/template/spec/containers/-"]
    assert isinstance(container, dict)
    return container


def _script(port: int) -> str:
    command = _container()["command"]
    assert isinstance(command, list)
    text = str(command[-1])
    assert text.count(":8000/") == text.count("time.sleep(1)") == 1
    return text.replace(":8000/", f":{port}/").replace("time.sleep(1)", "time.sleep(0.01)")


@pytest.fixture
def port() -> int:
    """A free one."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@pytest.fixture
def under_way(tmp_path: Path) -> Path:
    """How many requests the server tells of."""
    path = tmp_path / "count"
    path.write_text("2.0", encoding="utf-8")
    return path


@pytest.fixture
def started(port: int, under_way: Path) -> Iterator[subprocess.Popen[str]]:
    """The script, with a server that listens."""
    words = [sys.executable, "-c", SERVER, str(port), str(under_way)]
    with subprocess.Popen([sys.executable, "-c", _script(port), *words], stdout=subprocess.PIPE, text=True) as script:
        assert script.stdout is not None
        assert script.stdout.readline() == "up\n"
        yield script
        script.kill()


def _asked(script: subprocess.Popen[str], times: int) -> None:
    assert script.stdout is not None
    assert [script.stdout.readline() for _ in range(times)] == ["asked\n"] * times


def _told(under_way: Path, count: str) -> None:
    """At once: a server that read a file half written would tell no number."""
    fresh = under_way.with_name("fresh")
    fresh.write_text(count, encoding="utf-8")
    fresh.replace(under_way)


def test_sigterm_waits_until_nothing_is_read_any_more(started: subprocess.Popen[str], under_way: Path) -> None:
    """Busy for longer than it would wait when idle, it is still there; then the requests end, and so does it."""
    started.send_signal(signal.SIGTERM)
    _asked(started, 40)
    assert started.poll() is None

    _told(under_way, "0.0")

    assert started.wait(60) == signal.SIGTERM


@pytest.mark.parametrize("count", ["", "many", "broken"])
def test_metrics_that_tell_nothing_do_not_end_it(started: subprocess.Popen[str], under_way: Path, count: str) -> None:
    """A number that is missing or none, an answer that breaks off: it goes on asking, and ends as an idle one does."""
    started.send_signal(signal.SIGTERM)
    _asked(started, 5)
    _told(under_way, count)
    _asked(started, 10)
    assert started.poll() is None

    _told(under_way, "2.0")
    _asked(started, 40)
    assert started.poll() is None

    _told(under_way, count)
    assert started.wait(60) == signal.SIGTERM


def test_nothing_is_asked_before_sigterm(started: subprocess.Popen[str], under_way: Path) -> None:
    """An idle server is not stopped for being idle: that is the autoscaler's to say."""
    _told(under_way, "0.0")
    with pytest.raises(subprocess.TimeoutExpired):
        started.wait(1)


@pytest.mark.parametrize("code", [0, 3])
def test_a_server_that_ends_by_itself_ends_the_container(code: int, port: int) -> None:
    """With its own code, so that Kubernetes starts it again."""
    words = [sys.executable, "-c", _script(port), sys.executable, "-c", f"raise SystemExit({code})"]

    assert subprocess.run(words, timeout=60, check=False).returncode == code


def test_port_name_and_probes_are_the_same_everywhere() -> None:
    """The address that the function is told, the port that is probed, the model's folder that `warmup fetch` fills."""
    container = _container()
    text = MANIFEST.read_text(encoding="utf-8")
    args, probes = container["args"], [container[kind] for kind in ("readinessProbe", "livenessProbe")]
    assert isinstance(args, list)

    assert [probe["httpGet"]["port"] for probe in probes if isinstance(probe, dict)] == [8000, 8000]
    assert "http://127.0.0.1:8000/v1" in text
    assert args[2] == "/weights/PaddleOCR-VL-1.6"
    assert not any(str(arg).startswith("--port") for arg in args)
