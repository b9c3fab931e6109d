"""`reconcile`: uploads without an up-to-date result are listed, and their events sent as their sender should have."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from pathlib import Path
from typing import TypeGuard
from urllib.parse import quote

from events.ours import to_event
from events.posting import Receiver, Reply
from events.writing import to_binary
from function.doors.event_tools.progress import Progress
from function.doors.event_tools.side_by_side import Pace, as_done, in_order
from function.errors import EXIT_DONE, EXIT_REFUSED, EXIT_TRY_AGAIN, Outage
from function.reading.uploads.ledger import Entry, Ledger, State
from function.telemetry import textfile

_METRICS = {
    "uploads": "Uploads in the inbox that are to be read.",
    "answered": "Uploads whose result stands.",
    "refused": "Uploads that were refused, each with its NAME.error.json.",
    "missing": "Uploads without an up-to-date answer, after events were sent.",
    "unknown": "Uploads that the store told nothing about.",
    "sent": "Events sent by this run.",
    "overdue": "Uploads unanswered for longer than --overdue.",
    "oldest_unanswered_seconds": "Age of the oldest upload without an answer; 0 where there is none.",
}


@dataclass
class Tally:
    """How the uploads stand at the end.

    Attributes:
        overdue_seconds: how long an upload may stay unanswered; None: as long as it takes.
        uploads: that are to be read.
        answered: their result stands.
        refused: the refusal of their current version stands.
        missing: neither.
        unknown: the store failed when it was asked.
        sent: events.
        rejected: events that were refused, and left no refusal beside the results.
        failed: events to be sent again.
        overdue: how many of the missing are older than allowed.
        oldest_unanswered_seconds: age of the oldest of the missing.
        ignored: uploads that are not read, by reason.
    """

    overdue_seconds: float | None = None
    uploads: int = 0
    answered: int = 0
    refused: int = 0
    missing: int = 0
    unknown: int = 0
    sent: int = 0
    rejected: int = 0
    failed: int = 0
    overdue: int = 0
    oldest_unanswered_seconds: float = 0.0
    ignored: Mapping[str, int] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        """75 for what is overdue or to be tried again, 65 for events that were refused without a trace, 0 otherwise."""
        if self.overdue or self.failed or self.unknown:
            return EXIT_TRY_AGAIN
        return EXIT_REFUSED if self.rejected else EXIT_DONE

    def count(self, entry: Entry, state: State | None) -> None:
        """Add an upload; None: nobody knows."""
        self.uploads += state is not State.GONE
        self.unknown += state is None
        self.answered += state is State.ANSWERED
        self.refused += state is State.REFUSED
        if state is State.MISSING:
            self.missing += 1
            age = max((datetime.now(timezone.utc) - entry.upload.modified).total_seconds(), 0.0)
            self.oldest_unanswered_seconds = max(self.oldest_unanswered_seconds, age)
            self.overdue += self.overdue_seconds is not None and age > self.overdue_seconds

    def count_reply(self, reply: Reply, state: State | None) -> None:
        """Add what an event was answered."""
        self.sent += 1
        self.failed += reply.later
        self.rejected += not reply.accepted and not reply.later and state is State.MISSING

    def write(self, path: Path) -> None:
        """As Prometheus metrics `zeropage_reconcile_*`."""
        gauges = {f"zeropage_reconcile_{name}": (meaning, getattr(self, name)) for name, meaning in _METRICS.items()}
        gauges["zeropage_reconcile_timestamp_seconds"] = ("When this run ended.", time.time())
        textfile.write(path, gauges)

    def __str__(self) -> str:
        said = f"{self.uploads} uploads: {self.answered} answered, {self.refused} refused, {self.missing} missing"
        if self.unknown:
            said += f", {self.unknown} unknown"
        if self.sent:
            said += f"; {self.sent} events sent"
        if self.failed or self.rejected:
            said += f", {self.failed} of them to be sent again, {self.rejected} refused"
        if self.missing:
            said += f"; the oldest is {self.oldest_unanswered_seconds:.0f} s old"
        if self.overdue:
            said += f", {self.overdue} are older than {self.overdue_seconds:g} s"
        if self.ignored:
            said += "; not read: " + ", ".join(f"{number} {reason}" for reason, number in sorted(self.ignored.items()))
        return said


@dataclass(frozen=True, slots=True)
class Reconciliation:
    """One run.

    Attributes:
        ledger: uploads beside results.
        tally: filled while it runs.
        progress: for a person.
        workers: how many uploads are looked at, or events sent, at once.
        refused_too: a refusal is no answer.
        grace: seconds during which an upload's own event may still be under way, so that none is sent.
    """

    ledger: Ledger
    tally: Tally
    progress: Progress
    workers: int = 8
    refused_too: bool = False
    grace: float = 0.0

    def preview(self) -> None:
        """List what is missing."""
        for entry, state in self._unanswered():
            self.tally.count(entry, state)
            self.progress.list(address(self.ledger, entry))

    def run(self, receiver: Receiver, *, extensions: Mapping[str, str], pace: Pace) -> None:
        """List it, and send its events.

        Args:
            receiver: where they go.
            extensions: attributes that every event gets.
            pace: how fast.
        """

        def mend(listed: tuple[Entry, State]) -> tuple[Entry, State | None, Reply | None]:
            reply, entry = None, listed[0]
            try:
                now = self.ledger.current(entry)
                if now is None:
                    return entry, State.GONE, None
                entry, state = now, self.ledger.look(now, again=True)
                if not self._wants(state):
                    return entry, state, None
                pace.wait()
                event = to_event(entry.said())
                reply = receiver.post(*to_binary(replace(event, extensions={**event.extensions, **extensions})))
                # A broker only takes the event; the function itself has read the document by now.
                return entry, self.ledger.look(entry, again=True), reply
            except Outage as problem:
                self._complain(entry, problem)
                return entry, None, reply

        for entry, state, reply in as_done(mend, self._unanswered(), self.workers):
            self.tally.count(entry, state)
            if reply is not None:
                self.tally.count_reply(reply, state)
                self.progress.list(f"{address(self.ledger, entry)}\t{_became(reply, state)}")

    def _unanswered(self) -> Iterator[tuple[Entry, State]]:
        """What an event is to be sent for; everything else is counted here."""
        entries = self.ledger.entries()
        for done, (entry, state) in enumerate(in_order(self._looked, entries, self.workers), 1):
            if self._wants(state) and self._age(entry) >= self.grace:
                yield entry, state
            else:
                self.tally.count(entry, state)
            self.progress.show(done, self.tally)
        self.tally.ignored = dict(self.ledger.ignored)

    def _looked(self, entry: Entry) -> tuple[Entry, State | None]:
        """One object that the store does not tell about must not hide what happened to all others."""
        try:
            return entry, self.ledger.look(entry)
        except Outage as problem:
            self._complain(entry, problem)
            return entry, None

    def _complain(self, entry: Entry, problem: Outage) -> None:
        self.progress.tell(f"{address(self.ledger, entry)}: {problem.detail}. {problem.remedy}")

    def _wants(self, state: State | None) -> TypeGuard[State]:
        return state is State.MISSING or (self.refused_too and state is State.REFUSED)

    @staticmethod
    def _age(entry: Entry) -> float:
        return (datetime.now(timezone.utc) - entry.upload.modified).total_seconds()


def address(ledger: Ledger, entry: Entry) -> str:
    """An upload's address on one line: control characters are percent-encoded."""
    folder = ledger.places[0].folder
    key = "".join(letter if letter.isprintable() else quote(letter) for letter in entry.upload.key)
    return f"{f'file://{folder}' if folder else 's3:/'}/{entry.upload.bucket}/{key}"


def _became(reply: Reply, state: State | None) -> str:
    status = f"{reply.status} " if reply.status else ""
    if reply.accepted:
        return f"{status}{'sent' if state in {State.MISSING, None} else state.value}"
    return f"{status}{'to be sent again' if reply.later else 'refused'}: {reply.told}"
