"""Bodies that do not come whole: cut off before the length that their head tells, or in chunks that make no sense.

gunicorn ends a cut-off body as if it were all, and a connection lost during an upload would make half a document a job;
what else it cannot take apart it raises in words of its own.
"""

from __future__ import annotations

import io
from typing import Any

from flask import request

from function.errors import BadRequest, OcrError

_REMEDY = "Send the request again; where this stays, look at what stands between the sender and here."


def watch() -> None:
    """Before each request: from now on its body raises BadRequest where it does not come whole."""
    stream = request.environ.get("wsgi.input")
    if stream is not None:
        request.environ["wsgi.input"] = Whole(stream, request.content_length)


class Whole(io.RawIOBase):
    """A body that says so where it ends too early.

    Args:
        stream: of the server.
        length: that its head tells; None for chunks.
    """

    def __init__(self, stream: Any, length: int | None) -> None:
        super().__init__()
        self._stream, self._length, self._come = stream, length, 0

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: Any) -> int:
        """As ever.

        Raises:
            BadRequest: it does not come whole.
        """
        data = self._read(len(buffer))
        buffer[: len(data)] = data
        self._come += len(data)
        if not data and len(buffer) and self._length is not None and self._come < self._length:
            raise BadRequest(
                f"the body ended after {self._come} of the {self._length} bytes of its Content-Length", remedy=_REMEDY
            )
        return len(data)

    def _read(self, size: int) -> bytes:
        try:
            return bytes(self._stream.read(size))
        except (OcrError, OSError):  # told already; or the connection is gone
            raise
        except Exception as problem:
            raise BadRequest(f"the body's chunks cannot be told apart ({problem})", remedy=_REMEDY) from problem
