"""The door of the web page, without a browser: what is sent, by which policy, how long it is kept, where not."""

from __future__ import annotations

import base64
import io
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from PIL import Image
from werkzeug.test import TestResponse

from function.doors.app import create_app
from function.settings import Settings
from function.wiring import build
from tests.conftest import PAGES, ROOT
from tests.doors.conftest import stamped_tiff


@pytest.fixture(scope="module")
def client() -> Iterator[FlaskClient]:
    """Of a function with one slot."""
    function = build(Settings(fast_engine="stub", slots=1, admission_seconds=0.0))
    function.start().result()
    yield create_app(function).test_client()
    function.stop()


def test_the_page_loads_nothing_from_anywhere_else(client: FlaskClient) -> None:
    """Each file it names is there, under a policy without inline code, and no file names another host to load from."""
    index = client.get("/")
    named = re.findall(r'(?:href|src)="(/[^"]*)"', index.text)

    assert {path.rpartition("/")[2] for path in named} > {"app.js", "page.css", "icon.svg"}
    for path in named:
        assert client.get(path).status_code == 200
    policy = index.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    ours = [path for path in (ROOT / "function" / "web").rglob("*") if path.suffix in {".js", ".css", ".html"}]
    foreign = r"(?:from|import\(?|src=|href=|url\(|fetch\()\s*[\"'`]?(?:https?:)?//"
    assert [path.name for path in ours if re.search(foreign, path.read_text(encoding="utf-8"))] == []


def test_files_are_kept_for_good_and_the_page_is_asked_for_again(client: FlaskClient) -> None:
    """So a new release is seen at once; of another release's files nothing is kept."""
    index = client.get("/")
    script = next(path for path in re.findall(r'src="([^"]*)"', index.text))

    assert index.headers["Cache-Control"] == "no-cache"
    assert client.get("/", headers={"If-None-Match": index.headers["ETag"]}).status_code == 304
    assert "immutable" in client.get(script).headers["Cache-Control"]
    assert client.get("/web/other/app.js").headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize(
    "path", ["/web/x/../__init__.py", "/web/x/__init__.py", "/web/x/vendor/README.md", "/web/samples/make.py"]
)
def test_nothing_but_the_page_is_sent(client: FlaskClient, path: str) -> None:
    """No program, no file from elsewhere."""
    assert client.get(path).status_code == 404


def test_samples_are_the_projects_own(client: FlaskClient) -> None:
    """Byte for byte."""
    names = client.get("/web/offer.json").get_json()["samples"]

    assert "table.png" in names
    for name in names:
        assert client.get(f"/web/samples/{name}").data == (PAGES / name).read_bytes()


def test_where_nobody_reads_there_is_no_page(tmp_path: object) -> None:
    """An archive of dead letters says which instance to ask; its other doors stand as they were."""
    function = build(Settings(fast_engine="stub", doors="deadletter", results=f"file://{tmp_path}"))
    answer = create_app(function).test_client().get("/")

    assert answer.status_code == 404
    assert "OCR_DOORS" in answer.get_json()["detail"]
    function.stop()


def pictures(answer: TestResponse) -> list[dict[str, Any]]:
    """Of a stream, after a look at where they stand in it."""
    lines = [json.loads(line) for line in answer.data.splitlines()]
    assert answer.status_code == 200, answer.data
    told = [(line["event"], line.get("number")) for line in lines if line["event"] in {"picture", "page"}]
    numbers = [number for event, number in told if event == "page"]
    assert told == [(event, number) for number in numbers for event in ("picture", "page")]
    assert lines[-1]["event"] == "result"
    return [line for line in lines if line["event"] == "picture"]


def test_a_stream_shows_its_pages(client: FlaskClient) -> None:
    """Each picture before its page, with how many there are; the one child of the one slot draws them."""
    seen = pictures(client.post("/v1/parse?format=ndjson&previews=yes&pages=2-", data=stamped_tiff(*"abcd")))

    assert [(picture["number"], picture["pages"]) for picture in seen] == [(2, 3), (3, 3), (4, 3)]
    with Image.open(io.BytesIO(base64.b64decode(seen[0]["data"]))) as image:
        assert (image.format, image.size) == ("JPEG", (400, 200))


def test_large_pictures_come_small(client: FlaskClient) -> None:
    """A scan of any size fits a screen."""
    data = io.BytesIO()
    Image.new("RGB", (4000, 2000)).save(data, "PNG")
    [picture] = pictures(client.post("/v1/parse?format=ndjson&previews=yes", data=data.getvalue()))

    with Image.open(io.BytesIO(base64.b64decode(picture["data"]))) as image:
        assert image.size == (1640, 820)


def test_an_answer_that_is_kept_is_shown_as_well() -> None:
    """Drawn anew, since pictures are kept nowhere."""
    function = build(Settings(fast_engine="stub", slots=1, cache="memory"))
    function.start().result()
    client = create_app(function).test_client()
    path, document = "/v1/parse?format=ndjson&previews=yes", stamped_tiff("a", "b")
    answers = [client.post(path, data=document, buffered=True) for _ in range(2)]

    first, again = map(pictures, answers)
    assert json.loads(answers[1].data.splitlines()[-1])["cached"]
    assert again == first
    function.stop()


def test_pictures_come_with_streams_alone(client: FlaskClient) -> None:
    """Asked for with anything else they are refused, as is what is neither yes nor no."""
    for query in ("previews=yes", "previews=yes&format=pdf", "previews=maybe&format=sse"):
        answer = client.post(f"/v1/parse?{query}", data=stamped_tiff("a"))
        assert (answer.status_code, "previews" in answer.get_json()["detail"]) == (400, True)
