"""What a file of this folder offers: a sender's name, how its messages are known, how they are read and answered."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from events.errors import Malformed, shown
from events.event import Event
from events.fields import Fields
from events.ours import PagesRequested
from events.uploads import Confirmation, DocumentUploaded, Ignored, Reason, Unreadable

Outcome = DocumentUploaded | PagesRequested | Ignored | Unreadable | Confirmation
#: Reads a message's JSON. The event is the envelope it came in; None for a webhook's body.
Reader = Callable[[Any, Event | None], list[Outcome]]

MAX_RECORDS = 1000


@dataclass(frozen=True, slots=True)
class Kind:
    """CloudEvents of a sender.

    Attributes:
        type: the event's type; a `*` at the end stands for any ending.
        source: what the event's source begins with, where the type alone does not tell.
    """

    type: str
    source: str = ""

    def matches(self, event: Event) -> bool:
        """Whether the event is of this kind."""
        fits = event.type.startswith(self.type[:-1]) if self.type.endswith("*") else event.type == self.type
        return fits and event.source.startswith(self.source)


@dataclass(frozen=True, slots=True)
class Sender:
    """Somebody who says that an object arrived.

    Attributes:
        name: short; a webhook's path ends in it, metrics show it.
        title: what people call it.
        read: its shape → what it comes to.
        kinds: its CloudEvents; none where it sends only webhooks.
        hook: whether its own shape is taken at /hooks/NAME.
        keys: how the object's key is written, for people.
        done: the status that tells it that all is well.
        later: the status that makes it send again.
        json: whether the data of its events is JSON.
    """

    name: str
    title: str
    read: Reader
    kinds: tuple[Kind, ...] = ()
    hook: bool = True
    keys: str = "as it is"
    done: int = 204
    later: int = 503
    json: bool = True


def each(records: Iterable[Any], where: str, read: Callable[[Fields], Outcome]) -> list[Outcome]:
    """Read the records of a delivery one by one: one that is broken does not take the others with it.

    Raises:
        Malformed: none of them could be read.
    """
    outcomes: list[Outcome] = []
    for at, record in enumerate(records):
        if at == MAX_RECORDS:
            raise Malformed([f"{where}: more than {MAX_RECORDS} records in one delivery"])
        problems: list[str] = []
        outcome = read(Fields(record, f"{where}[{at}]", problems))
        outcomes.append(Unreadable(tuple(problems)) if problems else outcome)
    if not outcomes:
        raise Malformed([f"{where}: is empty, so it names no object"])
    broken = [outcome.problems for outcome in outcomes if isinstance(outcome, Unreadable)]
    if len(broken) == len(outcomes):
        raise Malformed(problem for problems in broken for problem in problems)
    return outcomes


def one(value: Any, read: Callable[[Fields], Outcome]) -> list[Outcome]:
    """Read a message that is a single record.

    Raises:
        Malformed: it could not be read.
    """
    problems: list[str] = []
    outcome = read(Fields(value, "", problems))
    if problems:
        raise Malformed(problems)
    return [outcome]


def ignored(reason: Reason, detail: str = "") -> Ignored:
    """Nothing to do, with the sender's word for it made fit for a log."""
    return Ignored(reason, shown(detail) if detail else "")
