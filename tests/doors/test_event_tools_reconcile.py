"""`python -m events reconcile`: the bucket itself is the log; what was lost is found, and its events are sent."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from events import ours, posting
from function.doors.event_tools.cli import main
from function.doors.event_tools.reconcile import Tally
from function.errors import StoreUnavailable
from function.reading.uploads.ledger import Entry, Ledger, State
from function.reading.uploads.naming import result_name
from function.stores.base import ObjectHead
from tests.doors.conftest import Bucketed, stamped_png
from tests.doors.receiving import Address, listening, served

Make = Callable[..., Bucketed]
KEYS = [f"{name}.png" for name in ("a", "b c", "d+e%20", "季度 报告 😀", "f/g/h", "%2e%2e", "i#?&=", "j'\"<>")]


@pytest.fixture
def address() -> Iterator[Address]:
    """Answers as it is told."""
    with listening() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "LONGEST_PAUSE", 0.01)


def places(place: Bucketed) -> list[str]:
    """The options that name them."""
    return ["--inbox", f"s3://{place.inbox}/in", "--results", f"s3://{place.results}/out"]


def listed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Each line's address."""
    return [line.partition("\t")[0] for line in capsys.readouterr().out.splitlines()]


@pytest.mark.parametrize("versioned", [False, True])
def test_results_that_were_deleted_at_random_are_found_and_repaired(
    versioned: bool, bucketed: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whatever the keys: listed without --to, sent and answered with it, after which nothing is missing."""
    place = bucketed(versioned=versioned)
    for key in KEYS:
        place.deliver(place.upload(key, stamped_png(key)))
    lost = random.Random(3).sample(KEYS, 4)
    for key in lost:
        place.s3.delete_object(Bucket=place.results, Key=f"out/{result_name(key)}.json")
    wanted = sorted(f"s3://{place.inbox}/in/{key}" for key in lost)

    assert main(["reconcile", *places(place)]) == 0
    assert sorted(listed(capsys)) == wanted
    with served(place.http.application) as url:
        assert main(["reconcile", *places(place), "--to", url]) == 0
        assert sorted(listed(capsys)) == wanted
        assert main(["reconcile", *places(place), "--to", url, "--thorough"]) == 0
    assert listed(capsys) == []
    results = [json.loads(place.result(f"{result_name(key)}.json") or b"") for key in KEYS]
    assert [result["markdown"].strip() for result in results] == KEYS


def test_an_upload_that_was_replaced_is_missed_until_its_own_result_stands(
    bucketed: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """The older result is no answer."""
    place = bucketed()
    place.deliver(place.upload("scan.png", stamped_png("old")))
    place.upload("scan.png", stamped_png("new"))

    assert main(["reconcile", *places(place)]) == 0
    assert listed(capsys) == [f"s3://{place.inbox}/in/scan.png"]
    with served(place.http.application) as url:
        assert main(["reconcile", *places(place), "--to", url]) == 0
    assert place.result("scan.png.md") == b"new\n"


def test_a_refusal_counts_as_an_answer_unless_told_otherwise(
    bucketed: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    """The current version's refusal; it is sent again with --refused, and listed with its end."""
    place = bucketed()
    place.deliver(place.upload("bad.pdf", b"%PDF-1.7 nothing"))

    assert main(["reconcile", *places(place)]) == 0
    assert listed(capsys) == []
    with served(place.http.application) as url:
        assert main(["reconcile", *places(place), "--to", url, "--refused", "--overdue", "0"]) == 0
    out, err = capsys.readouterr()
    assert "422 refused" in out
    assert "1 uploads: 0 answered, 1 refused, 0 missing; 1 events sent" in err


def test_the_event_is_what_its_sender_should_have_said(bucketed: Make, address: Address) -> None:
    """Type, bucket, key, version, etag, size; the same id however often it is sent."""
    place = bucketed(versioned=True)
    upload = place.upload("季度 +%.png", stamped_png("hello"))

    for _ in range(2):
        assert main(["reconcile", *places(place), "--to", address.url]) == 0

    first, second = (one.event for one in address.received)
    said = ours.from_event(first)
    assert first.type == ours.UPLOADED
    assert (said.bucket, said.key, said.version) == (upload.bucket, upload.key, upload.version)  # type: ignore[union-attr]
    assert (said.etag, said.size) == (upload.etag, upload.size)  # type: ignore[union-attr]
    assert first.id == second.id == ours.event_id(ours.UPLOADED, upload)


def test_an_upload_that_stays_unanswered_fails_the_run(
    bucketed: Make, address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A broker takes the event, but no result follows: 75 once it is older than --overdue, and metrics say how old."""
    place = bucketed()
    place.upload("scan.png", stamped_png("hello"))
    place.deliver(place.upload("read.png", stamped_png("hello")))
    metrics = tmp_path / "reconcile.prom"
    arguments = ["reconcile", *places(place), "--to", address.url, "--metrics", str(metrics)]

    assert main([*arguments, "--overdue", "3600"]) == 0
    assert main([*arguments, "--overdue", "0"]) == 75

    assert "1 are older than 0 s" in capsys.readouterr().err
    values = dict(re.findall(r"^zeropage_reconcile_(\w+) (\S+)$", metrics.read_text(encoding="utf-8"), re.MULTILINE))
    assert {name: float(values[name]) for name in ("uploads", "answered", "refused", "missing", "overdue", "sent")} == {
        "uploads": 2, "answered": 1, "refused": 0, "missing": 1, "overdue": 1, "sent": 1,
    }  # fmt: skip
    assert 0 < float(values["oldest_unanswered_seconds"]) < 3600
    assert float(values["timestamp_seconds"]) > 1.7e9


@pytest.mark.parametrize(("status", "code"), [(403, 65), (503, 75)])
def test_events_that_nobody_takes_are_told(
    status: int, code: int, bucketed: Make, address: Address, capsys: pytest.CaptureFixture[str]
) -> None:
    """65 for a refusal that left no trace beside the results, 75 for what is to be sent again."""
    place = bucketed()
    place.upload("scan.png", stamped_png("hello"))
    address.answer = lambda _: (status, {}, b"why not")

    assert main(["reconcile", *places(place), "--to", address.url, "--tries", "2"]) == code
    assert "why not" in capsys.readouterr().out


def test_an_upload_whose_own_event_may_be_under_way_is_left_alone(bucketed: Make, address: Address) -> None:
    """--grace spares a second reading."""
    place = bucketed()
    place.upload("scan.png", stamped_png("hello"))

    assert main(["reconcile", *places(place), "--to", address.url, "--grace", "3600"]) == 0
    assert address.received == []


def test_places_and_sink_come_from_the_settings(
    bucketed: Make, address: Address, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Several inboxes; a dry run only lists, though a sink is set."""
    place, other = bucketed(), bucketed()
    place.upload("a.png", stamped_png("a"))
    other.upload("b.png", stamped_png("b"))
    monkeypatch.setenv("OCR_INBOX", f"s3://{place.inbox}/in,s3://{other.inbox}")
    monkeypatch.setenv("OCR_RESULTS", f"s3://{place.results}/out")
    monkeypatch.setenv("OCR_SUFFIXES", ".png")
    monkeypatch.setenv("K_SINK", address.url)

    assert main(["reconcile", "--dry-run"]) == 0
    assert listed(capsys) == [f"s3://{place.inbox}/in/a.png", f"s3://{other.inbox}/in/b.png"]
    assert address.received == []
    assert main(["reconcile"]) == 0
    assert sorted(one.event.subject for one in address.received) == ["in/a.png", "in/b.png"]


def test_folders_are_reconciled_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Files that people put there are uploads."""
    for name in ("inbox", "results"):
        (tmp_path / name).mkdir()
    (tmp_path / "inbox" / "line\nbreak.pdf").write_bytes(b"%PDF")
    uris = ["--inbox", (tmp_path / "inbox").as_uri(), "--results", (tmp_path / "results").as_uri()]

    assert main(["reconcile", *uris]) == 0
    assert listed(capsys) == [f"file://{tmp_path}/inbox/line%0Abreak.pdf"]


@pytest.mark.parametrize(
    ("arguments", "code", "named"),
    [
        ([], 2, "OCR_INBOX"),
        (["--inbox", "s3://inbox"], 2, "OCR_RESULTS"),
        (["--inbox", "s3://inbox", "--results", "s3://inbox"], 2, "OCR_RESULTS"),
        (["--inbox", "file:///absent/inbox", "--results", "file:///absent/results"], 75, "no folder"),
    ],
)
def test_a_wrong_place_is_named(
    arguments: list[str], code: int, named: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """In one line, with the remedy."""
    assert main(["reconcile", *arguments]) == code
    err = capsys.readouterr().err
    assert named in err
    assert err.count("\n") == 1


def test_the_oldest_counts_and_what_was_deleted_meanwhile_does_not() -> None:
    """The age is that of the upload, whatever its clock said."""
    now = datetime.now(timezone.utc)
    tally = Tally(overdue_seconds=60)
    for age, state in ((90, State.MISSING), (30, State.MISSING), (-5, State.MISSING), (500, State.ANSWERED)):
        head = ObjectHead("inbox", "a.pdf", 1, "e", "", now - timedelta(seconds=age))
        tally.count(Entry(head, "a.pdf", None, None), state)
    tally.count(Entry(head, "a.pdf", None, None), State.GONE)

    assert (tally.uploads, tally.missing, tally.answered, tally.overdue) == (4, 3, 1, 1)
    assert 90 <= tally.oldest_unanswered_seconds < 100
    assert tally.exit_code == 75


def test_one_object_that_the_store_tells_nothing_of_hides_no_other(
    bucketed: Make, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The others are listed; the run fails, to be repeated."""
    place = bucketed()
    for key in ("a.png", "b.png"):
        place.deliver(place.upload(key, stamped_png("old")))
        place.upload(key, stamped_png("new"))
    look = Ledger.look

    def failing(self: Ledger, entry: Entry, **more: bool) -> State:
        if entry.upload.key.endswith("a.png"):
            raise StoreUnavailable("HeadObject: SlowDown")
        return look(self, entry, **more)

    monkeypatch.setattr(Ledger, "look", failing)

    assert main(["reconcile", *places(place)]) == 75
    out, err = capsys.readouterr()
    assert out == f"s3://{place.inbox}/in/b.png\n"
    assert "a.png: HeadObject: SlowDown" in err
    assert "1 unknown" in err


def test_clean_removes_leftover_parts_and_says_so(bucketed: Make, capsys: pytest.CaptureFixture[str]) -> None:
    """With --dry-run only says so; what is younger than --older stays."""
    place = bucketed()
    key = f"out/.zeropage/parts/{'0' * 32}/{'1' * 32}/00001-00002.json"
    probe = "out/.zeropage/probe-0123456789abcdef"  # of a start that was killed
    for left in (key, probe):
        place.s3.put_object(Bucket=place.results, Key=left, Body=b"left")

    main(["reconcile", *places(place), "--clean"])
    main(["reconcile", *places(place), "--clean", "--older", "0", "--dry-run"])
    assert len(place.s3.list_objects_v2(Bucket=place.results)["Contents"]) == 2
    capsys.readouterr()
    main(["reconcile", *places(place), "--clean", "--older", "0"])

    told = capsys.readouterr()
    parts, start = told.out.splitlines()
    assert parts == f"{key.rpartition('/')[0]}\tremoved: without manifest"
    assert start == f"{probe}\tremoved: a start that was killed"
    assert "removed: 1 parts of 1 split documents, 4 bytes; 0 jobs" in told.err
    assert "Contents" not in place.s3.list_objects_v2(Bucket=place.results)
