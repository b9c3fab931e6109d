"""A server of the language model, held by the reins: every request ends in time, and its errors mean outages of ours.

paddlex's client waits 600 seconds for each block whoever waits, and tells nobody that an answer was cut. What the
server does to a request is never the document's fault: it is redelivered, and nothing is lost.
"""

from __future__ import annotations

import concurrent.futures
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


class ReinedClient:
    """In place of paddlex's GenAIClient.

    Args:
        client: that one.
        url: for messages.
    """

    def __init__(self, client: Any, url: str) -> None:
        self._client, self._url = client, url
        self.backend = client.backend

    def create_chat_completion(self, messages: Any, *, timeout: float, **arguments: Any) -> Answer:
        """Send one block; the answer is waited for by the caller."""
        rein = current()
        timeout = min(timeout, max(1.0, rein.left))
        arguments["return_future"] = True
        return Answer(self._client.create_chat_completion(messages, timeout=timeout, **arguments), rein, self._url)

    def close(self) -> None:
        """Give the connections back."""
        self._client.close()


class Answer:
    """Of one block, as paddlex uses it: a future whose result is a completion."""

    def __init__(self, future: concurrent.futures.Future[Any], rein: Rein, url: str) -> None:
        self._future, self._rein, self._url = future, rein, url

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
