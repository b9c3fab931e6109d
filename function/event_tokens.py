"""Tokens of those who deliver events: OIDC tokens of the cluster, for the audience of OCR_EVENTS_AUDIENCE.

Knative's triggers and sources show such a token where their subscriber or sink has an audience (`authentication-oidc`),
and leave it to whoever receives it to judge it. Here the cluster that issued it does, by a TokenReview (Kubernetes'
authentication.k8s.io/v1), for which this function's own service account needs the role system:auth-delegator.
"""

from __future__ import annotations

import hashlib
import http.client
import json
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from threading import Lock
from typing import Any

from function.errors import NotReady, Unauthorized

API = "kubernetes.default.svc"
ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
#: Seconds for the API's answer, and for which it holds: senders show one token for an hour.
PATIENCE, HOLDS = 5.0, 60.0
_MOST = 256
_REMEDY = "Give the trigger's subscriber, or the source's sink, the audience that OCR_EVENTS_AUDIENCE names."


class EventTokens:
    """Who delivers; used from many threads.

    Args:
        audience: that tokens must be for.
        api: host and port of the cluster's API (tests).
        account: folder of this pod's own token and the API's authority (tests).
        clock: monotonic seconds (tests).
    """

    def __init__(
        self,
        audience: str,
        *,
        api: str = API,
        account: Path = ACCOUNT,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._audience, self._api, self._account, self._clock = audience, api, account, clock
        self._lock = Lock()
        self._known: dict[bytes, tuple[str, float]] = {}

    def admit(self, token: str) -> str:
        """Whose token it is, such as `system:serviceaccount:NAMESPACE:NAME`.

        Raises:
            Unauthorized: it is missing, not the cluster's, out of date, or for another audience.
            NotReady: the cluster's API does not judge it now.
        """
        if not token:
            raise Unauthorized("the delivery shows no token (OCR_EVENTS_AUDIENCE asks for one)", remedy=_REMEDY)
        digest, now = hashlib.sha256(token.encode("utf-8", "surrogatepass")).digest(), self._clock()
        with self._lock:
            name, until = self._known.get(digest, ("", 0.0))
        if now < until:
            return name
        name = self._name(self._reviewed(token))
        with self._lock:
            if len(self._known) >= _MOST:
                self._known.clear()
            self._known[digest] = name, now + HOLDS
        return name

    def _name(self, status: dict[str, Any]) -> str:
        """An API that does not look at audiences names none, and then the token counts for nothing."""
        if status.get("authenticated") is not True or self._audience not in (status.get("audiences") or []):
            raise Unauthorized("the delivery's token is not one of this cluster for this audience", remedy=_REMEDY)
        return str((status.get("user") or {}).get("username", ""))

    def _reviewed(self, token: str) -> dict[str, Any]:
        review = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenReview",
            "spec": {"token": token, "audiences": [self._audience]},
        }
        try:
            own = (self._account / "token").read_text(encoding="ascii").strip()
            authority = ssl.create_default_context(cafile=str(self._account / "ca.crt"))
            connection = http.client.HTTPSConnection(self._api, timeout=PATIENCE, context=authority)
            headers = {"Authorization": f"Bearer {own}", "Content-Type": "application/json"}
            connection.request("POST", "/apis/authentication.k8s.io/v1/tokenreviews", json.dumps(review), headers)
            answer = connection.getresponse()
            body = answer.read()
            connection.close()
            if answer.status != 201:
                raise _unjudged(f"it answered {answer.status}")
            return dict(json.loads(body)["status"])
        except (OSError, http.client.HTTPException, ValueError, KeyError, TypeError) as problem:
            raise _unjudged(type(problem).__name__) from problem


def _unjudged(why: str) -> NotReady:
    return NotReady(
        f"the cluster's API does not judge the delivery's token: {why}",
        remedy="Bind the function's service account to the ClusterRole system:auth-delegator and mount its token, "
        "as knative/components/events-audience does.",
    )
