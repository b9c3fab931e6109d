"""GET / and /web: the page that a person opens, its files, samples to try, and what this instance offers.

It stands where documents are read while somebody waits: where the door `parse` is open.
"""

from __future__ import annotations

from flask import Blueprint, Response, request

from function import web
from function.doors import formats
from function.doors.operations import current
from function.errors import UnknownPath

door = Blueprint("pages", __name__)

#: Nothing from anywhere else, nothing inline, in nobody's frame; `blob:` is the visitor's own document, `data:` what
#: was cut out of it.
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
_FOR_GOOD = "public, max-age=31536000, immutable"


@door.before_request
def _check_open() -> None:
    function = current()
    if "parse" not in function.doors:
        raise UnknownPath(
            f"{request.path[:200]}: there is no page here, for nothing is read here while somebody waits "
            f"(OCR_DOORS is {function.settings.doors!r})",
            remedy="Ask the instance whose OCR_DOORS opens 'parse'.",
        )


@door.get("/", provide_automatic_options=False)  # OPTIONS is the event door's handshake
def index() -> Response:
    """The page itself; asked for again each time, and sent again when it changed."""
    return _sent(web.assets().files["index.html"])


@door.get("/web/<release>/<path:name>")
def asset(release: str, name: str) -> Response:
    """A file of the page. Of another release, as happens while a new one is rolled out, it is not to be kept."""
    assets = web.assets()
    if name not in assets.files:
        raise UnknownPath(f"the page has no file {name[:100]!r}", remedy="Load the page again.")
    return _sent(assets.files[name], _FOR_GOOD if release == assets.release else "no-store")


@door.get("/web/samples/<name>")
def sample(name: str) -> Response:
    """A document to try the page with."""
    if name not in web.samples():
        raise UnknownPath(f"there is no sample {name[:100]!r}", remedy=f"There are {', '.join(web.samples())}.")
    return _sent(web.samples()[name])


@door.get("/web/offer.json")
def offer() -> tuple[dict[str, object], int, dict[str, str]]:
    """What a visitor can choose from on this instance."""
    function = current()
    tiers = ["auto", "fast", *(["accurate"] if "accurate" in function.reader.batchers else [])]
    written = [form for form in formats.FORMATS if form.name not in {"ndjson", "sse"}]
    body: dict[str, object] = {
        "formats": [{"name": form.name, "media_type": form.media_type} for form in written],
        "tiers": tiers,
        "languages": [],  # no engine takes one yet (Options.unused): where one does, the page asks for it
        "samples": list(web.samples()),
        "max_bytes": function.settings.max_request_bytes,
        "needs_key": function.keys is not None,
    }
    return body, 200, {"Cache-Control": "no-store"}


def _sent(file: web.Asset, caching: str = "no-cache") -> Response:
    response = Response(file.data, content_type=file.media_type)
    response.headers["Cache-Control"] = caching
    response.headers["Content-Security-Policy"] = _POLICY
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    response.set_etag(file.etag)
    response.make_conditional(request)
    return response
