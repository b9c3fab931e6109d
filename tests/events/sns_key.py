"""A key that stands for SNS's: made with openssl for these tests, it protects nothing.

The samples of SNS are signed with it by openssl, so verification is tested against another hand's signatures.
"""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from events.certificates import public_key
from events.signatures import signed_text

CERTIFICATE = b"""\
-----BEGIN CERTIFICATE-----
MIIDDzCCAfegAwIBAgIUPU7UdCrJevive7mEVobwNk1U/vEwDQYJKoZIhvcNAQEL
BQAwFjEUMBIGA1UEAwwLc25zLmV4YW1wbGUwIBcNMjYxMTIyMTM0OTM5WhgPMjEy
NjEwMjkxMzQ5MzlaMBYxFDASBgNVBAMMC3Nucy5leGFtcGxlMIIBIjANBgkqhkiG
9w0BAQEFAAOCAQ8AMIIBCgKCAQEAisDPIVi1NGxGJbUTOdBh4AwzQWebMaPcuQub
zKz9mVC+E7cpUoWOsFIukmVce6ZmI3ht7HvbB/WlLsGOOtHA400k87tmt7COr7+Z
UpacDnQsw9EezmgN0ie98/gaNjASAl3MHWq6qQuGWXzQACmwG+1u0xaSasjYkb7B
PPF2tc5RpxrOiAsG4VMOMjtE3sjk3JNKMpRDdTaJqhjm8WMlILdJ7PQCCILwD/dR
8Dy8ySdw/l1yAzZW8uBkF0qYCDigkjFfYCSns9zgRY/6vTAhbD+RQv6mcWdr/bCt
sLQdSuAqpxw8lV8J3YP+kJ6h80IvujJ29PuZEAwmQYnmFPzodwIDAQABo1MwUTAd
BgNVHQ4EFgQUvJEXcsevmBmHdJJrexG5bqHx1UEwHwYDVR0jBBgwFoAUvJEXcsev
mBmHdJJrexG5bqHx1UEwDwYDVR0TAQH/BAUwAwEB/zANBgkqhkiG9w0BAQsFAAOC
AQEAQNmNsvB0TD9IOzbdsKyOW8pNQOvXkPOEbUUI1prBBe1+c3FJxF2FSA74j6sF
aH3K1Vy1Utk9egEIQYJE1uCBZk+JWKN10yJx0fyyjEo3d6AYg3KDdEb/LcLkA6SP
J33asdIzphJwYpRsl1sXGmUO7O6VwcGjvzLiOf10GFGj2B0htkYZ0lqr2T4Oi8eE
w6uZdKlDCyHjl+oHkR4jvERtDHg5t25lHnV962mUFQTdsRmi3QtIexK8CJwYBB02
Npha8QjxgLFTuGOzninRgA8pxTj4/Jm/dZOIKHalHP2lY+KRZHulRAAMKaInMWMv
fG4qAunkGgq/rclLBF0CYeM7PA==
-----END CERTIFICATE-----
"""
_PRIVATE_EXPONENT = int(
    "0be9c23efb0353150930683889aa1e4b95fd6035b990263adac674e1edce6b1df74f243d0f87ac45897a6d932a8db7aed854"
    "990455d0d2013b326567c550e214e86b6e4a37e76bcf3940573533ca3557e33072e18857e5c57cc1d8531daf6b2a92473dfe"
    "84fde53786ffc9581a2046fa507861298e121adcb48c625b9a7a967acb587b43c6067d75e4b214e009d6655a5a5df0781c79"
    "687f6b730ee9606e426151ab77d61aae9cdde1956d0c860d833baa7804fc6e6ebe82c83078a17ac3b5dd43b67cf4fa55ed71"
    "f30545196658429f97082ccd0b137bd8478ae0786e9c824191517a7fd83418fc6d39c6bd9b0ba89143b83dcda78329540173"
    "5fd46ed6cf65",
    16,
)
_PREFIX = {
    "1": ("sha1", "3021300906052b0e03021a05000414"),
    "2": ("sha256", "3031300d060960864801650304020105000420"),
}


def signature(message: dict[str, Any]) -> str:
    """What SNS would write into `Signature`."""
    digest, prefix = _PREFIX[message["SignatureVersion"]]
    hashed = bytes.fromhex(prefix) + hashlib.new(digest, signed_text(message)).digest()
    key = public_key(CERTIFICATE)
    length = key.modulus.bit_length() // 8
    block = b"\x00\x01" + b"\xff" * (length - len(hashed) - 3) + b"\x00" + hashed
    signed = pow(int.from_bytes(block, "big"), _PRIVATE_EXPONENT, key.modulus)
    return base64.b64encode(signed.to_bytes(length, "big")).decode()


def fetch(url: str) -> bytes:
    """The certificate, whatever the address."""
    del url
    return CERTIFICATE
