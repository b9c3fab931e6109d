"""Many events to the sink at once, for a broker may hold each until it has delivered it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent import futures

from events.event import Event
from function.errors import DeadlineExceeded, SinkUnavailable
from function.reading.caller import Caller, CallerGone

#: Events under way at once; also what a broker that holds its producers can hold up.
AT_ONCE = 16

_REMEDY = (
    "Let the broker take events before it delivers them: RabbitMQ or Kafka, or on the channel "
    'broker the annotation messaging.knative.dev/async-handler: "true" (knative/components/fan-out). '
    "Or set OCR_SPLIT_PAGES and OCR_SPLIT_SECONDS to 0."
)


def send_all(events: Sequence[Event], publish: Callable[[Event], None], caller: Caller) -> None:
    """Publish every event, a few at a time; what is not taken keeps those behind it from being sent.

    Raises:
        SinkUnavailable: not every one was taken within its time; says what to configure.
        DeadlineExceeded: nor within the caller's; says the same.
        CallerGone: before the last was sent.
    """
    pool = futures.ThreadPoolExecutor(min(AT_ONCE, max(1, len(events))), thread_name_prefix="fan-out")
    try:
        sent = [pool.submit(publish, event) for event in events]
        for future in futures.as_completed(sent, max(0.0, caller.remaining)):
            future.result()
            if caller.gone():
                raise CallerGone
    except futures.TimeoutError:
        raise DeadlineExceeded(
            f"not every range of the document could be asked for within {caller.seconds:g} s (OCR_REQUEST_SECONDS)",
            remedy=_REMEDY,
        ) from None
    except SinkUnavailable as problem:
        raise SinkUnavailable(
            f"not every range of the document could be asked for: {problem.detail}", remedy=_REMEDY
        ) from problem
    finally:
        # Those under way end by OCR_SINK_TIMEOUT; whoever delivers need not wait for that.
        pool.shutdown(wait=False, cancel_futures=True)
