"""Every way a reading can end badly; each class carries its consequences, so no door decides them again.

    OcrError
    ├── Refusal                the document's or the caller's fault: 4xx, never redelivered
    │   ├── BadRequest             400  an option or the request itself is wrong
    │   │   └── MalformedEvent     400  not a CloudEvent; no bucket or key
    │   ├── Unauthorized           401  API key or webhook token missing or wrong
    │   ├── Forbidden              403  an event names a bucket outside OCR_INBOX
    │   ├── UnknownPath            404  HTTP callers only: no such address
    │   │   ├── UnknownJob             404
    │   │   ├── UnknownUpload          404
    │   │   └── JobUnfinished          404  there is no result yet
    │   ├── MethodNotAllowed       405  HTTP callers only: right address, wrong verb
    │   ├── NotAcceptable          406  HTTP callers only: no format is what Accept asks for
    │   ├── SentTooSlowly          408  HTTP callers only: the request did not come in time
    │   ├── SourceGone             410  the upload was deleted since its event
    │   ├── TooLarge               413  over a limit in bytes or memory
    │   │   ├── TooManyPages       413
    │   │   └── TooManyPixels      413
    │   ├── UnsupportedType        415  no PDF, no known image
    │   ├── Corrupt                422  cannot be opened or drawn
    │   ├── Encrypted              422  wants a password
    │   └── KeyReused              422  an Idempotency-Key with another request
    └── Outage                 ours: 429 or 5xx, the sender tries again
        ├── Busy                   429  no slot (HTTP callers only)
        │   └── TooOften           429  over the rate of an API key (HTTP callers only)
        ├── Unexpected             500  nobody foresaw it; the log tells more
        ├── EngineFailed           500  the engine crashed
        ├── JobFailed              500  a job's delivery was given up
        ├── EngineUnavailable      503  what reads elsewhere does not answer
        ├── NotReady               503  warming or draining
        ├── DoorClosed             503  a delivery to an instance that does not take it (OCR_DOORS, OCR_INBOX)
        ├── RendererKilled         503  a render child was killed from outside
        ├── StoreUnavailable       503
        │   └── StoreDenied        503  the store lets us in no more: our configuration, worth an alert
        ├── SinkUnavailable        503
        └── DeadlineExceeded       504

Knative's sender retries 5xx, 404, 408, 409, 429 and silence, and nothing else (knative/eventing
pkg/kncloudevents/retries.go). Hence the rule that tests/test_errors.py walks the tree for: what an event can
meet as a Refusal never answers one of those, an Outage always does.
"""

from __future__ import annotations

from typing import ClassVar

#: Exit codes of the command line (sysexits.h).
EXIT_DONE, EXIT_USAGE, EXIT_REFUSED, EXIT_FAILED, EXIT_TRY_AGAIN = 0, 2, 65, 70, 75


class OcrError(Exception):
    """Something went wrong; the class says what follows from it.

    Args:
        detail: what happened, naming the field or variable and the reason.
        remedy: what the caller can do; the class's own sentence unless given.
    """

    status: ClassVar[int] = 500
    redelivered: ClassVar[bool] = True
    exit_code: ClassVar[int] = EXIT_FAILED
    title: ClassVar[str] = "Something went wrong"
    default_remedy: ClassVar[str] = "Try again; if it stays, report it with the request id."

    def __init__(self, detail: str, *, remedy: str | None = None) -> None:
        super().__init__(detail)
        self.detail = detail
        self.remedy = remedy or self.default_remedy

    @property
    def type(self) -> str:
        """The problem's stable name, for programs: `urn:zeropage:problem:too-many-pages`."""
        return f"urn:zeropage:problem:{self.name}"

    @property
    def name(self) -> str:
        """The class's name as metrics, log lines and `type` write it: `too-many-pages`."""
        words = "".join(f"-{letter.lower()}" if letter.isupper() else letter for letter in type(self).__name__)
        return words.lstrip("-")


class Refusal(OcrError):
    """The document's or the caller's fault; sending it again would end the same."""

    status = 400
    redelivered = False
    exit_code = EXIT_REFUSED
    title = "The document was refused"
    default_remedy = "Mend the document or the request; sending it again unchanged ends the same."


class BadRequest(Refusal):
    """An option or the request itself is wrong."""

    status = 400
    exit_code = EXIT_USAGE
    title = "The request cannot be understood"
    default_remedy = "Correct what the message names."


class MalformedEvent(BadRequest):
    """Not a CloudEvent, or one that names no object."""

    title = "The event cannot be understood"


class Unauthorized(Refusal):
    """The API key, or a webhook's token, is missing or wrong."""

    status = 401
    title = "A valid key or token is needed"
    default_remedy = (
        "Send Authorization: Bearer with the API key, or with the webhook's token; whoever runs the function has both."
    )


class Forbidden(Refusal):
    """An event names a bucket that is not ours to read; nothing was read."""

    status = 403
    title = "Not allowed"
    default_remedy = "Add the bucket to OCR_INBOX, or correct the event's source."


class UnknownPath(Refusal):
    """HTTP callers only: there is nothing at this address."""

    status = 404
    title = "Nothing is here"
    default_remedy = "Documents go to POST /v1/parse; GET /docs tells of every address."


class UnknownJob(UnknownPath):
    """HTTP callers only: there is no job of this ID, or it is another tenant's."""

    title = "There is no such job"
    default_remedy = (
        "Check the ID, and ask with the key that made the job where keys are asked for; or send the document to "
        "POST /v1/jobs again."
    )


class UnknownUpload(UnknownPath):
    """HTTP callers only: POST /v1/uploads gave no such ID, or it is another tenant's."""

    title = "There is no such upload"
    default_remedy = (
        "Write upload= with the `id` that POST /v1/uploads gave, and send the key that asked for it; or ask for a new "
        "address there."
    )


class JobUnfinished(UnknownPath):
    """HTTP callers only: the job has no result yet."""

    title = "The job is not finished"
    default_remedy = "Ask again after Retry-After, or wait at /v1/jobs/ID/events."


class MethodNotAllowed(Refusal):
    """HTTP callers only: the address exists, the verb does not fit."""

    status = 405
    title = "This address takes another method"
    default_remedy = "Use a method that the header Allow names; documents go to POST /v1/parse."


class NotAcceptable(Refusal):
    """HTTP callers only: `Accept` asks for media types of which none is a format."""

    status = 406
    exit_code = EXIT_USAGE
    title = "No format is what Accept asks for"
    default_remedy = "Name one with format=, which needs no Accept; or accept anything (*/*)."


class SentTooSlowly(Refusal):
    """The request had not come within OCR_RECEIVE_SECONDS; nothing of it was taken in, so a sender may try again."""

    status = 408
    title = "The request took too long to come"
    default_remedy = (
        "Send it by a faster line, or a smaller document; large ones by an address of POST /v1/uploads. The operator "
        "can raise OCR_RECEIVE_SECONDS."
    )


class SourceGone(Refusal):
    """The upload was deleted since its event, or its job was cancelled."""

    status = 410
    title = "The document is gone"
    default_remedy = "Upload it again."


class TooLarge(Refusal):
    """Over a limit in bytes or memory."""

    status = 413
    title = "The document is too large"
    default_remedy = "Send a smaller document, or let the operator raise the limit that the message names."


class TooManyPages(TooLarge):
    """Over OCR_MAX_PAGES."""

    title = "The document has too many pages"


class TooManyPixels(TooLarge):
    """Over OCR_MAX_PIXELS."""

    title = "A page has too many pixels"


class UnsupportedType(Refusal):
    """Neither a PDF nor an image of a known kind, whatever its name says."""

    status = 415
    title = "This kind of file is not read"
    default_remedy = "Send a PDF, PNG, JPEG, JPEG 2000, TIFF, WebP, BMP, GIF or PNM."


class Corrupt(Refusal):
    """The bytes say they are a document, but it cannot be opened or drawn."""

    status = 422
    title = "The document is damaged"
    default_remedy = (
        "Open it in a viewer, save it anew and send that; where no viewer opens it, get it from its source again."
    )


class Encrypted(Refusal):
    """The PDF wants a password before it opens."""

    status = 422
    title = "The document is encrypted"
    default_remedy = "Remove the password first, for example: qpdf --decrypt --password=SECRET IN OUT."


class KeyReused(Refusal):
    """An Idempotency-Key that came before, with another document or other options."""

    status = 422
    exit_code = EXIT_USAGE
    title = "The Idempotency-Key belongs to another request"
    default_remedy = "Take a new key for each document, such as a random UUID, and the same only for a repetition."


class Outage(OcrError):
    """Our fault; the same document may well be read a moment later."""

    status = 503
    redelivered = True
    exit_code = EXIT_TRY_AGAIN
    title = "Not now"
    default_remedy = "Try again later."


class Busy(Outage):
    """Every slot is held; HTTP callers only.

    Args:
        retry_after: seconds after which a slot should be free, from the measured drain rate.
    """

    status = 429
    title = "Every slot is taken"

    def __init__(self, detail: str, *, retry_after: int = 1, remedy: str | None = None) -> None:
        super().__init__(detail, remedy=remedy or f"Try again in {retry_after} s.")
        self.retry_after = retry_after


class TooOften(Busy):
    """Over the rate of an API key; HTTP callers only."""

    title = "Too many requests with this key"


class Unexpected(Outage):
    """Nobody foresaw it; the log tells more under the request's id."""

    status = 500
    exit_code = EXIT_FAILED
    title = "Something went wrong"
    default_remedy = "Try again; if it stays, report it with the request id."


class EngineFailed(Outage):
    """The engine crashed on healthy input."""

    status = 500
    exit_code = EXIT_FAILED
    title = "The engine failed"
    default_remedy = "Try again; if it stays, report it with the request id."


class JobFailed(Outage):
    """The delivery of a job's document was given up after many tries."""

    status = 500
    exit_code = EXIT_FAILED
    title = "The job failed"
    default_remedy = "Send the document as a new job; the operator can also replay its dead letter."


class EngineUnavailable(Outage):
    """What reads pages elsewhere (OCR_REMOTE_URL, a model's server) does not answer, or takes nothing."""

    title = "The engine does not answer"
    default_remedy = "Try again later; where only the accurate engine is away, tier=fast does without it."


class NotReady(Outage):
    """Warming up or draining."""

    title = "Not ready"
    default_remedy = "Try again later; GET /readyz tells what it waits for."


class DoorClosed(Outage):
    """A delivery to an instance that does not take it; it waits until its sender is pointed to one that does."""

    title = "This door is closed"
    default_remedy = "Send it to an instance whose OCR_DOORS opens this door, or open it here."


class RendererKilled(Outage):
    """A render child was killed from outside (by the kernel's out-of-memory killer, say)."""

    title = "Rendering was interrupted"


class StoreUnavailable(Outage):
    """The object store does not answer."""

    title = "The store does not answer"


class StoreDenied(StoreUnavailable):
    """The store does not let us: credentials or rights are missing. Once mended, the same event succeeds."""

    title = "The store denies access"
    default_remedy = (
        "Check AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (or the pod's role), and that it may s3:ListBucket, "
        "s3:GetObject, s3:PutObject and s3:DeleteObject in this bucket."
    )


class SinkUnavailable(Outage):
    """The place where events go does not answer."""

    title = "The event sink does not answer"


class DeadlineExceeded(Outage):
    """Out of time."""

    status = 504
    title = "Out of time"
    default_remedy = (
        "Allow more time (a larger N, where Prefer: wait=N was sent; else the operator can raise OCR_REQUEST_SECONDS), "
        "or ask for fewer pages at once (pages=1-20)."
    )
