"""What a door answers that OCR_DOORS has closed on this instance.

To a caller it is an address that does not exist here: 404. To whoever delivers an upload it is an outage: 503 is tried
again by brokers and webhooks alike and ends, at worst, among the dead letters, so that an upload sent to the wrong role
waits until somebody points its sender to the right one. A final 4xx would lose it at once wherever there is no
dead-letter target (SNS, for one, gives up after the first), and a 404 would say that the mistake is the sender's.
"""

from __future__ import annotations

from flask import request

from function.doors.operations import current
from function.errors import DoorClosed, OcrError, UnknownPath
from function.roles import DOORS

_DELIVERIES = ("events", "hooks", "deadletter")


def check_open() -> None:
    """Before each request.

    Raises:
        UnknownPath: callers, whose door is closed.
        DoorClosed: deliveries.
    """
    function, door = current(), request.blueprint
    if door in DOORS and door not in function.doors:
        raise _closed(door, function.settings.doors)


def _closed(door: str, setting: str) -> OcrError:
    said = f"{request.method} {request.path[:200]}: the door {door!r} is closed here (OCR_DOORS is {setting!r})"
    if door in _DELIVERIES:
        return DoorClosed(said)
    return UnknownPath(said, remedy=f"Ask the instance whose OCR_DOORS opens {door!r}.")
