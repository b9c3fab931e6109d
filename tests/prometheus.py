"""Debian's Prometheus and its promtool, for the tests that let them judge what we measure, draw and alert on."""

from __future__ import annotations

import shutil
import subprocess
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import requests
import yaml

from bench.server import _free_port
from tests.conftest import missing
from tests.manifests import KNATIVE

RULES = KNATIVE / "components/metrics/rules.yaml"
_REMEDY = "apt-get install prometheus, as root"


def rules() -> dict[str, Any]:
    """What Prometheus itself reads of the PrometheusRule: its spec, and nothing beside it."""
    spec = yaml.safe_load(RULES.read_text(encoding="utf-8"))["spec"]
    assert set(spec) == {"groups"}
    return dict(spec)


def write_rules(path: Path) -> Path:
    """The rules as a file of Prometheus' own."""
    path.write_text(yaml.safe_dump(rules()), encoding="utf-8")
    return path


def promtool(*arguments: str, stdin: str = "") -> tuple[int, str]:
    """Its exit code and all that it says; skips where it is not installed."""
    program = shutil.which("promtool") or missing("promtool", _REMEDY)
    done = subprocess.run([program, *arguments], input=stdin, capture_output=True, text=True, timeout=600, check=False)
    return done.returncode, done.stdout + done.stderr


class Prometheus:
    """A real one, which scrapes every second; use it in a `with`. Skips where it is not installed.

    Args:
        folder: for its data and configuration; empty.
        targets: host:port of what it scrapes.
        labels: that each series gets, as a cluster would give them.
    """

    def __init__(self, folder: Path, targets: Sequence[str], labels: Mapping[str, str]) -> None:
        self._program = shutil.which("prometheus") or missing("prometheus", _REMEDY)
        self._folder = folder
        self._configuration = {
            "global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
            "rule_files": [str(write_rules(folder / "rules.yml"))],
            "scrape_configs": [
                {"job_name": "zeropage", "static_configs": [{"targets": list(targets), "labels": dict(labels)}]}
            ],
        }
        self.url = ""

    def __enter__(self) -> Prometheus:
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        path = self._folder / "prometheus.yml"
        path.write_text(yaml.safe_dump(self._configuration), encoding="utf-8")
        self._log = (self._folder / "log").open("wb")
        self._process = subprocess.Popen(
            [
                self._program, f"--config.file={path}", f"--storage.tsdb.path={self._folder / 'data'}",
                f"--web.listen-address=127.0.0.1:{port}", "--storage.tsdb.retention.time=1h",
            ],
            stdout=self._log, stderr=self._log,
        )  # fmt: skip
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()  # its data goes with its folder
        self._process.wait(30)
        self._log.close()

    def ask(self, path: str, **parameters: str) -> Any:
        """`data` of an answer of its HTTP API; fails the test where it is none."""
        answer = requests.get(f"{self.url}/api/v1/{path}", params=parameters, timeout=30).json()
        assert answer["status"] == "success", f"{parameters}: {answer}"
        return answer["data"]

    def query(self, expression: str) -> list[dict[str, Any]]:
        """The samples of an expression now."""
        return list(self.ask("query", query=expression)["result"])

    def wait_for(self, expression: str, seconds: float = 300.0) -> None:
        """Until the expression has a value; fails the test where it does not get one."""
        for _ in range(int(seconds * 5)):
            if self._process.poll() is not None:
                raise AssertionError((self._folder / "log").read_text(encoding="utf-8", errors="replace")[-2000:])
            try:
                if self.query(expression):
                    return
            except requests.RequestException:  # no connection, or "Service Unavailable" in plain words
                pass  # it is still starting
            threading.Event().wait(0.2)
        raise AssertionError(f"no value within {seconds:g} s: {expression}")
