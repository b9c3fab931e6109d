"""Answers in a Redis that all pods share, or in whatever speaks its language (Valkey, Dragonfly, a cloud's own)."""

from __future__ import annotations

from function.caches.redis.cache import RedisCache

__all__ = ["RedisCache"]
