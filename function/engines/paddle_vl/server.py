"""A server of the language model, held by the reins: every request ends in time, and its errors mean outages of ours.

paddlex's client waits 600 seconds for each block whoever waits, and tells nobody that an answer was cut. What the
server does to a request is never the document's fault: it is redelivered, and nothing is lost.
"""

from __future__ import annotations

import concurrent.futures
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from function.engines.paddle_vl.reins import Rein, current
from function.errors import DeadlineExceeded, EngineFailed, NotReady, OcrError

#: How often a waiting thread looks whether anybody still waits, in seconds.
_GLANCE = 0.25
_BUSY = (408, 425, 429, 500, 502, 503, 504)


@dataclass(frozen=True, slots=True)
class Server:
    """Where the language model is, if it is not here.

    Attributes:
        url: of its OpenAI-compatible API, up to and with /v1.
        model: what it calls the model.
        key: that it wants, or empty.
        most: requests at once.
    """

    url: str
    model: str
    key: str = ""
    most: int = 200


class Occupancy:
    """How long a server is kept busy, shared evenly among the blocks that it has at each moment; from many threads.

    All shares together are the time in which it had anything of this process: so many seconds of its GPU, however many
    blocks it reads at once. What it does for others meanwhile cannot be seen from here, and counts as ours.

    Args:
        clock: monotonic seconds (tests).
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, threading.Lock()
        self._blocks, self._share, self._at = 0, 0.0, clock()

    def begin(self) -> float:
        """A block goes there; what `end` is told."""
        with self._lock:
            self._pass()
            self._blocks += 1
            return self._share

    def end(self, begun: float) -> float:
        """It is back: its seconds."""
        with self._lock:
            self._pass()
            self._blocks -= 1
            return self._share - begun

    def _pass(self) -> None:
        """Time has passed for whatever is there."""
        now = self._clock()
        if self._blocks:
            self._share += (now - self._at) / self._blocks
        self._at = now


class ReinedClient:
    """In place of paddlex's GenAIClient.

    Args:
        client: that one.
        url: for messages.
    """

    def __init__(self, client: Any, url: str) -> None:
        self._client, self._url = client, url
        self._occupancy = Occupancy()
        self.backend = client.backend

    def create_chat_completion(self, messages: Any, *, timeout: float, **arguments: Any) -> Answer:
        """Send one block; the answer is waited for by the caller."""
        rein = current()
        timeout = min(timeout, max(1.0, rein.left))
        arguments["return_future"] = True
        future = self._client.create_chat_completion(messages, timeout=timeout, **arguments)
        return Answer(future, rein, self._url, self._occupancy)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


class Answer:
    """Of one block, as paddlex uses it: a future whose result is a completion."""

    def __init__(self, future: concurrent.futures.Future[Any], rein: Rein, url: str, occupancy: Occupancy) -> None:
        self._future, self._rein, self._url = future, rein, url
        self._seconds: concurrent.futures.Future[float] = concurrent.futures.Future()
        begun = occupancy.begin()
        future.add_done_callback(lambda _: self._seconds.set_result(occupancy.end(begun)))

    def done(self) -> bool:
        """Whether it is there, or failed."""
        return self._future.done()

    def cancel(self) -> bool:
        """Nobody needs it any more; the server is told, since the connection closes."""
        return self._future.cancel()

    def result(self) -> Any:
        """Wait for it.

        Raises:
            NotReady: the server cannot be reached, is overloaded, starting, or was killed in the middle.
            EngineFailed: it refuses what we send, or answers something else than a completion.
            DeadlineExceeded: nobody waits any more.
        """
        while not concurrent.futures.wait([self._future], timeout=_GLANCE).done:
            if self._rein.over:
                self._future.cancel()
                if self._rein.gone():
                    raise DeadlineExceeded("nobody waits any more for what the server of PaddleOCR-VL reads")
                raise NotReady(f"the server of PaddleOCR-VL at {self._url} took longer than OCR_VL_PAGE_SECONDS")
        try:
            completion = self._future.result()
            choice = completion.choices[0]
            choice.message.content = choice.message.content or ""
        except (AttributeError, IndexError, TypeError, ValueError) as problem:
            raise EngineFailed(
                f"the server of PaddleOCR-VL at {self._url} answered something that is no completion"
            ) from problem
        except Exception as problem:
            raise as_outage(problem, self._url) from problem
        self._rein.cuts.append(choice.finish_reason == "length")
        self._rein.server_seconds += self._seconds.result()
        return completion


def as_outage(problem: BaseException, url: str) -> OcrError:
    """What an error of the client `openai` means to whoever waits for a page."""
    import openai

    where = f"the server of PaddleOCR-VL at {url}"
    if isinstance(problem, openai.APITimeoutError):
        return NotReady(f"{where} took longer than OCR_VL_PAGE_SECONDS")
    if isinstance(problem, openai.APIConnectionError):
        return NotReady(f"{where} cannot be reached, or hung up: {problem.__cause__ or problem}")
    if not isinstance(problem, openai.APIStatusError):
        return EngineFailed(f"{where} answered something that is no completion: {type(problem).__name__}: {problem}")
    status, told = problem.status_code, " ".join(str(problem.message).split())[:300]
    if status in _BUSY:
        return NotReady(f"{where} is overloaded or starting ({status}): {told}")
    remedies = {
        401: "Set OCR_VL_SERVER_KEY_FILE to a file with its key.",
        403: "Set OCR_VL_SERVER_KEY_FILE to a file with its key.",
        404: "Set OCR_VL_SERVER_MODEL to what it calls the model, and OCR_VL_SERVER_URL to its address, with /v1.",
    }
    return EngineFailed(f"{where} refused a block ({status}): {told}", remedy=remedies.get(status))
