"""A socket between parent and child that carries one message, and at most one descriptor, a packet."""

from __future__ import annotations

import array
import os
import socket
from typing import Any, Generic, TypeVar

import msgspec

T = TypeVar("T")

#: Longest packet; Linux sends up to net.core.wmem_default (208 KiB) at once.
PACKET_BYTES = 128 << 10


class Broken(Exception):
    """The other side has gone, or speaks nonsense."""


class Channel(Generic[T]):
    """Sends any message, receives those of one type.

    Args:
        sock: SOCK_SEQPACKET: packets keep their boundaries, and the death of the other side reads as an empty one.
        incoming: the type of messages from the other side.
    """

    def __init__(self, sock: socket.socket, incoming: Any) -> None:
        self._sock = sock
        self._encoder = msgspec.msgpack.Encoder()
        self._decoder: msgspec.msgpack.Decoder[T] = msgspec.msgpack.Decoder(incoming)

    def send(self, message: object, descriptor: int | None = None) -> None:
        """Send one packet.

        Raises:
            Broken: the other side has gone, or this one.
        """
        ancillary = [] if descriptor is None else [_rights(descriptor)]
        try:
            self._sock.sendmsg([self._encoder.encode(message)], ancillary, socket.MSG_NOSIGNAL)
        # OSError: our own end is closed where the collector took the socket before what still wanted it.
        except OSError as problem:
            raise Broken(str(problem)) from problem

    def receive(self, timeout: float | None = None) -> tuple[T, int | None]:
        """Wait for one packet; the descriptor, if one came, belongs to the caller.

        Raises:
            Broken: the other side has gone, or sent what is no message.
            TimeoutError: nothing came within `timeout` seconds.
        """
        self._sock.settimeout(timeout)
        try:
            # CMSG_LEN, not CMSG_SPACE, whose padding has room for a second descriptor that nobody would close.
            data, ancillary, flags, _ = self._sock.recvmsg(
                PACKET_BYTES, socket.CMSG_LEN(array.array("i").itemsize), socket.MSG_CMSG_CLOEXEC
            )
        except ConnectionError as problem:
            raise Broken(str(problem)) from problem
        descriptor = _descriptor(ancillary)
        try:
            return self._decode(data, flags), descriptor
        except Broken:
            if descriptor is not None:
                os.close(descriptor)
            raise

    def close(self) -> None:
        """Hang up."""
        self._sock.close()

    def _decode(self, data: bytes, flags: int) -> T:
        if not data:
            raise Broken("hung up")
        if flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
            raise Broken("a packet was too long, or no descriptor is left in this process (ulimit -n)")
        try:
            return self._decoder.decode(data)
        except msgspec.MsgspecError as problem:
            raise Broken(f"no message: {problem}") from problem


def _rights(descriptor: int) -> tuple[int, int, bytes]:
    return socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [descriptor]).tobytes()


def _descriptor(ancillary: list[tuple[int, int, bytes]]) -> int | None:
    for level, kind, data in ancillary:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS) and len(data) >= 4:
            return array.array("i", data[:4])[0]
    return None
