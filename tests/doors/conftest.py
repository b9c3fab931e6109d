"""The whole function behind its HTTP application, with the stub engine and real render children."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from events import envelope, ours, writing
from events.event import Event
from events.uploads import DocumentUploaded
from function.doors.app import create_app
from function.engines.base import Engine
from function.engines.stub import StubEngine, stamp
from function.settings import Settings
from function.wiring import Function, build
from tests import s3_server as server
from tests.doors.job_places import Place, place_at
from tests.s3_server import S3Server


@pytest.fixture(scope="session")
def functions() -> Iterator[Callable[..., Function]]:
    """Builds functions by settings and engine; those with equal arguments are shared, all end with the session."""
    made: dict[tuple[object, ...], Function] = {}

    def make(engine: type[Engine] | None = None, **settings: object) -> Function:
        key = (engine, *sorted(settings.items()))
        if key not in made:
            fast = engine() if engine else StubEngine()
            made[key] = build(Settings(fast_engine="stub", **settings), fast=fast)  # type: ignore[arg-type]
            made[key].start()
            made[key].wait_until_ready()
        return made[key]

    yield make
    for function in made.values():
        function.stop()


@pytest.fixture(scope="session")
def apps(functions: Callable[..., Function]) -> Callable[..., Flask]:
    """Of each function its one application.

    Also for threads: made at once in several they fail now and then, since routes are compiled by way of `ast`, which
    CPython 3.11 does not do in two threads at a time.
    """
    made: dict[int, Flask] = {}
    one_at_a_time = threading.Lock()

    def app(**settings: object) -> Flask:
        with one_at_a_time:
            function = functions(**settings)
            if id(function) not in made:
                made[id(function)] = create_app(function)
            return made[id(function)]

    return app


@pytest.fixture
def client(apps: Callable[..., Flask]) -> FlaskClient:
    """An HTTP client of the function with default settings."""
    return apps().test_client()


@pytest.fixture
def clients(apps: Callable[..., Flask]) -> Callable[..., FlaskClient]:
    """HTTP clients of functions with other settings."""
    return lambda **settings: apps(**settings).test_client()


def stamped_png(text: str, width: int = 400, height: int = 200) -> bytes:
    """A PNG that the stub engine reads as exactly `text`."""
    return _saved([stamp(text, width, height)], "PNG")


def stamped_tiff(*texts: str) -> bytes:
    """A TIFF of one stamped frame a text."""
    return _saved([stamp(text, 400, 200) for text in texts], "TIFF")


def _saved(pages: list, form: str) -> bytes:  # type: ignore[type-arg]
    first, *rest = [Image.fromarray(page[:, :, ::-1].copy()) for page in pages]
    data = io.BytesIO()
    several = {"save_all": True, "append_images": rest, "compression": "tiff_deflate"}
    first.save(data, form, **(several if form == "TIFF" else {}))
    return data.getvalue()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """A real S3 over HTTP, one for each worker."""
    with server.running() as running:
        yield running


class Sink:
    """Where events go, as a broker's ingress or a subscriber is: keeps what it took, fails when told to."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.status = 202
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                """Take one event."""
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.status < 300:
                    outer.events += envelope.decode(list(self.headers.items()), body)
                self.send_response(outer.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Tests are quiet."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """End it."""
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def sink() -> Iterator[Sink]:
    """An address for events."""
    opened = Sink()
    yield opened
    opened.close()


class Bucketed:
    """The function beside a bucket for uploads and one for results."""

    def __init__(self, s3: Any, uploads: str, answers: str, **settings: object) -> None:
        self.s3, self.inbox, self.results = s3, uploads, answers
        places: dict[str, object] = {"inbox": f"s3://{uploads}/in", "results": f"s3://{answers}/out", **settings}
        self.function = build(Settings(fast_engine="stub", **places), fast=StubEngine())  # type: ignore[arg-type]
        self.function.start()
        self.function.wait_until_ready()
        self.http = create_app(self.function).test_client()

    def upload(self, key: str, body: bytes, **metadata: str) -> DocumentUploaded:
        """Put an object, and what its sender would say of it."""
        answer = self.s3.put_object(Bucket=self.inbox, Key=f"in/{key}", Body=body, Metadata=metadata)
        return DocumentUploaded(
            self.inbox, f"in/{key}", version=answer.get("VersionId", ""), etag=answer["ETag"].strip('"'), size=len(body)
        )

    def deliver(self, *uploads: DocumentUploaded, reply: bool = True) -> TestResponse:
        """One delivery by a broker that passes replies on, or does not."""
        headers, body = writing.to_binary(ours.to_event(uploads[0]))
        if len(uploads) > 1:
            many = [json.loads(writing.to_structured(ours.to_event(upload))[1]) for upload in uploads]
            headers, body = {"Content-Type": "application/cloudevents-batch+json"}, json.dumps(many).encode()
        return self.http.post("/", data=body, headers={**headers, **({"Prefer": "reply"} if reply else {})})

    def result(self, key: str) -> bytes | None:
        """What stands in the results bucket."""
        try:
            return bytes(self.s3.get_object(Bucket=self.results, Key=f"out/{key}")["Body"].read())
        except self.s3.exceptions.NoSuchKey:
            return None

    def keys(self) -> list[str]:
        """Everything in the results bucket, but for the start's probe of what the store can do."""
        listed = self.s3.list_objects_v2(Bucket=self.results).get("Contents", [])
        keys = [entry["Key"].removeprefix("out/") for entry in listed]
        return [key for key in keys if "probe" not in key]


@pytest.fixture
def bucketed(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Bucketed]]:
    """Makes functions with buckets of their own."""
    server.set_environment(monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server.url)
    made: list[Bucketed] = []

    def make(*, versioned: bool = False, **settings: object) -> Bucketed:
        inbox, results = s3_server.bucket(versioned=versioned), s3_server.bucket()
        made.append(Bucketed(s3_server.s3, inbox, results, **settings))
        return made[-1]

    yield make
    for one in made:
        one.function.stop()


@pytest.fixture(scope="session")
def job_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of all jobs that need no bucket."""
    return tmp_path_factory.mktemp("jobs")


@pytest.fixture(scope="session")
def handed_on() -> Iterator[Sink]:
    """Where the events of jobs go."""
    opened = Sink()
    yield opened
    opened.close()


@pytest.fixture
def here(functions: Callable[..., Function], job_folder: Path) -> Place:
    """Without a sink: jobs are read in this process."""
    return place_at(functions, job_folder, None)


@pytest.fixture
def there(functions: Callable[..., Function], job_folder: Path, handed_on: Sink) -> Place:
    """With a sink: jobs are read when their event is delivered, or not at all."""
    handed_on.status = 202
    return place_at(functions, job_folder, handed_on)
