"""What determines an answer, as one hash: the same question has the same one, any other has another."""

from __future__ import annotations

import hashlib

import msgspec

from function.reading.options import Options
from function.results.model import SCHEMA_VERSION, EngineInfo


def fingerprint_of(sha256: str, options: Options, engine: EngineInfo, dpi: float) -> str:
    """SHA-256 over everything that determines an answer: bytes, options, engine, weights, resolution, schema."""
    told = msgspec.json.encode([sha256, options, engine, dpi, SCHEMA_VERSION])
    return hashlib.sha256(told).hexdigest()
