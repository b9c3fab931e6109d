"""The engine that reads elsewhere: what travels, what is tried again, who waits, and what wakes nobody."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest

from function.engines.remote import engine as remote_engine
from function.engines.remote.address import address_of
from function.engines.remote.circuit import FAILURES, FIRST_REST
from function.engines.remote.engine import RemoteEngine
from function.engines.remote.identity import UNKNOWN
from function.engines.remote.wire import encoded
from function.engines.stub import stamp
from function.errors import (
    Busy,
    Corrupt,
    DeadlineExceeded,
    EngineFailed,
    EngineUnavailable,
    OcrError,
    TooManyPixels,
)
from function.page import Asked, PageImage, PageReading
from tests.engines.elsewhere import Elsewhere, Said, elsewhere, problem, result
from tests.server import Server, stub_server

SILENCE: Said = (0, {}, b"")


@pytest.fixture
def place() -> Iterator[Elsewhere]:
    """Another deployment, played."""
    with elsewhere() as running:
        yield running


@pytest.fixture
def engines() -> Iterator[Callable[..., RemoteEngine]]:
    """Makes loaded engines."""
    made: list[RemoteEngine] = []

    def make(url: str, **options: object) -> RemoteEngine:
        made.append(RemoteEngine(address_of(url), "accurate", **options))  # type: ignore[arg-type]
        made[-1].load()
        return made[-1]

    yield make
    for engine in made:
        engine.close()


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries are not what is tested."""
    monkeypatch.setattr(remote_engine, "FIRST_PAUSE", 0.001)


def page(text: str = "Read me elsewhere", number: int = 1, **asked: object) -> PageImage:
    """One that the stand-in reads."""
    return PageImage(number, stamp(text, 400, 200), 200.0, Asked(**asked))  # type: ignore[arg-type]


def outcome(engine: RemoteEngine, image: PageImage) -> PageReading | Exception:
    """Of one page."""
    [(index, found)] = engine.read([image])
    assert index == 0
    return found


def reading(engine: RemoteEngine, image: PageImage) -> PageReading:
    """Of one page that can be read."""
    found = outcome(engine, image)
    assert isinstance(found, PageReading), found
    return found


def texts(found: PageReading) -> list[str]:
    """Its lines."""
    return [line.text for line in found.lines]


def within(seconds: float) -> Callable[[], float]:
    """What remains of so much time."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def until(condition: Callable[[], object]) -> None:
    """Wait for it, or fail."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end, "it never came to be"
        time.sleep(0.01)


def test_what_is_asked_for_travels_with_the_page(
    place: Elsewhere, engines: Callable[..., RemoteEngine], tmp_path: Path
) -> None:
    """Tier, language, wishes, whose request and trace it is, how long it may take, and our key."""
    (tmp_path / "key").write_text("zp_secret\n")
    engine = engines(place.url + "/ocr/", key_file=str(tmp_path / "key"))

    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    asked = {"language": "ja", "wishes": {"merge": "yes"}, "request_id": "abc-1", "traceparent": trace}
    reading(engine, page(**asked, remaining=within(100)))

    [request] = place.requests
    path = urlsplit(request.path)
    wanted = {"tier": "accurate", "ocr": "always", "format": "json", "language": "ja", "merge": "yes"}
    assert path.path == "/ocr/v1/parse"
    assert {name: values[0] for name, values in parse_qs(path.query).items()} == wanted
    assert request.headers["Authorization"] == "Bearer zp_secret"
    assert request.headers["X-Request-Id"] == "abc-1"
    assert request.headers["traceparent"] == trace
    assert request.headers["Prefer"] == "wait=100"
    assert request.headers["Content-Type"] == "image/png"


def test_nothing_of_the_answer_is_lost(place: Elsewhere, engines: Callable[..., RemoteEngine]) -> None:
    """Blocks as they are, images, warnings, the seconds of the GPU, and which way is up."""
    pointer = "page 1 bears warnings: see pages[].warnings"
    place.answers = lambda request: result(request.body, warnings=("of the document", pointer))

    found = reading(engines(place.url), PageImage(3, np.rot90(stamp("Turned", 400, 200)).copy()))

    assert found.blocks is not None
    [block] = found.blocks
    assert (block.rows, block.html, block.image, block.label) == (
        [["a", "b"]],
        "<table></table>",
        "cut.png",
        "table",
    )
    assert [(image.name, image.data) for image in found.images] == [("cut.png", b"\0\1\2")]
    assert found.warnings == ["cut", "of the document"]
    assert found.gpu_seconds == 1.5
    assert (found.width, found.height, found.rotation, texts(found)) == (400, 200, 90, ["Turned"])


def test_nobody_is_woken_to_say_who_it_is(place: Elsewhere, engines: Callable[..., RemoteEngine]) -> None:
    """The first answer tells; before that it has a name that no answer bears."""
    engine = engines(place.url)
    before = engine.info
    assert (place.connections, before) == (0, UNKNOWN)

    reading(engine, page())

    assert (engine.info.name, engine.info.version, engine.info.weights) == ("elsewhere", "2", "abc")


def test_a_connection_serves_many_pages(place: Elsewhere, engines: Callable[..., RemoteEngine]) -> None:
    """One after the other; the second page knocks at no new door."""
    engine = engines(place.url)

    for number in range(3):
        reading(engine, page(str(number)))

    assert place.connections == 1


def test_a_page_waits_while_a_pod_starts(place: Elsewhere, engines: Callable[..., RemoteEngine]) -> None:
    """The ingress takes not even the page's bytes until then."""
    release = place.hold()
    noise = np.random.default_rng(1).integers(0, 256, (1500, 1500, 3), dtype=np.uint8)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(reading, engines(place.url), PageImage(1, noise))
        until(lambda: place.connections)
        assert not waiting.done()
        release.set()

        assert texts(waiting.result(20))[0].startswith("pixels ")


def test_a_deadline_ends_the_waiting(place: Elsewhere, engines: Callable[..., RemoteEngine]) -> None:
    """Out of time is said by name, and the other end is left."""
    place.hold()

    found = outcome(engines(place.url), page(remaining=within(0.3)))

    assert isinstance(found, DeadlineExceeded)
    assert place.left.wait(20)


def test_a_caller_who_goes_takes_the_page_along(place: Elsewhere, engines: Callable[..., RemoteEngine]) -> None:
    """The connection is closed, by which the other end knows that it may stop."""
    place.hold()
    gone = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(outcome, engines(place.url), page(gone=gone.is_set))
        until(lambda: place.connections)
        gone.set()

        assert isinstance(waiting.result(20), EngineUnavailable)
    assert place.left.wait(20)


@pytest.mark.parametrize(
    "said",
    [
        problem(503, "not-ready", "warming", **{"Retry-After": "0"}),
        problem(429, "busy", "full", **{"Retry-After": "0"}),
        (503, {"Content-Type": "text/plain"}, b"no healthy upstream"),
        (502, {}, b""),
        SILENCE,
    ],
)
def test_what_passes_is_tried_again(said: Said, place: Elsewhere, engines: Callable[..., RemoteEngine]) -> None:
    """Busy, waking, a proxy without anybody behind it, a connection that is cut: reading a page changes nothing."""
    place.first(said, said)

    assert texts(reading(engines(place.url), page())) == ["Read me elsewhere"]
    assert len(place.requests) == 3


@pytest.mark.parametrize(
    ("said", "kind", "word"),
    [
        (problem(422, "corrupt", "page 1 is damaged"), Corrupt, "page 7 is damaged"),
        (problem(413, "too-many-pixels", "page 1 has too many"), TooManyPixels, "page 7 has too many"),
        (problem(401, "unauthorized", "the API key is not known here"), EngineFailed, "OCR_REMOTE_KEY_FILE"),
        (problem(400, "bad-request", "there is no accurate engine"), EngineFailed, "same release"),
        ((404, {"Content-Type": "text/plain"}, b"404"), EngineFailed, "OCR_REMOTE_URL"),
        ((302, {"Location": "/login"}, b""), EngineFailed, "302"),
        (problem(500, "engine-failed", "out of memory"), EngineFailed, "out of memory"),
        (problem(504, "deadline-exceeded", "too long"), DeadlineExceeded, "too long"),
        ((200, {"Content-Type": "text/html"}, b"<html>"), EngineFailed, "no result"),
    ],
)
def test_whose_fault_it_is(
    said: Said,
    kind: type[OcrError],
    word: str,
    place: Elsewhere,
    engines: Callable[..., RemoteEngine],
) -> None:
    """A page's own fault fails that page for good; a wrong key or address is ours, and an event comes again."""
    place.first(said)

    found = outcome(engines(place.url), page(number=7))

    assert type(found) is kind
    assert word in f"{found.detail} {found.remedy}"
    assert len(place.requests) == 1


def test_an_answer_to_another_page_is_none(place: Elsewhere, engines: Callable[..., RemoteEngine]) -> None:
    """Boxes of another grid of pixels would lie wherever."""
    other = encoded(PageImage(1, stamp("Another page", 300, 300)))
    place.answers = lambda _: result(other)

    found = outcome(engines(place.url), page())

    assert isinstance(found, EngineFailed)
    assert "300 × 300" in found.detail


def test_busy_until_the_deadline_is_said_as_busy(place: Elsewhere, engines: Callable[..., RemoteEngine]) -> None:
    """Where the pause that is asked for is longer than the caller waits, no time is lost."""
    place.first(problem(429, "busy", "full", **{"Retry-After": "60"}))

    found = outcome(engines(place.url), page(remaining=within(5)))

    assert isinstance(found, Busy)
    assert found.retry_after == 60


def test_a_circuit_opens_and_closes(engines: Callable[..., RemoteEngine]) -> None:
    """What is down is not waited for; one page finds out that it is back."""
    now = [0.0]
    with elsewhere() as place:
        engine = engines(place.url)
    engine._circuit._clock = lambda: now[0]
    for _ in range(2):
        assert isinstance(outcome(engine, page()), EngineUnavailable)

    with elsewhere(address_of(place.url).port) as back:
        turned_away = outcome(engine, page())
        assert isinstance(turned_away, EngineUnavailable)
        assert "again and again" in turned_away.detail
        assert back.connections == 0

        now[0] += FIRST_REST
        assert texts(reading(engine, page())) == ["Read me elsewhere"]
        assert texts(reading(engine, page("And this"))) == ["And this"]
    assert FAILURES > remote_engine.TRIES, "one page alone must not open it"


def test_the_file_of_the_key_is_looked_at_again(
    place: Elsewhere, engines: Callable[..., RemoteEngine], tmp_path: Path
) -> None:
    """A Secret changes under a running pod; a file that holds no key is named."""
    file = tmp_path / "key"
    file.write_text("old")
    engine = engines(place.url, key_file=str(file))
    for key in ("old", "new"):
        file.write_text(key)
        reading(engine, page())
    file.write_text("two words")

    failed = outcome(engine, page())

    assert [request.headers["Authorization"] for request in place.requests] == ["Bearer old", "Bearer new"]
    assert isinstance(failed, EngineFailed)
    assert "OCR_REMOTE_KEY_FILE" in failed.detail


def test_files_that_are_missing_stop_the_start(tmp_path: Path) -> None:
    """Named, before anybody waits."""
    https = address_of("https://ocr.example.com")

    with pytest.raises(EngineFailed, match="OCR_REMOTE_KEY_FILE"):
        RemoteEngine(https, "fast", key_file=str(tmp_path / "none")).load()
    with pytest.raises(EngineFailed, match="OCR_REMOTE_CA_FILE"):
        RemoteEngine(https, "fast", authority_file=str(tmp_path / "none")).load()


@pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed")
def test_an_authority_of_ones_own_is_trusted_and_no_other(engines: Callable[..., RemoteEngine], tmp_path: Path) -> None:
    """Pages of any size, held or not, travel by TLS, too; whoever shows another certificate gets none."""
    pem = tmp_path / "own.pem"
    made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    names = ["-days", "2", "-subj", "/CN=reader", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run(
        [*made, *names, "-keyout", str(tmp_path / "key"), "-out", str(tmp_path / "cert")],
        check=True,
        capture_output=True,
    )
    pem.write_text((tmp_path / "cert").read_text() + (tmp_path / "key").read_text())
    noise = np.random.default_rng(1).integers(0, 256, (1200, 1200, 3), dtype=np.uint8)
    with elsewhere(certificate=pem) as place, ThreadPoolExecutor(1) as pool:
        engine = engines(place.url, authority_file=str(tmp_path / "cert"))
        assert texts(reading(engine, page("By TLS"))) == ["By TLS"]
        release = place.hold()
        waiting = pool.submit(reading, engine, PageImage(1, noise))
        release.set()
        assert texts(waiting.result(20))[0].startswith("pixels ")
        assert place.connections == 1

        stranger = outcome(engines(place.url), page())

    assert isinstance(stranger, EngineUnavailable)
    assert "CERTIFICATE_VERIFY_FAILED" in stranger.detail
    assert len(place.requests) == 2


def test_twenty_threads_get_their_own_answers(engines: Callable[..., RemoteEngine]) -> None:
    """From the function itself, through a few connections."""
    with stub_server(OCR_ACCURATE_ENGINE="stub", OCR_SLOTS="20") as server, ThreadPoolExecutor(20) as pool:
        engine = engines(server.url, at_once=20)
        wanted = [f"This is page {number} of mine" for number in range(60)]

        found = list(pool.map(lambda text: texts(reading(engine, page(text))), wanted))

    assert found == [[text] for text in wanted]


def test_no_page_is_lost_when_the_other_end_is_killed(
    engines: Callable[..., RemoteEngine], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed while it reads, up again a moment later: each page was read, or can be sent again."""
    settings = {"OCR_FAST_ENGINE": "stub", "OCR_ACCURATE_ENGINE": "stub"}
    with Server(settings) as server, ThreadPoolExecutor(8) as pool:
        engine = engines(server.url, at_once=8)
        monkeypatch.setattr("bench.server._free_port", lambda: server.port)
        asked = [pool.submit(outcome, engine, page(f"Page {number} stub:wait=0.2")) for number in range(24)]
        until(lambda: sum(one.done() for one in asked) >= 4)
        server.kill()
        with Server(settings):
            ends = [one.result(60) for one in asked]
            engine._circuit.answered()
            again = [
                reading(engine, page(f"Page {number} stub:wait=0"))
                for number, end in enumerate(ends)
                if not isinstance(end, PageReading)
            ]

    outages = [end for end in ends if not isinstance(end, PageReading)]
    assert [end for end in outages if not isinstance(end, EngineUnavailable)] == []
    assert len(again) == len(outages)
    assert [texts(end) for number, end in enumerate(ends) if isinstance(end, PageReading)] == [
        [f"Page {number} stub:wait=0.2"] for number, end in enumerate(ends) if isinstance(end, PageReading)
    ]
