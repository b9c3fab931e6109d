"""Many events to the sink at once, for a broker may hold each until it has delivered it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from events.event import Event
from function.errors import SinkUnavailable
from function.reading.caller import Caller

#: Events under way at once; also what a broker that holds its producers can hold up.
AT_ONCE = 16


def send_all(events: Sequence[Event], publish: Callable[[Event], None], caller: Caller) -> None:
    """Publish every event, a few at a time; what is not taken keeps those behind it from being sent.

    Raises:
        SinkUnavailable: not every one was taken within its time; says what to configure.
        DeadlineExceeded, CallerGone: before the last was sent.
    """
    with ThreadPoolExecutor(min(AT_ONCE, max(1, len(events))), thread_name_prefix="fan-out") as pool:
        futures = [pool.submit(publish, event) for event in events]
        try:
            for future in as_completed(futures):
                future.result()
                caller.check()
        except SinkUnavailable as problem:
            raise SinkUnavailable(
                f"not every range of the document could be asked for: {problem.detail}",
                remedy="Let the broker take events before it delivers them: RabbitMQ or Kafka, or on the channel "
                'broker the annotation messaging.knative.dev/async-handler: "true" (knative/components/fan-out). '
                "Or set OCR_SPLIT_PAGES and OCR_SPLIT_SECONDS to 0.",
            ) from problem
        finally:
            for future in futures:
                future.cancel()
