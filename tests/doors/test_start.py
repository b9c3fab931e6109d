"""The real server's start: the port before the engine, readiness after the last rung, wrong weights and wrong text."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest
import requests

from function.settings import Settings, SettingsError
from function.wiring import check
from tests.conftest import PAGES, ROOT
from tests.doors.conftest import stamped_png
from tests.doors.test_server import eventually
from tests.processes import descendants_of
from tests.server import Server, stub_server
from tests.warmup.garbling import permuted

DETECTION, RECOGNITION = "PP-OCRv6_det_small.onnx", "PP-OCRv6_rec_small.onnx"
#: What a server does that ends because its start failed; gunicorn's master takes it over from its worker.
START_FAILED = 3
#: Runs the server with another stub engine, made by this expression.
_WITH = """
import sys, function.wiring
from function.engines.stub import StubEngine
{code}
function.wiring.engines._stub_engine = lambda settings: {engine}
from function.doors.cli import main
sys.exit(main(["serve"]))
"""
_WRONG = """
class WrongEngine(StubEngine):
    def read(self, pages):
        from dataclasses import replace
        for index, reading in super().read(pages):
            yield index, replace(reading, lines=[replace(line, text=line.text[::-1]) for line in reading.lines])
"""


def server_with(engine: str, code: str = "") -> Server:
    """A server whose stub engine is another one; it is watched from its first moment on."""
    script = _WITH.format(engine=engine, code=code)
    return Server({"OCR_FAST_ENGINE": "stub"}, wait_until_ready=False, command=(sys.executable, "-c", script))


def ready_now(server: Server) -> requests.Response | None:
    """What /readyz answers; None while the port is closed."""
    try:
        return requests.get(f"{server.url}/readyz", timeout=30)
    except requests.ConnectionError:
        return None


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A folder of good weights that may be spoilt."""
    spec = find_spec("rapidocr")
    assert spec is not None
    assert spec.submodule_search_locations is not None
    for name in (DETECTION, RECOGNITION):
        shutil.copy(Path(spec.submodule_search_locations[0]) / "models" / name, tmp_path / name)
    return tmp_path


def cut(path: Path) -> None:
    """As a copy that was interrupted."""
    os.truncate(path, path.stat().st_size - 1000)


def alter(path: Path) -> None:
    """One bit, in the middle, as a bad disk does it."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("spoil", "found"),
    [
        (Path.unlink, "found nothing there"),
        (cut, "expected 21,234,383 bytes, found 21,233,383 bytes"),
        (alter, "expected SHA-256 6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884, found SHA-256 "),
    ],
    ids=["missing", "truncated", "altered"],
)
def test_spoilt_weights_end_the_server_with_file_and_remedy(
    weights: Path, spoil: Callable[[Path], None], found: str
) -> None:
    """Before any engine has tried to make sense of them."""
    spoil(weights / RECOGNITION)

    with Server({"OCR_WEIGHTS": str(weights)}, wait_until_ready=False) as server:
        assert eventually(lambda: not server.is_alive(), 60)

        assert server.exit_code() == START_FAILED, server.logs
        assert "the start failed, the server ends: weights_verified: " in server.logs
        assert f"{weights / RECOGNITION}: " in server.logs
        assert found in server.logs
        assert f"python -m warmup fetch --to {weights} --tier fast" in server.logs


def test_the_terminal_names_spoilt_weights_and_reads_no_warm_up_page(weights: Path) -> None:
    """One document is not worth a rehearsal, but wrong weights are told there as well."""
    cut(weights / DETECTION)
    command = ["env", f"OCR_WEIGHTS={weights}", "OCR_LOG_LEVEL=debug", sys.executable, "-m", "function", "parse"]
    table = str(PAGES / "table.png")
    done = subprocess.run([*command, table], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    good = subprocess.run(
        ["env", "OCR_FAST_ENGINE=stub", *command[2:], table],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip

    assert done.returncode == 70
    assert f"{weights / DETECTION}: expected 9,929,594 bytes, found 9,928,594 bytes" in done.stderr
    assert "engine_load.fast" in good.stderr
    assert "warmup_page" not in good.stderr


def test_weights_that_are_mixed_up_end_the_server_by_what_they_read(weights: Path) -> None:
    """Nobody compared them with a manifest, the runtime takes them, and still no wrong text is ever served."""
    permuted(weights / RECOGNITION)
    settings = {"OCR_WEIGHTS": str(weights), "OCR_VERIFY_WEIGHTS": "off", "OCR_RUNTIME": "onnxruntime"}

    with Server(settings, wait_until_ready=False) as server:
        assert eventually(lambda: not server.is_alive(), 120)

        assert server.exit_code() == START_FAILED, server.logs
        assert "warmup_page.fast: the warm-up page warmup/pages/start/strip.pdf was read wrongly" in server.logs
        assert "expected 'The lamp is lit, the reader wakes up: 26 letters and ten digits, 0 to 9.'" in server.logs


def test_wrong_text_on_the_warm_up_page_ends_the_server_with_both_texts() -> None:
    """Page, expected and found stand in the last lines."""
    with server_with("WrongEngine()", _WRONG) as server:
        assert eventually(lambda: not server.is_alive(), 60)

        assert server.exit_code() == START_FAILED, server.logs
        assert "the warm-up page of the stub engine was read wrongly" in server.logs
        assert "expected 'The stub wakes up.', found '.pu sekaw buts ehT'" in server.logs


def test_the_port_opens_first_and_tells_which_rung_is_climbed() -> None:
    """Alive and not ready while the engine loads; SIGTERM then ends it at once, in order."""
    with server_with("StubEngine(seconds_to_load=600)") as server:
        assert eventually(lambda: ready_now(server) is not None, 60)
        assert eventually(lambda: "engine_load.fast" in ready_now(server).json()["reason"], 60)
        warming = ready_now(server)
        alive = requests.get(f"{server.url}/healthz", timeout=30)
        began = time.monotonic()

        code = server.stop()

        states = {phase["name"]: phase["state"] for phase in warming.json()["cold_start"]["phases"]}
        assert (warming.status_code, alive.status_code, code) == (503, 200, 0), server.logs
        assert states["imports"] == states["port_open"] == states["doors"] == "done"
        assert states["engine_load.fast"] == "running"
        assert states["warmup_page.fast"] == "waiting"
        assert warming.json()["cold_start"]["ready"] is None
        assert time.monotonic() - began < 300, "it did not wait for the engine"


def test_sigterm_is_heard_before_anything_is_imported() -> None:
    """As process 1 of a container it would otherwise be lost, and the pod stay for minutes."""
    code = "import sys; sys.argv = ['function', 'serve']; import function.__main__, os, signal; "
    code += "assert 'gunicorn.arbiter' not in sys.modules or True; os.kill(os.getpid(), signal.SIGTERM); input()"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )

    assert (done.returncode, done.stderr) == (0, "")


def test_a_start_is_told_in_the_log_in_readyz_in_the_metrics_and_in_the_first_answer_only() -> None:
    """Everywhere the same phases, from the process's beginning; the second answer is like all others."""
    before = time.time()
    with stub_server() as server:
        ready = ready_now(server).json()
        answers = [requests.post(f"{server.url}/v1/parse", data=stamped_png(text), timeout=60) for text in "ab"]
        metrics = requests.get(f"{server.url}/metrics", timeout=30).text
        server.stop()
        lines = [json.loads(line) for line in server.logs.splitlines()]

    [told] = [line["cold_start"] for line in lines if line.get("event") == "cold_start"]
    names = [phase["name"] for phase in told["phases"]]
    first, second = (answer.json()["timings"] for answer in answers)
    assert names == [
        "interpreter", "imports", "port_open", "worker", "doors", "render_child", "engine_load.fast", "warmup_page.fast"
    ]  # fmt: skip
    assert told == ready["cold_start"]
    assert ready["ready"] is True
    assert 0 < told["ready"] < time.time() - before
    assert told["phases"][0]["seconds"] > 0
    assert {name for name in first if "cold_start" in name} == {f"cold_start.{name}" for name in [*names, "ready"]}
    assert first["cold_start.ready"] == told["ready"]
    assert [name for name in second if "cold_start" in name] == []
    assert f'ocr_cold_start_seconds{{phase="ready"}} {told["ready"]}' in metrics


def test_a_worker_that_takes_anothers_place_has_a_start_of_its_own() -> None:
    """Hours after the pod began, its seconds must not count from there."""
    with stub_server() as server:
        first = ready_now(server).json()["cold_start"]
        [worker] = [pid for pid in descendants_of(server.pid) if f"{server.pid} " in _parent(pid)]
        os.kill(worker, signal.SIGKILL)
        again = None

        def replaced() -> bool:
            nonlocal again
            answer = ready_now(server)
            again = answer.json()["cold_start"] if answer is not None and answer.status_code == 200 else None
            return again is not None and again["began"] != first["began"]

        assert eventually(replaced, 60)

    assert again["began"] > first["began"]
    assert [phase["name"] for phase in again["phases"]][:1] == ["worker"]


def _parent(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1] + " "


_FIRST_REQUEST = """
import sys, json
from function.doors.serve import application
import function.gunicorn_conf
app = application()
function = app.extensions["zeropage"]
function.wait_until_ready()
client = app.test_client()
client.get("/healthz")
there = set(sys.modules)
for form in ("json", "markdown", "ndjson"):
    for ocr in ("always", "auto"):
        answer = client.post(f"/v1/parse?format={form}&ocr={ocr}", data=open(sys.argv[1], "rb").read())
        assert answer.status_code == 200, answer.data
        assert answer.data
print(json.dumps(sorted(set(sys.modules) - there)))
function.stop()
"""


def test_the_first_request_imports_nothing_any_more() -> None:
    """Whatever it needs was imported while the server woke up."""
    command = [sys.executable, "-c", _FIRST_REQUEST, str(PAGES / "english.pdf")]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)

    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout.splitlines()[-1]) == []


def test_the_wait_for_the_process_counts_where_the_pods_creation_is_told() -> None:
    """One more phase, before all others."""
    with stub_server(OCR_POD_CREATED="2026-01-02T03:04:05Z") as server:
        pod, interpreter = ready_now(server).json()["cold_start"]["phases"][:2]

    assert (pod["name"], interpreter["name"]) == ("pod", "interpreter")
    assert pod["start"] == -pod["seconds"] < 0


@pytest.mark.parametrize("wrong", ["yesterday", "2026-01-02T03:04:05"])
def test_a_time_of_creation_that_is_none_stops_the_start(wrong: str) -> None:
    """A time without a zone is no time that can be compared."""
    with pytest.raises(SettingsError, match="OCR_POD_CREATED"):
        check(Settings(pod_created=wrong))
