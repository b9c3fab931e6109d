"""POST /hooks/SENDER: a webhook's own shape becomes an event of ours, for the sink or read at once."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable

import pytest

from events import ours
from events.samples import FOLDER
from function.telemetry import logs
from tests.doors.conftest import Bucketed, Sink, stamped_png

Make = Callable[..., Bucketed]


def test_a_webhook_is_handed_on_to_the_sink(bucketed: Make, sink: Sink) -> None:
    """MinIO's own shape in, an event of ours out; nothing is read here."""
    place = bucketed(sink=sink.url)
    upload = place.upload("scan 1.png", stamped_png("x"))
    answer = place.http.post("/hooks/minio", json=minio_says(place.inbox, "in%2Fscan+1.png", upload.etag))

    assert 200 <= answer.status_code < 300
    assert [(event.type, event.subject) for event in sink.events] == [(ours.UPLOADED, "in/scan 1.png")]
    assert place.keys() == []


def test_a_webhook_without_a_sink_is_read_inline(bucketed: Make) -> None:
    """The smallest installation: a bucket and this function."""
    place = bucketed()
    upload = place.upload("scan.png", stamped_png("inline"))
    answer = place.http.post("/hooks/minio", json=minio_says(place.inbox, "in%2Fscan.png", upload.etag))

    assert 200 <= answer.status_code < 300
    assert place.result("scan.png.md") == b"inline\n"


def test_an_upload_outside_the_inbox_is_logged_with_all_that_finds_it(
    bucketed: Make, caplog: pytest.LogCaptureFixture
) -> None:
    """A webhook's sender hears nothing of it, so the log tells request, bucket and key, harmless for a terminal."""
    place = bucketed()
    output = io.StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(logs.TextFormatter())
    logging.getLogger("function").addHandler(handler)
    try:
        body = minio_says("elsewhere", "in%2Fscan%0A.png", "")
        with caplog.at_level(logging.WARNING):
            answer = place.http.post("/hooks/minio", json=body, headers={"X-Request-Id": "find-me"})
    finally:
        logging.getLogger("function").removeHandler(handler)

    [line] = [line for line in output.getvalue().splitlines() if "was refused" in line]
    assert 200 <= answer.status_code < 300
    assert "request_id=find-me outcome=forbidden bucket=elsewhere key=in/scan\\x0a.png" in line


def test_a_webhook_whose_sink_is_away_is_told_to_send_again(bucketed: Make, sink: Sink) -> None:
    """2xx only after the sink's own 2xx."""
    place = bucketed(sink=sink.url)
    upload = place.upload("scan.png", stamped_png("x"))
    sink.status = 500

    answer = place.http.post("/hooks/minio", json=minio_says(place.inbox, "in%2Fscan.png", upload.etag))
    assert answer.status_code == 503


def test_a_sender_that_is_not_known_is_told_which_ones_are(bucketed: Make) -> None:
    """And which of them its name is like; documents are no remedy for a webhook."""
    answer = bucketed().http.post("/hooks/mino", json={})

    assert answer.status_code == 404
    assert "did you mean minio?" in answer.json["detail"]
    assert "/hooks/SENDER" in answer.json["remedy"]


def test_a_webhook_shows_its_token_where_one_is_set(bucketed: Make, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """In a header, or in the address for senders that can set none."""
    tokens = tmp_path / "tokens"
    tokens.write_text("# webhooks\nminio right\n")
    place = bucketed(hook_tokens_file=str(tokens))
    body = minio_says(place.inbox, "in%2Ffolder%2F", "")

    assert place.http.post("/hooks/minio", json=body).status_code == 401
    assert place.http.post("/hooks/minio", json=body, headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert place.http.post("/hooks/minio", json=body, headers={"Authorization": "Bearer right"}).status_code < 300
    assert place.http.post("/hooks/minio?token=right", json=body).status_code < 300


def test_with_a_file_of_tokens_a_sender_without_a_line_is_refused(bucketed: Make, tmp_path) -> None:  # type: ignore[no-untyped-def]
    """Else whoever lacks the token would knock under another name; SNS proves itself, while that is checked."""
    tokens = tmp_path / "tokens"
    tokens.write_text("minio right\n")
    place = bucketed(hook_tokens_file=str(tokens))
    body = minio_says(place.inbox, "in%2Ffolder%2F", "")

    refused = [place.http.post(f"/hooks/{name}?token=right", json=body) for name in ("rustfs", "s3", "ceph")]
    unsigned = place.http.post("/hooks/sns", json={"Type": "Notification"})
    unchecked = bucketed(hook_tokens_file=str(tokens), sns_verify=False).http.post("/hooks/sns", json={})

    assert [answer.status_code for answer in refused] == [401, 401, 401]
    assert "OCR_HOOK_TOKENS_FILE names has no line for rustfs" in refused[0].json["detail"]
    assert "`rustfs TOKEN`" in refused[0].json["remedy"]
    assert unsigned.status_code != 401, "its signature decides"
    assert unchecked.status_code == 401


def minio_says(bucket: str, key: str, etag: str) -> dict:  # type: ignore[type-arg]
    """MinIO's sample, about another object."""
    body = json.loads((FOLDER / "minio.json").read_text())["body"]
    [record] = body["Records"]
    record["s3"]["bucket"]["name"] = bucket
    record["s3"]["object"].update(key=key, eTag=etag)
    record["s3"]["object"].pop("versionId", None)
    return body
