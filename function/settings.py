"""Every setting, read from the environment once, here and nowhere else.

A field is a variable: its annotation carries the bounds, unit and meaning that `python -m function settings` prints
and that the README's table is tested against.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

from function.setting_values import GIB, MIB, parsed, shown
from function.spelling import nearest


def _about(
    variable: str,
    meaning: str,
    *,
    unit: str = "",
    ge: float | None = None,
    le: float | None = None,
    secret: bool = False,
) -> Meta:
    return Meta(ge=ge, le=le, description=meaning, extra={"variable": variable, "unit": unit, "secret": secret})


class SettingsError(ValueError):
    """A variable has a wrong value; the message is one line that names it."""


class Settings(Struct, frozen=True, kw_only=True):
    """One frozen object; parts get the plain values they need, never this."""

    port: Annotated[int, _about("PORT", "where HTTP is served", ge=0, le=65535)] = 8080
    host: Annotated[str, _about("OCR_HOST", "address that is listened on; 127.0.0.1 is for this machine alone")] = (
        "0.0.0.0"  # noqa: S104 - a pod is reached by its own address
    )
    knative_service: Annotated[str, _about("K_SERVICE", "the Service's name; Knative sets it")] = ""
    api_keys_file: Annotated[
        str, _about("OCR_API_KEYS_FILE", "file of API keys, made by `python -m function key`; empty asks for none")
    ] = ""
    doors: Annotated[
        str,
        _about(
            "OCR_DOORS",
            "which doors are open: parse, events, hooks, deadletter, by commas; or a role: all, front (hooks), "
            "reader (parse, events)",
        ),
    ] = "all"

    fast_engine: Annotated[Literal["rapid", "stub"], _about("OCR_FAST_ENGINE", "what reads the fast rung")] = "rapid"
    accurate_engine: Annotated[
        Literal["none", "stub"], _about("OCR_ACCURATE_ENGINE", "what reads the accurate rung")
    ] = "none"
    runtime: Annotated[
        Literal["auto", "openvino", "onnxruntime"],
        _about("OCR_RUNTIME", "what runs the fast rung's models; auto takes OpenVINO where it is installed"),
    ] = "auto"
    precision: Annotated[
        Literal["auto", "f32", "bf16"],
        _about("OCR_PRECISION", "arithmetic of OpenVINO; auto takes bf16 where the CPU has it"),
    ] = "auto"
    threads: Annotated[
        int, _about("OCR_THREADS", "CPU threads of the engine; 0 takes what the container may use", ge=0, le=1024)
    ] = 0
    weights: Annotated[
        str, _about("OCR_WEIGHTS", "folder of the weights; empty takes those that come with the packages")
    ] = ""
    verify_weights: Annotated[
        Literal["stamp", "full", "off"],
        _about(
            "OCR_VERIFY_WEIGHTS",
            "whether a start checks the weights against their manifest: by size and time of files that were hashed "
            "before, by hashing them all, or not at all",
        ),
    ] = "stamp"
    compiled: Annotated[
        str,
        _about("OCR_COMPILED", "folder, best on a volume, where compiled models are kept for the next start; or none"),
    ] = ""

    dpi: Annotated[float, _about("OCR_DPI", "at which PDF pages are drawn", unit="dots/inch", ge=36, le=1200)] = 200.0
    text_samples: Annotated[
        int,
        _about(
            "OCR_TEXT_SAMPLES",
            "lines a document, drawn at random, that test its text layer",
            unit="lines",
            ge=0,
            le=100,
        ),
    ] = 3

    slots: Annotated[
        int,
        _about(
            "OCR_SLOTS",
            "documents read at once; equals the Service's containerConcurrency",
            unit="documents",
            ge=1,
            le=1000,
        ),
    ] = 8
    admission_seconds: Annotated[
        float,
        _about("OCR_ADMISSION_SECONDS", "how long an HTTP caller waits for a slot before 429", unit="s", ge=0, le=600),
    ] = 2.0
    request_seconds: Annotated[
        float,
        _about(
            "OCR_REQUEST_SECONDS",
            "deadline of one request; equals the Service's timeoutSeconds",
            unit="s",
            ge=1,
            le=86400,
        ),
    ] = 300.0
    queue_pages: Annotated[
        int,
        _about(
            "OCR_QUEUE_PAGES", "drawn pages that wait for the engine, all callers together", unit="pages", ge=1, le=1000
        ),
    ] = 16

    queue_pixels: Annotated[
        int,
        _about(
            "OCR_QUEUE_PIXELS",
            "drawn pages in memory, all callers together, at 3 bytes a pixel; several times OCR_MAX_PIXELS, since so "
            "much is set aside for each page while it is drawn",
            unit="pixels",
            ge=1_000_000,
        ),
    ] = 256_000_000

    max_request_bytes: Annotated[int, _about("OCR_MAX_REQUEST_BYTES", "largest HTTP body", unit="bytes", ge=1)] = (
        50 * MIB
    )
    max_bytes: Annotated[int, _about("OCR_MAX_BYTES", "largest document", unit="bytes", ge=1)] = GIB
    spool_bytes: Annotated[
        int, _about("OCR_SPOOL_BYTES", "above this a document waits on disk, not in memory", unit="bytes", ge=0)
    ] = 64 * MIB
    max_pages: Annotated[int, _about("OCR_MAX_PAGES", "most pages of a document", unit="pages", ge=1)] = 2000
    max_pixels: Annotated[
        int,
        _about(
            "OCR_MAX_PIXELS",
            "largest page; bigger images are refused, bigger PDF pages drawn coarser",
            unit="pixels",
            ge=10_000,
        ),
    ] = 64_000_000
    page_seconds: Annotated[
        float, _about("OCR_PAGE_SECONDS", "longest time to open a document or draw one page", unit="s", ge=0.1, le=3600)
    ] = 20.0
    child_bytes: Annotated[
        int, _about("OCR_CHILD_BYTES", "address space of one render child", unit="bytes", ge=256 * MIB)
    ] = 2 * GIB

    cache: Annotated[
        str,
        _about(
            "OCR_CACHE",
            "where answers are kept, so that the same document with the same options is read once: none, memory, or "
            "redis://[:PASSWORD@]HOST[:PORT][/DATABASE], rediss:// with TLS",
        ),
    ] = "none"
    cache_bytes: Annotated[
        int, _about("OCR_CACHE_BYTES", "answers in memory, with OCR_CACHE=memory", unit="bytes", ge=MIB)
    ] = 64 * MIB
    cache_value_bytes: Annotated[
        int, _about("OCR_CACHE_VALUE_BYTES", "largest answer that is kept, before compression", unit="bytes", ge=1024)
    ] = 8 * MIB
    cache_seconds: Annotated[
        int, _about("OCR_CACHE_SECONDS", "how long an answer is kept", unit="s", ge=1, le=31_536_000)
    ] = 86_400
    cache_timeout: Annotated[
        float,
        _about(
            "OCR_CACHE_TIMEOUT",
            "longest wait for Redis, after which the document is read; after three in a row it is not asked for 5 s",
            unit="s",
            ge=0.01,
            le=10,
        ),
    ] = 0.25
    cache_namespace: Annotated[
        str, _about("OCR_CACHE_NAMESPACE", "what keys in Redis begin with; those with the same one share answers")
    ] = "zeropage"

    inbox: Annotated[
        str,
        _about(
            "OCR_INBOX",
            "where uploads lie: s3://bucket/prefix or file:///folder, several by commas; empty closes the event doors",
        ),
    ] = ""
    results: Annotated[str, _about("OCR_RESULTS", "where results go: s3://bucket/prefix or file:///folder")] = ""
    formats: Annotated[
        str, _about("OCR_FORMATS", "formats written besides JSON: markdown, text, or both by commas")
    ] = "markdown"
    result_key: Annotated[
        str,
        _about("OCR_RESULT_KEY", "what results are called, without their ending: {key} below the inbox, also {bucket}"),
    ] = "{key}"
    result_metadata: Annotated[
        str,
        _about("OCR_RESULT_METADATA", "metadata that every result gets besides ours: NAME=VALUE, several by commas"),
    ] = ""
    suffixes: Annotated[
        str, _about("OCR_SUFFIXES", "endings of keys that are read, by commas; empty reads every key")
    ] = ".pdf,.png,.jpg,.jpeg,.jp2,.j2k,.tif,.tiff,.webp,.bmp,.gif,.pnm,.pbm,.pgm,.ppm"
    strict_events: Annotated[
        bool, _about("OCR_STRICT_EVENTS", "refuse events of unknown types instead of ignoring them")
    ] = False
    hook_tokens_file: Annotated[
        str,
        _about(
            "OCR_HOOK_TOKENS_FILE",
            "file with a line `SENDER TOKEN` for each webhook; senders without a line are then refused, except SNS "
            "while OCR_SNS_VERIFY is on; empty asks for no tokens",
        ),
    ] = ""
    sns_verify: Annotated[bool, _about("OCR_SNS_VERIFY", "check the signature of SNS messages")] = True
    sink: Annotated[str, _about("K_SINK", "where events go; a SinkBinding sets it")] = ""
    ca_certs: Annotated[
        str, _about("K_CA_CERTS", "authority of the sink's certificate, PEM; a SinkBinding sets it")
    ] = ""
    ce_overrides: Annotated[
        str, _about("K_CE_OVERRIDES", "attributes that every event gets, JSON; a SinkBinding sets it")
    ] = ""
    sink_timeout: Annotated[
        float, _about("OCR_SINK_TIMEOUT", "how long the sink may take to accept an event", unit="s", ge=0.1, le=600)
    ] = 10.0
    queue_url: Annotated[
        str,
        _about(
            "OCR_QUEUE_URL",
            "RabbitMQ for `consume`: amqp://USER:PASSWORD@HOST:5672/VHOST, or amqps://; a secret, which is never shown",
            secret=True,
        ),
    ] = ""
    queue_name: Annotated[str, _about("OCR_QUEUE_NAME", "the queue there; it must exist")] = "zeropage"
    queue_tries: Annotated[
        int,
        _about(
            "OCR_QUEUE_TRIES",
            "how often a message is put back, each time after 2 s to 60 s, before it is rejected as a dead letter",
            unit="tries",
            ge=0,
            le=1000,
        ),
    ] = 20
    s3_addressing: Annotated[
        Literal["auto", "path", "virtual"],
        _about("OCR_S3_ADDRESSING", "how buckets are addressed; auto takes the host for Amazon's, the path for others"),
    ] = "auto"
    s3_connect_seconds: Annotated[
        float, _about("OCR_S3_CONNECT_SECONDS", "longest wait for a connection to the store", unit="s", ge=0.1, le=300)
    ] = 3.0
    s3_read_seconds: Annotated[
        float, _about("OCR_S3_READ_SECONDS", "longest silence of the store", unit="s", ge=0.1, le=300)
    ] = 20.0
    s3_attempts: Annotated[
        int, _about("OCR_S3_ATTEMPTS", "tries of a request to the store, the first included", unit="tries", ge=1, le=20)
    ] = 4

    pod_created: Annotated[
        str,
        _about(
            "OCR_POD_CREATED",
            "when the pod was created, RFC 3339, so that the cold-start report counts from there; Kubernetes itself "
            "offers no such field to a container, so whatever creates pods has to set it",
        ),
    ] = ""
    otlp_endpoint: Annotated[
        str,
        _about(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            "where the trace of each cold start goes, by OTLP over HTTP; needs the extra `otel`, whose other OTEL_* "
            "variables count too",
        ),
    ] = ""
    log_level: Annotated[
        Literal["debug", "info", "warning", "error"], _about("OCR_LOG_LEVEL", "least serious line that is logged")
    ] = "info"
    log_format: Annotated[
        Literal["auto", "json", "text"], _about("OCR_LOG_FORMAT", "auto writes text to a terminal, JSON elsewhere")
    ] = "auto"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str] | None = None) -> Settings:
        """Read every variable.

        Raises:
            SettingsError: one line naming the first variable that is wrong, its value and what it may be.
        """
        values = os.environ if environment is None else environment
        known: dict[str, Any] = {}
        for entry in describe():
            raw = values.get(entry.variable, "")
            if raw != "":
                known[entry.field] = _parsed(entry, raw)
        return cls(**known)


class Description(Struct, frozen=True):
    """One setting, as `python -m function settings` and the README tell it."""

    field: str
    variable: str
    default: object
    unit: str
    meaning: str
    type: Any
    secret: bool


def describe() -> Iterator[Description]:
    """Every setting, in the order of the class."""
    fields = msgspec.structs.fields(Settings)
    for info in fields:
        metas = [meta for meta in info.type.__metadata__ if isinstance(meta, Meta)]
        extra = metas[0].extra or {}
        yield Description(
            field=info.name,
            variable=extra["variable"],
            default=info.default,
            unit=extra["unit"],
            meaning=metas[0].description or "",
            type=info.type,
            secret=extra["secret"],
        )


def _parsed(entry: Description, raw: str) -> object:
    try:
        return parsed(raw.strip(), entry.type, entry.unit)
    except ValueError as problem:
        raise _wrong(entry, raw, str(problem)) from None


def wrong_value(variable: str, raw: str, problem: str) -> SettingsError:
    """What to raise where the value proves wrong only later, a file that is missing, say; `problem` is a clause."""
    return _wrong(next(entry for entry in describe() if entry.variable == variable), raw, problem)


def _wrong(entry: Description, raw: str, problem: str) -> SettingsError:
    end = "" if problem.endswith("?") else "."
    default = f"the default is {shown(entry.default, entry.unit)}" if entry.default != "" else "there is no default"
    return SettingsError(f"{entry.variable}={raw!r} is wrong: {problem}{end} It means: {entry.meaning}; {default}.")


def unknown_variables(environment: Mapping[str, str] | None = None) -> list[str]:
    """A warning for each OCR_* variable that is no setting, with the name that was probably meant.

    Warnings, not errors: Kubernetes itself adds OCR_SERVICE_HOST, OCR_PORT and the like to every pod beside a
    Service that is called "ocr".
    """
    values = os.environ if environment is None else environment
    names = [entry.variable for entry in describe()]
    warnings = []
    for name in sorted(values):
        if not name.startswith("OCR_") or name in names or re.search(r"_SERVICE_|_PORT(_|$)", name):
            continue
        warnings.append(f"{name} is set but is no setting{nearest(name, names, cutoff=0.8)}")
    return warnings
