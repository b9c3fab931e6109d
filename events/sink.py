"""Where events go (`K_SINK`): one POST each, accepted or not; whoever sent them to us sends again where it failed.

A SinkBinding sets the address, the authority that signed its certificate (`K_CA_CERTS`) and extension attributes that
every event shall carry (`K_CE_OVERRIDES`). Where the sink has an audience (Eventing's `authentication-oidc`) it also
mounts a token for that, and renews it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from events.errors import Unavailable
from events.event import Event
from events.writing import to_binary

if TYPE_CHECKING:
    from urllib3 import PoolManager


class HttpSink:
    """An address that takes CloudEvents; thread-safe.

    Args:
        url: of the sink.
        seconds: how long one delivery may take; brokers may hold a producer until their own delivery is over.
        ca_certs: PEM text of the authority to trust, or empty for the system's.
        extensions: attributes that every event gets.
        token_file: the token to show, read anew for each event; none is shown where it is not there.
        connections: kept open.
    """

    def __init__(
        self,
        url: str,
        *,
        seconds: float = 10.0,
        ca_certs: str = "",
        extensions: Mapping[str, str] | None = None,
        token_file: str = "",
        connections: int = 16,
    ) -> None:
        self._url, self._seconds = url, seconds
        self._ca_certs, self._connections = ca_certs, connections
        self._extensions = dict(extensions or {})
        self._token_file = token_file

    def send(self, event: Event) -> None:
        """Hand one event over.

        Raises:
            Unavailable: no 2xx within the time.
        """
        from urllib3.exceptions import HTTPError

        extended = replace(event, extensions={**event.extensions, **self._extensions})
        headers, body = to_binary(extended)
        headers = {**headers, **shown(self._token_file)}
        try:
            answer = self._pool.request(
                "POST", self._url, body=body, headers=headers, timeout=self._seconds, retries=False, redirect=False
            )
        except HTTPError as problem:
            raise Unavailable(
                [f"the sink took no event within {self._seconds:g} s ({type(problem).__name__})"]
            ) from None
        if not 200 <= answer.status < 300:
            raise Unavailable([f"the sink answered {answer.status}"])

    @cached_property
    def _pool(self) -> PoolManager:
        import ssl

        import urllib3

        context = ssl.create_default_context(cadata=self._ca_certs) if self._ca_certs else None
        return urllib3.PoolManager(maxsize=self._connections, block=False, ssl_context=context)


def shown(token_file: str) -> dict[str, str]:
    """The header with the token that lies there now; it becomes another every hour. None where there is none."""
    try:
        token = Path(token_file).read_text(encoding="latin-1").strip() if token_file else ""
    except OSError:
        return {}
    return {"Authorization": f"Bearer {token}"} if token else {}


def overrides(text: str) -> dict[str, str]:
    """The extensions in `K_CE_OVERRIDES`, `{"extensions": {"name": "value"}}`.

    Raises:
        ValueError: it is something else.
    """
    if not text:
        return {}
    read = json.loads(text)
    extensions = read.get("extensions", {}) if isinstance(read, dict) else None
    if not isinstance(extensions, dict) or not all(isinstance(value, str) for value in extensions.values()):
        raise ValueError('it is no JSON object of the form {"extensions": {"name": "value"}}')
    return extensions
