"""API keys: what the file may say, who is let in, how often, and what happens when the file changes."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from function import api_keys
from function.api_keys import ApiKeys, Key
from function.errors import TooOften, Unauthorized

HASH = "sha256:" + "0" * 64


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Of a file of keys."""
    return tmp_path / "keys"


def test_a_key_that_was_made_is_known_by_its_line_and_kept_nowhere(path: Path) -> None:
    """The file holds a hash; the secret has 256 random bits."""
    secret, key = api_keys.make("alice", rate=60, tenant="acme")
    path.write_text(f"# callers\n\n{key.line}\n")

    assert ApiKeys(str(path)).admit(secret) == Key("alice", key.digest, 60, "acme")
    assert secret not in path.read_text()
    assert secret.startswith("zp_")
    assert len(secret) >= 3 + 256 / 6
    assert api_keys.make("alice")[0] != secret


@pytest.mark.parametrize("shown", ["", "zp_wrong", HASH, "\udcff"])
def test_any_other_key_is_refused(shown: str, path: Path) -> None:
    """Also the hash itself, which whoever reads the file knows."""
    path.write_text(api_keys.make("alice")[1].line)

    with pytest.raises(Unauthorized):
        ApiKeys(str(path)).admit(shown)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("alice", "sha256:"),
        ("alice zp_the-secret-itself", "never the key itself"),
        ("alice sha256:12", "sha256:"),
        (f"al/ice {HASH}", "name"),
        (f"alice {HASH} rate=many", "rate of alice"),
        (f"alice {HASH} rate=100001", "100000"),
        (f"alice {HASH} tenant=a/b", "tenant of alice"),
        (f"alice {HASH} colour=red", "nothing else"),
    ],
)
def test_a_wrong_line_stops_the_start_by_its_number_and_is_not_repeated(line: str, words: str, path: Path) -> None:
    """It may be a secret that was pasted by mistake."""
    path.write_text(f"# one\n{line}\n")

    with pytest.raises(ValueError, match=r"^line 2: ") as caught:
        ApiKeys(str(path))

    assert words in str(caught.value)
    assert "zp_" not in str(caught.value)


def test_a_missing_file_stops_the_start(path: Path) -> None:
    """Nobody should believe that keys are asked for."""
    with pytest.raises(ValueError, match="No such file"):
        ApiKeys(str(path))


@given(st.text(max_size=60))
def test_any_line_is_a_key_or_a_reason(line: str) -> None:
    """No other exception, whatever is written there."""
    try:
        key = Key.parse(line if line.strip() else "x")
    except ValueError as problem:
        reason = str(problem)
    else:
        reason = "a key" if Key.parse(key.line) == key else ""

    assert reason
    assert "\n" not in reason


def test_a_rate_counts_the_last_minute_and_says_when_to_come_back(path: Path) -> None:
    """Each caller for itself; the wait that is told is exact."""
    now = [1000.0]
    slow, key = api_keys.make("slow", rate=2)
    free, other = api_keys.make("free")
    path.write_text(f"{key.line}\n{other.line}\n")
    keys = ApiKeys(str(path), clock=lambda: now[0])

    keys.admit(slow)
    now[0] += 10
    keys.admit(slow)
    with pytest.raises(TooOften) as caught:
        keys.admit(slow)
    for _ in range(5):
        keys.admit(free)
    assert caught.value.retry_after == 50
    now[0] += 50
    keys.admit(slow)
    with pytest.raises(TooOften):
        keys.admit(slow)


def test_a_secret_that_is_swapped_by_its_link_is_read_again(tmp_path: Path) -> None:
    """As Kubernetes renews a mounted Secret; the old key ends, its successor of the same name shares its count."""
    (old, first), (new, second) = api_keys.make("alice", rate=1), api_keys.make("alice", rate=1)
    for name, key in (("one", first), ("two", second)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "keys").write_text(key.line)
    (tmp_path / "..data").symlink_to("one")
    (tmp_path / "keys").symlink_to("..data/keys")
    keys = ApiKeys(str(tmp_path / "keys"))
    keys.admit(old)

    (tmp_path / "next").symlink_to("two")
    (tmp_path / "next").replace(tmp_path / "..data")

    with pytest.raises(Unauthorized):
        keys.admit(old)
    with pytest.raises(TooOften):
        keys.admit(new)


@pytest.mark.parametrize("wrong", [None, "not a key\n"])
def test_a_file_that_goes_bad_leaves_the_last_keys_in_force(
    wrong: str | None, path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Neither is everybody locked out nor let in; the log says so once, and a mended file counts again."""
    (old, first), (new, second) = api_keys.make("alice"), api_keys.make("bob")
    path.write_text(first.line)
    keys = ApiKeys(str(path))

    path.unlink() if wrong is None else path.write_text(wrong)
    with caplog.at_level(logging.ERROR):
        assert [keys.admit(old).name for _ in range(3)] == ["alice"] * 3
        with pytest.raises(Unauthorized):
            keys.admit("")
    assert len(caplog.records) == 1
    assert "OCR_API_KEYS_FILE" in caplog.text

    path.write_text(f"{second.line}\n")
    assert keys.admit(new).name == "bob"
