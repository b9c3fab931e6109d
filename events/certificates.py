"""The RSA key in a certificate, and whether it signed something: all that checking SNS messages needs.

PKCS #1 v1.5 is verified as RFC 8017, section 8.2.2, has it: what the key makes of the signature is compared, byte for
byte, with what an honest signer would have encoded; nothing of it is parsed. The certificate itself is believed because
of the host it was fetched from over TLS (see signatures.py), so its chain and dates are not looked at here.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass

_PEM = re.compile(rb"-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----")
#: What precedes the digest in the signed block, RFC 8017 section 9.2, note 1.
_DIGEST_INFO = {
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
}
_SEQUENCE, _INTEGER, _BIT_STRING, _VERSION = 0x30, 0x02, 0x03, 0xA0
_RSA = bytes.fromhex("06092a864886f70d010101")


class NoKey(ValueError):
    """The bytes are no certificate of a usable RSA key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An RSA key.

    Attributes:
        modulus: 2,048 to 8,192 bits.
        exponent: odd, at most 32 bits.
    """

    modulus: int
    exponent: int

    def signed(self, message: bytes, signature: bytes, digest: str) -> bool:
        """Whether the key's owner signed the message.

        Args:
            message: what was signed.
            signature: its signature.
            digest: `sha1` or `sha256`.
        """
        length = (self.modulus.bit_length() + 7) // 8
        if len(signature) != length or int.from_bytes(signature, "big") >= self.modulus:
            return False
        hashed = _DIGEST_INFO[digest] + hashlib.new(digest, message, usedforsecurity=False).digest()
        honest = b"\x00\x01" + b"\xff" * (length - len(hashed) - 3) + b"\x00" + hashed
        return pow(int.from_bytes(signature, "big"), self.exponent, self.modulus) == int.from_bytes(honest, "big")


def public_key(pem: bytes) -> PublicKey:
    """The key of the first certificate in a PEM file (RFC 5280, section 4.1).

    Raises:
        NoKey: there is none, or it is no RSA key of 2,048 to 8,192 bits.
    """
    found = _PEM.search(pem)
    try:
        der = base64.b64decode(b"".join(found[1].split()), validate=True) if found else b""
        key = _key(der)
    except (binascii.Error, IndexError) as error:
        raise NoKey("not a certificate") from error
    if not (2048 <= key.modulus.bit_length() <= 8192 and key.modulus % 2 and 3 <= key.exponent < 2**32):
        raise NoKey("not an RSA key of 2,048 to 8,192 bits")
    return key


def _key(der: bytes) -> PublicKey:
    """Certificate → to be signed → its seventh field (sixth without a version), the key → algorithm, bits → n, e."""
    fields = _children(_inside(_inside(der, _SEQUENCE), _SEQUENCE))
    information = fields[6 if fields[0][0] == _VERSION else 5]
    algorithm, bits = _children(_inside(information, _SEQUENCE))
    if not _inside(algorithm, _SEQUENCE).startswith(_RSA):
        raise NoKey("not an RSA key")
    modulus, exponent = _children(_inside(_inside(bits, _BIT_STRING)[1:], _SEQUENCE))
    return PublicKey(*(int.from_bytes(_inside(number, _INTEGER), "big") for number in (modulus, exponent)))


def _inside(der: bytes, tag: int) -> bytes:
    """The content of the first element, which must have the tag."""
    if not der or der[0] != tag:
        raise NoKey("not the structure of a certificate")
    start, end = _span(der)
    return der[start:end]


def _children(der: bytes) -> list[bytes]:
    """The elements that stand one after another."""
    found = []
    while der:
        _, end = _span(der)
        found.append(der[:end])
        der = der[end:]
    return found


def _span(der: bytes) -> tuple[int, int]:
    """Where the first element's content begins and ends."""
    length, start = der[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(der[2:start], "big")
    if start + length > len(der):
        raise NoKey("a certificate cut short")
    return start, start + length
