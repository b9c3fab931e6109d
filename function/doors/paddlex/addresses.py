"""Documents that a request names by address: fetched from hosts that OCR_URL_INPUT lists, and from nowhere else.

A function that fetches what strangers name is asked for its neighbours' secrets sooner or later. So a name is resolved
once and that very address is dialled, redirects go through the same checks, and addresses of private networks are taken
only of hosts that were listed as private. Those where clouds keep credentials are never dialled.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import ssl
import time
from collections.abc import Callable
from typing import IO, TypeAlias
from urllib.parse import SplitResult, urljoin, urlsplit

from function.errors import BadRequest, OcrError
from function.url_input import PRIVATE, Host

Resolve: TypeAlias = Callable[[str, int], list[str]]
_Ip: TypeAlias = "ipaddress.IPv4Address | ipaddress.IPv6Address"

MOST_REDIRECTS = 3
#: Seconds for a connection, and of silence; and for all of it.
PATIENCE, LONGEST = 10.0, 60.0
#: Where clouds serve credentials, beside the link-local ones (AWS by IPv6, Alibaba, Azure's wire server, Oracle).
_CREDENTIALS = frozenset(
    map(ipaddress.ip_address, ("fd00:ec2::254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_REDIRECTS = frozenset({301, 302, 303, 307, 308})


def is_address(text: str) -> bool:
    """Whether a `file` is no base64 but an address."""
    return text[:8].lower().startswith(("http://", "https://"))


def fetched(url: str, hosts: tuple[Host, ...], resolve: Resolve | None = None) -> IO[bytes]:
    """A document as a stream; whoever reads it closes it.

    Args:
        url: as the caller wrote it.
        hosts: that are allowed.
        resolve: (host, port) → its addresses; the system's unless given (tests).

    Raises:
        BadRequest: it is not allowed, or does not answer with a document.
    """
    until = time.monotonic() + LONGEST
    for _ in range(MOST_REDIRECTS + 1):
        parts = _checked(url)
        connection = _dialled(parts, hosts, resolve or _resolved)
        try:
            answer = _asked(connection, parts)
            if answer.status in _REDIRECTS and (goal := answer.getheader("Location")):
                connection.close()
                url = _next(url, goal)
                continue
            if answer.status != 200:
                raise _refused(f"its server answered {answer.status}")
        except BaseException:
            connection.close()
            raise
        return io.BufferedReader(_Body(connection, answer, until))
    raise _refused(f"it leads on more than {MOST_REDIRECTS} times")


def _checked(url: str) -> SplitResult:
    if any(ord(letter) <= 0x20 or ord(letter) >= 0x7F for letter in url) or "\\" in url:
        raise _refused("it has letters that no address has")  # parsers disagree on them
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise _refused("it is no address") from None
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise _refused("it is no address of HTTP")
    if parts.username is not None or parts.password is not None:
        raise _refused("it holds a user or a password")
    return parts


def _next(url: str, goal: str) -> str:
    following = urljoin(url, goal)
    if url.lower().startswith("https:") and not following.lower().startswith("https:"):
        raise _refused("it leads from https to something else")
    return following


def _dialled(parts: SplitResult, hosts: tuple[Host, ...], resolve: Resolve) -> http.client.HTTPConnection:
    host = (parts.hostname or "").rstrip(".")
    port = parts.port or (443 if parts.scheme == "https" else 80)
    entry = next((entry for entry in hosts if entry.fits(host, port)), None)
    if entry is None:
        raise _refused(f"{host[:100]}:{port} is not listed in OCR_URL_INPUT")
    try:
        addresses = [ipaddress.ip_address(text.partition("%")[0]) for text in resolve(host, port)]
    except (OSError, UnicodeError):
        raise _refused(f"{host[:100]} has no address") from None
    if not addresses or not all(_may_be_dialled(address, private=entry.private) for address in addresses):
        raise _refused(f"{host[:100]} has an address in a private network (list it as {PRIVATE}{host[:100]})")
    context = ssl.create_default_context() if parts.scheme == "https" else None
    return _Dialled(host, port, str(addresses[0]), context)


def _may_be_dialled(address: _Ip, *, private: bool) -> bool:
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour
        if address in _NAT64:
            inner = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if inner is not None:
            return _may_be_dialled(inner, private=private)
    if address in _CREDENTIALS or address.is_link_local or address.is_multicast or address.is_unspecified:
        return False
    return address.is_global or private


def _resolved(host: str, port: int) -> list[str]:
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _asked(connection: http.client.HTTPConnection, parts: SplitResult) -> http.client.HTTPResponse:
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request("GET", target, headers={"Accept-Encoding": "identity", "User-Agent": "zeropage"})
        return connection.getresponse()
    except (OSError, http.client.HTTPException) as problem:
        raise _refused(f"its server does not answer ({type(problem).__name__})") from None


class _Dialled(http.client.HTTPConnection):
    """A connection to one address, whatever the name says by now."""

    def __init__(self, host: str, port: int, address: str, context: ssl.SSLContext | None) -> None:
        super().__init__(host, port, timeout=PATIENCE)
        self.default_port = 443 if context else 80
        self._address, self._context = address, context

    def connect(self) -> None:
        """Dial; certificates are held to the name."""
        plain = socket.create_connection((self._address, self.port), PATIENCE)
        self.sock = self._context.wrap_socket(plain, server_hostname=self.host) if self._context else plain


class _Body(io.RawIOBase):
    """An answer's bytes; none may take longer than the whole may."""

    def __init__(self, connection: http.client.HTTPConnection, answer: http.client.HTTPResponse, until: float) -> None:
        self._connection, self._answer, self._until = connection, answer, until

    def readable(self) -> bool:
        """It is."""
        return True

    def readinto(self, buffer: object) -> int:
        """As io.RawIOBase; raises BadRequest where it stalls, or was cut off."""
        if time.monotonic() > self._until:
            raise _refused(f"its server takes longer than {LONGEST:.0f} s")
        try:
            view = memoryview(buffer)  # type: ignore[arg-type]
            data = self._answer.read1(len(view))
        except (OSError, http.client.HTTPException) as problem:
            raise _refused(f"its server broke off ({type(problem).__name__})") from None
        if not data and self._answer.length:
            raise _refused("its server broke off")
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        """The connection, too."""
        self._connection.close()
        super().close()


def _refused(why: str) -> OcrError:
    return BadRequest(
        f"the address in `file` is not fetched: {why}",
        remedy="Send the document itself, in base64, or an address on a host that OCR_URL_INPUT lists.",
    )
