"""A port that cannot be opened: one line before anything starts, not ten from gunicorn, nor another's answers."""

from __future__ import annotations

import socket
from collections.abc import Iterator

import pytest

from function.doors import ports
from function.doors.cli import main


@pytest.fixture
def held() -> Iterator[int]:
    """A port on which somebody listens, at every address."""
    with socket.create_server(("0.0.0.0", 0)) as listening:
        yield listening.getsockname()[1]


@pytest.mark.parametrize("command", [["serve"], ["demo", "--once", "--store-port", "0"]])
def test_a_port_that_is_taken_ends_the_start_at_once_with_one_line(
    command: list[str], held: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The demo would else take whoever answers there for its own server, and wait for results for ever."""
    monkeypatch.setenv("PORT", str(held))

    assert main(command) == 70
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.count("\n") == 1
    assert told.err.startswith(f"PORT={held} is taken: another process listens there. End it, or choose another, such")


@pytest.mark.parametrize("host", ["192.0.2.1", "2001:db8::1", "no such host", "a..b"])
def test_an_address_that_is_not_of_this_machine_is_told_by_its_variable(
    host: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """192.0.2.1 and 2001:db8::1 belong to nobody (RFC 5737, RFC 3849)."""
    monkeypatch.setenv("OCR_HOST", host)

    assert main(["serve"]) == 70
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert told.startswith(f"OCR_HOST={host!r} cannot be listened on: ")
    assert "127.0.0.1 for this machine alone" in told


def test_a_port_that_only_root_opens_is_told_as_such(monkeypatch: pytest.MonkeyPatch) -> None:
    """Refused here by hand, since these tests may run as root."""

    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(socket.socket, "bind", refuse)

    assert ports.why_not("127.0.0.1", 80).startswith("PORT=80 may not be opened by this user. Choose one from 1024")


def test_looking_leaves_the_port_free(held: int) -> None:
    """What looked is gone when gunicorn binds; a held port is no obstacle to a free one."""
    assert ports.why_not("127.0.0.1", held)
    assert ports.why_not("127.0.0.1", 0) == ""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    assert [ports.why_not("127.0.0.1", port) for _ in range(2)] == ["", ""]
