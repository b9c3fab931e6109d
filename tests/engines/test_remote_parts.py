"""The parts of the engine that reads elsewhere, by themselves: its circuit, its identity, its address, its pixels."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from function.engines.remote.address import address_of
from function.engines.remote.circuit import FAILURES, FIRST_REST, LONGEST_REST, Circuit
from function.engines.remote.identity import UNKNOWN, Identity, declared
from function.engines.remote.wire import encoded
from function.errors import EngineUnavailable
from function.page import PageImage
from function.results.model import EngineInfo

OLD, NEW = EngineInfo("paddle_vl", "1.5", "aa"), EngineInfo("paddle_vl", "1.6", "bb")


class Clock:
    """Time that a test lets pass."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        """Seconds."""
        return self.now


def opened(clock: Clock) -> Circuit:
    """One that has just opened."""
    circuit = Circuit("it", clock)
    for _ in range(FAILURES):
        circuit.enter()
        circuit.failed()
    return circuit


def test_a_circuit_opens_after_failures_in_a_row() -> None:
    """An answer in between begins the count anew."""
    circuit = Circuit("it", Clock())
    for _ in range(FAILURES - 1):
        circuit.failed()
    circuit.answered()
    for _ in range(FAILURES - 1):
        circuit.failed()
    circuit.enter()
    circuit.failed()

    with pytest.raises(EngineUnavailable):
        circuit.enter()


def test_one_page_at_a_time_tries_whether_it_is_back() -> None:
    """The others are turned away meanwhile; its answer lets all in."""
    clock = Clock()
    circuit = opened(clock)
    clock.now += FIRST_REST
    circuit.enter()
    with pytest.raises(EngineUnavailable):
        circuit.enter()

    circuit.answered()

    circuit.enter()
    circuit.enter()


def test_each_failed_try_makes_the_rest_longer_up_to_a_bound() -> None:
    """Nobody hammers at what is down for hours, and it is found within half a minute once it is up."""
    clock = Clock()
    circuit = opened(clock)
    rests = []
    for _ in range(8):
        began = clock.now
        while True:
            clock.now += 0.5
            try:
                circuit.enter()
                break
            except EngineUnavailable:
                continue
        rests.append(clock.now - began)
        circuit.failed()

    assert rests == [1.0, 2.0, 4.0, 8.0, 16.0, LONGEST_REST, LONGEST_REST, LONGEST_REST]


def test_a_try_that_told_nothing_lets_another_try() -> None:
    """A caller who left, or a start that takes longer than its deadline, must not leave it half-open for ever."""
    clock = Clock()
    circuit = opened(clock)
    clock.now += FIRST_REST
    circuit.enter()
    circuit.unknown()
    clock.now += 2 * FIRST_REST

    circuit.enter()


def test_a_page_that_began_before_it_opened_changes_no_rest() -> None:
    """Twenty pages that fail at the same moment are one outage."""
    clock = Clock()
    circuit = opened(clock)
    for _ in range(20):
        circuit.failed()
    clock.now += FIRST_REST

    circuit.enter()


def test_who_reads_elsewhere_is_learnt_from_answers() -> None:
    """Until then it is what the operator says, or a name of its own."""
    assert Identity().info == UNKNOWN
    assert Identity(OLD).info == OLD
    known = Identity(OLD)
    known.saw(NEW)

    assert known.info == NEW


def test_two_that_answer_by_turns_are_a_third() -> None:
    """While a revision is rolled out, nothing that either read may be kept as the other's."""
    clock = Clock()
    identity = Identity(lately=60, clock=clock)
    seen = []
    for info in (OLD, NEW, OLD, NEW):
        identity.saw(info)
        seen.append(identity.info)

    assert seen[0] == OLD
    assert seen[1] == seen[2] == seen[3]
    assert seen[1] not in (OLD, NEW)
    assert seen[1].version == "1.5 or 1.6"

    clock.now += 61
    identity.saw(NEW)
    assert identity.info == NEW


def test_the_last_that_answered_counts_however_long_ago_it_was() -> None:
    """A GPU may sleep for a week."""
    clock = Clock()
    identity = Identity(lately=60, clock=clock)
    identity.saw(OLD)
    clock.now += 7 * 86400

    assert identity.info == OLD


def test_an_engine_is_declared_as_answers_tell_it() -> None:
    """The object `engine` of any answer, pasted."""
    assert declared("") is None
    assert declared('{"name": "paddle_vl", "version": "1.6", "weights": "bb"}') == NEW
    for wrong in ("paddle_vl", '{"name": "paddle_vl"}', "[]"):
        with pytest.raises(ValueError, match="engine"):
            declared(wrong)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("http://zeropage-accurate", "http://zeropage-accurate.documents.svc.cluster.local:80"),
        ("http://zeropage-accurate:8080/x/", "http://zeropage-accurate.documents.svc.cluster.local:8080/x"),
        ("http://gpu.other.svc.cluster.local", "http://gpu.other.svc.cluster.local:80"),
        ("https://ocr.example.com", "https://ocr.example.com:443"),
        ("http://localhost:8080", "http://localhost:8080"),
        ("http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("http://[::1]:8080", "http://::1:8080"),
    ],
)
def test_a_bare_name_is_completed_as_the_pods_resolver_does(url: str, shown: str, tmp_path: Path) -> None:
    """Knative's ingress routes by full names; outside a cluster nothing is added."""
    pod, desk = tmp_path / "pod", tmp_path / "desk"
    pod.write_text("nameserver 10.0.0.10\nsearch documents.svc.cluster.local svc.cluster.local cluster.local\n")
    desk.write_text("search corp.example.com\n")

    assert address_of(url, pod).shown == shown
    assert address_of("http://gpu:81", desk).host == address_of("http://gpu:81", tmp_path / "none").host == "gpu"


@pytest.mark.parametrize("url", ["zeropage", "ftp://x", "http://", "http://a:b@x", "http://x/?k=1", "http://x:port"])
def test_what_is_no_address_is_refused(url: str) -> None:
    """With a reason for a person."""
    with pytest.raises(ValueError, match=r"\w"):
        address_of(url).port  # noqa: B018 - the port is parsed late


@pytest.mark.parametrize("colour", [False, True])
def test_pixels_travel_without_loss(colour: bool) -> None:
    """Bit by bit, grey or not, with their resolution."""
    pixels = np.random.default_rng(1).integers(0, 256, (40, 30, 3), dtype=np.uint8)
    if not colour:
        pixels[:, :, 0] = pixels[:, :, 2] = pixels[:, :, 1]

    data = encoded(PageImage(1, pixels, 200.0))

    back = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert back is not None
    assert np.array_equal(back, pixels)
    assert b"pHYs\0\0\x1e\xc2\0\0\x1e\xc2\x01" in data  # 7874 pixels a metre
