"""Objects in S3, and in whatever speaks its language."""

from __future__ import annotations

from function.stores.s3.client import Connection
from function.stores.s3.store import S3Store

__all__ = ["Connection", "S3Store"]
