"""The cache that all pods share. Nobody waits for it longer than was agreed, and its failures are nobody's.

A socket's timeout counts each silence, not the whole, and a name that cannot be looked up has none at all. So every
call runs in a thread of its own that whoever asks leaves behind when time is up.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as TimedOut
from typing import TYPE_CHECKING, TypeVar

from function.caches.base import CacheFailed, CacheResting
from function.caches.redis.breaker import Breaker
from function.caches.redis.values import most_stored, packed, unpacked
from function.telemetry import metrics

if TYPE_CHECKING:
    from redis import Redis

log = logging.getLogger(__name__)
_T = TypeVar("_T")

#: Calls under way at once, those included that hang; more are not begun.
_MOST_CALLS = 32
#: How long `close` waits for values that are still on their way, in seconds.
_CLOSING_SECONDS = 2.0


class RedisCache:
    """Implements caches.base.Cache.

    Args:
        url: redis:// or, with TLS, rediss://, as redis-py takes it: user, password, database and options within.
        namespace: every key begins with it.
        seconds: for which a value is kept.
        timeout: longest wait for an answer, in seconds.
        max_bytes: of a value, before compression; nothing larger is ever opened.
        breaker: what leaves the server alone after failures.
    """

    def __init__(
        self,
        url: str,
        *,
        namespace: str,
        seconds: int,
        timeout: float,
        max_bytes: int,
        breaker: Breaker | None = None,
    ) -> None:
        self._url, self._namespace, self._seconds = url, namespace, seconds
        self._timeout, self._max_bytes = timeout, max_bytes
        self._breaker = breaker or Breaker()
        self._calls = threading.BoundedSemaphore(_MOST_CALLS)
        self._making = threading.Lock()
        self._client: Redis | None = None

    def start(self) -> None:
        """Import the library, which takes longer than any request should wait, and say whether the server answers."""
        try:
            client = self._connected()
            self._in_time(client.ping)
        except Exception as problem:  # noqa: BLE001 - whatever it is: without a cache everything still works
            log.warning("the cache of OCR_CACHE does not answer (%s); documents are read", _name(problem))

    def get(self, key: str) -> bytes | None:
        """Raises CacheFailed after `timeout` seconds at most, CacheResting at once."""
        if not self._breaker.allows():
            raise CacheResting("the cache rests")
        try:
            stored = self._in_time(lambda: self._stored(key))
        except Exception as problem:  # noqa: BLE001 - whatever it is: the document is read instead
            self._failed(problem)
            raise CacheFailed(_name(problem)) from None
        if self._breaker.succeeded():
            log.info("the cache answers again")
        return unpacked(stored, self._max_bytes) if stored else None

    def put(self, key: str, value: bytes) -> None:
        """Hand it over to a thread of its own, so that no answer waits until it is stored."""
        resting = self._breaker.is_open
        if resting or not self._begin(lambda: self._store(key, value)):
            metrics.cache_stores.labels("resting").inc()

    def close(self) -> None:
        """Wait a little for values that are on their way."""
        until = time.monotonic() + _CLOSING_SECONDS
        over = [self._calls.acquire(timeout=max(0.0, until - time.monotonic())) for _ in range(_MOST_CALLS)]
        for _ in filter(None, over):
            self._calls.release()
        if self._client is not None:
            self._client.close()

    def _stored(self, key: str) -> bytes:
        """Never more than one of ours can be long, whatever somebody else put there; nothing where there is nothing."""
        found = self._connected().getrange(self._key(key), 0, most_stored(self._max_bytes))
        if not isinstance(found, bytes):
            raise CacheFailed("OCR_CACHE asks for decoded answers")
        return found

    def _store(self, key: str, value: bytes) -> None:
        try:
            self._connected().set(self._key(key), packed(value), ex=self._seconds)
        except Exception as problem:  # noqa: BLE001 - nobody waits for it, and the answer has been given
            self._failed(problem)
            metrics.cache_stores.labels("error").inc()
        else:
            metrics.cache_stores.labels("kept").inc()

    def _key(self, key: str) -> str:
        return f"{self._namespace}:answer:{key}"

    def _connected(self) -> Redis:
        with self._making:
            if self._client is None:
                from redis import Redis
                from redis.backoff import NoBackoff
                from redis.retry import Retry

                self._client = Redis.from_url(
                    self._url,
                    socket_timeout=self._timeout,
                    socket_connect_timeout=self._timeout,
                    # Once more at once: after a restart of the server each kept connection is a dead one.
                    retry=Retry(NoBackoff(), 1),
                )
            return self._client

    def _in_time(self, work: Callable[[], _T]) -> _T:
        """Raises TimedOut when time is up, else whatever the work raises."""
        done: Future[_T] = Future()

        def run() -> None:
            try:
                done.set_result(work())
            except Exception as problem:  # noqa: BLE001 - goes to whoever waits
                done.set_exception(problem)

        if not self._begin(run):
            raise CacheFailed("too many calls hang")
        return done.result(self._timeout)

    def _begin(self, work: Callable[[], None]) -> bool:
        """Run it in a thread that nobody waits for, not even the end of the process; False where too many do."""
        if not self._calls.acquire(blocking=False):
            return False

        def run() -> None:
            try:
                work()
            finally:
                self._calls.release()

        try:
            threading.Thread(target=run, name="cache", daemon=True).start()
        except RuntimeError:  # no thread to be had
            self._calls.release()
            return False
        return True

    def _failed(self, problem: Exception) -> None:
        if self._breaker.failed():
            log.warning("the cache of OCR_CACHE does not answer (%s) and is left alone for a while", _name(problem))


def _name(problem: Exception) -> str:
    """Its kind alone: libraries put addresses, and proxies passwords, into the words."""
    return "no answer in time" if isinstance(problem, TimedOut) else type(problem).__name__
