"""JSON from strangers: bounded in size and depth, and none of what Python's decoder kindly lets pass.

The standard decoder takes the last of two equal keys, NaN, and half a surrogate pair, which fails later, when it is
written. All of it is refused here, together, as `Malformed`.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from events.errors import Malformed, Oversized

#: A message names objects; it does not carry them. SQS and Kafka stop at 1 MiB, and an envelope around such a message
#: escapes its quotes.
MAX_BYTES = 2 * 1024 * 1024
#: The deepest sender's shape (an S3 record) has seven levels.
MAX_DEPTH = 32

#: Of one number.
_MOST_DIGITS = 4300

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def loads(raw: bytes | str, what: str = "the body", *, max_bytes: int = MAX_BYTES) -> Any:
    """Decode one JSON document.

    Args:
        raw: bytes in UTF-8, a byte order mark allowed, or text.
        what: names the document in messages.
        max_bytes: the longest document that is read.

    Raises:
        Oversized: it is longer than `max_bytes` or deeper than `MAX_DEPTH`.
        Malformed: it is no JSON, or has twofold keys, NaN, infinities or broken Unicode.
    """
    if len(raw) > max_bytes:
        raise Oversized([f"{what} has {len(raw)} bytes; at most {max_bytes} are read"])
    repeated: list[str] = []
    value, problem = _decoded(raw, what, repeated)
    # Raised out here, so that no exception drags the body (it may hold credentials) into a log.
    if problem is not None:
        raise problem
    if repeated:
        raise Malformed([f"{what} has a key twice: {key[:80]!a}" for key in repeated])
    _check(value, what)
    return value


def _decoded(raw: bytes | str, what: str, repeated: list[str]) -> tuple[Any, Malformed | None]:
    def object_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        members: dict[str, Any] = {}
        for key, value in pairs:
            if key in members:
                repeated.append(key)
            members[key] = value
        return members

    try:
        text = raw if isinstance(raw, str) else raw.decode("utf-8-sig")
        return json.loads(text, object_pairs_hook=object_of, parse_constant=_no_constant, parse_int=_integer), None
    except UnicodeDecodeError as error:
        return None, Malformed([f"{what} is not UTF-8 (byte {error.start})"])
    except json.JSONDecodeError as error:
        return None, Malformed([f"{what} is not JSON: {error.msg} (line {error.lineno}, column {error.colno})"])
    except RecursionError:
        return None, Oversized([f"{what} is nested deeper than {MAX_DEPTH} levels"])
    except ValueError:  # NaN and infinities, and numbers of thousands of digits
        return None, Malformed([f"{what} holds a number that is none in JSON, or too long a one"])


def _integer(digits: str) -> int:
    """As Python itself since 3.10.7: the time that this takes grows with the square of their number."""
    if len(digits) > _MOST_DIGITS:
        raise ValueError
    return int(digits)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _check(document: Any, what: str) -> None:
    """Depth and Unicode, without recursion of our own."""
    level, values = 0, [document]
    while values:
        level += 1
        if level > MAX_DEPTH:
            raise Oversized([f"{what} is nested deeper than {MAX_DEPTH} levels"])
        below: list[Any] = []
        for value in values:
            if isinstance(value, dict):
                below += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                below += value
            elif isinstance(value, str) and _LONE_SURROGATE.search(value):
                raise Malformed([f"{what} holds half a surrogate pair: that is no text"])
        values = below
