"""Weights over HTTP: resumed by Range and If-Range (RFC 9110, sections 13 and 14), through the usual proxies."""

from __future__ import annotations

import re
import urllib.request
from collections.abc import Sequence
from urllib.parse import SplitResult, quote, unquote, urljoin, urlsplit

import urllib3
from urllib3.util import make_headers, parse_url

from warmup.sources import Opened, SourceError
from warmup.weights import WeightFile

#: A source that is silent for so many seconds is taken for dead.
CONNECT_SECONDS, SILENT_SECONDS = 10.0, 60.0
REDIRECTS = 10
#: Worth asking again, besides 5xx.
_LATER = frozenset({408, 425, 429})
_WORDS = {401: "it wants a login", 403: "it forbids this", 404: "it has no such file", 410: "it has the file no longer"}


class HttpSource:
    """The addresses that the manifest names, or a mirror that holds the files at the paths that a volume has.

    Args:
        mirror: address of the mirror, which may hold `user:password@`; empty: the manifest's addresses.
    """

    def __init__(self, mirror: str = "") -> None:
        parts = urlsplit(mirror)
        self._mirror = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
        login = unquote(parts.netloc.rpartition("@")[0])
        self._host, self._login = parts.hostname, make_headers(basic_auth=login) if login else {}
        self._proxies = urllib.request.getproxies()
        self._pools: dict[str, urllib3.PoolManager] = {}

    def addresses(self, file: WeightFile) -> Sequence[str]:
        """At the mirror, or where the manifest says."""
        return [f"{self._mirror}/{quote(file.path)}"] if self._mirror else file.urls

    def open(self, address: str, offset: int, validator: str) -> Opened:
        """Ask for the rest; a source that knows no ranges, or whose file has changed, answers with the whole."""
        headers = {"Accept-Encoding": "identity", "User-Agent": "zeropage"}
        if offset:
            headers["Range"] = f"bytes={offset}-"
            if validator:
                headers["If-Range"] = validator
        answer = self._get(address, headers)
        if answer.status == 416 and offset:  # what is here is longer than the file there
            answer.close()
            return self.open(address, 0, "")
        if answer.status not in {200, 206}:
            answer.close()
            raise _refused(answer)
        start, total = _range(answer, offset)
        etag = answer.headers.get("ETag", "")
        # A weak tag does not promise the same bytes (RFC 9110, 13.1.5).
        return Opened(_Body(answer), start, total, "" if etag.startswith("W/") else etag)

    def _get(self, address: str, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        """Follow redirects by hand: each host has its own proxy, and a password goes to the mirror alone."""
        for _ in range(REDIRECTS):
            parts = _parts(address)
            login = self._login if parts.hostname == self._host else {}
            try:
                answer = self._pool(parts).request(
                    "GET", address, headers=headers | login, preload_content=False, redirect=False, retries=False
                )
            except urllib3.exceptions.LocationValueError as problem:
                raise SourceError(f"this is no address: {problem}", later=False) from problem
            except urllib3.exceptions.HTTPError as problem:
                raise _unreachable(problem) from problem
            location = answer.get_redirect_location()
            if not location:
                return answer
            answer.close()
            target = urljoin(address, location)
            if parts.scheme == "https" and _parts(target).scheme != "https":
                raise SourceError("it redirects from https to http, where anybody can alter the file", later=False)
            address = target
        raise SourceError(f"it redirects more than {REDIRECTS} times", later=False)

    def _pool(self, parts: SplitResult) -> urllib3.PoolManager:
        proxy = self._proxies.get(parts.scheme) or self._proxies.get("all", "")
        if proxy and urllib.request.proxy_bypass(parts.netloc.rpartition("@")[2]):
            proxy = ""
        if proxy not in self._pools:
            timeout = urllib3.Timeout(connect=CONNECT_SECONDS, read=SILENT_SECONDS)
            self._pools[proxy] = (
                urllib3.ProxyManager(proxy, timeout=timeout, proxy_headers=_proxy_login(proxy))
                if proxy
                else urllib3.PoolManager(timeout=timeout)
            )
        return self._pools[proxy]


def _parts(address: str) -> SplitResult:
    try:
        parts = urlsplit(address)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        usable = False
    if not usable:
        raise SourceError("this is no address that begins with https:// or http://", later=False)
    return parts


class _Body:
    """An answer's bytes; what breaks off is worth another try."""

    def __init__(self, answer: urllib3.BaseHTTPResponse) -> None:
        self._answer = answer

    def read(self, size: int, /) -> bytes:
        try:
            return self._answer.read(size, decode_content=False)
        except urllib3.exceptions.ProtocolError as problem:
            raise SourceError("it broke off", later=True) from problem
        except (urllib3.exceptions.HTTPError, OSError) as problem:
            raise SourceError(_told(problem), later=True) from problem

    def close(self) -> None:
        self._answer.close()


def _proxy_login(proxy: str) -> dict[str, str]:
    auth = parse_url(proxy).auth
    return make_headers(proxy_basic_auth=unquote(auth)) if auth else {}


def _range(answer: urllib3.BaseHTTPResponse, offset: int) -> tuple[int, int | None]:
    """First byte and size of the whole file."""
    length = answer.headers.get("Content-Length", "")
    if answer.status == 200:
        return 0, int(length) if length.isdecimal() else None
    found = re.fullmatch(r"bytes (\d+)-\d+/(\d+|\*)", answer.headers.get("Content-Range", "").strip())
    if not found or int(found[1]) != offset:
        answer.close()
        raise SourceError(f"it answered the range from byte {offset:,} with another one", later=False)
    return offset, int(found[2]) if found[2].isdecimal() else None


def _refused(answer: urllib3.BaseHTTPResponse) -> SourceError:
    words = _WORDS.get(answer.status, "it cannot answer now" if answer.status >= 500 else "it refuses")
    after = answer.headers.get("Retry-After", "")
    return SourceError(
        f"{words} (HTTP {answer.status})",
        later=answer.status in _LATER or answer.status >= 500,
        after=float(after) if after.isdecimal() else 0.0,
    )


def _unreachable(problem: Exception) -> SourceError:
    """No answer: mostly worth another try, but an authority that nobody knows stays unknown."""
    if "CERTIFICATE_VERIFY_FAILED" in str(problem):
        return SourceError(
            "its certificate is of no authority known here; if it is yours, or your proxy's, name its file with "
            "SSL_CERT_FILE",
            later=False,
        )
    return SourceError(_told(problem), later=True)


def _told(problem: Exception) -> str:
    """The reason within urllib3's exceptions, which wrap each other, without the addresses of objects."""
    reason = getattr(problem, "reason", None)
    if isinstance(reason, Exception):
        return _told(reason)
    text = re.sub(r"<[^>]*>:? ?|\S*(Connection|Pool)\(.*?\):? ?", "", str(problem)).strip()
    return text or type(problem).__name__
