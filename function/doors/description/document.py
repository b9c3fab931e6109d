"""The description as a whole: OpenAPI 3.1, whose schemas are JSON Schema as msgspec makes it."""

from __future__ import annotations

import functools
from typing import Any

import msgspec

from function.doors.description.operations import NAMED, paths
from function.doors.description.parts import REF
from function.doors.problems import Problem
from function.results.model import SCHEMA_VERSION

_ABOUT = (
    "Documents in, text out. A document goes to POST /v1/parse, as a form or as the body; what takes longer than a "
    "request may, to POST /v1/jobs. Every error is a problem object (RFC 9457) with a remedy; 429 and 503 say in "
    "Retry-After when to try again, and any other 4xx ends the same however often it is sent."
)
_TAGS = {
    "reading": "documents while somebody waits",
    "jobs": "documents that are read later",
    "paddlex": "the API of PaddleX serving, for its clients",
    "deliveries": "events and webhooks that tell of uploads",
    "operating": "probes, metrics, descriptions",
    "page": "what a person opens",
}


@functools.cache
def description(*, keys: bool) -> dict[str, Any]:
    """OpenAPI, ready to be encoded.

    Args:
        keys: whether callers must show one here.
    """
    _, schemas = msgspec.json.schema_components([*NAMED, Problem], ref_template=REF)
    shown: list[dict[str, list[str]]] = [{"bearer": []}, {"key": []}]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Zeropage", "version": SCHEMA_VERSION, "description": _ABOUT},
        "jsonSchemaDialect": "https://json-schema.org/draft/2020-12/schema",
        "tags": [{"name": name, "description": about} for name, about in _TAGS.items()],
        "security": shown if keys else [{}, *shown],
        "paths": paths(),
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
            },
        },
    }
