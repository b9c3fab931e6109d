"""The start waits for the server of the language model, which loads for minutes beside it or elsewhere."""

from __future__ import annotations

import http.client
import json
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping

from function.engines.paddle_vl.server import Server
from function.errors import EngineFailed

#: Seconds. A server that has not come by then will not: nodes, images and weights have had their time.
PATIENCE = 1800.0
#: Between two tries; a connection that is refused costs next to nothing.
PAUSE = 0.5
_REMEDIES = {
    401: "Set OCR_VL_SERVER_KEY_FILE to a file with its key.",
    403: "Set OCR_VL_SERVER_KEY_FILE to a file with its key.",
    404: "Set OCR_VL_SERVER_URL to its address, with /v1.",
}


def wait_for(
    server: Server, *, patience: float = PATIENCE, sleep: Callable[[float], None] = time.sleep
) -> Mapping[str, float]:
    """Block until it answers `GET /models` and knows the model; how often it was asked.

    Raises:
        EngineFailed: it refuses us, has another model, or does not come in time.
    """
    began, asked, told = time.monotonic(), 0, "nothing was asked"
    while time.monotonic() - began < patience:
        asked += 1
        try:
            _require(server, _models(server))
        except urllib.error.HTTPError as problem:
            problem.close()
            if problem.code in _REMEDIES:
                raise EngineFailed(
                    f"the server of PaddleOCR-VL at {server.url} answers {problem.code}", remedy=_REMEDIES[problem.code]
                ) from problem
            told = f"it answers {problem.code}"
        except (OSError, http.client.HTTPException) as problem:  # URLError is an OSError
            told = f"it cannot be reached ({getattr(problem, 'reason', problem)})"
        else:
            return {"asked": float(asked)}
        sleep(PAUSE)
    raise EngineFailed(
        f"the server of PaddleOCR-VL at {server.url} did not come within {patience:.0f} s: {told}",
        remedy="Look at its own log; correct OCR_VL_SERVER_URL where it is elsewhere.",
    )


def _models(server: Server) -> bytes:
    headers = {"Authorization": f"Bearer {server.key}"} if server.key else {}
    request = urllib.request.Request(f"{server.url.rstrip('/')}/models", headers=headers)  # noqa: S310 - http or https alone
    with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - as above
        body: bytes = answer.read()
        return body


def _require(server: Server, body: bytes) -> None:
    try:
        names = [str(model["id"]) for model in json.loads(body)["data"]]
    except (ValueError, KeyError, TypeError) as problem:
        raise EngineFailed(
            f"what answers at {server.url} is no server of PaddleOCR-VL: it lists no models",
            remedy="Set OCR_VL_SERVER_URL to its address, with /v1.",
        ) from problem
    if server.model not in names:
        raise EngineFailed(
            f"the server at {server.url} calls its models {', '.join(names) or 'nothing'}, not {server.model}",
            remedy="Set OCR_VL_SERVER_MODEL to the name that it uses, or start it with --served-model-name.",
        )
