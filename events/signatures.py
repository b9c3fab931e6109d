"""Is this SNS message from SNS? The signature, and the only hosts a certificate or a confirmation may come from.

Facts: docs.aws.amazon.com SNS, "Verifying the signatures of Amazon SNS messages": the signed text is name and value of
certain fields in alphabetical order, a line each; version 1 hashes it with SHA-1, 2 with SHA-256. The certificate's
address stands in the message itself, so without the restriction to SNS's hosts everybody could bring his own. A
signature proves only that some topic in the world sent it; which topics are ours is said by `topics`.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlsplit

from events.certificates import NoKey, PublicKey, public_key
from events.errors import Unavailable, Untrusted, shown

#: Gets the bytes behind an address, with a timeout and without following redirects.
Fetch = Callable[[str], bytes]
#: Accepts a message, or raises Untrusted or Unavailable.
Verify = Callable[[Mapping[str, Any]], None]

_HOST = re.compile(r"sns\.[a-z0-9-]{3,30}\.amazonaws\.com(\.cn)?")
_CERTIFICATE_PATH = re.compile(r"/SimpleNotificationService-[A-Za-z0-9]{1,64}\.pem")
_NOTIFICATION = ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type")
_SUBSCRIPTION = ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type")
_TYPES = ("Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation")
_TOPIC = re.compile(r"arn:aws[a-z-]*:sns:[a-z0-9-]{1,40}:[0-9]{12}:[A-Za-z0-9_.-]{1,256}")
_DIGESTS = {"1": "sha1", "2": "sha256"}


def from_sns(url: str) -> bool:
    """Whether an address lies on a host of SNS: https, the usual port, no user, no trick in the name."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    plain = parts.scheme == "https" and port in {None, 443} and "@" not in parts.netloc and url.isascii()
    return plain and "\\" not in url and _HOST.fullmatch(parts.hostname or "") is not None


def certificate_allowed(url: str) -> bool:
    """Whether a signing certificate may be fetched from this address."""
    return from_sns(url) and _CERTIFICATE_PATH.fullmatch(urlsplit(url).path) is not None and "?" not in url


def confirmation_allowed(url: str) -> bool:
    """Whether this address may be visited to confirm a subscription."""
    return from_sns(url) and "Action=ConfirmSubscription" in urlsplit(url).query.split("&")


def signed_text(message: Mapping[str, Any]) -> bytes:
    """What SNS signed of a message."""
    names = _NOTIFICATION if message.get("Type") == "Notification" else _SUBSCRIPTION
    lines = [f"{name}\n{message[name]}\n" for name in names if isinstance(message.get(name), str)]
    return "".join(lines).encode("utf-8", "replace")


class Verifier:
    """Checks signatures with certificates that it fetches once each.

    Args:
        fetch: how to get a certificate; OSError, HTTPException and ValueError count as "not now".
        topics: ARNs of the topics that may speak to us; empty: every topic of SNS.
    """

    MAX_CERTIFICATES = 8

    def __init__(self, fetch: Fetch, topics: tuple[str, ...] = ()) -> None:
        self._fetch = fetch
        self._topics = topics
        self._keys: OrderedDict[str, PublicKey] = OrderedDict()

    def __call__(self, message: Mapping[str, Any]) -> None:
        """Accept the message.

        Raises:
            Untrusted: no or a wrong signature, a certificate from elsewhere, a topic that is not ours.
            Unavailable: the certificate could not be fetched.
        """
        topic, url = message.get("TopicArn"), message.get("SigningCertURL", message.get("SigningCertUrl"))
        # Without a type, or with a line break in the topic, other fields could pose as the signed ones.
        if message.get("Type") not in _TYPES:
            raise Untrusted(["Type: is none of SNS's, so nothing is signed; raw message delivery cannot be believed"])
        if not isinstance(topic, str) or not _TOPIC.fullmatch(topic) or (self._topics and topic not in self._topics):
            raise Untrusted([f"TopicArn: {shown(str(topic))} is not one of the topics that may send here"])
        if not isinstance(url, str) or not certificate_allowed(url):
            raise Untrusted(["SigningCertURL: is no address of an SNS certificate"])
        digest = _DIGESTS.get(str(message.get("SignatureVersion")))
        if digest is None:
            raise Untrusted(["SignatureVersion: is neither 1 nor 2"])
        try:
            signature = base64.b64decode(str(message.get("Signature")), validate=True)
        except (binascii.Error, ValueError):
            signature = b""
        if not self._key(url).signed(signed_text(message), signature, digest):
            raise Untrusted(["Signature: does not belong to this message"])

    def _key(self, url: str) -> PublicKey:
        if url not in self._keys:
            from http.client import HTTPException  # tens of milliseconds that a cold start need not pay

            try:
                key = public_key(self._fetch(url))
            except NoKey as error:
                raise Unavailable([f"SigningCertURL: what it leads to is {error}"]) from None
            except (OSError, HTTPException, ValueError) as error:
                raise Unavailable([f"SigningCertURL: could not be fetched ({type(error).__name__})"]) from None
            self._keys[url] = key
            while len(self._keys) > self.MAX_CERTIFICATES:
                self._keys.popitem(last=False)
        return self._keys[url]


def unverified(message: Mapping[str, Any]) -> None:
    """Accept every message: for what speaks SNS without signing (moto, LocalStack), behind a token of its own."""
    del message
