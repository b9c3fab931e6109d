"""Which archived events are meant: by time, type and subject."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from fnmatch import fnmatchcase

from function.doors.event_tools.letters import Letter, moment

_AGO = re.compile(r"(\d+(?:\.\d+)?)([smhd])")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass(frozen=True, slots=True)
class Choice:
    """What must hold for an event to be sent again.

    Attributes:
        since: it is not older; None sets no limit.
        until: it is older; None sets no limit.
        types: its type fits one of these patterns; none: any type.
        subjects: likewise its subject.
    """

    since: datetime | None = None
    until: datetime | None = None
    types: Sequence[str] = ()
    subjects: Sequence[str] = ()

    def takes(self, letter: Letter) -> bool:
        """Whether it is meant; an event of unknown age is not, where ages are asked for."""
        if self.since or self.until:
            when = letter.moment
            if when is None or (self.since and when < self.since) or (self.until and when >= self.until):
                return False
        return _fits(letter.event.type, self.types) and _fits(letter.event.subject, self.subjects)


def when(text: str) -> datetime:
    """A time as people write it: `2026-03-01`, `2026-03-01T08:00:00Z`, or how long ago: `90s`, `30m`, `12h`, `7d`.

    Raises:
        ValueError: it is none of these.
    """
    ago = _AGO.fullmatch(text)
    try:
        if ago:
            return datetime.now(timezone.utc) - timedelta(**{_UNITS[ago[2]]: float(ago[1])})
    except OverflowError:
        raise ValueError(text) from None
    read = moment(text)
    if read is None:
        raise ValueError(text)
    return read


def _fits(text: str, patterns: Sequence[str]) -> bool:
    return not patterns or any(fnmatchcase(text, pattern) for pattern in patterns)
