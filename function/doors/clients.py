"""Who asks over HTTP: whether the client is still there, whose it is, and what it wants of answers that were kept."""

from __future__ import annotations

import socket
import threading
import time

from flask import Request, g

from function.doors.preferences import seconds_to_wait
from function.errors import BadRequest
from function.reading.caller import Caller
from function.reading.queue.tenants import is_name
from function.settings import Settings
from function.telemetry import metrics


def caller_of(request: Request, settings: Settings) -> Caller:
    """The caller behind a request.

    Raises:
        BadRequest: the gateway's header names no tenant.
    """
    most = settings.request_seconds
    if (seconds := seconds_to_wait(request.headers.getlist("Prefer"), most)) is not None:
        g.preference_applied = f"wait={seconds}"
    return Caller(
        most if seconds is None else seconds,
        Connection(request.environ.get("gunicorn.socket")).is_gone,
        settings.admission_seconds,
        recall=not {"no-cache", "no-store"} & request.cache_control.keys(),
        keep="no-store" not in request.cache_control,
        request_id=g.get("request_id", ""),
        tenant=tenant_of(request, settings),
        degrade=True,
    )


def tenant_of(request: Request, settings: Settings) -> str:
    """The API key's tenant, or its name; else what the header says that OCR_TENANT_HEADER trusts; else empty.

    Raises:
        BadRequest: that header has another form than a name.
    """
    shown = g.get("caller", {})
    if shown:
        return str(shown.get("tenant") or shown["caller"])
    told = request.headers.get(settings.tenant_header, "").strip() if settings.tenant_header else ""
    if told and not is_name(told):
        raise BadRequest(
            f"the header {settings.tenant_header} (OCR_TENANT_HEADER) is no tenant's name",
            remedy="A name has letters, digits, '.', '_' and '-', 64 at most, and begins with a letter or a digit.",
        )
    return told


class Connection:
    """A client's connection, looked at without waiting or taking anything away; used from many threads.

    Args:
        connection: None where there is none, so that the client never goes (tests).
    """

    def __init__(self, connection: socket.socket | None) -> None:
        self._connection = connection
        self._seen = time.monotonic()
        self._gone = False
        self._lock = threading.Lock()

    def is_gone(self) -> bool:
        """Whether the client has closed it."""
        if self._connection is None:
            return False
        with self._lock:
            if self._gone:
                return True
            now = time.monotonic()
            if self._is_open(self._connection):
                self._seen = now
                return False
            self._gone = True
        metrics.caller_gone_seconds.observe(now - self._seen)
        return True

    @staticmethod
    def _is_open(connection: socket.socket) -> bool:
        try:
            return connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT) != b""
        except (BlockingIOError, InterruptedError):
            return True
        except OSError:
            return False
