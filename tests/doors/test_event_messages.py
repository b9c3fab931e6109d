"""Messages of every sender, and of nobody, at the doors: never an outage of ours."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from events import ours, samples
from tests import s3_server as server
from tests.doors.conftest import Bucketed

Make = Callable[..., Bucketed]


@pytest.mark.parametrize("name", [name for name in samples.names() if name != "sns-confirmation"])
def test_each_sample_comes_to_its_end_through_the_door_in_every_mode(name: str, bucketed: Make, s3_server) -> None:  # type: ignore[no-untyped-def]
    """About a bucket that is not ours: 403 where it names an upload, an empty 2xx where there is nothing to do.

    But for the confirmation of a subscription, for which the door would visit SNS.
    """
    sample = samples.load(name)
    place = bucketed(sns_verify=False)
    for mode in sample.modes:
        headers, body = sample.message(mode)
        path = f"/hooks/{sample.sender}" if mode == "hook" else "/"
        answer = place.http.post(path, data=body, headers=headers)
        assert answer.status_code < 500, (mode, answer.text)
    assert place.keys() == []


PATHS = ["/", "/hooks/minio", "/hooks/ceph", "/hooks/gcs", "/hooks/baidu", "/hooks/sns", "/deadletter"]
NAMES = st.sampled_from(["ce-id", "ce-type", "ce-source", "ce-specversion", "Content-Type", "ce-x"])
VALUES = st.sampled_from(["1.0", "application/cloudevents+json", "application/json", ours.UPLOADED, "s3://b", "%", "x"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    path=st.sampled_from(PATHS),
    headers=st.dictionaries(NAMES, VALUES),
    body=st.binary(max_size=60) | st.recursive(st.none() | st.text(max_size=9) | st.integers(), st.lists).map(
        lambda value: json.dumps({"Records": value, "data": value}).encode()
    ),
)  # fmt: skip
def test_no_message_however_malformed_is_an_outage_of_ours(
    path: str, headers: dict[str, str], body: bytes, fuzzed: Bucketed
) -> None:
    """Else a broker would deliver it again and again."""
    assert fuzzed.http.post(path, data=body, headers=headers).status_code < 500


@pytest.fixture(scope="module")
def fuzzed(s3_server) -> Iterator[Bucketed]:  # type: ignore[no-untyped-def]
    """One function for all malformed messages."""
    with pytest.MonkeyPatch.context() as patch:
        server.set_environment(patch)
        patch.setenv("AWS_ENDPOINT_URL", s3_server.url)
        place = Bucketed(s3_server.s3, s3_server.bucket(), s3_server.bucket(), sns_verify=False)
        yield place
        place.function.stop()
