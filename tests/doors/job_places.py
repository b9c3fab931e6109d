"""A function beside two folders, whose jobs are read there, or when their events are delivered."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from events import writing
from events.event import Event
from function.doors.app import create_app
from function.reading.jobs.jobs import Jobs
from function.wiring import Function

if TYPE_CHECKING:
    from tests.doors.conftest import Sink


@dataclass
class Place:
    """A function beside two folders."""

    function: Function
    folder: Path
    http: FlaskClient
    sink: Sink | None = None

    @property
    def jobs(self) -> Jobs:
        """What its door asks."""
        assert self.function.jobs is not None
        return self.function.jobs.jobs

    def submit(self, body: bytes, query: str = "", **headers: str) -> TestResponse:
        """A job of this document."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.http.post(f"/v1/jobs{query}", data=body, headers=named)

    def state(self, address: str) -> str:
        """How it stands."""
        return str(self.http.get(address).json["state"])

    def wait(self, address: str, state: str) -> dict[str, Any]:
        """Until it stands so."""
        deadline = time.monotonic() + 60
        while (told := self.http.get(address).json)["state"] != state:
            assert time.monotonic() < deadline, told
            time.sleep(0.02)
        return dict(told)

    def event(self) -> Event:
        """The last that was handed on."""
        assert self.sink is not None
        return self.sink.events[-1]

    def deliver(self, event: Event) -> TestResponse:
        """As the broker brings it back."""
        headers, body = writing.to_binary(event)
        return self.http.post("/", data=body, headers={**headers, "Prefer": "reply"})

    def files(self, below: str = "") -> list[str]:
        """What the folders hold of a job."""
        found = [path.relative_to(self.folder) for path in self.folder.rglob("*") if path.is_file()]
        return sorted(str(path) for path in found if ".zeropage-disk" not in path.parts and below in str(path))


def place_at(functions: Callable[..., Function], folder: Path, sink: Sink | None, **settings: object) -> Place:
    """Folders below `folder`, and a function with these settings besides."""
    for name in ("in", "out"):
        (folder / name).mkdir(exist_ok=True)
    places: dict[str, object] = {"inbox": f"file://{folder}/in", "results": f"file://{folder}/out", **settings}
    function = functions(**places, **({"sink": sink.url} if sink else {}))
    return Place(function, folder, create_app(function).test_client(), sink)


def id_of(answer: TestResponse) -> str:
    """Of a job that was accepted."""
    return str(answer.json["id"])
