"""Settings: how buckets are talked to."""

from __future__ import annotations

from typing import Annotated, Literal

from function.settings.about import about
from function.settings.delivering import Delivering


class Storing(Delivering, frozen=True, kw_only=True):
    """How buckets are talked to."""

    s3_addressing: Annotated[
        Literal["auto", "path", "virtual"],
        about("OCR_S3_ADDRESSING", "how buckets are addressed; auto takes the host for Amazon's, the path for others"),
    ] = "auto"
    s3_connect_seconds: Annotated[
        float, about("OCR_S3_CONNECT_SECONDS", "longest wait for a connection to the store", unit="s", ge=0.1, le=300)
    ] = 3.0
    s3_read_seconds: Annotated[
        float, about("OCR_S3_READ_SECONDS", "longest silence of the store", unit="s", ge=0.1, le=300)
    ] = 20.0
    s3_attempts: Annotated[
        int, about("OCR_S3_ATTEMPTS", "tries of a request to the store, the first included", unit="tries", ge=1, le=20)
    ] = 4
    s3_public_url: Annotated[
        str,
        about(
            "OCR_S3_PUBLIC_URL",
            "where callers from outside reach the store, for the addresses of POST /v1/uploads; empty: as the function",
        ),
    ] = ""
