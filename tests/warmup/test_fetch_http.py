"""Proxies, passwords and redirects of the HTTP source, and chance: whatever a source does, success means verified."""

from __future__ import annotations

import base64
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.certificates import self_signed
from tests.warmup.origin import Origin, contents, some_bytes, write_manifest
from warmup.download import Patience
from warmup.errors import FetchError
from warmup.fetch import Fetch
from warmup.sources import SourceError
from warmup.sources_http import HttpSource
from warmup.verify import check
from warmup.weights import WeightFile

FILES = {"a.bin": some_bytes(20_000), "vl/b.bin": some_bytes(5_000, 2)}
HASTY = Patience(tries=3, first_pause=0.0, longest_pause=0.0)


@pytest.fixture
def origin(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> Origin:
    """Nobody's own proxy stands before it."""
    for name in ["http_proxy", "https_proxy", "all_proxy", "no_proxy"]:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return origin


def _fetch(volume: Path, mirror: str = "") -> None:
    Fetch(volume, ["fast"], HttpSource(mirror), patience=HASTY).run()


def test_the_usual_variables_lead_through_a_proxy(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its password; the source itself is never asked, since only the proxy knows its name."""
    monkeypatch.setenv("http_proxy", origin.url.replace("://", "://user:p%40ss@"))
    write_manifest(tmp_path, FILES, ["http://weights.invalid/"])
    _fetch(tmp_path)
    expected = "Basic " + base64.b64encode(b"user:p@ss").decode()

    assert contents(tmp_path, FILES) == FILES
    assert {headers["Host"] for _, headers in origin.requests} == {"weights.invalid"}
    assert {headers["Proxy-Authorization"] for _, headers in origin.requests} == {expected}


def test_no_proxy_is_honoured(tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A mirror next door is asked directly."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    write_manifest(tmp_path, FILES, [f"{origin.url}/"])
    _fetch(tmp_path)

    assert contents(tmp_path, FILES) == FILES


def test_a_mirror_may_want_a_password_which_nobody_else_hears_of(tmp_path: Path, origin: Origin) -> None:
    """Neither the host that it redirects to, nor whoever reads the message."""
    elsewhere = origin.url.replace("127.0.0.1", "localhost")
    origin.files = {f"copy/{name}": data for name, data in FILES.items()} | {"moved": FILES["a.bin"]}
    origin.script["copy/a.bin"] = [f"redirect {elsewhere}/moved"]
    origin.script["copy/vl/b.bin"] = ["403"]
    write_manifest(tmp_path, FILES)
    with pytest.raises(FetchError) as caught:
        _fetch(tmp_path, origin.url.replace("://", "://user:secret@") + "/copy/")
    asked = {name: headers.get("Authorization") for name, headers in origin.requests}

    assert asked["copy/a.bin"] == "Basic " + base64.b64encode(b"user:secret").decode()
    assert asked["moved"] is None
    assert f"{origin.url}/copy/vl/b.bin: it forbids this" in str(caught.value)
    assert "secret" not in str(caught.value)


def test_a_redirect_from_https_to_http_is_refused(origin: Origin, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file whose hash nobody knows yet must not come over a line that anybody can write on."""
    source = HttpSource()
    pool = source._pool(urlsplit(origin.url))
    origin.script["a.bin"] = [f"redirect {origin.url}/vl/b.bin"]

    class Answers:
        def request(self, method: str, address: str, **options: object) -> object:
            return pool.request(method, address.replace("https", "http"), **options)

    monkeypatch.setattr(source, "_pool", lambda _: Answers())
    with pytest.raises(SourceError, match="from https to http"):
        source.open(origin.url.replace("http", "https") + "/a.bin", 0, "")


def test_an_authority_of_ones_own_has_to_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Proxies that look into TLS are common where machines like this one stand; trying again would not help."""
    self_signed(tmp_path / "server.pem", "127.0.0.1")
    with Origin(FILES, tmp_path / "server.pem") as origin:
        write_manifest(tmp_path / "volume", FILES, [f"{origin.url}/"])
        with pytest.raises(FetchError, match=r"no authority known here.*SSL_CERT_FILE") as caught:
            _fetch(tmp_path / "volume")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "server.pem"))
        _fetch(tmp_path / "volume")

    assert caught.value.exit_code == 70
    assert contents(tmp_path / "volume", FILES) == FILES


@pytest.mark.parametrize("address", ["https://", "ftp://x/y", "http://[", "nonsense"])
def test_what_is_no_address_is_not_tried_again(address: str) -> None:
    """A slip in a manifest of one's own."""
    with pytest.raises(SourceError) as caught:
        HttpSource().open(address, 0, "")

    assert not caught.value.later


def test_names_with_odd_characters_reach_a_mirror(origin: Origin) -> None:
    """They are quoted in the address."""
    (address,) = HttpSource(f"{origin.url}/x/").addresses(WeightFile(path="vl/b 1#.bin"))

    assert address == f"{origin.url}/x/vl/b%201%23.bin"


_DEEDS = ["", "503", "429 0", "404", "cut 0", "cut 7000", "cut 19999", "ignore range", "wrong bytes", "no length"]


@pytest.fixture(scope="module")
def moody() -> Iterator[Origin]:
    """One for all examples."""
    with Origin(FILES) as running:
        yield running


@settings(max_examples=30)
@given(
    st.lists(st.sampled_from(_DEEDS), max_size=6),
    st.lists(st.sampled_from(_DEEDS), max_size=6),
    st.booleans(),
    st.binary(max_size=30_000),
)
def test_whatever_a_source_does_success_means_verified(
    moody: Origin, first: list[str], second: list[str], tagged: bool, part: bytes
) -> None:
    """Two runs against a source that misbehaves, over a part of whatever: if one succeeds, every byte is right."""
    moody.tagged = tagged
    with tempfile.TemporaryDirectory() as folder:
        volume = Path(folder)
        write_manifest(volume, FILES, [f"{moody.url}/"])
        (volume / ".parts").mkdir()
        (volume / ".parts/a.bin").write_bytes(part)
        for deeds in (first, second):
            moody.script["a.bin"] = list(deeds)
            try:
                _fetch(volume)
            except FetchError:
                assert contents(volume, FILES).get("a.bin") in {None, FILES["a.bin"]}
            else:
                assert check(volume, ["fast"], "full").how == "full"
                assert contents(volume, FILES) == FILES
