"""Who may knock: callers show an API key where there are any.

Probes and metrics need none, nor does the web page, which asks its visitor for one. Nor do the doors of deliveries,
whose senders can show none: webhooks have tokens of their own (OCR_HOOK_TOKENS_FILE), and events and dead letters
come from a broker inside the cluster, which shows a token of the cluster where OCR_EVENTS_AUDIENCE asks for one.
"""

from __future__ import annotations

from flask import g, request

from function.doors.operations import current
from function.errors import Unauthorized

#: Doors without keys. A door that is not named here needs one, so that a new one is never open by mistake.
WITHOUT_KEYS = frozenset({"operations", "pages", "events", "hooks", "deadletter"})
#: Doors at which the platform delivers.
_OF_EVENTS = frozenset({"events", "deadletter"})
_SEND = "Send it as Authorization: Bearer KEY, or as X-API-Key: KEY."
_COMPARE = "Compare it to its last letter with the one you were given, or ask whoever runs the function for a new one."


def check_key() -> None:
    """Before each request.

    Raises:
        Unauthorized: a key or token is needed, and none or a wrong one was sent.
        NotReady: the cluster does not judge the token now.
        TooOften: over the key's rate.
    """
    tokens = current().event_tokens
    if tokens is not None and request.blueprint in _OF_EVENTS and request.method == "POST":
        g.caller = {"caller": tokens.admit(_shown())}
    keys = current().keys
    if keys is None or request.blueprint is None or request.blueprint in WITHOUT_KEYS:
        return
    try:
        key = keys.admit(_shown())
    except Unauthorized as problem:
        raise Unauthorized(problem.detail, remedy=_COMPARE if _shown() else _SEND) from None
    g.caller = {"caller": key.name, "tenant": key.tenant} if key.tenant else {"caller": key.name}


def _shown() -> str:
    authorization = request.authorization
    if authorization is not None and authorization.type in {"bearer", "token"}:  # AI Studio's clients write token
        return authorization.token or ""
    return request.headers.get("X-API-Key", "")
