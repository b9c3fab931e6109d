"""Where the other deployment is, and what it is shown: its address, its authority, our key."""

from __future__ import annotations

import re
import ssl
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from function.errors import EngineFailed

_RESOLVER = Path("/etc/resolv.conf")


@dataclass(frozen=True, slots=True)
class Address:
    """A place that speaks HTTP.

    Attributes:
        host: name or address, as requests name it.
        port: 80 or 443 unless the URL says another.
        path: in front of every path; no slash at its end.
        is_tls: whether the connection is encrypted.
    """

    host: str
    port: int
    path: str
    is_tls: bool

    @property
    def shown(self) -> str:
        """For messages."""
        return f"{'https' if self.is_tls else 'http'}://{self.host}:{self.port}{self.path}"


def address_of(url: str, resolver: Path = _RESOLVER) -> Address:
    """OCR_REMOTE_URL, split.

    A bare name of a Service, `http://zeropage-accurate`, is completed as a pod's own resolver completes it: Knative's
    ingress routes by full names, so the bare one would be answered 404.

    Raises:
        ValueError: it is no address of HTTP, or holds a password.
    """
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError("it is no address such as http://zeropage-accurate or https://ocr.example.com")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise ValueError("it is an address alone, without user, query or fragment; keys go into OCR_REMOTE_KEY_FILE")
    is_tls = parts.scheme == "https"
    host = parts.hostname if "." in parts.hostname or ":" in parts.hostname else _completed(parts.hostname, resolver)
    return Address(host, parts.port or (443 if is_tls else 80), parts.path.rstrip("/"), is_tls)


def _completed(name: str, resolver: Path) -> str:
    """In a pod the first domain that is searched is NAMESPACE.svc.CLUSTER; elsewhere the name stays."""
    try:
        lines = resolver.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return name
    for line in lines:
        match = re.match(r"search\s+([a-z0-9-]+\.svc(?:\.[a-z0-9.-]+)?)", line)
        if match and name != "localhost":
            return f"{name}.{match[1].rstrip('.')}"
    return name


def context_of(address: Address, authority: str) -> ssl.SSLContext | None:
    """What certificates are held to; None without TLS.

    Args:
        address: of the other end.
        authority: OCR_REMOTE_CA_FILE; empty for those of the system.

    Raises:
        EngineFailed: the file cannot be read.
    """
    if not address.is_tls:
        return None
    try:
        return ssl.create_default_context(cafile=authority or None)
    except (OSError, ssl.SSLError) as problem:
        raise EngineFailed(
            f"OCR_REMOTE_CA_FILE={authority!r} cannot be read: {problem}",
            remedy="Name a PEM file with the authority of the other end's certificate.",
        ) from None


def authorization_of(path: str) -> dict[str, str]:
    """The header that shows our key; read each time, since a Secret's file changes under a running pod.

    Raises:
        EngineFailed: OCR_REMOTE_KEY_FILE cannot be read, or holds no key.
    """
    if not path:
        return {}
    try:
        key = Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as problem:
        reason = getattr(problem, "strerror", None) or "it is no text"
        raise _no_key(path, str(reason)) from None
    if not re.fullmatch(r"[!-~]+", key):
        raise _no_key(path, "it holds no key, or more than one word")
    return {"Authorization": f"Bearer {key}"}


def _no_key(path: str, reason: str) -> EngineFailed:
    remedy = "Put the key there that the other end's `python -m function key` showed, and nothing else."
    return EngineFailed(f"OCR_REMOTE_KEY_FILE={path!r} cannot be used: {reason}", remedy=remedy)
