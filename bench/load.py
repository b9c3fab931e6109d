"""Several callers at once, each with one document after another from a common list."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.client import Answer, Client
from bench.synthetic import Synthetic


@dataclass(frozen=True)
class Load:
    """What came of it.

    Attributes:
        answers: as many as documents, in the documents' order.
        seconds: from the first request to the last answer.
    """

    answers: tuple[Answer, ...]
    seconds: float

    @property
    def failed(self) -> int:
        """Answers other than 200."""
        return len(self.failures)

    @property
    def failures(self) -> list[tuple[int, str]]:
        """The index of each document without an answer 200, and the reason, in a line."""
        return [(index, _reason(answer)) for index, answer in enumerate(self.answers) if answer.status != 200]


def _reason(answer: Answer) -> str:
    told = " ".join(answer.body[:300].decode(errors="replace").split())
    return f"HTTP {answer.status}: {told}" if answer.status else f"no answer: {told}"


def send(
    url: str,
    documents: Sequence[Synthetic],
    *,
    callers: int,
    answered: Callable[[int, Answer], None] = lambda _index, _answer: None,
    call: Callable[[Client, Synthetic], Answer] | None = None,
    **options: str,
) -> Load:
    """Send every document once.

    Args:
        url: of the server.
        documents: taken in order by whichever caller is free.
        callers: how many are in flight at once.
        answered: told each answer, under a lock.
        call: sends one document to a server that is not ours.
        options: of /v1/parse.
    """
    answers: list[Answer | None] = [None] * len(documents)
    lock = threading.Lock()
    numbered: Iterator[tuple[int, Synthetic]] = iter(enumerate(documents))

    def take() -> tuple[int, Synthetic] | None:
        with lock:
            return next(numbered, None)

    def ask(client: Client, document: Synthetic) -> Answer:
        return call(client, document) if call else client.parse(document.content, name=document.name, **options)

    def caller() -> None:
        with Client(url) as client:
            while (taken := take()) is not None:
                index, document = taken
                answer = ask(client, document)
                with lock:
                    answers[index] = answer
                    answered(index, answer)

    threads = [threading.Thread(target=caller, daemon=True) for _ in range(callers)]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Load(tuple(answer for answer in answers if answer is not None), time.perf_counter() - started)
