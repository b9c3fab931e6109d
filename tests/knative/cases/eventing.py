"""Triggers, brokers, deliveries."""

from __future__ import annotations

from tests.knative.scene import Case, add, drop, put, variable, without

UPLOADS, QUEUED, EVENTS, RABBIT = "Trigger/uploads", "Trigger/queued", "Broker/events", "Broker/rabbit"
TYPE = {"exact": {"type": "dev.zeropage.document.uploaded"}}
ASYNC = "metadata/annotations/messaging.knative.dev~1async-handler"
S3 = """{apiVersion: sources.knative.dev/v1alpha1, kind: IntegrationSource, metadata: {name: bucket},
         spec: {aws: {s3: {arn: "arn:aws:s3:::inbox"}}}}"""


def filtered(*filters: object) -> object:
    """The Trigger of uploads with other filters."""
    return put(UPLOADS, "spec/filters", list(filters))


def exact(kind: str) -> dict[str, dict[str, str]]:
    """A filter on one type."""
    return {"exact": {"type": kind}}


PING = """{{apiVersion: sources.knative.dev/v1, kind: PingSource, metadata: {{name: ping}},
            spec: {{sink: {{uri: {}, ref: {{apiVersion: serving.knative.dev/v1, kind: Service, name: {}}}}}}}}}"""

BAD: list[Case] = [
    ("ping-door", add(PING.format("/", "letters"))),
    ("ping-door", add(PING.format("/healthz", "reader"))),
    ("trigger-types", drop(UPLOADS, "spec/filters")),
    ("trigger-types", filtered({"prefix": {"type": "dev.zeropage."}})),
    ("trigger-types", filtered({"any": [TYPE, {"suffix": {"subject": ".pdf"}}]})),
    ("trigger-types", filtered({"not": exact("dev.zeropage.document.parsed")})),
    ("trigger-types", drop(QUEUED, "spec/filter/attributes/type")),
    ("trigger-loop", filtered(exact("dev.zeropage.document.parsed"))),
    ("trigger-loop", put(QUEUED, "spec/filter/attributes/type", "dev.zeropage.document.refused")),
    ("trigger-known-types", filtered(exact("dev.zeropage.document.upload"))),
    ("trigger-known-types", filtered(exact("com.example.nothing"))),
    ("rabbitmq-filter", put(QUEUED, "spec/filters", [TYPE])),
    ("rabbitmq-parallelism", drop(QUEUED, "metadata/annotations")),
    ("rabbitmq-parallelism", put(QUEUED, "metadata/annotations/rabbitmq.eventing.knative.dev~1parallelism", "9")),
    ("broker-async", drop(EVENTS, ASYNC)),
    ("broker-async", put(EVENTS, ASYNC, "false")),
    ("fan-out", variable("OCR_SPLIT_PAGES", "50"), drop(EVENTS, ASYNC)),
    ("fan-out", variable("OCR_SPLIT_PAGES", "50"), without("SinkBinding/reader")),
    ("fan-out", variable("OCR_SPLIT_PAGES", "50"), without(EVENTS)),
    ("sink-bound", without("SinkBinding/reader")),
    ("sink-bound", put("SinkBinding/letters", "spec/subject/selector/matchLabels/part", "other")),
    ("trigger-door", variable("OCR_DOORS", "hooks,parse")),
    ("trigger-door", variable("OCR_DOORS", "evens")),
    ("source-s3", add(S3)),
    ("delivery-timeout", drop(UPLOADS, "spec/delivery/timeout")),
    ("delivery-timeout", put(UPLOADS, "spec/delivery/timeout", "PT10M29S")),
    ("delivery-timeout", put(UPLOADS, "spec/delivery/timeout", "630s")),
    ("delivery-retries", drop(UPLOADS, "spec/delivery/retry")),
    ("delivery-retries", put(UPLOADS, "spec/delivery/backoffPolicy", "linear")),
    ("delivery-retries", drop(UPLOADS, "spec/delivery/backoffDelay")),
    ("delivery-retries", put(UPLOADS, "spec/delivery/backoffDelay", "PT0.2S")),
    ("delivery-fields", put(UPLOADS, "spec/delivery/retryAfterMax", "PT1M")),
    ("dead-letter", drop(UPLOADS, "spec/delivery/deadLetterSink")),
    ("dead-letter", drop(RABBIT, "spec/delivery")),
    ("dead-letter-door", drop(UPLOADS, "spec/delivery/deadLetterSink/uri")),
    ("dead-letter-door", put(RABBIT, "spec/delivery/deadLetterSink/uri", "/")),
    ("dead-letter-door", variable("OCR_DOORS", "reader", "Service/letters")),
    ("dead-letter-light", put(UPLOADS, "spec/delivery/deadLetterSink/ref/name", "reader")),
]

FINE: list[Case] = [
    ("ping-door", add(PING.format("/healthz", "letters"))),
    ("trigger-door", variable("OCR_DOORS", "front, reader")),
    ("trigger-types", filtered({"all": [TYPE, {"suffix": {"subject": ".pdf"}}]})),
    ("trigger-types", filtered(TYPE, {"cesql": "subject LIKE '%.pdf'"})),
    (
        "trigger-types",
        put(UPLOADS, "spec/subscriber", {"uri": "https://consumer.example.com/"}),
        drop(UPLOADS, "spec/filters"),
    ),
    ("trigger-known-types", filtered(exact("com.amazonaws.s3.ObjectCreated:Put"))),
    ("trigger-known-types", filtered(exact("google.cloud.storage.object.v1.finalized"))),
    (
        "broker-async",
        drop(EVENTS, ASYNC),
        put(EVENTS, "metadata/annotations/eventing.knative.dev~1broker.class", "Kafka"),
    ),
    ("fan-out", variable("OCR_SPLIT_PAGES", "50")),
    ("fan-out", variable("OCR_SPLIT_PAGES", "0"), drop(EVENTS, ASYNC)),
    (
        "fan-out",
        variable("OCR_SPLIT_PAGES", "50"),
        drop(EVENTS, ASYNC),
        put("SinkBinding/reader", "spec/sink/ref/name", "rabbit"),
    ),
    ("sink-bound", variable("OCR_DOORS", "deadletter", "Service/letters"), without("SinkBinding/letters")),
    ("delivery-timeout", put(UPLOADS, "spec/delivery/timeout", "P1DT1S")),
    (
        "delivery-retries",
        put(UPLOADS, "spec/delivery/backoffPolicy", "linear"),
        put(UPLOADS, "spec/delivery/retry", 40),
    ),
    ("dead-letter-door", variable("OCR_DOORS", "events, deadletter", "Service/letters")),
    (
        "dead-letter",
        put(EVENTS, "spec/delivery", {"deadLetterSink": {"uri": "https://archive.example.com"}}),
        drop(UPLOADS, "spec/delivery/deadLetterSink"),
    ),
]
