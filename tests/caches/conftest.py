"""Every kind of cache, for tests that all must pass, and the Redis that one of them needs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from itertools import count

import pytest

from function.caches.base import Cache
from function.caches.memory import MemoryCache
from function.caches.redis import RedisCache
from function.caches.redis.breaker import Breaker
from tests import redis_server
from tests.redis_server import RedisServer

#: A wait that only a hanging test reaches.
SECONDS = 30.0
MAX_BYTES = 1 << 16
_namespaces = count(1)


@pytest.fixture(scope="session")
def redis() -> Iterator[RedisServer]:
    """One for each worker."""
    with redis_server.running() as server:
        yield server


MakeRedis = Callable[..., RedisCache]


@pytest.fixture
def make_redis() -> Iterator[MakeRedis]:
    """Makes caches in a Redis, each with keys of its own unless said otherwise."""
    made: list[RedisCache] = []

    def make(
        url: str,
        *,
        namespace: str = "",
        seconds: int = 60,
        timeout: float = SECONDS,
        max_bytes: int = MAX_BYTES,
        breaker: Breaker | None = None,
    ) -> RedisCache:
        cache = RedisCache(
            url,
            namespace=namespace or f"test-{next(_namespaces)}",
            seconds=seconds,
            timeout=timeout,
            max_bytes=max_bytes,
            breaker=breaker,
        )
        made.append(cache)
        return cache

    yield make
    for cache in made:
        cache.close()


@pytest.fixture(params=["memory", "redis"])
def kind(request: pytest.FixtureRequest) -> str:
    """What cache the test runs on."""
    return str(request.param)


@pytest.fixture
def cache(kind: str, request: pytest.FixtureRequest, make_redis: MakeRedis) -> Cache:
    """An empty one."""
    if kind == "memory":
        return MemoryCache(max_bytes=1 << 20, seconds=60)
    server: RedisServer = request.getfixturevalue("redis")
    return make_redis(server.url)


def eventually(condition: Callable[[], object]) -> None:
    """Wait until it is true: values may be put a little later, and pauses end."""
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until, "it never came true"
        time.sleep(0.005)
