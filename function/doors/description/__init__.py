"""GET /openapi.json and /docs: what this instance serves, for programs and for people.

Made when it is first asked for, from the classes that read requests and write answers; a start pays nothing for it.
"""

from __future__ import annotations

import msgspec
from flask import Response

from function.doors.operations import current, door


@door.get("/openapi.json")
def openapi() -> Response:
    """OpenAPI 3.1."""
    from function.doors.description.document import description

    told = description(keys=current().keys is not None)
    return Response(msgspec.json.encode(told), content_type="application/json")


@door.get("/docs")
def docs() -> Response:
    """The same as a page."""
    from function.doors.description.document import description
    from function.doors.description.reading_page import POLICY, page

    response = Response(page(description(keys=current().keys is not None)), content_type="text/html; charset=utf-8")
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
