"""What can be wrong with a message from outside; a door translates each class into its own answer.

EventError
├── Malformed     not an event, or one that names no object: sending it again would end the same (400)
│   └── Oversized     longer or deeper than we read (413)
├── Untrusted     the sender cannot prove who it is (403)
└── Unavailable   the proof could not be looked up; later it may (503)
"""

from __future__ import annotations

from collections.abc import Iterable

#: A message that is wrong everywhere would otherwise be answered with a book.
MAX_PROBLEMS = 20


class EventError(Exception):
    """A message that cannot be acted on.

    Attributes:
        problems: everything that is wrong with it, a sentence each; none repeats a value that may be secret.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        found = list(problems)
        if len(found) > MAX_PROBLEMS:
            found = [*found[:MAX_PROBLEMS], f"and {len(found) - MAX_PROBLEMS} problems more"]
        self.problems: tuple[str, ...] = tuple(found)
        super().__init__("; ".join(self.problems))


class Malformed(EventError):
    """Not an event, or one that names no object."""


class Oversized(Malformed):
    """Longer, deeper or more numerous than we read."""


class Untrusted(EventError):
    """The sender cannot prove who it is."""


class Unavailable(EventError):
    """What would prove the sender could not be looked up."""


def shown(text: str, most: int = 80) -> str:
    """A sender's word as a message may repeat it: ASCII, escaped, cut."""
    return ascii(text if len(text) <= most else text[:most] + "…")
