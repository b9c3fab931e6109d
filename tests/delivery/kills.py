"""Uploads while the server is killed again and again, and the judgement at the end: exactly one right result each."""

from __future__ import annotations

import json
import random
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from events import ours
from events.event import Event
from events.uploads import DocumentUploaded
from tests.broker import NO_ANSWER
from tests.delivery.pod import Pod
from tests.delivery.store_proxy import StoreProxy
from tests.doors.conftest import stamped_png, stamped_tiff


@dataclass(frozen=True)
class Case:
    """An upload and what its Markdown must be."""

    upload: DocumentUploaded
    text: str


def some_uploads(pod: Pod, count: int, *, first: int = 0) -> list[Case]:
    """Documents of one to three pages, each with a text of its own; each third takes the engine a little longer."""
    cases = []
    for number in range(first, first + count):
        texts = [f"document {number} page {page}" for page in range(1, number % 3 + 2)]
        if number % 3 == 0:
            texts[0] += " stub:wait=0.05"
        key, body = (
            (f"{number}.tif", stamped_tiff(*texts)) if len(texts) > 1 else (f"{number}.png", stamped_png(*texts))
        )
        cases.append(Case(pod.upload(key, body), "\n\n".join(texts) + "\n"))
    return cases


@dataclass(frozen=True)
class Story:
    """What happened.

    Attributes:
        cases: the uploads.
        hit: deliveries that were under way when the server was killed, all kills together.
        finished: events whose delivery had ended well before the last kill.
    """

    cases: Sequence[Case]
    hit: int
    finished: int


def killed_at_random(pod: Pod, proxy: StoreProxy, *, uploads: int, kills: int, chance: random.Random) -> Story:
    """Uploads come in between the kills, which fall alternately by the clock and by the requests to the store.

    By the clock most of them would fall into the warm-up and the reading, hardly any between two writes.
    """
    cases: list[Case] = []
    hit = finished = 0
    for number in range(kills):
        share = uploads * (number + 1) // kills - len(cases)
        at = chance.randint(1, 8 * (share + pod.broker.unsettled)) if number % 2 else 0
        if at:
            proxy.arm(at, pod.kill, after=chance.random() < 0.5)
        cases += send_some(pod, share, first=len(cases))
        if not at or not _struck(pod, proxy):
            pod.broker.wait_until_busy()
            time.sleep(chance.uniform(0, 1))
            pod.kill()
        hit = sum(attempt.status == NO_ANSWER for attempt in pod.broker.attempts)
        finished = sum(attempt.status == 200 for attempt in pod.broker.attempts)
        proxy.heal()
        pod.start()
    pod.broker.wait(600)
    return Story(cases, hit, finished)


def _struck(pod: Pod, proxy: StoreProxy) -> bool:
    """Whether the proxy killed the server. Where all was done before, a few events come again, as they do in life."""
    while not proxy.struck.wait(0.02):
        if not pod.broker.unsettled:
            proxy.heal()
            pod.broker.send(*(attempt.event for attempt in pod.broker.attempts[-3:]))
            return False
    return True


def send_some(pod: Pod, count: int, *, first: int = 0) -> list[Case]:
    """Upload, and let the events follow at once."""
    cases = some_uploads(pod, count, first=first)
    pod.broker.send(*(ours.to_event(case.upload) for case in cases))
    return cases


def judge(pod: Pod, cases: Sequence[Case], *, besides: Sequence[str] = ()) -> None:
    """Every upload has one right result, each object written once, and one reply id; there is nothing else.

    Args:
        pod: where they were handled.
        cases: the uploads.
        besides: what was written or deleted for former uploads of the same keys.
    """
    names = [case.upload.key.removeprefix("in/") for case in cases]
    expected = [f"{name}.{ending}" for name in names for ending in ("json", "md")]
    assert pod.versions() == sorted([*expected, *besides])
    ids = reply_ids(pod.broker.entered)
    for name, case in zip(names, cases, strict=True):
        main, metadata = pod.result(f"{name}.json")
        markdown, beside = pod.result(f"{name}.md")
        result = json.loads(main)
        assert result["markdown"] == markdown.decode() == case.text
        assert result["id"] == metadata["ocr-id"] == beside["ocr-id"]
        assert metadata["ocr-source-version"] == beside["ocr-source-version"] == case.upload.version
        assert ids[case.upload.version] == {result["id"]}


def reply_ids(events: Sequence[Event]) -> Mapping[str, set[str]]:
    """The ids under which the outcome of each upload, by its version, was told."""
    found: dict[str, set[str]] = defaultdict(set)
    for event in events:
        if event.type in {ours.PARSED, ours.REFUSED}:
            found[event.data["version"]].add(event.id)
    return found


def undisturbed(pod: Pod, proxy: StoreProxy, case: Case) -> list[str]:
    """The requests to the store that a delivery makes."""
    proxy.heal()
    pod.broker.send(ours.to_event(case.upload))
    pod.broker.wait()
    return proxy.seen


def killed_at(pod: Pod, proxy: StoreProxy, case: Case, number: int, *, after: bool) -> None:
    """Deliver one upload; the server dies at its request `number` to the store, is started, and gets it again."""
    proxy.arm(number, pod.kill, after=after)
    pod.broker.send(ours.to_event(case.upload))
    assert proxy.struck.wait(60), f"there was no request {number}: {proxy.seen}"
    proxy.heal()
    pod.start()
    pod.broker.wait()
