"""`python -m function job`: one event from the file that JobSink mounts, done once, with an exit code that says more."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from events import ours, writing
from events.uploads import DocumentUploaded
from function.doors.cli import main
from tests.doors.conftest import Bucketed, Sink, stamped_png

Make = Callable[..., Bucketed]


@pytest.fixture
def place(bucketed: Make, monkeypatch: pytest.MonkeyPatch) -> Bucketed:
    """Buckets, which the environment names."""
    made = bucketed()
    monkeypatch.setenv("OCR_FAST_ENGINE", "stub")
    monkeypatch.setenv("OCR_INBOX", f"s3://{made.inbox}/in")
    monkeypatch.setenv("OCR_RESULTS", f"s3://{made.results}/out")
    return made


def mounted(upload: DocumentUploaded, folder: Path, *, encoded: bool = False) -> Path:
    """As JobSink writes the event: the JSON format, with data that is JSON or, where it knows no better, base64."""
    told = json.loads(writing.to_structured(ours.to_event(upload))[1])
    if encoded:
        told["data_base64"] = base64.b64encode(json.dumps(told.pop("data")).encode()).decode()
    (folder / "event").write_text(json.dumps(told))
    return folder


@pytest.mark.parametrize("encoded", [False, True])
def test_the_event_that_jobsink_mounts_is_done(
    encoded: bool, place: Bucketed, tmp_path: Path, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder is named by K_EVENT_PATH; the result stands, and its event went to the sink."""
    folder = mounted(place.upload("scan.png", stamped_png("hello")), tmp_path, encoded=encoded)
    monkeypatch.setenv("K_EVENT_PATH", str(folder))
    monkeypatch.setenv("K_SINK", sink.url)

    assert main(["job"]) == 0

    assert place.result("scan.png.md") == b"hello\n"
    assert [event.type for event in sink.events] == [ours.PARSED]


def test_a_batch_in_a_file_is_done_one_by_one(place: Bucketed, tmp_path: Path) -> None:
    """A file of one's own may hold several; one that is refused does not keep the others from being read."""
    uploads = [place.upload("bad.pdf", b"%PDF-1.7 nothing"), place.upload("b.png", stamped_png("b"))]
    events = [json.loads(writing.to_structured(ours.to_event(upload))[1]) for upload in uploads]
    (tmp_path / "events.json").write_text(json.dumps(events))

    assert main(["job", str(tmp_path / "events.json")]) == 0

    assert sorted(place.keys()) == ["b.png.json", "b.png.md", "bad.pdf.error.json"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"%PDF-1.7 nothing", 65),
        (stamped_png("stub:page-fault"), 70),
    ],
)
def test_the_exit_code_says_whether_another_try_may_help(
    document: bytes, code: int, place: Bucketed, tmp_path: Path
) -> None:
    """65: the document's fault, and its error object stands; 70: ours, and nothing was written."""
    folder = mounted(place.upload("scan.pdf", document), tmp_path)

    assert main(["job", str(folder)]) == code
    assert place.keys() == (["scan.pdf.error.json"] if code == 65 else [])


def test_a_store_that_is_away_means_to_try_again_later(
    place: Bucketed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """75, as Kubernetes' back-off is for."""
    folder = mounted(place.upload("scan.png", stamped_png("hello")), tmp_path)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OCR_S3_ATTEMPTS", "1")

    assert main(["job", str(folder)]) == 75


def test_an_event_that_is_none_ends_the_job_for_good(
    place: Bucketed, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """2, with the reason: not there, not an event; one that asks for nothing is done."""
    (tmp_path / "event").write_text("{}")
    nothing = {"specversion": "1.0", "id": "1", "source": "/s", "type": "com.example.other"}
    (tmp_path / "other").write_text(json.dumps(nothing))

    assert main(["job", str(tmp_path / "absent")]) == 2
    assert "K_EVENT_PATH" in caplog.text
    assert main(["job", str(tmp_path)]) == 2
    assert main(["job", str(tmp_path / "other")]) == 0
    assert place.keys() == []


def test_without_places_there_is_nothing_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    """One line that names the variables."""
    assert main(["job", "/nowhere"]) == 2
    assert "OCR_INBOX and OCR_RESULTS" in capsys.readouterr().err
