"""`replay`: archived events sent again, each at most once however often it was archived, and what became of them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from events.posting import Receiver, Reply, one_line
from function.doors.event_tools.choice import Choice
from function.doors.event_tools.done import Done
from function.doors.event_tools.letters import Found, Letter, Unreadable
from function.doors.event_tools.progress import Progress
from function.doors.event_tools.side_by_side import Pace, as_done
from function.errors import EXIT_DONE, EXIT_REFUSED, EXIT_TRY_AGAIN

#: About what is no event at all; somebody may have named a whole bucket.
MAX_COMPLAINTS = 20


@dataclass
class Summary:
    """What became of the events.

    Attributes:
        accepted: with a 2xx.
        refused: for good: sending them again unchanged ends the same.
        failed: 5xx, 404, 408, 409, 429 or silence: to be tried again.
        skipped: accepted in an earlier run.
        repeated: archived more than once.
        filtered: not meant.
        unreadable: no events.
        statuses: of those that were sent.
    """

    accepted: int = 0
    refused: int = 0
    failed: int = 0
    skipped: int = 0
    repeated: int = 0
    filtered: int = 0
    unreadable: int = 0
    statuses: Counter[int] = field(default_factory=Counter)

    @property
    def sent(self) -> int:
        """However they ended."""
        return self.accepted + self.refused + self.failed

    @property
    def exit_code(self) -> int:
        """0 all accepted, 75 some to be tried again, 65 some refused or unreadable."""
        if self.failed:
            return EXIT_TRY_AGAIN
        return EXIT_REFUSED if self.refused or self.unreadable else EXIT_DONE

    def count(self, reply: Reply) -> None:
        """Add an answer."""
        self.statuses[reply.status] += 1
        if reply.accepted:
            self.accepted += 1
        elif reply.later:
            self.failed += 1
        else:
            self.refused += 1

    @property
    def passed_over(self) -> str:
        """What was not sent, and why; what is 0 is left out."""
        why = {
            "accepted before": self.skipped, "repeated": self.repeated, "filtered out": self.filtered,
            "unreadable": self.unreadable,
        }  # fmt: skip
        return "".join(f", {number} {word}" for word, number in why.items() if number)

    def __str__(self) -> str:
        said = f"{self.accepted} accepted, {self.refused} refused, {self.failed} to be tried again{self.passed_over}"
        by_status = ", ".join(f"{status or 'no answer'}: {n}" for status, n in sorted(self.statuses.items()))
        return said + (f" ({by_status})" if by_status else "")


@dataclass(frozen=True, slots=True)
class Replay:
    """One run.

    Attributes:
        choice: which events.
        done: what earlier runs achieved.
        summary: filled while it runs.
        progress: for a person.
    """

    choice: Choice
    done: Done
    progress: Progress
    summary: Summary = field(default_factory=Summary)

    def preview(self, found: Iterable[Found]) -> None:
        """Tell on stdout what would be sent: time, type, source, subject and id, by tabs."""
        chosen = 0
        for letter in self._chosen(found):
            chosen += 1
            event = letter.event
            time = letter.moment.isoformat() if letter.moment else "-"
            columns = (time, event.type, event.source, event.subject, event.id)
            self.progress.list("\t".join(one_line(column, 2000) for column in columns))
        self.progress.tell(f"{chosen} would be sent{self.summary.passed_over}")

    def run(
        self, found: Iterable[Found], receiver: Receiver, *, extensions: Mapping[str, str], pace: Pace, workers: int
    ) -> None:
        """Send what is meant.

        Args:
            found: archived events.
            receiver: where they go.
            extensions: attributes that every event gets.
            pace: how fast.
            workers: how many at once.
        """

        def send(letter: Letter) -> tuple[Letter, Reply]:
            pace.wait()
            reply = receiver.post(*letter.message(extensions))
            if reply.accepted:
                self.done.add(letter.event.source, letter.event.id, reply.status)
            return letter, reply

        for letter, reply in as_done(send, self._chosen(found), workers):
            self.summary.count(reply)
            if not reply.accepted:
                self._complain(letter, reply)
            self.progress.show(self.summary.sent, self.summary)

    def _chosen(self, found: Iterable[Found]) -> Iterator[Letter]:
        seen = Done(None)
        for letter in found:
            if isinstance(letter, Unreadable):
                self._pass_over(letter)
                continue
            name = (letter.event.source, letter.event.id)
            if not self.choice.takes(letter):
                self.summary.filtered += 1
            elif seen.holds(*name):
                self.summary.repeated += 1
            elif self.done.holds(*name):
                self.summary.skipped += 1
            else:
                seen.add(*name, 0)
                yield letter

    def _pass_over(self, letter: Unreadable) -> None:
        self.summary.unreadable += 1
        if self.summary.unreadable <= MAX_COMPLAINTS:
            self.progress.tell(f"{letter.where}: no event: {letter.problem}")
        if self.summary.unreadable == MAX_COMPLAINTS:
            self.progress.tell("… further ones are only counted; is SOURCE where events are archived?")

    def _complain(self, letter: Letter, reply: Reply) -> None:
        what = "refused" if not reply.later else "to be tried again"
        tries = f", {reply.tries} tries" if reply.tries > 1 else ""
        status = f"{reply.status} " if reply.status else ""
        self.progress.tell(f"{letter.where}: {what}: {status}{reply.told}{tries}")
