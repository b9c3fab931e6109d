"""A reader without a server: a child that is loaded once and reads what it is told to, again and again."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]


class Loop:
    """One JSON object a line each way; `hello` is what the child says once it has loaded. Use it in a `with`.

    Args:
        command: of the child.
        folder: of the documents.
    """

    def __init__(self, command: Sequence[str], folder: Path) -> None:
        self._folder, self._name = folder, command[-1]
        self._child = subprocess.Popen(
            list(command), cwd=_ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.hello = self._answer()

    @property
    def pid(self) -> int:
        """Of the child."""
        return self._child.pid

    def ask(self, at_once: int, names: Sequence[str]) -> dict[str, Any]:
        """Read these documents once; its answer.

        Raises:
            RuntimeError: it ended.
        """
        assert self._child.stdin
        files = [str(self._folder / name) for name in names]
        print(json.dumps({"files": files, "batch": at_once}), file=self._child.stdin, flush=True)
        return self._answer()

    def __enter__(self) -> Loop:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.close()
        self._child.wait(60)
        self._child.stdout.close()

    def _answer(self) -> dict[str, Any]:
        assert self._child.stdout
        line = self._child.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._name} ended with {self._child.wait()}; its error stands above")
        answer: dict[str, Any] = json.loads(line)
        return answer
