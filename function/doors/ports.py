"""Whether HTTP can be served at an address, found out before anything heavy starts."""

from __future__ import annotations

import errno
import socket

from gunicorn import systemd


def why_not(host: str, port: int) -> str:
    """Bind for a moment, as gunicorn will; gunicorn itself would try for five seconds, in ten lines without a remedy.

    Args:
        host: from OCR_HOST.
        port: from PORT; 0 takes a free one.

    Returns:
        One line naming the variable and the remedy; empty where it can be served there.
    """
    if systemd.listen_fds(unset_environment=False):
        return ""  # systemd holds the port for us, so nobody else may
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # Else connections that ended a moment ago would count as somebody who listens.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, UnicodeError) as problem:
        return _told(host, port, problem)
    return ""


def _told(host: str, port: int, problem: OSError | UnicodeError) -> str:
    code = getattr(problem, "errno", None)
    if code == errno.EADDRINUSE:
        other = port + 1 if port < 65535 else port - 1
        return f"PORT={port} is taken: another process listens there. End it, or choose another, such as PORT={other}."
    if code == errno.EACCES:
        return f"PORT={port} may not be opened by this user. Choose one from 1024, such as PORT=8080."
    reason = getattr(problem, "strerror", None) or "it is no name of a host"
    return (
        f"OCR_HOST={host!r} cannot be listened on: {reason}. Name an address of this machine: 0.0.0.0 for all of them, "
        "127.0.0.1 for this machine alone."
    )
