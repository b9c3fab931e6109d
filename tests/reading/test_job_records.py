"""What a job's objects are called: nothing that a caller says leads anywhere else."""

from __future__ import annotations

import pytest

from function.reading.jobs.job_records import id_of_key, id_of_upload, is_id, new_id, object_name, upload_key
from function.stores.base import Location

SUFFIXES = (".pdf", ".png")


@pytest.mark.parametrize(
    ("said", "kind", "name"),
    [
        ("scan.pdf", "", "scan.pdf"),
        ("Scan.PDF", ".png", "Scan.PDF"),
        ("document", ".png", "document.png"),
        ("document", ".tif", "document.pdf"),
        ("scan.pdf.exe", ".png", "scan.pdf.exe.png"),
        ("../../etc/passwd", "", "passwd.pdf"),
        ("C:\\scans\\a.pdf", "", "a.pdf"),
        ("..", "", "document.pdf"),
        ("", ".png", "document.png"),
        ("a\x00b\nc.pdf", "", "a_b_c.pdf"),
        ("报告 1.pdf", "", "报告 1.pdf"),
        ("x" * 500 + ".pdf", "", "x" * 180 + ".pdf"),
    ],
)
def test_a_callers_file_name_becomes_the_last_part_of_a_key_that_is_read(said: str, kind: str, name: str) -> None:
    """Its ending decides whether an upload is read at all; the content decides what it is."""
    made = object_name(said, SUFFIXES, kind)

    assert made == name
    assert id_of_upload(upload_key(Location.parse("s3://inbox/in"), "0" * 32, made)) == "0" * 32


def test_where_every_ending_is_read_the_name_stays() -> None:
    """OCR_SUFFIXES is empty."""
    assert object_name("notes", (), ".png") == "notes"


def test_ids_are_random_or_follow_from_owner_and_key() -> None:
    """128 bits that nobody guesses; or 256 that differ for every owner and every key, however they are put together."""
    made = {new_id() for _ in range(100)}

    assert len(made) == 100
    assert all(is_id(id_) and len(id_) == 32 for id_ in made)
    assert id_of_key("acme", "1") == id_of_key("acme", "1")
    assert len({id_of_key("a", "bc"), id_of_key("ab", "c"), id_of_key("", "abc")}) == 3
    assert is_id(id_of_key("acme", "1"))


@pytest.mark.parametrize("key", ["jobs/x/a.pdf", f"jobs/{'0' * 32}/", f"jobs/{'0' * 31}/a.pdf", f"{'0' * 32}/a.pdf"])
def test_other_uploads_are_no_jobs(key: str) -> None:
    """A folder that is called jobs by chance stays one of uploads."""
    assert id_of_upload(key) is None
