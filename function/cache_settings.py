"""What OCR_CACHE means: a kind of cache, and what its keys depend on. Read by the wiring alone."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import urlsplit

import msgspec

from function.caches.base import Cache
from function.reading.recall.known_pages import KnownPages
from function.reading.recall.remembered import Remembered
from function.release import release
from function.settings import Settings, SettingsError
from function.spelling import nearest

_SCHEMES = ("redis", "rediss")
_KINDS = ("none", "memory", "redis://HOST")


def check(settings: Settings) -> None:
    """Raises SettingsError where OCR_CACHE is no kind of cache; nothing is imported or connected for it."""
    if is_redis(settings):
        _check_address(settings.cache)
        if not re.fullmatch(r"[A-Za-z0-9_.:-]{1,64}", settings.cache_namespace):
            raise SettingsError(
                f"OCR_CACHE_NAMESPACE={settings.cache_namespace!r} is wrong: it is 1 to 64 letters, digits, _.:- ."
            )
    elif settings.cache not in _KINDS[:2]:
        shown = without_password(settings.cache)
        raise SettingsError(
            f"OCR_CACHE={shown!r} is wrong: it is one of {', '.join(_KINDS)}{nearest(shown, _KINDS[:2]) or '.'}"
        )


def is_redis(settings: Settings) -> bool:
    """Whether answers are shared by all pods."""
    scheme, separator, _ = settings.cache.partition("://")
    return bool(separator) and scheme in _SCHEMES


def remembered(settings: Settings) -> Remembered | None:
    """What remembers answers; None where every document is read. Raises SettingsError."""
    check(settings)
    if settings.cache == "none":
        return None
    return Remembered(_cache(settings), _surroundings(settings), settings.cache_value_bytes)


def known_pages(settings: Settings, answers: Remembered | None) -> KnownPages | None:
    """What remembers pages, in the cache of the answers; None where there is none, or pages are not to be kept."""
    if answers is None or not settings.cache_pages:
        return None
    return KnownPages(answers.cache, release(), settings.cache_value_bytes)


def without_password(url: str) -> str:
    """An address that may be printed."""
    return re.sub(r"(://[^/@:]*:).*@", r"\1***@", url)


def _cache(settings: Settings) -> Cache:
    if settings.cache == "memory":
        from function.caches.memory import MemoryCache

        return MemoryCache(max_bytes=settings.cache_bytes, seconds=settings.cache_seconds)
    from function.caches.redis import RedisCache

    return RedisCache(
        settings.cache,
        namespace=settings.cache_namespace,
        seconds=settings.cache_seconds,
        timeout=settings.cache_timeout,
        max_bytes=settings.cache_value_bytes,
    )


def _surroundings(settings: Settings) -> str:
    """Limits count too: a document that is over them now must hear so, though it was let in yesterday."""
    told = [
        release(),
        settings.text_samples,
        settings.max_pages,
        settings.max_pixels,
        settings.page_seconds,
        settings.child_bytes,
    ]
    return hashlib.sha256(msgspec.json.encode(told)).hexdigest()


def _check_address(url: str) -> None:
    try:
        parts = urlsplit(url)
        wrong = not parts.hostname or not re.fullmatch(r"/?\d*", parts.path) or parts.port == 0
    except ValueError:  # a port that is no number
        wrong = True
    if wrong:
        raise SettingsError(
            f"OCR_CACHE={without_password(url)!r} is wrong: it is no address such as redis://:PASSWORD@HOST:6379/0 "
            "(signs such as @ / # in a password are written %40 %2F %23)."
        )
