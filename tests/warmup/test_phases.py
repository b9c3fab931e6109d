"""Where time is counted from, and how a start is told."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from datetime import datetime

import pytest

from tests.conftest import ROOT
from warmup.phases import Phase, Start, process_age, told


def test_a_process_began_when_it_was_started_not_when_it_first_looked() -> None:
    """The interpreter's own seconds count: between our start of it and now, to the clock tick."""
    before = time.clock_gettime(time.CLOCK_BOOTTIME)
    code = "from warmup.phases import Start; s = Start(); s.reached('interpreter'); print(s.began, s.phases[0].seconds)"
    wall = time.time()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60, check=True
    )
    most = time.clock_gettime(time.CLOCK_BOOTTIME) - before
    began, seconds = map(float, done.stdout.split())

    assert wall - 0.02 <= began <= wall + most
    assert 0 < seconds <= most + 0.02


def test_the_age_of_a_process_is_that_of_the_kernel() -> None:
    """A child is younger than its parent."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        assert process_age(child.pid) < process_age()
    finally:
        child.communicate(b"\n", timeout=60)


def test_a_process_that_does_not_exist_has_no_age() -> None:
    """No answer is better than a wrong one."""
    with pytest.raises(FileNotFoundError):
        process_age(2**22 + 1)


def test_phases_that_are_reached_follow_each_other_without_a_gap() -> None:
    """The first begins with the process."""
    start = Start(age=5.0)
    start.reached("interpreter")
    start.reached("imports")

    interpreter, imports = start.phases
    assert interpreter.start == 0
    assert interpreter.seconds >= 5
    assert imports.start == pytest.approx(interpreter.seconds)


def test_a_start_is_told_as_plain_json() -> None:
    """What a log line, /readyz and the report share; seconds to the millisecond."""
    start = Start(age=2.0)
    start.phases.append(Phase("interpreter", 0.0, 0.25))
    load = Phase("engine_load.fast", 0.25, 1.00049, facts={"bytes": 3})

    seen = json.loads(json.dumps(told(start, [load], is_ready=True)))

    assert seen["ready"] == 1.25
    assert [phase["name"] for phase in seen["phases"]] == ["interpreter", "engine_load.fast"]
    assert seen["phases"][1] == {
        "name": "engine_load.fast", "start": 0.25, "seconds": 1.0, "state": "done", "facts": {"bytes": 3}
    }  # fmt: skip
    assert datetime.fromisoformat(seen["began"]).timestamp() == pytest.approx(start.began, abs=0.001)
    assert told(start, [load], is_ready=False)["ready"] is None


def test_the_wait_for_the_process_counts_where_the_pods_own_time_is_known() -> None:
    """As a phase that ends where the process begins; a time in the process's future is none."""
    start = Start(age=0.0)

    waited = told(start, [], is_ready=True, pod_created=start.began - 3)["phases"]
    wrong = told(start, [], is_ready=True, pod_created=start.began + 3)["phases"]

    assert waited == [{"name": "pod", "start": -3.0, "seconds": 3.0, "state": "done"}]
    assert wrong == []
