from __future__ import annotations

import posixpath
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from events.errors import Malformed
from events.places import Place, result_key

ENDINGS = (".md", ".json", ".error.json")
TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300)
HOSTILE = st.lists(
    st.sampled_from(
        ["..", ".", "/", "%2e", "%2E%2e", "%252e", "%2f", "%5c", "\\", "a", "季", "~", "\x00", "\n", "\u2028"]
    ),
    min_size=1,
    max_size=12,
).map("".join)


def test_a_plain_name_keeps_its_name() -> None:
    """The uploader finds the result by adding one ending, whatever script he writes in."""
    for name in ("a.pdf", "季 度/报告+50%.pdf", "a//b.pdf", "😀.pdf", "..a/b..pdf", "100%.pdf", "%41.pdf", "x~1.pdf"):
        assert result_key("inbox/", f"inbox/{name}", "out/", ".json") == f"out/{name}.json"


def test_a_result_stands_below_the_results_prefix() -> None:
    """Also where neither place has one."""
    assert result_key("", "a.pdf", "", ".md") == "a.pdf.md"
    assert result_key("in/", "in/a.pdf", "", ".error.json") == "a.pdf.error.json"


@pytest.mark.parametrize(
    "name",
    ["../x.pdf", "a/../../x.pdf", "/etc/passwd", "./a", "%2e%2e/x", "%252e%252e%252fx", "..%2fx", "a\\..\\x", "a\x00b"],
)
def test_a_hostile_name_is_replaced(name: str) -> None:
    """By something like it, with a hash, so that it can neither escape nor meet another's."""
    key = result_key("inbox/", f"inbox/{name}", "out/", ".json")

    assert key.startswith("out/")
    assert key.removesuffix(".json")[-33] == "~"
    assert ".." not in key


@given(st.one_of(TEXT, HOSTILE), st.sampled_from(["", "out/", "a/b/", "季/"]), st.sampled_from(ENDINGS))
@example("%" * 400, "", ".md")
@example("é" * 512, "out/", ".json")
@example("%25" * 300 + "2e%2e/", "", ".json")
def test_no_name_leaves_its_prefix_or_grows_too_long(name: str, prefix: str, ending: str) -> None:
    """However often somebody on the way decodes or tidies it."""
    key = result_key("in/", f"in/{name}", prefix, ending)

    assert len(key.encode()) <= 1024
    assert key.startswith(prefix)
    assert key.endswith(ending)
    below = key[len(prefix) :]
    for _ in range(6):
        assert not below.startswith("/")
        assert not {"..", "."} & set(below.replace("\\", "/").split("/"))
        assert posixpath.normpath("/root/" + below).startswith("/root/")
        below = unquote(below)


@given(st.one_of(TEXT, HOSTILE), st.one_of(TEXT, HOSTILE))
def test_two_names_never_share_a_result(one: str, other: str) -> None:
    """Not even a name that was chosen to look like another's replacement."""
    first = result_key("", one, "", ".json")
    chosen = first.removesuffix(".json")

    assert (result_key("", other, "", ".json") == first) == (one == other)
    assert (result_key("", chosen, "", ".json") == first) == (chosen == one)


def test_a_long_name_is_cut_and_keeps_one_name_for_all_endings() -> None:
    """At a character, not within one; the refusal and the result of an upload stand side by side."""
    names = {result_key("", "季" * 341, "out/", ending).removesuffix(ending) for ending in ENDINGS}

    (name,) = names
    assert name.startswith("out/季季季")
    assert len(name.encode()) > 900


@pytest.mark.parametrize(("inbox", "key"), [("inbox/", "other/a.pdf"), ("inbox/", "inbox/"), ("", "")])
def test_a_key_that_is_no_upload_of_the_inbox_has_no_result(inbox: str, key: str) -> None:
    """It lies elsewhere, or is the folder itself."""
    with pytest.raises(Malformed, match="is no name below"):
        result_key(inbox, key, "out/", ".json")


def test_prefix_and_ending_leave_room() -> None:
    """A configuration that leaves none is told so."""
    for prefix, ending in (("p" * 1000 + "/", ".json"), ("", "." + "x" * 40)):
        with pytest.raises(Malformed, match="room"):
            result_key("", "a.pdf", prefix, ending)


def test_a_place_is_a_folder() -> None:
    """`out` never means `outlook.pdf`."""
    assert Place("b", "out") == Place("b", "out/")
    assert ("b", "out/a") in Place("b", "out")
    assert ("b", "outlook.pdf") not in Place("b", "out")
    assert ("c", "out/a") not in Place("b", "out")
    assert ("b", "anything") in Place("b")
