"""What can be wrong with weights: each says which file, what was expected, what was found, and what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


class WarmupError(Exception):
    """The message is whole sentences for whoever runs the machine.

    Attributes:
        exit_code: 70 where somebody must act, 75 where the same command may succeed later.
    """

    exit_code = 70


@dataclass(frozen=True, slots=True)
class Problem:
    """One file that is not what it should be.

    Attributes:
        path: the file, as it was opened.
        expected: in words, with units.
        found: likewise.
    """

    path: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, found {self.found}"


class WeightsError(WarmupError):
    """Weights are missing, cut short or altered.

    Args:
        problems: at least one.
        remedy: a sentence with the command that mends them.
    """

    def __init__(self, problems: Sequence[Problem], remedy: str) -> None:
        self.problems, self.remedy = tuple(problems), remedy
        super().__init__("; ".join(str(problem) for problem in problems) + f". {remedy}")


class ManifestError(WarmupError):
    """The list of weights, or a lock beside them, cannot be read."""


class FetchError(WarmupError):
    """Weights could not be brought here.

    Args:
        message: what failed, and the remedy.
        later: whether the same command may succeed later.
    """

    def __init__(self, message: str, *, later: bool = False) -> None:
        super().__init__(message)
        self.exit_code = 75 if later else 70
