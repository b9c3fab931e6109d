"""Values that every store shares: where objects lie, what is one upload, what is too large."""

from __future__ import annotations

import io

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from function.errors import TooLarge
from function.stores.base import Body, Location, ObjectHead, plain_etag, same_object
from function.stores.memory import MemoryStore
from function.stores.s3.metadata import decoded, encoded

NAMES = st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)


@pytest.mark.parametrize(
    ("url", "folder", "bucket", "prefix"),
    [
        ("s3://inbox", "", "inbox", ""),
        ("s3://inbox/", "", "inbox", ""),
        ("s3://inbox/scans/2024/", "", "inbox", "scans/2024"),
        ("s3://inbox/100%25 #1?/é", "", "inbox", "100%25 #1?/é"),
        ("file:///data/inbox", "/data", "inbox", ""),
        ("file:///inbox", "/", "inbox", ""),
        ("file:///data/my%20inbox/", "/data", "my inbox", ""),
    ],
)
def test_a_location_is_read_from_its_setting(url: str, folder: str, bucket: str, prefix: str) -> None:
    """A key prefix is taken as it stands; a folder's name may be percent-encoded, as URLs of files are."""
    assert Location.parse(url) == Location(folder, bucket, prefix)
    assert Location.parse(Location.parse(url).url) == Location(folder, bucket, prefix)


@pytest.mark.parametrize(
    "url",
    ["", "inbox", "s3://", "s3:///prefix", "/data/inbox", "file:///", "file://host/x", "file:///a/../b", "gs://b"],
)
def test_a_wrong_location_says_what_is_expected(url: str) -> None:
    """One line, for the start to refuse."""
    with pytest.raises(ValueError, match=r"write file:///folder|s3://bucket/prefix"):
        Location.parse(url)


@pytest.mark.parametrize(
    ("place", "key", "name"),
    [("s3://b/in", "in/a/b.pdf", "a/b.pdf"), ("s3://b", "a/b.pdf", "a/b.pdf"), ("file:///d/b", "b.pdf", "b.pdf")],
)
def test_names_are_keys_below_a_place(place: str, key: str, name: str) -> None:
    """There and back."""
    location = Location.parse(place)

    assert location.holds("b", key)
    assert location.name(key) == name
    assert location.key(name) == key


def test_a_place_holds_its_own_only() -> None:
    """A prefix ends at a slash; another bucket is another place."""
    place = Location.parse("s3://b/in")

    assert not place.holds("b", "inbox/a.pdf")
    assert not place.holds("b", "in")
    assert not place.holds("c", "in/a.pdf")


@pytest.mark.parametrize(
    ("results", "inbox", "contains"),
    [
        ("s3://b", "s3://b", True),
        ("s3://b", "s3://b/in", True),
        ("s3://b/out", "s3://b/out/in", True),
        ("s3://b/out", "s3://b/outbox", False),
        ("s3://b/out", "s3://b", False),
        ("s3://b", "s3://c", False),
        ("file:///d/b", "file:///d/b", True),
        ("file:///d/b", "file:///d/b/in", True),
        ("file:///d/b/out", "file:///d/b", False),
        ("file:///d/b", "s3://b", False),
        ("s3://b", "file:///d/b", False),
    ],
)
def test_results_that_contain_the_inbox_are_found_out(results: str, inbox: str, contains: bool) -> None:
    """Else the function would read its own output, and write output of that."""
    assert Location.parse(results).contains(Location.parse(inbox)) is contains


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("v1", "e"), ("v1", "e"), True),
        (("v1", "e"), ("v2", "e"), False),
        (("v1", "JSON API's"), ("v1", "XML API's"), True),
        (("", "e"), ("v1", "e"), True),
        (("", "e1"), ("v1", "e2"), False),
        (("null", "e1"), ("null", "e2"), False),
        (("", '"e"'), ("", "e"), True),
        (("v1", ""), ("", "e"), True),
        (("", ""), ("v1", "e"), True),
    ],
)
def test_one_upload_is_recognised_by_what_both_sides_tell(
    one: tuple[str, str], other: tuple[str, str], same: bool
) -> None:
    """Versions count for more; `null` says nothing, as a suspended bucket gives it to every write."""
    assert same_object(*one, *other) is same
    assert same_object(*other, *one) is same


def test_etags_are_compared_without_their_dress() -> None:
    """Senders quote, stores quote, proxies weaken."""
    assert {plain_etag(etag) for etag in ('"e-2"', "e-2", ' "e-2" ', 'W/"e-2"')} == {"e-2"}


def test_a_body_that_is_longer_than_its_head_says_is_stopped() -> None:
    """A store may be wrong, or lie."""
    store = MemoryStore(["b"])
    store.put("b", "k", b"12", media_type="a/b")
    head = store.head("b", "k")
    assert isinstance(head, ObjectHead)
    body = Body(head, io.BytesIO(b"1234567890"), 4)

    assert body.read(4) == b"1234"
    with pytest.raises(TooLarge, match="OCR_MAX_BYTES"):
        body.read(4)


@given(st.dictionaries(NAMES, st.text(max_size=40), max_size=4))
@example({"a": "=?utf-8?q?a?="})
@example({"a": "a =?"})
@example({"a": "\x7f"})
def test_any_text_survives_as_metadata(metadata: dict[str, str]) -> None:
    """Through headers of ASCII without control characters."""
    headers = encoded(metadata)

    assert decoded(headers) == metadata
    assert all(value.isascii() and (value == "" or value.isprintable()) for value in headers.values())
    assert all(value == value.strip() for value in headers.values())


@pytest.mark.parametrize(
    ("header", "text"),
    [
        ("100%41", "100%41"),
        ("=?UTF-8?Q?=C3=9Cber?=", "Über"),
        ("=?ISO-8859-1?Q?=DCber?= =?UTF-8?B?w5w=?=", "ÜberÜ"),
        ("=?nonsense?B?AAAA?=", "=?nonsense?B?AAAA?="),
        ("=?UTF-8?B?A?=", "=?UTF-8?B?A?="),
        ("plain =?UTF-8?Q?=C3=9C?=", "plain =?UTF-8?Q?=C3=9C?="),
    ],
)
def test_metadata_of_other_clients_is_read_with_care(header: str, text: str) -> None:
    """Encoded words as S3 itself makes them are decoded; anything else stays as it came."""
    assert decoded({"OCR-Name": header}) == {"ocr-name": text}


@pytest.mark.parametrize("metadata", [{"Upper": "x"}, {"a_b": "x"}, {"": "x"}, {"ä": "x"}, {"a": "x" * 2048}])
def test_metadata_that_no_store_keeps_is_refused(metadata: dict[str, str]) -> None:
    """A mistake of ours, told before it is sent."""
    with pytest.raises(ValueError, match="metadata"):
        encoded(metadata)
