"""The handshake of CloudEvents' webhook specification (http-webhook.md, section 4): may this sender send here?

A sender (Azure Event Grid insists) first asks with OPTIONS. The answer's headers are the permission; its status says
nothing, so 200 will do either way.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_ORIGIN = re.compile(r"[A-Za-z0-9*]([A-Za-z0-9.*-]{0,251}[A-Za-z0-9*])?")


def handshake(
    request: Mapping[str, str], *, origins: Sequence[str] = ("*",), per_minute: int | None = None
) -> dict[str, str]:
    """The headers of the answer to OPTIONS.

    Args:
        request: the request's headers, names in any case.
        origins: who may send: DNS names, `*.example.com` for those below one, `*` for all.
        per_minute: the most requests a minute that are granted; None: as many as they like.

    Returns:
        `Allow`, and where the origin is welcome `WebHook-Allowed-Origin` and `WebHook-Allowed-Rate`. A permission is
        never given by callback: whoever asks would choose the address that we visit.
    """
    headers = {name.lower(): value.strip() for name, value in request.items()}
    answer = {"Allow": "POST, OPTIONS"}
    origin = headers.get("webhook-request-origin", "")
    if _ORIGIN.fullmatch(origin) and any(_covers(allowed.lower(), origin.lower()) for allowed in origins):
        answer["WebHook-Allowed-Origin"] = origin
        answer["WebHook-Allowed-Rate"] = _rate(headers.get("webhook-request-rate", ""), per_minute)
    return answer


def _covers(allowed: str, origin: str) -> bool:
    return allowed in {"*", origin} or (allowed.startswith("*.") and origin.endswith(allowed[1:]))


def _rate(asked: str, most: int | None) -> str:
    wanted = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 10 else 0
    if most is None:
        return str(wanted) if wanted else "*"
    return str(min(wanted, most) if wanted else most)
