"""When requests come: generated, or taken from what really happened."""

from __future__ import annotations

import csv
import json
import math
import random
import re
from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from events.attributes import parsed_time

DAY = 86_400.0
#: Local hours in which an office uploads, and how much of a working day falls into each (sums to 1).
_OFFICE = {7: 0.03, 8: 0.09, 9: 0.14, 10: 0.13, 11: 0.11, 12: 0.07, 13: 0.1, 14: 0.12, 15: 0.1, 16: 0.07, 17: 0.04}


@dataclass(frozen=True, slots=True)
class Trace:
    """Requests in the order of their arrival.

    Attributes:
        name: for tables.
        arrivals: seconds from the beginning, ascending.
        seconds: that a pod which is otherwise idle takes for each.
        rest: seconds that are played, and paid for, after the last arrival.
    """

    name: str
    arrivals: Sequence[float]
    seconds: Sequence[float]
    rest: float = 3600.0


def poisson(rate: float, duration: float, chance: random.Random) -> Iterator[float]:
    """Arrivals that know nothing of each other, `rate` a second."""
    now = chance.expovariate(rate)
    while now < duration:
        yield now
        now += chance.expovariate(rate)


def office(documents: float, duration: float, chance: random.Random) -> Iterator[float]:
    """Five days a week from seven to six, with a hole at noon; `documents` a working day."""
    for day in range(math.ceil(duration / DAY)):
        if day % 7 >= 5:
            continue
        for hour, share in _OFFICE.items():
            if share * documents > 0:
                for when in poisson(share * documents / 3600, 3600, chance):
                    yield day * DAY + hour * 3600 + when


def nightly(documents: float, duration: float, chance: random.Random) -> Iterator[float]:
    """A batch at two o'clock each night, one document after the other within ten minutes."""
    for day in range(math.ceil(duration / DAY)):
        yield from sorted(day * DAY + 7200 + chance.uniform(0, 600) for _ in range(round(documents)))


def bursts(documents: float, duration: float, chance: random.Random) -> Iterator[float]:
    """Fifty documents at once, at random times."""
    for when in poisson(documents / 50 / DAY, duration, chance):
        yield from sorted(when + chance.uniform(0, 2) for _ in range(50))


def steady(documents: float, duration: float, chance: random.Random) -> Iterator[float]:
    """As many by night as by day."""
    return poisson(documents / DAY, duration, chance)


GENERATORS: dict[str, Callable[[float, float, random.Random], Iterator[float]]] = {
    "office": office,
    "nightly": nightly,
    "bursts": bursts,
    "poisson": steady,
}


def generated(name: str, *, documents: float, days: float, services: Sequence[float], seed: int) -> Trace:
    """A trace of one of GENERATORS.

    Args:
        name: of the generator.
        documents: a day; with `office`, a working day.
        days: how many.
        services: seconds that documents take, drawn from at random.
        seed: of everything random.
    """
    chance = random.Random(seed)
    arrivals = array("d", sorted(GENERATORS[name](documents, days * DAY, chance)))
    return Trace(name, arrivals, array("d", chance.choices(services, k=len(arrivals))))


def of_file(path: Path, services: Sequence[float], seed: int) -> Trace:
    """A trace of an access log, a bucket listing or a list of times.

    One time a line: RFC 3339 anywhere in it (as `aws s3api list-objects-v2` prints LastModified, or a JSON log line),
    `[10/Oct/2026:13:55:36 +0000]` as web servers write, or plain seconds.

    Raises:
        ValueError: no line has a time.
    """
    with path.open(encoding="utf-8", errors="replace") as lines:
        times = sorted(_times(lines))
    if not times:
        raise ValueError(f"{path}: no line holds a time (RFC 3339, a web server's, or seconds)")
    chance = random.Random(seed)
    arrivals = array("d", (when - times[0] for when in times))
    return Trace(path.name, arrivals, array("d", chance.choices(services, k=len(arrivals))))


_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d)?")
#: A zone that Python 3.10 does not read.
_NO_COLON = re.compile(r"([+-]\d\d)(\d\d)$")
_SERVER = re.compile(r"\[(\d\d/\w{3}/\d{4}:\d\d:\d\d:\d\d [+-]\d{4})\]")
_PLAIN = re.compile(r"\s*(\d+(?:\.\d+)?)\s*(?:[,;].*)?$")


def _times(lines: Iterable[str]) -> Iterator[float]:
    for line in lines:
        if (match := _RFC3339.search(line)) and (when := parsed_time(_NO_COLON.sub(r"\1:\2", match[0]))):
            yield when.timestamp()
        elif match := _SERVER.search(line):
            yield datetime.strptime(match[1], "%d/%b/%Y:%H:%M:%S %z").timestamp()
        elif match := _PLAIN.match(line):
            yield float(match[1])


def services_of(path: Path) -> list[float]:
    """Seconds a document: a JSON list, JSON with `service_seconds`, or a CSV's first column.

    Raises:
        ValueError: there is none.
    """
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".json":
        told = json.loads(text)
        found = told["service_seconds"] if isinstance(told, dict) else told
    else:
        found = [row[0] for row in csv.reader(text.splitlines()) if row and _PLAIN.match(row[0])]
    seconds = [float(value) for value in found]
    if not seconds or min(seconds) <= 0:
        raise ValueError(f"{path}: no seconds, or not all of them positive")
    return seconds
