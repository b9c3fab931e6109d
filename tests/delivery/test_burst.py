"""What a burst of events costs, by the metric of pages read."""

from __future__ import annotations

import pytest

from events import ours
from tests.broker import Broker
from tests.delivery.kills import Case, judge
from tests.delivery.pod import Pod
from tests.doors.conftest import stamped_png
from tests.s3_server import S3Server


def uploads(pod: Pod, count: int, name: str) -> list[Case]:
    """Documents of one page each."""
    keys = [f"{name}-{number}.png" for number in range(count)]
    return [Case(pod.upload(key, stamped_png(f"document {key}")), f"document {key}\n") for key in keys]


@pytest.mark.parametrize("count", [40, pytest.param(100, marks=pytest.mark.long)])
def test_a_burst_of_uploads_costs_a_page_each_and_its_repetition_none(count: int, s3_server: S3Server) -> None:
    """Exact: each event comes alone, and each again after its result stands."""
    with Broker(backoff=0.01, slots=8) as broker, Pod(s3_server, broker, OCR_SLOTS="8") as pod:
        cases = uploads(pod, count, "burst")
        events = [ours.to_event(case.upload) for case in cases]
        broker.send(*events)
        broker.wait()

        assert pod.metric("zeropage_pages_total") == count
        assert pod.metric("zeropage_documents_total", outcome="done") == count

        broker.send(*events)
        broker.wait()

        assert pod.metric("zeropage_pages_total") == count
        assert pod.metric("zeropage_uploads_total", outcome="repeated") == count
        assert broker.peak == 8
        judge(pod, cases)


def test_two_deliveries_of_one_upload_at_once_may_both_read_and_write_one_result(s3_server: S3Server) -> None:
    """There is no lock: at most one reading a delivery that ran at the same time, and never a second result or id."""
    with Broker(backoff=0.01, slots=8) as broker, Pod(s3_server, broker, OCR_SLOTS="8") as pod:
        cases = uploads(pod, 12, "twice")
        broker.send(*(ours.to_event(case.upload) for case in cases for _ in range(2)))
        broker.wait()

        pages = pod.metric("zeropage_pages_total")
        fresh, repeated = (
            pod.metric("zeropage_uploads_total", outcome=outcome) for outcome in ("answered", "repeated")
        )
        assert (fresh, repeated) == (12, 12)
        assert 12 <= pages <= 24
        judge(pod, cases)
