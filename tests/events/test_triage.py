from __future__ import annotations

import json

import pytest

from events import samples, senders
from events.places import Place
from events.triage import EVERYTHING, Scope, triage
from events.uploads import REASONS, DocumentUploaded, Ignored

READ = Scope(suffixes=(".pdf", ".PNG", ".tar.gz"), results=(Place("inbox", "out"), Place("results")))


@pytest.mark.parametrize(
    ("bucket", "key", "size", "reason"),
    [
        ("inbox", "a.pdf", 1, None),
        ("inbox", "a.PDF", None, None),
        ("inbox", "a.png", 1, None),
        ("inbox", "deep/a.Tar.Gz", 1, None),
        ("inbox", "outlook.pdf", 1, None),
        ("inbox", "archive/out/a.pdf", 1, None),
        ("inbox", "a.txt", 1, "suffix"),
        ("inbox", "pdf", 1, "suffix"),
        ("inbox", "a.pdf/", 1, "folder"),
        ("inbox", "a.pdf/", 0, "folder"),
        ("inbox", "a.pdf", 0, "empty"),
        ("inbox", "out/a.pdf", 1, "own_output"),
        ("inbox", "out/../a.pdf", 1, "own_output"),
        ("results", "a.pdf", 1, "own_output"),
        ("results", "a.pdf.json", 0, "own_output"),
    ],
)
def test_only_documents_pass(bucket: str, key: str, size: int | None, reason: str | None) -> None:
    """Folders, empty objects, other suffixes and our own output have each their reason."""
    upload = DocumentUploaded(bucket, key, size=size)

    outcome = triage(upload, READ)

    assert outcome == (upload if reason is None else Ignored(reason, ascii(key)))


def test_without_a_scope_every_suffix_passes() -> None:
    """A function that forwards for others judges no names."""
    upload = DocumentUploaded("inbox", "anything")

    assert triage(upload, EVERYTHING) is upload


def test_senders_are_triaged_record_by_record() -> None:
    """As a door calls it."""
    body = samples.load("s3-several").message("hook")[1]
    scope = Scope(suffixes=(".pdf",), results=[Place("inbox", "inbox/big.pdf")])

    kinds = [getattr(outcome, "reason", "upload") for outcome in senders.read_hook("s3", body, scope)]

    assert kinds == ["upload", "removed", "upload"]


def test_our_own_results_never_come_back_as_uploads() -> None:
    """No loop can start, even where inbox and results share a bucket and every suffix is read."""
    scope = Scope(results=(Place("inbox", "inbox/"),))
    for name in samples.names():
        sample = samples.load(name)
        if "hook" in sample.modes and sample.sender not in {"sns", "tencent"}:
            outcomes = senders.read_hook(sample.sender, sample.message("hook")[1], scope)
            assert [outcome for outcome in outcomes if isinstance(outcome, DocumentUploaded)] == []


def test_what_is_logged_is_escaped_and_cut() -> None:
    """A key may hold line breaks and be long."""
    outcome = triage(DocumentUploaded("b", "a\nlevel=INFO ok" + "x" * 900 + "/"), EVERYTHING)

    assert isinstance(outcome, Ignored)
    assert "\n" not in outcome.detail
    assert len(outcome.detail) < 100


def test_reasons_are_few_and_short() -> None:
    """They are labels of a metric."""
    assert len(REASONS) == len(set(REASONS)) <= 12
    assert all(reason.isidentifier() and reason.islower() for reason in REASONS)
    expected = {
        entry["ignored"] for name in samples.names() for entry in samples.load(name).expect if "ignored" in entry
    }
    assert expected <= set(REASONS)
    assert json.dumps(REASONS)
