"""API keys: a file of hashes with names, reread when it changes; who a caller is, and how often it may ask.

A key is 256 random bits, so one round of SHA-256 is enough to keep it: slow password hashes exist because people choose
words that can be guessed, and nobody guesses among 2^256. A line of the file is

    NAME sha256:HEX [rate=N] [tenant=T]

where N is requests a minute, counted by each instance for itself. Two lines of one name are two keys of one caller, so
that a key can be replaced while the old one still works.
"""

from __future__ import annotations

import hashlib
import hmac
import logging
import math
import re
import secrets
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from function.errors import TooOften, Unauthorized

log = logging.getLogger(__name__)

#: Of every secret, so that scanners for leaked secrets can know one.
PREFIX = "zp_"
#: Seconds over which requests are counted.
WINDOW = 60.0
MOST_RATE = 100_000
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_RULE = "holds no spaces, only letters, digits, '.', '_' and '-', 64 at most, and begins with a letter or a digit"
_HASH = re.compile(r"sha256:[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Key:
    """One caller's key.

    Attributes:
        name: of the caller; stands in log lines.
        digest: SHA-256 of the secret.
        rate: requests a minute; 0 is without limit.
        tenant: whom the caller belongs to; stands in log lines.
    """

    name: str
    digest: bytes
    rate: int = 0
    tenant: str = ""

    @property
    def line(self) -> str:
        """As it stands in the file."""
        rate, tenant = f" rate={self.rate}" if self.rate else "", f" tenant={self.tenant}" if self.tenant else ""
        return f"{self.name} sha256:{self.digest.hex()}{rate}{tenant}"

    @classmethod
    def parse(cls, line: str) -> Key:
        """Raises ValueError saying what is wrong, without the line itself: it may hold a secret by mistake."""
        name, *rest = line.split()
        if not _NAME.fullmatch(name):
            raise ValueError(f"the name {_RULE}")
        if not rest or not _HASH.fullmatch(rest[0]):
            raise ValueError(f"after the name {name} comes sha256: and 64 hexadecimal digits, never the key itself")
        given = dict(part.partition("=")[::2] for part in rest[1:])
        rate, tenant = given.pop("rate", "0"), given.pop("tenant", "")
        if given or len(rest) > 3:
            raise ValueError(f"after the hash of {name} may come rate=N and tenant=T, nothing else")
        if not re.fullmatch(r"\d{1,6}", rate) or int(rate) > MOST_RATE:
            raise ValueError(f"rate of {name} is no number of requests a minute up to {MOST_RATE}")
        if tenant and not _NAME.fullmatch(tenant):
            raise ValueError(f"the tenant of {name} {_RULE}")
        return cls(name, bytes.fromhex(rest[0].partition(":")[2]), int(rate), tenant)


def make(name: str, *, rate: int = 0, tenant: str = "") -> tuple[str, Key]:
    """A new secret, which nobody can tell again, and the key to keep. Raises ValueError for a wrong word or rate."""
    for what, word in (("name", name), ("tenant", tenant)):
        if (word or what == "name") and not _NAME.fullmatch(word):
            raise ValueError(f"the {what} {word!r} is wrong: it {_RULE}")
    secret = PREFIX + secrets.token_urlsafe(32)
    key = Key(name, _digest(secret), rate, tenant)
    return secret, Key.parse(key.line)


def read(path: str) -> list[Key]:
    """Every key of a file; empty lines and those that begin with # do not count.

    Raises:
        ValueError: one line saying what is wrong, and where.
    """
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except OSError as problem:
        raise ValueError(f"{problem.strerror}") from None
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8") from None
    keys = []
    for number, line in enumerate(lines, 1):
        if line.strip() and not line.lstrip().startswith("#"):
            try:
                keys.append(Key.parse(line))
            except ValueError as problem:
                raise ValueError(f"line {number}: {problem}") from None
    return keys


class ApiKeys:
    """The keys of one file; used from many threads.

    Args:
        path: of the file. A file that comes to be missing or wrong later leaves the last good keys in force: whoever
            edits it must neither lock everybody out nor let everybody in.
        clock: monotonic seconds (tests).

    Raises:
        ValueError: it cannot be read, or holds a wrong line.
    """

    def __init__(self, path: str, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._path, self._clock = path, clock
        self._lock = Lock()
        self._asked: dict[str, deque[float]] = {}
        self._seen = self._signature()
        self._keys: Sequence[Key] = read(path)

    @property
    def count(self) -> int:
        """How many keys there are now; with none nobody is let in."""
        return len(self._keys)

    def admit(self, secret: str) -> Key:
        """Who shows this key, counted as one request of theirs.

        Raises:
            Unauthorized: nobody's key.
            TooOften: more requests than the key's rate.
        """
        with self._lock:
            self._reread()
            key = self._owner(secret)
            if key.rate:
                self._count(key)
            return key

    def _owner(self, secret: str) -> Key:
        """Every hash is compared to its end, so that time tells nothing of how near a guess was."""
        digest, found = _digest(secret), None
        for key in self._keys:
            if hmac.compare_digest(key.digest, digest):
                found = key
        if found is None:
            raise Unauthorized("the API key is not known here" if secret else "no API key was sent")
        return found

    def _count(self, key: Key) -> None:
        now = self._clock()
        asked = self._asked.setdefault(key.name, deque())
        while asked and asked[0] <= now - WINDOW:
            asked.popleft()
        if len(asked) >= key.rate:
            wait = math.ceil(asked[-key.rate] + WINDOW - now)
            raise TooOften(f"the key {key.name} may ask {key.rate} times a minute", retry_after=max(1, wait))
        asked.append(now)

    def _reread(self) -> None:
        """A Secret's volume swaps a link, so the file is another one; an editor may write it in place."""
        signature = self._signature()
        if signature == self._seen:
            return
        self._seen = signature
        try:
            self._keys = read(self._path)
        except ValueError as problem:
            log.error("OCR_API_KEYS_FILE cannot be read again: %s. The keys read before stay in force.", problem)
            return
        log.info("read %d API keys again: their file has changed", len(self._keys))

    def _signature(self) -> tuple[int, ...] | None:
        try:
            status = Path(self._path).stat()
        except OSError:
            return None
        return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
