"""`python -m function job`: one event from the file that JobSink mounts, done, with an exit code that says more."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from events import ours, writing
from events.uploads import DocumentUploaded
from function.doors.cli import main
from function.stores.disk import DiskStore
from tests.doors.conftest import Sink, stamped_png
from tests.s3_server import set_environment


class Place:
    """Folders for uploads, results and the event."""

    def __init__(self, root: Path) -> None:
        self.store, self.events = DiskStore(root), root / "events"
        for name in ("in", "out", "events"):
            (root / name).mkdir()

    def upload(self, key: str, body: bytes) -> DocumentUploaded:
        """Put an object, and what its sender would say of it."""
        return DocumentUploaded("in", key, etag=self.store.put("in", key, body, media_type="image/png"), size=len(body))

    def keys(self) -> list[str]:
        """Of the results."""
        return [head.key for head in self.store.scan("out") if not head.key.startswith(".zeropage/")]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """Which the environment names."""
    monkeypatch.setenv("OCR_FAST_ENGINE", "stub")
    monkeypatch.setenv("OCR_INBOX", f"file://{tmp_path}/in")
    monkeypatch.setenv("OCR_RESULTS", f"file://{tmp_path}/out")
    return Place(tmp_path)


def mounted(upload: DocumentUploaded, folder: Path, *, encoded: bool = False) -> Path:
    """As JobSink writes the event: the JSON format, with data that is JSON or, where it knows no better, base64."""
    told = json.loads(writing.to_structured(ours.to_event(upload))[1])
    if encoded:
        told["data_base64"] = base64.b64encode(json.dumps(told.pop("data")).encode()).decode()
    (folder / "event").write_text(json.dumps(told))
    return folder


@pytest.mark.parametrize("encoded", [False, True])
def test_the_event_that_jobsink_mounts_is_done(
    encoded: bool, place: Place, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder is named by K_EVENT_PATH; the result stands, and its event went to the sink."""
    folder = mounted(place.upload("scan.png", stamped_png("hello")), place.events, encoded=encoded)
    monkeypatch.setenv("K_EVENT_PATH", str(folder))
    monkeypatch.setenv("K_SINK", sink.url)

    assert main(["job"]) == 0

    with place.store.get("out", "scan.png.md", max_bytes=100) as result:
        assert result.read(100) == b"hello\n"
    assert [event.type for event in sink.events] == [ours.PARSED]


def test_a_batch_in_a_file_is_done_one_by_one(place: Place) -> None:
    """A file of one's own may hold several; one that is refused does not keep the others from being read."""
    uploads = [place.upload("bad.pdf", b"%PDF-1.7 nothing"), place.upload("b.png", stamped_png("b"))]
    events = [json.loads(writing.to_structured(ours.to_event(upload))[1]) for upload in uploads]
    (place.events / "events.json").write_text(json.dumps(events))

    assert main(["job", str(place.events / "events.json")]) == 0

    assert sorted(place.keys()) == ["b.png.json", "b.png.md", "bad.pdf.error.json"]


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"%PDF-1.7 nothing", 65),
        (stamped_png("stub:page-fault"), 70),
    ],
)
def test_the_exit_code_says_whether_another_try_may_help(document: bytes, code: int, place: Place) -> None:
    """65: the document's fault, and its error object stands; 70: ours, and nothing was written."""
    folder = mounted(place.upload("scan.pdf", document), place.events)

    assert main(["job", str(folder)]) == code
    assert place.keys() == (["scan.pdf.error.json"] if code == 65 else [])


def test_a_store_that_is_away_means_to_try_again_later(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """75, as Kubernetes' back-off is for."""
    folder = mounted(place.upload("scan.png", stamped_png("hello")), place.events)
    set_environment(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("OCR_INBOX", "s3://in")
    monkeypatch.setenv("OCR_RESULTS", "s3://out")
    monkeypatch.setenv("OCR_S3_ATTEMPTS", "1")

    assert main(["job", str(folder)]) == 75


def test_an_event_that_is_none_ends_the_job_for_good(place: Place, capsys: pytest.CaptureFixture[str]) -> None:
    """2, with the reason: not there, not an event; one that asks for nothing is done."""
    (place.events / "event").write_text("{}")
    nothing = {"specversion": "1.0", "id": "1", "source": "/s", "type": "com.example.other"}
    (place.events / "other").write_text(json.dumps(nothing))

    assert main(["job", str(place.events / "absent")]) == 2
    assert "K_EVENT_PATH" in capsys.readouterr().err
    assert main(["job", str(place.events)]) == 2
    assert main(["job", str(place.events / "other")]) == 0
    assert place.keys() == []


def test_without_places_there_is_nothing_to_read(capsys: pytest.CaptureFixture[str]) -> None:
    """One line that names the variables."""
    assert main(["job", "/nowhere"]) == 2
    assert "OCR_INBOX and OCR_RESULTS" in capsys.readouterr().err
