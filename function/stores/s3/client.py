"""A client of S3 as boto3 makes it: patient, pooled, and understood by stores that are not Amazon's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

from function.errors import StoreUnavailable
from function.stores.s3 import faults


@dataclass(frozen=True)
class Connection:
    """How the store is reached; the client is made once, at its first use, and serves every thread.

    Args:
        endpoint: of a store other than Amazon's; None leaves it to AWS_ENDPOINT_URL and the profile.
        region: None leaves it to AWS_REGION and the profile.
        path_style: `https://host/bucket/key`, or False for `https://bucket.host/key`; None takes the host for
            Amazon's buckets and the path for others, as few stores have a host name for every bucket.
        connect_seconds: longest wait for a connection.
        read_seconds: longest silence on one.
        attempts: in all, with growing pauses between them, for what may pass: 5xx, SlowDown, timeouts.
        connections: kept for reuse; as many as documents are read at once, and a few.
        public_endpoint: where those outside reach the store, for addresses that are handed to them; None: as we do.
    """

    endpoint: str | None = None
    region: str | None = None
    path_style: bool | None = None
    connect_seconds: float = 3.0
    read_seconds: float = 20.0
    attempts: int = 4
    connections: int = 16
    public_endpoint: str | None = None

    @cached_property
    def exceptions(self) -> tuple[type[Exception], ...]:
        """Everything that boto3 raises. Redirected in circles, it follows until the stack ends."""
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError
        from botocore.parsers import ResponseParserError

        # The last one is none of botocore's errors by its class: an answer that is no XML, or cut.
        return (BotoCoreError, ClientError, Boto3Error, RecursionError, ResponseParserError)

    @cached_property
    def is_google(self) -> bool:
        """Whether these are Google's buckets behind S3's language."""
        return str(self.client.meta.endpoint_url).rstrip("/").endswith("storage.googleapis.com")

    @cached_property
    def client(self) -> Any:
        """Raises StoreDenied or StoreUnavailable where the configuration makes none."""
        from botocore.handlers import add_expect_header

        client = self._made(self.endpoint, "AWS_ENDPOINT_URL")
        # Asking before sending costs a small object a round trip, and a second where the store knows no such question.
        client.meta.events.unregister("before-call.s3", add_expect_header)
        return client

    @cached_property
    def signer(self) -> Any:
        """Makes addresses; raises as `client`.

        Its signatures are of version 4: the older one, which boto3 would take for addresses alone, is unknown to newer
        stores.
        """
        return self._made(self.public_endpoint or self.endpoint, "OCR_S3_PUBLIC_URL", signature_version="s3v4")

    def _made(self, endpoint: str | None, variable: str, **options: Any) -> Any:
        from boto3.session import Session

        try:
            # A session of its own: the module's shared one is not safe among threads.
            session = Session(region_name=self.region or None)
            return session.client("s3", endpoint_url=endpoint or None, config=self._options(**options))
        except self.exceptions as problem:
            raise faults.translated(problem, "making the client", "") from problem
        except ValueError as problem:
            raise StoreUnavailable(
                f"{variable} is no address", remedy="Write it as https://host or http://host:port."
            ) from problem

    def _options(self, **options: Any) -> Any:
        from botocore.config import Config

        addressing = {None: "auto", True: "path", False: "virtual"}[self.path_style]
        return Config(
            connect_timeout=self.connect_seconds,
            read_timeout=self.read_seconds,
            retries={"mode": "standard", "total_max_attempts": self.attempts},
            max_pool_connections=self.connections,
            tcp_keepalive=True,
            s3={"addressing_style": addressing},
            # Amazon's newer default frames bodies as other stores refuse it; see `checksums`.
            request_checksum_calculation="when_required",
            # Only asks for what the store knows; what comes damaged is then an outage, and not another document.
            response_checksum_validation="when_supported",
            **options,
        )
