"""Settings: how events come in and go out."""

from __future__ import annotations

from typing import Annotated

from function.settings.about import about
from function.settings.places import Places


class Delivering(Places, frozen=True, kw_only=True):
    """How events come in and go out."""

    strict_events: Annotated[
        bool, about("OCR_STRICT_EVENTS", "refuse events of unknown types instead of ignoring them")
    ] = False
    events_audience: Annotated[
        str,
        about(
            "OCR_EVENTS_AUDIENCE",
            "deliveries at / and /deadletter show a token of the cluster for this audience (OIDC); empty asks for none",
        ),
    ] = ""
    hook_tokens_file: Annotated[
        str,
        about(
            "OCR_HOOK_TOKENS_FILE",
            "file with a line `SENDER TOKEN` for each webhook; senders without a line are then refused, except SNS "
            "while OCR_SNS_VERIFY is on; empty asks for no tokens",
        ),
    ] = ""
    sns_verify: Annotated[bool, about("OCR_SNS_VERIFY", "check the signature of SNS messages")] = True
    sink: Annotated[str, about("K_SINK", "where events go; a SinkBinding sets it")] = ""
    ca_certs: Annotated[str, about("K_CA_CERTS", "authority of the sink's certificate, PEM; a SinkBinding sets it")] = (
        ""
    )
    ce_overrides: Annotated[
        str, about("K_CE_OVERRIDES", "attributes that every event gets, JSON; a SinkBinding sets it")
    ] = ""
    sink_token_file: Annotated[
        str,
        about("OCR_SINK_TOKEN_FILE", "token to show to the sink, if it is there; a SinkBinding puts it there (OIDC)"),
    ] = "/oidc/token"  # noqa: S105 - a place
    sink_timeout: Annotated[
        float, about("OCR_SINK_TIMEOUT", "how long the sink may take to accept an event", unit="s", ge=0.1, le=600)
    ] = 10.0
    event_path: Annotated[
        str, about("K_EVENT_PATH", "the event of `job`: a file, or a folder with the file `event`; JobSink sets it")
    ] = "/etc/jobsink-event"
    split_pages: Annotated[
        int,
        about(
            "OCR_SPLIT_PAGES",
            "documents of more pages are split into ranges of at most so many, each an event to K_SINK, which many "
            "instances read at once; needs a broker that takes events before it delivers them; 0 splits none",
            unit="pages",
            ge=0,
            le=100_000,
        ),
    ] = 0
    split_seconds: Annotated[
        float,
        about(
            "OCR_SPLIT_SECONDS",
            "the same for documents that would take longer, by what pages cost this instance so far; 0 splits none",
            unit="s",
            ge=0,
            le=86_400,
        ),
    ] = 0.0
    copies_bytes: Annotated[
        int,
        about(
            "OCR_COPIES_BYTES",
            "split documents that are kept on disk, in the folder for temporary files, for their next ranges",
            unit="bytes",
            ge=0,
            le=1 << 50,
        ),
    ] = 1 << 30
    queue_url: Annotated[
        str,
        about(
            "OCR_QUEUE_URL",
            "RabbitMQ for `consume`: amqp://USER:PASSWORD@HOST:5672/VHOST, or amqps://; a secret, which is never shown",
            secret=True,
        ),
    ] = ""
    queue_name: Annotated[str, about("OCR_QUEUE_NAME", "the queue there; it must exist")] = "zeropage"
    queue_tries: Annotated[
        int,
        about(
            "OCR_QUEUE_TRIES",
            "how often a message is put back, each time after 2 s to 60 s, before it is rejected as a dead letter",
            unit="tries",
            ge=0,
            le=1000,
        ),
    ] = 20
