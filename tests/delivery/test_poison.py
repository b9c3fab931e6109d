"""A poison document: refused for good, buried with its reason, archived, and a result once the cause is mended."""

from __future__ import annotations

import base64
import json
import subprocess
import sys

import pytest

from events import ours
from tests.broker import Broker
from tests.conftest import ROOT
from tests.delivery.pod import Pod
from tests.doors.conftest import stamped_tiff
from tests.s3_server import S3Server, set_environment

ARCHIVE = "out/.zeropage/deadletters/"


def archived(pod: Pod) -> list[dict[str, str]]:
    """The dead letters that are kept."""
    listed = pod.s3.list_objects_v2(Bucket=pod.results, Prefix=ARCHIVE).get("Contents", [])
    letters = []
    for entry in listed:
        with pod.s3.get_object(Bucket=pod.results, Key=entry["Key"])["Body"] as body:
            letters.append(json.load(body))
    return letters


def replay(pod: Pod, s3: S3Server, patch: pytest.MonkeyPatch) -> subprocess.CompletedProcess[str]:
    """`python -m events replay deadletters`, as an operator calls it."""
    set_environment(patch)
    patch.setenv("AWS_ENDPOINT_URL", s3.url)
    patch.setenv("OCR_RESULTS", f"s3://{pod.results}/out")
    command = [sys.executable, "-m", "events", "replay", "deadletters", "--to", pod.broker.url]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)


def test_a_poison_document_is_buried_with_its_reason_and_replayed_into_a_result(
    s3_server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused over a limit, once; the limit is raised, the archive replayed, the refusal gone."""
    with Broker(backoff=0.01) as broker, Pod(s3_server, broker, OCR_MAX_PAGES="2") as pod:
        poison = pod.upload("poison.tif", stamped_tiff("one", "two", "three"))
        event = ours.to_event(poison)
        broker.send(event)
        broker.wait()

        assert [attempt.status for attempt in broker.attempts] == [413]
        assert [told.type for told in broker.replies] == [ours.REFUSED]
        [letter] = archived(pod)
        assert (letter["id"], letter["knativeerrorcode"]) == (event.id, "413")
        assert "OCR_MAX_PAGES" in base64.b64decode(letter["knativeerrordata"]).decode()
        assert json.loads(pod.result("poison.tif.error.json")[0])["status"] == 413

        pod.start_again(OCR_MAX_PAGES="10")
        done = replay(pod, s3_server, monkeypatch)
        broker.wait()

        assert done.returncode == 0, done.stderr
        assert [attempt.status for attempt in broker.attempts] == [413, 200]
        assert "knativeerrorcode" not in broker.attempts[-1].event.extensions
        text, metadata = pod.result("poison.tif.md")
        assert (text, metadata["ocr-source-version"]) == (b"one\n\ntwo\n\nthree\n", poison.version)
        assert [told.type for told in broker.replies] == [ours.REFUSED, ours.PARSED]
        assert not pod.stands("poison.tif.error.json")


def test_what_an_outage_kept_from_being_read_is_buried_after_all_retries(s3_server: S3Server) -> None:
    """Tried as often as the Trigger says, archived with the outage as its reason; nothing is written beside it."""
    with Broker(backoff=0.001, retries=3) as broker, Pod(s3_server, broker) as pod:
        broker.send(ours.to_event(pod.upload("unlucky.tif", stamped_tiff("one stub:engine-fault"))))
        broker.wait()

        assert [attempt.status for attempt in broker.attempts] == [500] * 4
        [letter] = archived(pod)
        assert letter["knativeerrorcode"] == "500"
        assert b"engine" in base64.b64decode(letter["knativeerrordata"])
        assert (pod.versions(), broker.replies) == ([], [])
