"""Results are named after uploads, and strangers' keys lead nowhere."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from function.reading.naming import MAX_KEY_BYTES, MAX_PART_BYTES, SUFFIX_BYTES, result_name

KEYS = st.lists(st.sampled_from([*"ab.%2eE/ \\\n\x00é🦓", "..", "/../"]), min_size=1, max_size=40).map("".join)


@pytest.mark.parametrize(
    "key", ["a.pdf", "scans/2024/a b+c%20d.pdf", "报告/第1页.pdf", "🦓.png", "...pdf", "a..b/c.pdf", "x" * 235 + ".pdf"]
)
def test_a_fit_key_is_the_name(key: str) -> None:
    """Whoever uploads a.pdf looks for a.pdf.json."""
    assert result_name(key, prefix="out") == key


@pytest.mark.parametrize(
    "key",
    ["../a.pdf", "a/../../b.pdf", "/etc/passwd", "a//b.pdf", "./a.pdf", "%2e%2e/a.pdf", "%2E./a", "a\nb.pdf", "a\\b"],
)
def test_an_unfit_key_is_mended_and_marked(key: str) -> None:
    """What climbs, vanishes or breaks XML goes; a hash tells it from a key that is like the mended one."""
    assert re.fullmatch(r"[^\n\\]+-[0-9a-f]{16}", result_name(key))


@given(KEYS | st.text(min_size=1, max_size=60) | st.binary(min_size=1).map(lambda raw: raw.decode("latin-1")))
@example("a/" * 600)
@example("🦓" * 400)
@example("\ud800.pdf")
@example("x" * 1024)
def test_every_name_fits_every_store(key: str) -> None:
    """Within the limits, suffix and prefix included; no part that a path or a proxy would follow."""
    prefix = "results/of/all"
    name = result_name(key, prefix=prefix)

    assert len(f"{prefix}/{name}".encode()) + SUFFIX_BYTES <= MAX_KEY_BYTES
    for part in name.split("/"):
        assert 0 < len(part.encode()) <= MAX_PART_BYTES - SUFFIX_BYTES
        assert part not in {".", "..", ".zeropage"}
        assert not re.search(r"[\x00-\x1f\x7f\\]", part)


@given(KEYS, KEYS)
def test_two_uploads_never_share_a_name(one: str, other: str) -> None:
    """However much is cut or mended."""
    assert (result_name(one) == result_name(other)) == (one == other)


def test_a_key_of_full_length_keeps_its_beginning() -> None:
    """Cut between characters, not within one."""
    name = result_name("文" * 341)

    assert name.startswith("文" * 60)
    assert result_name("文" * 340 + "本") != name
