"""`python -m events replay`: archived events are sent again, each once, and the exit code tells how they ended."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from events import ours, posting, writing
from events.event import Event
from events.uploads import DocumentUploaded
from function.doors.app import create_app
from function.doors.event_tools.cli import main
from function.wiring import Function
from tests import s3_server as server
from tests.conftest import ROOT
from tests.doors.conftest import Bucketed, stamped_png
from tests.doors.receiving import Address, Received, listening, served
from tests.s3_server import S3Server

Answer = Callable[[Received], tuple[int, dict[str, str], bytes]]


@pytest.fixture
def address() -> Iterator[Address]:
    """Answers as it is told."""
    with listening() as opened:
        yield opened


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(posting, "LONGEST_PAUSE", 0.01)


def letter(key: str, *, time: str = "2026-03-01T08:00:00Z", **extensions: str) -> Event:
    """An archived event."""
    event = ours.to_event(DocumentUploaded("inbox", key, etag="e"), time=time)
    return Event(**{**{name: getattr(event, name) for name in Event.__slots__}, "extensions": extensions})


def archive(path: Path, *letters: Event) -> Path:
    """One line each."""
    path.write_bytes(b"".join(writing.to_structured(event)[1] + b"\n" for event in letters))
    return path


def by_subject(statuses: Mapping[str, int]) -> Answer:
    """204, or the status of the event's subject."""
    return lambda one: (statuses.get(one.event.subject, 204), {}, b'{"detail": "it is damaged"}')


def test_dead_letters_go_out_as_they_came_in(address: Address, tmp_path: Path) -> None:
    """Binary, with id, data and extensions; what Knative had added about the failure is dropped."""
    sent = letter("季度 +50%.pdf", knativeerrorcode="422", knativeerrordata="ZGFtYWdlZA==", traceparent="00-1-2-01")
    source = archive(tmp_path / "dead.jsonl", sent)

    assert main(["replay", str(source), "--to", address.url]) == 0

    [received] = address.received
    assert received.event.data == sent.data
    assert (received.event.id, received.event.subject, received.event.time) == (sent.id, sent.subject, sent.time)
    assert received.event.extensions == {"traceparent": "00-1-2-01"}
    assert "ce-id" in {name.lower() for name in received.headers}


def test_the_sink_alone_is_shown_its_token(address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever else `--to` names gets the token that is given for it, or none."""
    source = archive(tmp_path / "dead.jsonl", letter("a"))
    for name in ("sink", "other"):
        (tmp_path / name).write_text(name)
    monkeypatch.setenv("OCR_SINK_TOKEN_FILE", str(tmp_path / "sink"))
    monkeypatch.setenv("K_SINK", address.url)

    for more in ([], ["--to", address.url], ["--to", address.url, "--token-file", str(tmp_path / "other")]):
        assert main(["replay", str(source), *more]) == 0

    assert [one.headers.get("Authorization") for one in address.received] == ["Bearer sink", None, "Bearer other"]


@pytest.mark.parametrize(
    ("statuses", "code"), [({}, 0), ({"a": 422}, 65), ({"a": 422, "b": 503}, 75), ({"b": 429}, 75), ({"c": 301}, 65)]
)
def test_the_exit_code_tells_the_worst(
    statuses: dict[str, int], code: int, address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 all accepted, 65 some refused, 75 some to be tried again; the summary counts them by status."""
    address.answer = by_subject(statuses)
    source = archive(tmp_path / "dead.jsonl", *map(letter, "abc"))

    assert main(["replay", str(source), "--to", address.url, "--tries", "2"]) == code

    out, err = capsys.readouterr()
    assert f"{3 - len(statuses)} accepted" in out
    assert all(f"{status}: 1" in out for status in statuses.values())
    assert err.count("it is damaged") == len(statuses)


def test_what_may_pass_is_tried_again(address: Address, tmp_path: Path) -> None:
    """Twice 503, then accepted."""
    address.answer = lambda _: (503 if len(address.received) < 3 else 202, {}, b"")

    assert main(["replay", str(archive(tmp_path / "dead.jsonl", letter("a"))), "--to", address.url]) == 0
    assert len(address.received) == 3


def test_a_replay_goes_on_where_it_was(address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What was accepted is not sent again; half a line, from a kill while writing, costs that one alone."""
    source, state = archive(tmp_path / "dead.jsonl", *map(letter, "abc")), tmp_path / "state"
    address.answer = by_subject({"b": 422})
    arguments = ["replay", str(source), "--to", address.url, "--state", str(state), "--concurrency", "1"]
    assert main(arguments) == 65
    lines = state.read_bytes().splitlines(keepends=True)
    assert [json.loads(line)["id"] for line in lines] == [letter("a").id, letter("c").id]
    state.write_bytes(lines[0] + lines[1][:40])
    address.received.clear()
    address.answer = by_subject({})

    assert main(arguments) == 0

    assert address.ids == [letter("b").id, letter("c").id]
    assert "1 accepted before" in capsys.readouterr().out
    assert main(arguments) == 0
    assert len(address.received) == 2


def test_an_event_that_was_archived_twice_is_sent_once(address: Address, tmp_path: Path) -> None:
    """Source and id name an event, whatever else was added to it."""
    source = archive(tmp_path / "dead.jsonl", letter("a"), letter("a", knativeerrorcode="500"), letter("b"))

    assert main(["replay", str(source), "--to", address.url]) == 0
    assert sorted(address.ids) == sorted([letter("a").id, letter("b").id])


@pytest.mark.parametrize(
    ("options", "kept"),
    [
        (["--since", "2026-03-02"], "bc"),
        (["--until", "2026-03-02T00:00:00Z"], "a"),
        (["--since", "2026-03-01T08:00:00Z", "--until", "2026-03-03"], "ab"),
        (["--subject", "[ac]"], "ac"),
        (["--subject", "a", "--subject", "b*"], "ab"),
        (["--type", "dev.zeropage.*"], "abc"),
        (["--type", "com.*"], ""),
        (["--since", "1h"], ""),
    ],
)
def test_events_are_chosen_by_time_type_and_subject(
    options: list[str], kept: str, address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A dry run lists the same events that a run sends, and sends none."""
    letters = [letter(name, time=f"2026-03-0{day}T08:00:00Z") for day, name in enumerate("abc", 1)]
    source = archive(tmp_path / "dead.jsonl", *letters)

    assert main(["replay", str(source), "--to", address.url, "--dry-run", *options]) == 0
    assert address.received == []
    assert [line.split("\t")[3] for line in capsys.readouterr().out.splitlines()] == list(kept)
    assert main(["replay", str(source), "--to", address.url, *options]) == 0
    assert sorted(one.event.subject for one in address.received) == list(kept)


def test_an_event_without_a_time_is_as_old_as_its_file(address: Address, tmp_path: Path) -> None:
    """So that --since also fits senders that name none."""
    source = tmp_path / "dead.jsonl"
    source.write_text('{"specversion": "1.0", "id": "1", "source": "s", "type": "t"}\n', encoding="utf-8")
    os.utime(source, (1_700_000_000, 1_700_000_000))

    assert main(["replay", str(source), "--to", address.url, "--until", "2023-11-14"]) == 0
    assert address.received == []
    assert main(["replay", str(source), "--to", address.url, "--since", "2023-11-14"]) == 0
    assert address.ids == ["1"]


@pytest.mark.parametrize("url", [False, True])
def test_a_folder_is_read_with_all_below(url: bool, address: Address, tmp_path: Path) -> None:
    """Lines, single documents in one line or many, and batches."""
    folder = tmp_path / "dead letters"
    (folder / "2026").mkdir(parents=True)
    archive(folder / "a.ndjson", letter("a"), letter("b"))
    documents = [json.loads(writing.to_structured(letter(name))[1]) for name in "cde"]
    (folder / "2026" / "c.json").write_text(json.dumps(documents[0], indent=2), encoding="utf-8")
    (folder / "2026" / "batch.json").write_text(json.dumps(documents[1:]), encoding="utf-8")

    assert main(["replay", folder.as_uri() if url else str(folder), "--to", address.url]) == 0
    assert sorted(one.event.subject for one in address.received) == list("abcde")


def test_what_is_no_event_is_told_and_the_others_are_sent(
    address: Address, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 65, with file and line."""
    source = archive(tmp_path / "dead.jsonl", letter("a"))
    source.write_bytes(b"{broken\n" + source.read_bytes() + b'{"pages": 3}\n')

    assert main(["replay", str(source), "--to", address.url]) == 65

    assert len(address.received) == 1
    out, err = capsys.readouterr()
    assert "1 accepted" in out
    assert "2 unreadable" in out
    assert "dead.jsonl:1: no event" in err
    assert "dead.jsonl:3: no event" in err


def test_a_rate_is_kept(address: Address, tmp_path: Path) -> None:
    """Whatever the concurrency: from the first to the last, the distances that were asked for."""
    source = archive(tmp_path / "dead.jsonl", *map(letter, "abcdef"))
    began = time.monotonic()

    assert main(["replay", str(source), "--to", address.url, "--rate", "50", "--concurrency", "6"]) == 0

    assert time.monotonic() - began >= 5 / 50


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["replay", "nowhere.jsonl", "--to", "http://localhost"], "SOURCE"),
        (["replay", "-"], "K_SINK"),
        (["replay", "-", "--to", "localhost:8080"], "--to"),
        (["replay", "deadletters", "--to", "http://localhost"], "OCR_RESULTS"),
        (["replay", "s3://", "--to", "http://localhost"], "SOURCE"),
        (["replay", "-", "--to", "http://localhost", "--since", "yesterday"], "--since"),
        (["replay", "-", "--to", "http://localhost", "--rate", "-1"], "--rate"),
        (["replay", "-", "--to", "http://localhost", "--concurrency", "0"], "--concurrency"),
        (["replay", "-", "--to", "http://localhost", "--state", "/nonexistent/state"], "--state"),
    ],
)
def test_a_wrong_argument_is_named(arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Exit code 2, and nothing is sent."""
    try:
        code = main(arguments)
    except SystemExit as end:
        code = end.code  # type: ignore[assignment]

    assert code == 2
    assert named in capsys.readouterr().err


def test_a_sink_from_a_binding_gets_its_attributes(
    address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """K_SINK is where events go unless --to says otherwise; K_CE_OVERRIDES is for it alone."""
    monkeypatch.setenv("K_SINK", address.url)
    monkeypatch.setenv("K_CE_OVERRIDES", '{"extensions": {"tenant": "a"}}')
    source = archive(tmp_path / "dead.jsonl", letter("a"))

    assert main(["replay", str(source)]) == 0
    assert main(["replay", str(source), "--to", address.url]) == 0
    assert [one.event.extensions for one in address.received] == [{"tenant": "a"}, {}]


def test_a_bucket_of_archived_events_is_replayed(
    s3_server: S3Server, address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Below the prefix only; what was archived before --since is not even fetched."""
    server.set_environment(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.url)
    bucket = s3_server.bucket()
    for name in "abc":
        body = writing.to_structured(letter(name))[1]
        s3_server.s3.put_object(Bucket=bucket, Key=f"{'other' if name == 'c' else 'dead'}/{name}.json", Body=body)

    assert main(["replay", f"s3://{bucket}/dead", "--to", address.url]) == 0
    assert sorted(one.event.subject for one in address.received) == ["a", "b"]
    assert main(["replay", f"s3://{bucket}-absent", "--to", address.url]) == 75


def test_a_dead_letter_becomes_a_result_once_its_cause_is_mended(
    bucketed: Callable[..., Bucketed], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Refused for a limit, archived by POST /deadletter, replayed after the limit was raised."""
    strict = bucketed(max_pixels=10_000)
    upload = strict.upload("scan.png", stamped_png("hello"))
    refused = strict.deliver(upload)
    assert refused.status_code == 413
    dead, body = writing.to_binary(ours.to_event(upload))
    told = {"ce-knativeerrorcode": "413", "ce-knativeerrordest": "http://reader/", "ce-knativeerrordata": "dG9v"}
    assert strict.http.post("/deadletter", data=body, headers={**dead, **told}).status_code == 204
    monkeypatch.setenv("OCR_INBOX", f"s3://{strict.inbox}/in")
    monkeypatch.setenv("OCR_RESULTS", f"s3://{strict.results}/out")

    with served(strict.http.application) as url:
        assert main(["replay", "deadletters", "--to", url]) == 65
    assert "OCR_MAX_PIXELS" in capsys.readouterr().err
    assert strict.result("scan.png.json") is None

    mended = bucketed(inbox=f"s3://{strict.inbox}/in", results=f"s3://{strict.results}/out")
    with served(mended.http.application) as url:
        assert main(["replay", "deadletters", "--to", url]) == 0
    assert strict.result("scan.png.md") == b"hello\n"
    assert strict.result("scan.png.error.json") is None


def test_what_was_archived_unread_goes_out_as_it_came(
    bucketed: Callable[..., Bucketed], address: Address, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The reader may have been mended since; and the receiver says what is wrong with it."""
    place = bucketed()
    headers = {"ce-id": "7", "ce-type": "t", "ce-knativeerrorcode": "400", "Content-Type": "application/json"}
    assert place.http.post("/deadletter", data=b"{broken", headers=headers).status_code == 204
    monkeypatch.setenv("OCR_RESULTS", f"s3://{place.results}/out")

    assert main(["replay", "deadletters", "--to", address.url]) == 0

    [received] = address.received
    assert received.body == b"{broken"
    told = {name.lower(): value for name, value in received.headers.items()}
    assert (told["ce-id"], told["content-type"]) == ("7", "application/json")
    assert "ce-knativeerrorcode" not in told


def test_dead_letters_in_a_folder_are_replayed_too(
    functions: Callable[..., Function], address: Address, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On one machine, without S3: archived below file:///results, sent from there."""
    for name in ("inbox", "results"):
        (tmp_path / name).mkdir()
    inbox, results = ((tmp_path / name).as_uri() for name in ("inbox", "results"))
    http = create_app(functions(inbox=inbox, results=results)).test_client()
    headers, body = writing.to_binary(letter("a", knativeerrorcode="500"))
    assert http.post("/deadletter", data=body, headers=headers).status_code == 204
    monkeypatch.setenv("OCR_RESULTS", results)

    assert main(["replay", "deadletters", "--to", address.url]) == 0
    assert address.ids == [letter("a").id]


def test_an_interrupted_replay_says_how_far_it_came(address: Address, tmp_path: Path) -> None:
    """SIGTERM, as a Job gets it: no further try, the summary, and what was accepted stays remembered."""
    address.answer = by_subject({"b": 503})
    source, state = archive(tmp_path / "dead.jsonl", *map(letter, "ab")), tmp_path / "state"
    arguments = ["replay", str(source), "--to", address.url, "--state", str(state), "--concurrency", "1"]
    with subprocess.Popen(
        [sys.executable, "-m", "events", *arguments, "--tries", "1000"], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as process:
        deadline = time.monotonic() + 60
        while len(address.received) < 3 and time.monotonic() < deadline:
            time.sleep(0.01)
        process.terminate()
        out, _ = process.communicate(timeout=60)

    assert process.returncode == 130
    assert "1 accepted" in out
    assert [json.loads(line)["id"] for line in state.read_text(encoding="utf-8").splitlines()] == [letter("a").id]
