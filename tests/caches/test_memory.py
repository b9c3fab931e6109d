"""The cache in memory: bounded, and fair to what is asked for."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from function.caches.memory import MemoryCache
from function.telemetry import metrics


def test_what_nobody_asked_for_the_longest_goes_first() -> None:
    """Being asked for counts, not being put."""
    cache = MemoryCache(max_bytes=3 * 1400, seconds=60)
    for key in "abc":
        cache.put(key, b"x" * 1000)
    cache.get("a")

    cache.put("d", b"x" * 1000)

    assert [key for key in "abcd" if cache.get(key)] == ["a", "c", "d"]


def test_a_value_ends_with_its_time() -> None:
    """And gives its bytes back."""
    now = [100.0]
    cache = MemoryCache(max_bytes=1 << 20, seconds=10, now=lambda: now[0])
    cache.put("a", b"value")
    now[0] = 109.9
    assert cache.get("a") == b"value"

    now[0] = 110.0

    assert cache.get("a") is None
    assert metrics.REGISTRY.get_sample_value("zeropage_cache_bytes") == 0


def test_what_is_larger_than_the_whole_cache_is_left_out() -> None:
    """It would drive out all the others and not fit all the same."""
    cache = MemoryCache(max_bytes=2000, seconds=60)
    cache.put("small", b"value")

    cache.put("large", b"x" * 2000)

    assert cache.get("large") is None
    assert cache.get("small") == b"value"


@given(st.lists(st.tuples(st.sampled_from("abcdefgh"), st.integers(0, 3000)), max_size=60))
def test_it_never_holds_more_than_it_may(puts: list[tuple[str, int]]) -> None:
    """Whatever is put in whatever order; and what it holds is what was put last."""
    cache = MemoryCache(max_bytes=5000, seconds=60)
    last = {}
    for key, size in puts:
        value = bytes([size % 251]) * size
        cache.put(key, value)
        if size + 321 <= 5000:
            last[key] = value

        held = {key: cache.get(key) for key in last}
        assert sum(len(value) for value in held.values() if value is not None) <= 5000
        assert all(value in {None, last[key]} for key, value in held.items())
        assert cache.get(key) in {None, value}
