"""OCR_DOORS: one image as public front, reader, or archive of dead letters; nothing sent to the wrong one is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import requests
import yaml
from flask.testing import FlaskClient

from events import ours
from events.samples import FOLDER
from function.doors.app import create_app
from function.roles import DOORS, ROLES, open_doors
from function.settings import Settings, SettingsError
from function.wiring import build, check
from tests.conftest import ROOT
from tests.doors.conftest import Sink
from tests.processes import descendants_of
from tests.server import Server

PLACES = {"inbox": "file:///nowhere/in", "results": "file:///nowhere/out"}
#: A path of each door.
PATHS = {
    "parse": "/v1/parse",
    "paddlex": "/ocr",
    "jobs": "/v1/jobs",
    "events": "/",
    "hooks": "/hooks/minio",
    "deadletter": "/deadletter",
}


def client(**settings: str) -> FlaskClient:
    """Of a function in that role, whose engine is never loaded."""
    function = build(Settings(**settings))  # type: ignore[arg-type]
    return create_app(function).test_client()


@pytest.mark.parametrize(
    ("said", "doors"),
    [
        ("all", DOORS),
        ("front", ("jobs", "hooks")),
        ("reader", ("parse", "paddlex", "events")),
        ("deadletter", ("deadletter",)),
        (" Parse , hooks,", ("parse", "hooks")),
        ("reader,hooks", ("parse", "paddlex", "events", "hooks")),
    ],
)
def test_doors_and_roles_are_named_by_commas(said: str, doors: tuple[str, ...]) -> None:
    """Whatever their case and the blanks between them."""
    assert open_doors(Settings(doors=said, sink="http://sink", **PLACES)) == set(doors)


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"doors": "reeder"}, ("'reeder'", "did you mean reader?", "parse, paddlex, jobs, events, hooks, deadletter")),
        ({"doors": ","}, ("opens no door",)),
        ({"doors": "reader"}, ("events", "OCR_INBOX")),
        ({"doors": "hooks,parse"}, ("hooks", "OCR_INBOX")),
        ({"doors": "front", **PLACES}, ("K_SINK",)),
        ({"doors": "deadletter"}, ("OCR_RESULTS",)),
    ],
)
def test_a_role_that_could_not_work_stops_the_start(settings: dict[str, str], words: tuple[str, ...]) -> None:
    """One line that names the variable and what is missing."""
    with pytest.raises(SettingsError) as caught:
        check(Settings(**settings))  # type: ignore[arg-type]

    message = str(caught.value)
    assert message.startswith(f"OCR_DOORS={settings['doors']!r}")
    assert "\n" not in message
    assert [word for word in words if word not in message] == []


def test_all_opens_what_the_other_settings_allow() -> None:
    """The default needs nothing set."""
    check(Settings())

    assert open_doors(Settings()) == set(DOORS) == set(ROLES["all"])


@pytest.mark.parametrize("role", ["front", "reader", "deadletter"])
def test_a_closed_door_says_which_setting_closed_it(role: str) -> None:
    """404 to a caller; 503 to a delivery, so that it is sent again until its sender is pointed to the right place."""
    http = client(doors=role, sink="http://sink", **PLACES)
    closed = {door: path for door, path in PATHS.items() if door not in ROLES.get(role, (role,))}

    for door, path in closed.items():
        answer = http.post(path, data=b"x")

        assert answer.status_code == (404 if door in {"parse", "paddlex", "jobs"} else 503), door
        told = answer.json["errorMsg"] if door == "paddlex" else answer.json["detail"] + answer.json["remedy"]
        assert f"OCR_DOORS is '{role}'" in told
        assert told.count("OCR_DOORS") == 2


def test_probes_and_metrics_are_open_in_every_role() -> None:
    """Whatever is closed."""
    http = client(doors="deadletter", **PLACES)

    assert [http.get(path).status_code for path in ("/healthz", "/metrics", "/v1/schema.json")] == [200] * 3


@pytest.mark.parametrize("doors", ["all", "front,parse", "reader,deadletter", "deadletter"])
def test_a_ping_that_keeps_a_pod_up_is_answered_in_every_role(doors: str) -> None:
    """As PingSource posts it, to where components/keep-warm sends it: where it posts by itself may be closed."""
    ping = yaml.safe_load((ROOT / "knative/components/keep-warm/ping.yaml").read_text(encoding="utf-8"))["spec"]
    event = {"ce-specversion": "1.0", "ce-id": "1", "ce-source": "/ping", "ce-type": "dev.knative.sources.ping"}
    http = client(doors=doors, sink="http://sink", **PLACES)
    answer = http.post(ping["sink"]["uri"], data=ping["data"], content_type=ping["contentType"], headers=event)

    assert (answer.status_code, answer.json) == (200, {"alive": True})


def is_small(server: Server) -> bool:
    """Whether no process of the server has an engine or a PDF library in its memory, nor a render child."""
    family = [server.pid, *descendants_of(server.pid)]
    mapped = "".join(Path(f"/proc/{pid}/maps").read_text() for pid in family)
    return len(family) == 2 and not any(word in mapped for word in ("openvino", "onnxruntime", "pdfium", "cv2"))


def test_a_front_hands_webhooks_on_without_an_engine(sink: Sink) -> None:
    """The real server, with default engine settings: ready, small, and the sink has the event before the 2xx."""
    body = json.loads((FOLDER / "minio.json").read_text())["body"]
    places = {"OCR_INBOX": "s3://inbox", "OCR_RESULTS": "s3://results"}
    with Server({"OCR_DOORS": "front", "K_SINK": sink.url, **places}) as server:
        answer = requests.post(f"{server.url}/hooks/minio", json=body, timeout=30)

        assert answer.status_code < 300, server.logs
        assert [event.type for event in sink.events] == [ours.UPLOADED]
        assert is_small(server)
        assert server.stop() == 0, server.logs


def test_the_dead_letter_role_archives_without_an_engine_or_an_inbox(tmp_path: Path) -> None:
    """The real server knows the results' place alone."""
    letter = {"ce-id": "7", "ce-source": "x", "ce-type": "t", "ce-specversion": "1.0"}
    (tmp_path / "results").mkdir()
    with Server({"OCR_DOORS": "deadletter", "OCR_RESULTS": f"file://{tmp_path}/results"}) as server:
        answer = requests.post(f"{server.url}/deadletter", data=b"{}", headers=letter, timeout=30)

        assert answer.status_code == 204, server.logs
        assert is_small(server)
        assert server.stop() == 0, server.logs
    [kept] = (tmp_path / "results" / ".zeropage" / "deadletters").rglob("*.json")
    assert json.loads(kept.read_text())["id"] == "7"
