"""requirements/install.sh: what `make run` and `make test` show while packages come, and that a failure ends them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ROOT

#: In the words of pip.
PIP = """#!/bin/sh
echo "Collecting x==1 (from -r lock.txt (line 1))"
echo "  Downloading x-1-py3-none-any.whl (45.1 MB)"
echo "WARNING: there is a newer pip" >&2
echo "Installing collected packages: x"
"""


@pytest.mark.parametrize(
    ("end", "code", "said"), [("exit 0", 0, ""), ("echo 'ERROR: no room' >&2; exit 1", 1, "no room")]
)
def test_packages_are_told_as_they_come_and_a_failure_by_its_words(
    end: str, code: int, said: str, tmp_path: Path
) -> None:
    """Each with its size; make goes on only where all were installed."""
    (tmp_path / "python").write_text(PIP + end)
    (tmp_path / "python").chmod(0o755)
    (tmp_path / "lock.txt").write_text("x==1 \\\n    --hash=sha256:0\n")

    command = [str(ROOT / "requirements" / "install.sh"), str(tmp_path / "python"), str(tmp_path / "lock.txt")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == code
    assert done.stdout.splitlines()[0].startswith("==> installing the 1 packages of")
    assert done.stdout.splitlines()[1] == "    x-1-py3-none-any.whl (45.1 MB)"
    assert (said in done.stderr, "WARNING" in done.stderr) == (True, False)
