"""OCR_URL_INPUT: the hosts from which documents may be fetched that requests name by address."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

#: Marks a host in the list whose addresses may be private.
PRIVATE = "private:"


@dataclass(frozen=True, slots=True)
class Host:
    """One entry of OCR_URL_INPUT.

    Attributes:
        name: in lower case; `*.example.com` stands for every name below.
        port: the only one; None for 80 and 443.
        private: its addresses may be private.
    """

    name: str
    port: int | None
    private: bool

    def fits(self, host: str, port: int) -> bool:
        """Whether this address is meant."""
        named = host == self.name or (self.name.startswith("*.") and host.endswith(self.name[1:]))
        return named and (port == self.port if self.port else port in {80, 443})


def allowed_hosts(setting: str) -> tuple[Host, ...]:
    """OCR_URL_INPUT, taken apart. Raises ValueError: an entry is no host."""
    return tuple(_host(entry.strip()) for entry in setting.split(",") if entry.strip())


def _host(entry: str) -> Host:
    private = entry.startswith(PRIVATE)
    parts = urlsplit(f"//{entry.removeprefix(PRIVATE)}")
    try:
        name, port = parts.hostname or "", parts.port
    except ValueError:
        name, port = "", None
    if not name or parts.path or parts.username or parts.query or "*" in name.removeprefix("*."):
        raise ValueError(f"{entry!r} is no host such as example.com, *.example.com, or {PRIVATE}minio.storage:9000")
    return Host(name, port, private)
