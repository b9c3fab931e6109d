from __future__ import annotations

from typing import Any

import pytest

from events import ours, samples, senders
from events.envelope import decode
from events.errors import Malformed
from events.signatures import Verifier
from events.uploads import Confirmation, DocumentUploaded, Ignored
from tests.events.sns_key import fetch

SAMPLES = [samples.load(name) for name in samples.names()]
CASES = [pytest.param(sample, mode, id=f"{sample.name}-{mode}") for sample in SAMPLES for mode in sample.modes]
CLOUDEVENTS = [
    pytest.param(sample, mode, id=f"{sample.name}-{mode}")
    for sample in SAMPLES
    if sample.modes != ("hook",)
    for mode in ("binary", "structured", "batched")
]


def outcomes(sample: samples.Sample, mode: str) -> list[Any]:
    """What a door would get from this message."""
    headers, body = sample.message(mode)
    if mode == "hook":
        return list(senders.read_hook(sample.sender, body, verify=Verifier(fetch)))
    return [outcome for event in decode(headers, body) for outcome in senders.read_event(event)]


def comes_to(sample: samples.Sample, mode: str) -> list[dict[str, Any]]:
    """The outcomes in the words of a sample's `expect`."""
    try:
        return [told(outcome) for outcome in outcomes(sample, mode)]
    except Malformed:
        return [{"refused": True}]


def told(outcome: Any) -> dict[str, Any]:
    """An outcome in the words of a sample's `expect`."""
    match outcome:
        case DocumentUploaded():
            return {name: getattr(outcome, name) for name in ("bucket", "key", "version", "etag", "size")}
        case Ignored(reason=reason):
            return {"ignored": reason}
        case Confirmation(topic=topic):
            return {"confirm": topic}
        case ours.PagesRequested(upload=upload):
            names = ("manifest", "fingerprint", "first", "last")
            return {"bucket": upload.bucket, "key": upload.key} | {name: getattr(outcome, name) for name in names}
        case _:
            raise AssertionError(outcome)


@pytest.mark.parametrize(("sample", "mode"), CASES)
def test_a_sample_comes_to_what_it_says(sample: samples.Sample, mode: str) -> None:
    """Each sender's message, in each mode it uses, names the right bucket, key, version and etag, or why not."""
    assert comes_to(sample, mode) == list(sample.expect)


@pytest.mark.parametrize(("sample", "mode"), CLOUDEVENTS)
def test_a_cloudevent_means_the_same_in_every_mode(sample: samples.Sample, mode: str) -> None:
    """A Trigger may be told to deliver structured, whatever the sender wrote."""
    assert comes_to(sample, mode) == list(sample.expect)


@pytest.mark.parametrize(("sample", "mode"), CLOUDEVENTS)
def test_headers_may_come_as_wsgi_gives_them(sample: samples.Sample, mode: str) -> None:
    """Ceph's subject is raw UTF-8, which WSGI hands over as Latin-1, names in any case."""
    headers, body = sample.message(mode)
    wsgi = [(name.title(), value.encode().decode("latin-1")) for name, value in headers.items()]

    assert decode(wsgi, body) == decode(headers, body)


def test_every_sender_has_a_sample() -> None:
    """And every way it is reached: each type of event, each webhook."""
    hooks = {sample.sender for sample in SAMPLES if "hook" in sample.modes}
    events = [decode(*sample.message("binary"))[0] for sample in SAMPLES if "hook" not in sample.modes]
    kinds = [kind for sender in senders.ALL for kind in sender.kinds]

    assert hooks == set(senders.HOOKS)
    assert [kind.type for kind in kinds if not any(kind.matches(event) for event in events)] == []


@pytest.mark.parametrize("sample", [sample for sample in SAMPLES if sample.sender == "baidu"], ids=lambda s: s.name)
def test_credentials_go_nowhere(sample: samples.Sample) -> None:
    """Not into what is read, nor into what is said about a message that cannot be read."""
    assert "SECRET" in str(sample.body)
    assert "SECRET" not in repr(outcomes(sample, "hook"))

    broken = sample.message("hook")[1].replace(b'"bucket": "inbox"', b'"bucket": {"a": "SECRET"}')
    with pytest.raises(Malformed) as caught:
        senders.read_hook("baidu", broken)
    assert "SECRET" not in str(caught.value)


def test_the_secrets_of_tencent_go_nowhere() -> None:
    """Its records repeat the uploader's Authorization."""
    sample = samples.load("tencent")

    assert "SECRET" in str(sample.body)
    assert "SECRET" not in repr(outcomes(sample, "hook"))


def test_a_confirmation_does_not_show_its_address() -> None:
    """Who has the address can confirm."""
    (confirmation,) = outcomes(samples.load("sns-confirmation"), "hook")

    assert confirmation.url.startswith("https://sns.eu-central-1.amazonaws.com/?Action=ConfirmSubscription&")
    assert "Token" not in repr(confirmation)


def test_baidu_hears_200_and_429() -> None:
    """Nothing else is a success to it, and nothing else means later."""
    baidu = senders.HOOKS["baidu"]

    assert (baidu.done, baidu.later) == (200, 429)
    assert {sender.done for sender in senders.ALL if sender is not baidu} == {204}
