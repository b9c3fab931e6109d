"""botocore's exceptions as ours. Only codes are told, never its words: they may hold key ids and hosts."""

from __future__ import annotations

import logging
from typing import Any

from function.errors import BadRequest, OcrError, SourceGone, StoreDenied, StoreUnavailable

log = logging.getLogger(__name__)

#: Error codes of S3 and its kin. A HEAD has no body, so there the status stands for the code.
GONE = frozenset({"404", "NoSuchKey", "NoSuchVersion", "NotFound"})
#: A version that is the mark of a deletion.
DELETED = frozenset({"405", "MethodNotAllowed"})
CONFLICT = frozenset({"412", "PreconditionFailed", "409", "ConditionalRequestConflict", "OperationAborted"})
#: What stores answer to conditions that they do not know.
UNKNOWN_CONDITION = frozenset({"501", "NotImplemented", "400", "InvalidArgument", "InvalidRequest"})
#: And to headers of a checksum; those that sign what they know of a request find another signature.
UNKNOWN_CHECKSUM = UNKNOWN_CONDITION | {"SignatureDoesNotMatch"}

_BAD_KEY = frozenset({
    "KeyTooLongError", "InvalidObjectName", "InvalidURI", "XMinioInvalidObjectName", "XMinioInvalidResourceName",
})  # fmt: skip
_CREDENTIALS = "Check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN, or the pod's role."
_REGION = "Set AWS_REGION to the bucket's region, and AWS_ENDPOINT_URL to its store."
_DENIED: dict[str, str | None] = {
    # None: the class's own remedy, which names the rights. Without s3:ListBucket an absent object answers 403, too.
    "403": None, "AccessDenied": None, "AllAccessDisabled": None, "AccountProblem": None, "UnauthorizedAccess": None,
    "401": _CREDENTIALS, "ExpiredToken": _CREDENTIALS, "InvalidAccessKeyId": _CREDENTIALS,
    "InvalidToken": _CREDENTIALS, "NotSignedUp": _CREDENTIALS, "SignatureDoesNotMatch": _CREDENTIALS,
    "TokenRefreshRequired": _CREDENTIALS, "Unauthorized": _CREDENTIALS, "InvalidSecurity": _CREDENTIALS,
    "301": _REGION, "307": _REGION, "PermanentRedirect": _REGION, "AuthorizationHeaderMalformed": _REGION,
    "IllegalLocationConstraintException": _REGION, "InvalidRegion": _REGION,
    "RequestTimeTooSkewed": "Set this machine's clock.",
}  # fmt: skip
_REMEDIES = {
    "NoSuchBucket": "Create the bucket, or correct OCR_INBOX and OCR_RESULTS.",
    "InvalidBucketName": "Correct OCR_INBOX and OCR_RESULTS.",
    "InvalidObjectState": "Restore the object from the archive first.",
    "NotImplemented": "The store lacks this; name another, or report it with the request id.",
}


def code_of(problem: Exception) -> str:
    """S3's error code; empty where S3 did not answer."""
    response: dict[str, Any] = getattr(problem, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def _in_circles(problem: BaseException | None) -> bool:
    """Whether redirects were followed until the stack ended; how deep in botocore that shows depends on the Python."""
    while problem is not None:
        if isinstance(problem, RecursionError):
            return True
        problem = problem.__cause__ or problem.__context__
    return False


def translated(problem: Exception, doing: str, bucket: str, key: str = "") -> OcrError:
    """What follows from an exception of botocore; an outage is logged, since callers are not told of keys.

    Args:
        problem: any of its exceptions.
        doing: for the message: `PutObject`.
        bucket: for the message.
        key: or the prefix, for the log.
    """
    error = _translated(problem, doing, bucket)
    if isinstance(error, StoreUnavailable):
        log.warning("the store failed: %s", error.detail, extra={"bucket": bucket, "key": key, "outcome": error.name})
    return error


def _translated(problem: Exception, doing: str, bucket: str) -> OcrError:
    code, name = code_of(problem), type(problem).__name__
    what = f"{doing} in bucket {bucket!r}: {code or name}"
    if code in GONE:
        return SourceGone("the object was deleted since its event")
    if code in _BAD_KEY or name == "ParamValidationError":
        return BadRequest(f"{what}: the store cannot have such a key", remedy="Rename the object.")
    if _in_circles(problem):
        return StoreDenied(what, remedy=_REGION)
    if code in _DENIED or code.startswith("KMS."):
        return StoreDenied(what, remedy=_DENIED.get(code))
    if "Credential" in name or name in {"ProfileNotFound", "TokenRetrievalError", "UnauthorizedSSOTokenError"}:
        return StoreDenied(what, remedy=_CREDENTIALS)
    return StoreUnavailable(what, remedy=_REMEDIES.get(code))
