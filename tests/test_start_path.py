"""What a start imports: every module on this way is paid for by whoever waits for the first answer."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys

import pytest

from tests.conftest import ROOT, missing

#: Third-party packages that the doors need before the first request; a new one is a decision, made here.
DOORS = {
    "blinker", "click", "flask", "gunicorn", "itsdangerous", "jinja2", "markupsafe", "msgspec", "numpy",
    "prometheus_client", "typing_extensions", "werkzeug",
}  # fmt: skip
#: What the engine brings besides.
ENGINE = {"cv2", "openvino", "packaging"}
#: Of the standard library, what costs much or starts something.
HEAVY = {
    "asyncio",
    "multiprocessing",
    "sqlite3",
    "unittest",
    "xml",
    "xmlrpc",
    "distutils",
    "pydoc",
    "ftplib",
    "smtplib",
}
OURS = {"function", "events", "warmup"}

_TOPS = "{name.partition('.')[0] for name in sys.modules}"


def _imported(statement: str) -> set[str]:
    """Top-level names of the modules that a fresh interpreter holds only after the statement."""
    code = f"import json, sys; before = {_TOPS}; {statement}; print(json.dumps(sorted({_TOPS} - before)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    return set(json.loads(done.stdout))


def _foreign(names: set[str]) -> set[str]:
    """Public ones that are neither ours nor the standard library's."""
    return {name for name in names if not name.startswith("_")} - OURS - set(sys.stdlib_module_names)


def test_the_way_to_the_open_port_imports_what_it_must_and_nothing_else() -> None:
    """No boto3, no tracing, no Pillow, no engine: each comes with the first request that needs it."""
    names = _imported("import function.__main__, function.gunicorn_conf, function.doors.serve, function.doors.app")

    assert sorted(_foreign(names) - DOORS) == []
    assert sorted(names & HEAVY) == []


def test_the_master_leaves_flask_to_its_worker() -> None:
    """Flask is imported while the models compile, not before the worker is forked."""
    names = _imported("import function.__main__, function.gunicorn_conf, function.doors.serve")

    assert "gunicorn" in names
    assert sorted(names & {"flask", "werkzeug", "jinja2"}) == []


def test_the_engine_imports_its_runtime_and_reports_to_nobody() -> None:
    """No rapidocr, no second runtime; and OpenVINO's converter, which would send usage statistics, stays out."""
    if importlib.util.find_spec("openvino") is None:
        missing("openvino", "pip install the extra `cpu`")

    names = _imported("import function.engines.rapid.machine, function.engines.rapid.runtime_openvino")

    assert {"openvino", "cv2"} <= names
    assert sorted(_foreign(names) - ENGINE - DOORS) == []
    assert sorted(names & HEAVY) == []


@pytest.mark.parametrize("cache", ["none", "memory", "redis://127.0.0.1:1"])
def test_a_cache_costs_the_start_nothing(cache: str) -> None:
    """The library of Redis, larger than Flask, comes while the models load."""
    build = f"from function.wiring import build; build(Settings(fast_engine='stub', cache='{cache}'))"
    names = _imported(f"from function.settings import Settings; {build}")

    assert "redis" not in names
    assert sorted(names & HEAVY) == []


@pytest.mark.parametrize("name", ["boto3", "PIL", "pypdfium2", "redis"])
def test_the_list_would_notice(name: str) -> None:
    """The check is one that can fail."""
    if importlib.util.find_spec(name) is None:
        missing(name, "pip install the locked packages")

    assert name in _foreign(_imported(f"import {name}"))
