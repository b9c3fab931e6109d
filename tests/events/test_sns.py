from __future__ import annotations

import copy
import json
from http.client import IncompleteRead
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from events import samples, senders
from events.certificates import NoKey, public_key
from events.errors import Malformed, Unavailable, Untrusted
from events.signatures import Verifier, certificate_allowed, confirmation_allowed, unverified
from events.uploads import Confirmation, DocumentUploaded, Ignored
from tests.events.sns_key import CERTIFICATE, fetch, signature

NOTIFICATION = samples.load("sns-notification").body
CONFIRMATION = samples.load("sns-confirmation").body
ARN = NOTIFICATION["TopicArn"]


def changed(message: dict[str, Any], *, sign: bool = True, **changes: Any) -> dict[str, Any]:
    """A message with some fields changed, or left out where None; signed again unless told otherwise."""
    copied = {name: value for name, value in (copy.deepcopy(message) | changes).items() if value is not None}
    return copied | ({"Signature": signature(copied)} if sign else {})


def read(message: Any, verify: Any = None) -> Any:
    """The only outcome of a message."""
    (outcome,) = senders.read_hook("sns", json.dumps(message).encode(), verify=verify or Verifier(fetch))
    return outcome


@pytest.mark.parametrize("version", ["1", "2"])
def test_what_sns_signed_is_believed(version: str) -> None:
    """With SHA-1 and with SHA-256, with and without a subject."""
    assert isinstance(read(changed(NOTIFICATION, SignatureVersion=version)), DocumentUploaded)
    assert isinstance(read(changed(NOTIFICATION, SignatureVersion=version, Subject=None)), DocumentUploaded)
    assert isinstance(read(changed(CONFIRMATION, SignatureVersion=version)), Confirmation)


def test_the_samples_were_signed_by_openssl() -> None:
    """So that our arithmetic does not only agree with itself."""
    for name in ("sns-notification", "sns-sha256", "sns-confirmation"):
        Verifier(fetch)(samples.load(name).body)


@pytest.mark.parametrize("name", ["Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type", "Signature"])
def test_a_changed_message_is_not_believed(name: str) -> None:
    """Every field that matters is signed."""
    value = "SubscriptionConfirmation" if name == "Type" else NOTIFICATION[name].replace("1", "2") + "x"

    with pytest.raises(Untrusted):
        read(changed(NOTIFICATION, sign=False, **{name: value}))


@pytest.mark.parametrize("name", ["Token", "SubscribeURL"])
def test_a_changed_confirmation_is_not_believed(name: str) -> None:
    """Nor is another address visited."""
    with pytest.raises(Untrusted):
        read(changed(CONFIRMATION, sign=False, **{name: CONFIRMATION[name] + "0"}))


def test_fields_cannot_pose_as_signed_ones() -> None:
    """Without Type, a line break in the topic would leave the signed text as it was, and Records unsigned."""
    forged = {name: value for name, value in NOTIFICATION.items() if name != "Type"}
    forged |= {"TopicArn": f"{ARN}\nType\nNotification", "Records": [{"s3": "forged"}]}

    with pytest.raises(Untrusted, match="Type"):
        read(forged)
    with pytest.raises(Untrusted, match="TopicArn"):
        read(forged | {"Type": "Notification"})


def test_unsigned_deliveries_are_refused() -> None:
    """Raw message delivery has no envelope, so nothing proves where it comes from."""
    with pytest.raises(Untrusted):
        read(samples.load("s3-records").body)
    with pytest.raises(Untrusted):
        senders.read_hook("sns", json.dumps(NOTIFICATION).encode())


def test_verification_can_be_waived_expressly() -> None:
    """For what speaks SNS without signing, behind a token of its own; raw deliveries are read then, too."""
    assert isinstance(read(changed(NOTIFICATION, sign=False, Signature="EXAMPLE"), unverified), DocumentUploaded)
    assert isinstance(read(samples.load("s3-records").body, unverified), DocumentUploaded)


def test_only_our_topics_may_speak() -> None:
    """Everybody can have a topic that SNS signs for."""
    assert isinstance(read(NOTIFICATION, Verifier(fetch, topics=(ARN,))), DocumentUploaded)
    with pytest.raises(Untrusted, match="TopicArn"):
        read(NOTIFICATION, Verifier(fetch, topics=("arn:aws:sns:eu-central-1:111122223333:other",)))


HOST = "https://sns.eu-central-1.amazonaws.com"


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (f"{HOST}/SimpleNotificationService-9c64.pem", True),
        (f"{HOST}:443/SimpleNotificationService-9c64.pem", True),
        ("https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-9c64.pem", True),
        ("http://sns.eu-central-1.amazonaws.com/SimpleNotificationService-9c64.pem", False),
        ("https://sns.eu-central-1.amazonaws.com.evil.example/SimpleNotificationService-9c64.pem", False),
        ("https://evil.example/sns.eu-central-1.amazonaws.com/SimpleNotificationService-9c64.pem", False),
        ("https://sns.eu-central-1.amazonaws.com@evil.example/SimpleNotificationService-9c64.pem", False),
        ("https://evil.example\\@sns.eu-central-1.amazonaws.com/SimpleNotificationService-9c64.pem", False),
        ("https://user@sns.eu-central-1.amazonaws.com/SimpleNotificationService-9c64.pem", False),
        ("https://evil.s3.amazonaws.com/SimpleNotificationService-9c64.pem", False),
        ("https://sns.a.b.amazonaws.com/SimpleNotificationService-9c64.pem", False),
        ("https://xsns.eu-central-1.amazonaws.com/SimpleNotificationService-9c64.pem", False),
        (f"{HOST}:8443/SimpleNotificationService-9c64.pem", False),
        (f"{HOST}:x/SimpleNotificationService-9c64.pem", False),
        (f"{HOST}/evil/SimpleNotificationService-9c64.pem", False),
        (f"{HOST}/SimpleNotificationService-9c64.pem?x=1", False),
        (f"{HOST}/?Action=Publish", False),
        ("https://[::1/SimpleNotificationService-9c64.pem", False),
        ("file:///etc/passwd", False),
        ("", False),
    ],
)
def test_certificates_come_from_sns_alone(url: str, allowed: bool) -> None:
    """The address stands in the message: whoever could name another host could sign everything."""

    def never(address: str) -> bytes:
        raise AssertionError(address)

    assert certificate_allowed(url) == allowed
    if not allowed:
        with pytest.raises(Untrusted, match="SigningCertURL"):
            read(changed(NOTIFICATION, SigningCertURL=url), Verifier(never))


@pytest.mark.parametrize(
    ("url", "allowed"),
    [
        (f"{HOST}/?Action=ConfirmSubscription&TopicArn={ARN}&Token=2", True),
        (f"{HOST}/?Action=DeleteTopic&TopicArn={ARN}", False),
        (f"{HOST}/?x=Action=ConfirmSubscription", False),
        ("https://169.254.169.254/?Action=ConfirmSubscription", False),
        ("http://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription", False),
    ],
)
def test_only_confirmations_are_visited(url: str, allowed: bool) -> None:
    """Otherwise a message could make us call any address, from inside."""
    assert confirmation_allowed(url) == allowed
    message = changed(CONFIRMATION, SubscribeURL=url)
    for verify in (Verifier(fetch), unverified):
        if allowed:
            assert read(message, verify) == Confirmation(url, ARN)
        else:
            with pytest.raises(Untrusted, match="SubscribeURL"):
                read(message, verify)


def test_the_end_of_a_subscription_is_ignored() -> None:
    """With a reason of its own."""
    outcome = read(changed(CONFIRMATION, Type="UnsubscribeConfirmation"))

    assert isinstance(outcome, Ignored)
    assert outcome.reason == "unsubscribed"


def test_a_certificate_is_fetched_once() -> None:
    """Not for every message, and not without end."""
    asked: list[str] = []

    def counting(url: str) -> bytes:
        asked.append(url)
        return CERTIFICATE

    verify = Verifier(counting)
    for _ in range(3):
        read(NOTIFICATION, verify)
    assert len(asked) == 1
    for number in range(9):
        read(changed(NOTIFICATION, SigningCertURL=f"{HOST}/SimpleNotificationService-{number}.pem"), verify)
    assert len(verify._keys) == Verifier.MAX_CERTIFICATES


@pytest.mark.parametrize(
    "answer", [OSError("no route"), TimeoutError(), IncompleteRead(b""), ValueError(), b"", b"<html>"]
)
def test_a_certificate_that_cannot_be_had_is_an_outage(answer: Any) -> None:
    """SNS repeats after a 503; a 403 would lose the message."""

    def failing(url: str) -> bytes:
        if isinstance(answer, Exception):
            raise answer
        return bytes(answer)

    with pytest.raises(Unavailable, match="SigningCertURL"):
        read(NOTIFICATION, Verifier(failing))


@pytest.mark.parametrize(
    "change",
    [
        {"SignatureVersion": "3"},
        {"Signature": "***"},
        {"Signature": None},
        {"Signature": ""},
        {"SigningCertURL": 7},
        {"TopicArn": None},
        {"Type": ["Notification"]},
    ],
)
def test_half_a_signature_is_none(change: dict[str, Any]) -> None:
    """Whatever is missing or of another kind."""
    with pytest.raises(Untrusted):
        read(changed(NOTIFICATION, sign=False, **change))


def test_an_envelope_that_holds_nothing_known_is_unknown() -> None:
    """And one that holds no text, or no object's name, is refused."""
    assert read(changed(NOTIFICATION, Message='{"hello": 1}')).reason == "unknown"
    for message in ("hello", '{"Records": []}', '{"detail-type": "Object Created", "source": "aws.s3"}'):
        with pytest.raises(Malformed):
            read(changed(NOTIFICATION, Message=message))
    with pytest.raises(Malformed, match="Message"):
        read({"Type": "Notification"}, unverified)


def test_envelopes_in_envelopes_have_an_end() -> None:
    """A message of messages of messages is nobody's."""
    message = json.dumps({"Records": []})
    for _ in range(6):
        message = json.dumps({"Type": "Notification", "Message": message})

    assert read(json.loads(message), unverified).reason == "unknown"


@given(st.data())
def test_a_damaged_certificate_is_no_key_and_no_crash(data: st.DataObject) -> None:
    """It comes over the network."""
    lines = CERTIFICATE.splitlines(keepends=True)
    body = bytearray(b"".join(lines[1:-1]))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.sampled_from(b"ABCDEFabcdef0123456789+/=\n"))
    damaged = lines[0] + bytes(body)[: data.draw(st.integers(0, len(body)))] + lines[-1]

    try:
        key = public_key(damaged)
    except NoKey:
        return
    assert 2048 <= key.modulus.bit_length() <= 8192


def test_a_signature_has_the_length_of_its_key() -> None:
    """And is smaller than the modulus, as the standard wants."""
    key = public_key(CERTIFICATE)
    length = key.modulus.bit_length() // 8

    for wrong in (b"", b"\x00", b"\x00" * length, b"\xff" * length, b"\x00" * (length + 1)):
        assert not key.signed(b"text", wrong, "sha256")
