"""Results are named after uploads, and strangers' keys lead nowhere."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from function.reading.uploads.naming import MAX_KEY_BYTES, MAX_PART_BYTES, SUFFIX_BYTES, result_name

HOSTILE = st.lists(
    st.sampled_from(
        ["..", ".", "/", "%2e", "%2E%2e", "%252e", "%2f", "%5c", "\\", "a", "季", "~", "\x00", "\n", "\u2028", "🦓"]
    ),
    min_size=1,
    max_size=14,
).map("".join)
ANY = HOSTILE | st.text(min_size=1, max_size=60) | st.binary(min_size=1).map(lambda raw: raw.decode("latin-1"))


@pytest.mark.parametrize(
    "key",
    ["a.pdf", "scans/2024/a b+c%20d.pdf", "报告/第1页.pdf", "🦓.png", "...pdf", "a..b/c.pdf", "x" * 235 + ".pdf",
     "100%.pdf", "%41.pdf", "x~1.pdf"],
)  # fmt: skip
def test_a_fit_key_is_the_name(key: str) -> None:
    """Whoever uploads a.pdf looks for a.pdf.json."""
    assert result_name(key, prefix="out") == key


@pytest.mark.parametrize(
    "key",
    ["../a.pdf", "a/../../b.pdf", "/etc/passwd", "a//b.pdf", "./a.pdf", "%2e%2e/a.pdf", "%2E./a", "a\nb.pdf", "a\\b",
     "%252e%252e%252fx", "..%2fx", ".zeropage/x", "a.pdf~" + "0" * 32],
)  # fmt: skip
def test_an_unfit_key_is_mended_and_marked(key: str) -> None:
    """What climbs, vanishes or breaks XML goes; a hash tells it from a key that is like the mended one."""
    assert re.fullmatch(r"[^\n\\%]+~[0-9a-f]{32}", result_name(key))


@given(ANY)
@example("a/" * 600)
@example("🦓" * 400)
@example("\ud800.pdf")
@example("x" * 1024)
@example("%25" * 300 + "2e%2e/")
def test_every_name_fits_every_store_and_leads_nowhere(key: str) -> None:
    """Within the limits, suffix and prefix included; however often somebody on the way decodes or tidies it."""
    prefix = "results/of/all"
    name = result_name(key, prefix=prefix)

    assert len(f"{prefix}/{name}".encode()) + SUFFIX_BYTES <= MAX_KEY_BYTES
    for _ in range(6):
        assert not {"", ".", "..", ".zeropage"} & set(name.replace("\\", "/").split("/"))
        assert posixpath.normpath("/root/" + name).startswith("/root/")
        assert not re.search(r"[\x00-\x1f\x7f\\]", name)
        name = unquote(name)
    assert all(len(part.encode()) <= MAX_PART_BYTES - SUFFIX_BYTES for part in result_name(key).split("/"))


@given(ANY, ANY)
def test_two_uploads_never_share_a_name(one: str, other: str) -> None:
    """Not even with a key that was chosen to look like another's mended name."""
    chosen = result_name(one)

    assert (result_name(other) == result_name(one)) == (one == other)
    assert (result_name(chosen) == result_name(one)) == (chosen == one)


def test_a_key_of_full_length_keeps_its_beginning() -> None:
    """Cut between characters, not within one."""
    name = result_name("文" * 341)

    assert name.startswith("文" * 60)
    assert result_name("文" * 340 + "本") != name
