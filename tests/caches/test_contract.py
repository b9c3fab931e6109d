"""What every kind of cache keeps to."""

from __future__ import annotations

import os
import threading

import pytest

from function.caches.base import Cache
from tests.caches.conftest import MAX_BYTES, eventually

KEY = "a" * 64


@pytest.mark.parametrize("value", [b"\0", b"text " * 1000, os.urandom(MAX_BYTES)], ids=["zero", "text", "noise"])
def test_what_was_put_comes_back(value: bytes, cache: Cache) -> None:
    """Byte for byte, whatever they are."""
    cache.put(KEY, value)

    eventually(lambda: cache.get(KEY) == value)


def test_nothing_is_there_before(cache: Cache) -> None:
    """A miss is None, not a failure."""
    cache.start()
    assert cache.get(KEY) is None


def test_another_key_is_another_value(cache: Cache) -> None:
    """The last letter counts."""
    other = "a" * 63 + "b"
    cache.put(KEY, b"one")
    cache.put(other, b"other")

    eventually(lambda: (cache.get(KEY), cache.get(other)) == (b"one", b"other"))
    assert cache.get("a" * 62) is None


def test_the_later_value_counts(cache: Cache) -> None:
    """A reading made anew replaces the former."""
    cache.put(KEY, b"former")
    eventually(lambda: cache.get(KEY) == b"former")

    cache.put(KEY, b"later")

    eventually(lambda: cache.get(KEY) == b"later")


def test_many_threads_at_once_get_their_own(cache: Cache) -> None:
    """Nobody gets another's value, however many ask."""
    wrong: list[tuple[str, bytes | None]] = []

    def work(number: int) -> None:
        key, value = f"{number:064d}", str(number).encode() * 100
        for _ in range(20):
            cache.put(key, value)
            found = cache.get(key)
            if found not in {None, value}:
                wrong.append((key, found))

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert wrong == []


def test_closing_twice_is_no_fault(cache: Cache) -> None:
    """The end of a process comes in many ways."""
    cache.put(KEY, b"value")
    cache.close()
    cache.close()
